package route

import "mailsim/topology"

// smtp is the address type of an SMTP recipient.
const smtp = "SMTP"

// Name returns the name of a delivery type as the queue viewer of a version writes it.
func (d DeliveryType) Name(v topology.Version) string {
	switch d {
	case MapiDelivery:
		return "MapiDelivery"
	case SmtpDeliveryToMailbox:
		return "SmtpDeliveryToMailbox"
	case SmtpRelayWithinAdSite:
		return "SmtpRelayWithinAdSite"
	case SmtpRelayToRemoteAdSite:
		if v.New() {
			return "SmtpRelayToRemoteActiveDirectorySite"
		}
		return "SmtpRelayToRemoteAdSite"
	case SmtpRelayWithinAdSiteToEdge:
		return "SmtpRelayWithinAdSiteToEdge"
	case SmtpRelayToMailboxDeliveryGroup:
		return "SmtpRelayToMailboxDeliveryGroup"
	case SmtpRelayToConnectorSourceServers:
		return "SmtpRelayToConnectorSourceServers"
	case DnsConnectorDelivery:
		return "DnsConnectorDelivery"
	case SmartHostConnectorDelivery:
		return "SmartHostConnectorDelivery"
	case NonSmtpGatewayDelivery:
		return "NonSmtpGatewayDelivery"
	case DeliveryAgent:
		return "DeliveryAgent"
	case Unreachable:
		return "Unreachable"
	}
	return "Undefined"
}

// Class returns the queue class of a delivery type: SMTP connector for what a send connector delivers and for the hop to
// the Edge servers that host one; intra-organisation for every other relay between servers of the organisation.
func (d DeliveryType) Class() Class {
	switch d {
	case DnsConnectorDelivery, SmartHostConnectorDelivery, SmtpRelayWithinAdSiteToEdge:
		return ClassSmtpConnector
	case SmtpRelayWithinAdSite, SmtpRelayToRemoteAdSite, SmtpRelayToMailboxDeliveryGroup, SmtpRelayToConnectorSourceServers:
		return ClassIntraOrg
	case MapiDelivery, SmtpDeliveryToMailbox:
		return ClassMailbox
	}
	return ClassOther
}

// release is the product release that a version belongs to, as delivery groups write it: servers of one release deliver to each
// other's mailboxes, and 2013 and later count as one.
func release(v topology.Version) int {
	switch {
	case v.New():
		return 15
	case v >= topology.V2010RTM:
		return 14
	}
	return 8
}

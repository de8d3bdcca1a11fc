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
	case SmtpRelayToDag:
		return "SmtpRelayToDag"
	case SmtpRelayToServers:
		return "SmtpRelayToServers"
	case SmtpRelayToTiRg:
		return "SmtpRelayToTiRg"
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
	case SmtpRelayWithinAdSite, SmtpRelayToRemoteAdSite, SmtpRelayToMailboxDeliveryGroup, SmtpRelayToConnectorSourceServers,
		SmtpRelayToDag, SmtpRelayToServers, SmtpRelayToTiRg:
		return ClassIntraOrg
	case MapiDelivery, SmtpDeliveryToMailbox:
		return ClassMailbox
	}
	return ClassOther
}

// External tells whether mail of the delivery type leaves the organisation: the NextHopCategory of its queues.
func (d DeliveryType) External() bool {
	switch d {
	case DnsConnectorDelivery, SmartHostConnectorDelivery, NonSmtpGatewayDelivery, DeliveryAgent:
		return true
	}
	return false
}

package route

import (
	"fmt"

	"mailsim/topology"
)

// question is one decision to be made, and what is learned on the way.
type question struct {
	from  topology.ServerID
	dest  Destination
	size  int64 // bytes
	holds span  // sizes for which the answer would be the same
	why   *notes
}

// span is a range of sizes: more than lo, at most hi bytes.
type span struct{ lo, hi int64 }

// fits tells whether a message keeps a size limit (equal size passes) and narrows the sizes for which the answer holds.
func (q *question) fits(limit int64) bool {
	if q.size <= limit {
		q.holds.hi = min(q.holds.hi, limit)
		return true
	}
	q.holds.lo = max(q.holds.lo, limit)
	return false
}

// decision is the answer to a question.
type decision struct {
	outcome Outcome
	key     Key                  // set when Queued
	final   topology.SiteID      // site where the recipient's mailbox or connector is; None when there is none
	chosen  topology.ConnectorID // None for a mailbox
	space   int64                // cost of the connector's matching address space; with legacy, of routing group connectors as well
	legacy  bool                 // to Exchange 2003
}

func (t *Table) decide(q *question) decision {
	switch {
	case q.dest.Kind == External:
		return t.toConnector(q)
	case q.dest.Kind == Linked:
		return t.toLinked(q)
	case q.dest.Kind == Legacy && !t.view.org.Servers[q.from].Is(topology.RoleEdge):
		return t.toLegacyMailbox(q)
	case q.dest.Kind == DistributionList:
		return t.toGroupMembers(q)
	case t.view.org.Servers[q.from].Is(topology.RoleEdge):
		return t.inward(q)
	case q.dest.Kind == Nowhere: // F22, as D-27: an Edge that looks nobody up has passed it on
		q.why.add("D-27", "the address is in a domain of the organisation, and nobody has it: NDR 5.1.1")
		return decision{outcome: NoRecipient, final: topology.None, chosen: topology.None}
	}
	return t.toMailbox(q)
}

// inward decides at an Edge server for a mailbox of the organisation, any hub of the subscribed site takes it, through the
// inbound connector of the subscription, whose smart-host list is written "--".
func (t *Table) inward(q *question) decision {
	d := decision{final: t.site, chosen: topology.None}
	if len(t.view.open[t.site]) == 0 {
		q.why.add("R-2.11", "subscribed site %q has %s: no route", t.view.siteName(t.site), t.view.lackOf(t.site))
		d.outcome = NoRoute
		return d
	}
	name, _, ok := t.inbound(q.from)
	if !ok {
		q.why.add("R-6.1", "the connectors for %q of %q are disabled: no route inward", topology.Accepted, t.view.serverName(q.from))
		d.outcome = NoRoute
		return d
	}
	q.why.add("R-6.4", "an Edge hands mail for the organisation to any hub of its subscribed site through %q", name)
	d.key = Key{
		Type: SmartHostConnectorDelivery, Domain: topology.Accepted,
		Connector: topology.None, Site: t.site, Server: topology.None,
	}
	return d
}

// inboundName names the inbound connector of a site's Edge subscription.
func inboundName(site string) string { return "EdgeSync - Inbound to " + site }

// relay decides for a final site other than this one. group is the queue that a sender outside the delivery group uses in 2013 and
// later; older versions have one queue for each next-hop site.
func (t *Table) relay(q *question, d decision, group Key) decision {
	v, p := t.view, t.paths
	switch {
	case !p.reaches(d.final):
		q.why.add("R-2.11", "no chain of site links leads from %q to %q: no route", v.siteName(t.site), v.siteName(d.final))
		d.outcome = NoRoute
		return d
	case len(v.open[d.final]) == 0:
		q.why.add("R-2.11", "site %q has %s: no route", v.siteName(d.final), v.lackOf(d.final))
		d.outcome = NoRoute
		return d
	}
	t.explainPath(q.why, d.final)

	version := v.org.Servers[q.from].Version
	// the whole path to the final site counts (D-8), and the limit has no say in the choice of the path. 2007 RTM has no
	// link limits.
	if version != topology.V2007RTM && !q.fits(p.limit[d.final]) {
		q.why.add("R-3.24", "%s is more than the smallest limit of a link on the path, %s: NDR 5.3.4", sizeName(q.size), sizeName(p.limit[d.final]))
		d.outcome = TooLarge
		return d
	}

	next := p.via[d.final]
	t.explainHubSites(q.why, d.final)
	switch {
	case next != topology.None:
		d.key = adSite(v, next)
	case !version.New():
		// straight to any hub of the site. Whether the ends reach each other is the network's affair.
		d.key = adSite(v, d.final)
	case v.hubSite[d.final] && group.Type != SmtpRelayToRemoteAdSite:
		// step 4, D-24: the mail shares the queue, and so the copy, of mail that goes on beyond the hub site.
		q.why.add("R-3.27 step 4", "the final site %q is a hub site: its mail shares a queue with mail that goes on from there", v.siteName(d.final))
		d.key = adSite(v, d.final)
	default:
		d.key = group
	}
	return d
}

// lackOf says why no hub of a site takes mail.
func (v *view) lackOf(s topology.SiteID) string {
	if len(v.hubs[s]) > 0 {
		return "inbound mail disabled (D-26)"
	}
	return "no hub"
}

// adSite is the queue for all hubs of a site.
func adSite(v *view, s topology.SiteID) Key {
	return Key{
		Type: SmtpRelayToRemoteAdSite, Domain: v.siteName(s),
		Connector: topology.None, Site: s, Server: topology.None,
	}
}

// groupName writes a mailbox delivery group.
func groupName(site string, class int32) string {
	return fmt.Sprintf("Site:%s;Version:%d", site, class)
}

// CountedSize is the size that limits are compared with: the smaller of a message's present size and the one it had when it entered the
// organisation. Both in bytes; an original of 0 is not known.
func CountedSize(present, original int64) int64 {
	if original == 0 {
		return present
	}
	return min(present, original)
}

package sim

import (
	"fmt"
	"time"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// reply is what the other side said, or what was found here in its place.
func reply(why transport.Code) string {
	switch why {
	case transport.Reset:
		return "421 4.4.1 Connection refused"
	case transport.Rejected:
		return "452 4.3.1 Insufficient system resources"
	case transport.Refused:
		return "421 4.3.2 Service not available, connection limit reached"
	case transport.AuthFailed:
		return "454 4.7.0 Temporary authentication failure"
	case transport.NoAuthVerbs:
		return "451 5.7.3 Cannot achieve Exchange Server authentication"
	case transport.TLSFailed:
		return "454 4.7.5 Certificate validation failure"
	case transport.Dismounted:
		return dismountedReply
	case transport.Dropped:
		return "421 4.4.2 Connection dropped"
	}
	return "421 4.4.1 Connection timed out"
}

// dismountedReply is what the store driver says of a database that is not mounted (F18). The number is the documents', the words are ours.
const dismountedReply = "432 4.3.2 STOREDRV.Deliver; mailbox database is not mounted"

// noNameText is the LastError of a queue for whose domain DNS gave no answer (F14).
const noNameText = "451 4.4.0 DNS query failed"

// setbackText is why the other side put a single message off: the LastError of the message.
func setbackText(why transport.Code) string {
	switch why {
	case transport.RateLimited:
		return "450 4.7.0 message rate limit exceeded"
	case transport.Greylisted: // F15: the words are ours
		return "451 4.7.1 Greylisted, try again later"
	case transport.Surged: // F15: the number is the documents'
		return "451 4.7.500 Server busy, try again later"
	case transport.Dismounted:
		return dismountedReply
	case transport.NotShadowed:
		return transport.NoShadowRejected // QX-9
	}
	return "450 4.0.0 Message put off"
}

// unresolvedText is the LastError of a message for whose recipients the directory did not answer. The words are ours.
const unresolvedText = "451 4.4.0 The directory did not answer for a recipient; recipient resolution is tried again"

// errorText is the core text around a reply; servers of 2013 and later add the endpoint, older ones have none ("").
func errorText(reply, endpoint string) string {
	text := `451 4.4.0 Primary target IP address responded with: "` + reply + `." Attempted failover to alternate host, but that did not succeed. ` +
		`Either there are no alternate hosts, or delivery failed to all alternate hosts.`
	if endpoint != "" {
		text += " The last endpoint attempted was " + endpoint
	}
	return text
}

// answeredText is the core text of later builds around what a host answered (Q-2.8; the number is a figure of the documents, the words around it and the versions are a decision).
func answeredText(reply, endpoint string) string {
	text := "451 4.4.395 Target host responded with error. -> " + reply
	if endpoint != "" {
		text += ". The last endpoint attempted was " + endpoint
	}
	return text
}

// proxyText wraps a core text that came through a front end.
func proxyText(text string) string {
	return "450 4.7.0 Proxy session setup failed on Frontend with '" + text + "'"
}

// lastError is the text of a failed attempt of a server's queue, in events and in listings alike: around.
func (r *run) lastError(s int32, q *transport.QueueInfo, why transport.Code) string {
	if why == transport.NoName {
		return noNameText
	}
	server, key := &r.org.Servers[s], r.book.Key(q.Key)
	if !server.Version.New() {
		return errorText(reply(why), "")
	}
	endpoint := ""
	if _, ip := r.endpoint(q.Target); ip != "" {
		port := 25
		if key.Type == route.SmtpDeliveryToMailbox {
			port = 475 // where the mailbox transport service listens
		}
		endpoint = fmt.Sprintf("%s:%d", ip, port)
	}
	text := errorText(reply(why), endpoint)
	if (why == transport.AuthFailed || why == transport.NoAuthVerbs || why == transport.TLSFailed) && laterBuild(server.Version) {
		text = answeredText(reply(why), endpoint)
	}
	if q.Target.Kind == route.TargetRemote && key.Connector >= 0 && r.org.Connectors[key.Connector].FrontEndProxy && !server.Is(topology.RoleEdge) {
		text = proxyText(text)
	}
	return text
}

// queueLastError is the LastError that an operator reads at a queue: the text alone up to 2010, more from 2013 on.
func (r *run) queueLastError(s int32, l *transport.QueueLook) string {
	if !l.Failed {
		return ""
	}
	text := r.lastError(s, &l.QueueInfo, l.LastError)
	if !r.org.Servers[s].Version.New() {
		return text
	}
	fqdn, ip := r.endpoint(l.Target)
	return QueueError{r.clock(l.FailedAt), text, fqdn, ip}.String()
}

// endpoint is the name and the address of a target; both empty when there is none. The simulation has no addresses, so they are made up of the
// place in the scenario: 10.site.n.n for a server, 198.18.n.n (kept for tests of networks, RFC 2544) for an outside system.
func (r *run) endpoint(t route.Target) (fqdn, ip string) {
	switch {
	case t.ID == topology.None:
		return "", ""
	case t.Kind == route.TargetRemote:
		n := t.ID + 1
		return r.org.Remotes[t.ID].Name, fmt.Sprintf("198.%d.%d.%d", 18+n>>16&1, n>>8&255, n&255)
	}
	return r.org.Servers[t.ID].Name, r.address(topology.ServerID(t.ID))
}

// address is the made-up address of a server: different for every one of the 32,766 that a run takes.
func (r *run) address(s topology.ServerID) string {
	n := s + 1
	return fmt.Sprintf("10.%d.%d.%d", r.org.Servers[s].Site&255, n>>8&255, n&255)
}

// clock is an instant of the run by the clock on the wall, in the zone of the scenario's start.
func (r *run) clock(t simtime.Time) time.Time { return r.cfg.Start.Add(time.Duration(t)) }

// unreachableText is why a message lies in the Unreachable queue, with the event that a server writes: 5006 for a mailbox server
// 0 for none.
func (r *run) unreachableText(m transport.MsgID) (event int, text string) {
	d := r.book.Destination(r.store.Entries(r.store.Hot[m].Set)[0].Dest)
	if d.Kind == route.Mailbox {
		return 5006, "No route to mailbox server " + r.org.Servers[d.Server].Name
	}
	return 0, "A matching connector cannot be found to route the external recipient"
}

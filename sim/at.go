package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// State is the organisation at one instant of a replication: what its faults and actions and its directory have made of it until then.
// In that of StateAt no mail has moved, in that of Explain it has. It answers what a message would meet there. It is not safe for
// concurrent use.
type State struct {
	run *run
}

// StateAt runs directory, faults and actions of replication rep up to and including at, without any load. It is the real loop, so
// everything but the mail is as in a run: draws, replication, clocks, starts of services. What only sessions bring about is missing:
// a latch (S1-9) that an earlier session left behind. It returns an error when at is not between 0 and the end of the run.
func StateAt(ctx context.Context, cfg *Config, rep int, at simtime.Time) (*State, error) {
	if at < 0 || at > simtime.Time(cfg.Duration) {
		return nil, fmt.Errorf("the instant %s is not between 0s and the end of the run, %s", at, cfg.Duration)
	}
	still := *cfg
	still.Loads, still.Warmup, still.Duration = nil, 0, time.Duration(at)
	still.Output = Output{SampleInterval: max(still.Duration, 1)} // one sample, at the end
	r, err := newRun(&still, rep, nowhere{})
	if err != nil {
		return nil, err
	}
	if err := r.loop(ctx); err != nil {
		return nil, err
	}
	return &State{r}, nil
}

// nowhere is a sink that drops everything.
type nowhere struct{}

func (nowhere) Event(result.Event) error   { return nil }
func (nowhere) Series(result.Series) error { return nil }
func (nowhere) End(result.Summary) error   { return nil }

// View returns the organisation as a server sees it when it next asks the directory: one whose domain controller has stopped turns to
// another one then.
func (s *State) View(id topology.ServerID) *topology.Organisation { return s.run.dir.WouldSee(id) }

// Silence tells why a server gets no answer from the directory, as route.Query.Silence asks for it; "" when it does.
func (s *State) Silence(id topology.ServerID) string {
	if s.run.dir.InReach(id) {
		return ""
	}
	return "no domain controller answers it"
}

// Home returns the mailbox server on which the mailboxes of one are, as route.Query.Home asks for it.
func (s *State) Home(id topology.ServerID) topology.ServerID { return s.run.home(id) }

// Present tells whether a server is part of the organisation: it has been added, and not been removed since.
func (s *State) Present(id topology.ServerID) bool { return s.run.dir.Present(id) }

// Sees says in words how the view of a server differs from the organisation at the start; "" where it does not.
func (s *State) Sees(id topology.ServerID) string { return s.run.dir.Sees(id) }

// Happened returns the faults and actions that have taken hold so far, in that order. One without an end goes on.
func (s *State) Happened() []result.TopologyFault { return s.run.fault.Happened() }

// Reachable tells whether traffic passes between two sites, both ways.
func (s *State) Reachable(a, b topology.SiteID) bool {
	return a == b || s.run.net.Reachable(a, b)
}

// Condition is how a machine of the organisation is.
type Condition uint8

// The conditions of a machine.
const (
	Works      Condition = iota
	Silent               // it gives no answer: crashed, booting, without its address, or not there yet
	Stopped              // its transport service does not run; attempts are reset, a mailbox store on it works
	NoListener           // its transport service sends, but accepts no connections (F8)
	Draining             // the same, until it has passed on what it has (F10)
)

// Condition returns how a server is.
func (s *State) Condition(id topology.ServerID) Condition {
	switch h := &s.run.hosts[id]; {
	case h.down && h.silent:
		return Silent
	case h.down:
		return Stopped
	case h.deaf:
		return NoListener
	case h.draining:
		return Draining
	}
	return Works
}

// Contact tells how an attempt of a transport server to connect to a target would end, as route.Query.Reach asks for it. Nothing changes
// by asking: an authentication that would fail latches nobody.
func (s *State) Contact(from topology.ServerID, to route.Target) route.Contact {
	r := s.run
	to = r.actual(to)
	h := &r.hosts[from]
	own := to.Kind != route.TargetRemote && topology.ServerID(to.ID) == from
	switch {
	case own && to.Kind == route.TargetStore && h.storeRuns() && r.allOff(h):
		return dismounted()
	case own && to.Kind == route.TargetStore:
		return s.answers(h.storeRuns(), from)
	case to.Kind == route.TargetRemote && slices.Contains(r.lost, fault.Outside{Remote: topology.RemoteID(to.ID)}):
		return route.Contact{Result: route.NoAnswer, Cause: r.org.Remotes[to.ID].Name + " is down"}
	case own, to.Kind == route.TargetRemote, h.down:
		return s.answers(!h.down, from)
	}
	p := &r.hosts[to.ID]
	if h.site != p.site && !r.net.Reachable(h.site, p.site) {
		return route.Contact{Result: route.NoAnswer, Cause: s.cut(h.site, p.site)}
	}
	if _, _, ok := r.reach(h, p, to.Kind); !ok || p.draining && to.Kind == route.TargetServer {
		return s.answers(false, p.id)
	}
	if to.Kind == route.TargetServer && r.certs != nil && h.edge != p.edge && (r.expired(r.certs.internal, h.id) || r.expired(r.certs.internal, p.id)) {
		return route.Contact{Result: route.Refused, Cause: "a certificate has expired: 454 4.7.5"}
	}
	if to.Kind == route.TargetStore && r.allOff(p) {
		return dismounted()
	}
	if to.Kind != route.TargetServer {
		return route.Contact{}
	}
	if !h.edge && !p.edge {
		if c := s.authentication(h, p); c.Result != route.Accepted {
			return c
		}
	}
	return s.pressure(p, transport.RejectServers)
}

// Name tells what a server learns of a domain that it delivers to by DNS, as route.Query.Name asks for it (F14, F15). Where no mail has moved nobody remembers
// an answer.
func (s *State) Name(from topology.ServerID, domain string) route.Contact {
	r := s.run
	if r.names != nil && r.names.known[from][domain] <= r.now {
		if answer, _ := r.resolve(from, domain); answer == fault.NameDenied {
			return route.Contact{Result: route.Denied, Cause: "DNS denies that there is a domain " + domain}
		} else if answer == fault.NameFails {
			return route.Contact{Result: route.NoAnswer, Cause: "the DNS query for " + domain + " fails, unless an answer is remembered"}
		}
	}
	if slices.ContainsFunc(r.lost, func(o fault.Outside) bool { return o.Remote < 0 && strings.EqualFold(o.Domain, domain) }) {
		return route.Contact{Result: route.NoAnswer, Cause: "the hosts of " + domain + " are down"}
	}
	return route.Contact{}
}

// dismounted is the contact with a store none of whose databases is mounted (F18).
func dismounted() route.Contact {
	return route.Contact{Result: route.Refused, Cause: "its databases are dismounted: 432 4.3.2"}
}

// Offer tells what would come of a message that the mailbox store of a machine offers to a transport server, as route.Query.Offer asks
// for it.
func (s *State) Offer(from topology.ServerID, to route.Target) route.Contact {
	h, p := &s.run.hosts[from], &s.run.hosts[to.ID]
	switch {
	case !h.storeRuns():
		return s.answers(false, from)
	case s.run.allOff(h): // F18; of several databases it depends on the message
		return route.Contact{Result: route.Refused, Cause: "the databases of " + s.run.org.Servers[from].Name + " are dismounted"}
	case h.mute:
		return route.Contact{Result: route.Refused, Cause: "the key service of " + s.run.org.DCs[s.run.dir.DC(from)].Name + " is stopped: no ticket"}
	case h.site != p.site && !s.run.net.Reachable(h.site, p.site):
		return route.Contact{Result: route.NoAnswer, Cause: s.cut(h.site, p.site)}
	case !s.run.open(h, p), !s.run.portOpen(h, p, new(time.Duration)):
		return s.answers(false, p.id)
	case h.site == p.site:
		return s.pressure(p, transport.RejectSubmission)
	}
	if c := s.authentication(h, p); c.Result != route.Accepted {
		return c
	}
	return s.pressure(p, transport.RejectSubmission)
}

// pressure is the contact with a server that answers, and may refuse.
func (s *State) pressure(p *host, mail transport.Measures) route.Contact {
	if s.run.refuses(p, mail) {
		return route.Contact{Result: route.Refused, Cause: "it is under back pressure: 452 4.3.1"}
	}
	return route.Contact{}
}

// authentication is how a session between hubs of two sites would begin.
func (s *State) authentication(h, p *host) route.Contact {
	switch auth, spread := s.run.dir.WouldAuthenticate(s.run.now, h.id, p.id); auth {
	case directory.AuthSkew:
		return route.Contact{Result: route.Refused, Cause: fmt.Sprintf("authentication fails: clocks are %s apart", spread)}
	case directory.AuthNoTicket:
		return route.Contact{Result: route.Refused, Cause: "authentication fails: no Kerberos ticket, and no domain controller to get one from"}
	case directory.AuthNoName:
		return route.Contact{Result: route.Refused, Cause: "authentication fails: no Kerberos ticket, the name of the receiver is unknown"}
	case directory.AuthNoLogon:
		return route.Contact{Result: route.Refused, Cause: "authentication fails: no Kerberos ticket, the secret of the sender is wrong"}
	case directory.AuthKey:
		return route.Contact{Result: route.Refused, Cause: "authentication fails: the receiver cannot open the ticket"}
	case directory.AuthApart:
		return route.Contact{Result: route.Refused, Cause: "authentication fails: replication between the two sites fails"}
	case directory.AuthStripped:
		return route.Contact{Result: route.Refused, Cause: "authentication fails: its verbs are taken out of the receiver's answer"}
	case directory.AuthLatched:
		return route.Contact{Result: route.Refused, Cause: "authentication fails: the pair is latched"}
	}
	return route.Contact{}
}

// answers is the contact with a server that works, or does not and why.
func (s *State) answers(works bool, id topology.ServerID) route.Contact {
	if works {
		return route.Contact{}
	}
	cause := s.Condition(id).String()
	if s.Condition(id) == Works {
		cause = "a filter stops the port" // of nothing else is a machine that works out of reach here
	}
	return route.Contact{Result: route.NoAnswer, Cause: cause}
}

// String says in words how a machine is, as a cause.
func (c Condition) String() string {
	return [...]string{
		Works: "working", Silent: "down", Stopped: "transport service stopped", NoListener: "not listening", Draining: "draining",
	}[c]
}

// cut says why traffic between two sites does not pass.
func (s *State) cut(a, b topology.SiteID) string {
	org, net := s.run.org, s.run.net
	if net.PairCut(a, b) || net.PairCut(b, a) {
		return fmt.Sprintf("%s and %s are cut off from each other", org.Sites[a].Name, org.Sites[b].Name)
	}
	for i := range org.Networks { // of such a pair no link is the cause
		if s := org.Networks[i].Sites[:]; slices.Contains(s, a) && slices.Contains(s, b) {
			return "network " + org.Networks[i].Name + " is down"
		}
	}
	for i := range org.Links {
		if l := &org.Links[i]; net.LinkDown(topology.LinkID(i)) && slices.Contains(l.Sites, a) && slices.Contains(l.Sites, b) {
			return "link " + l.Name + " is down"
		}
	}
	return fmt.Sprintf("no chain of working links leads from %s to %s", org.Sites[a].Name, org.Sites[b].Name)
}

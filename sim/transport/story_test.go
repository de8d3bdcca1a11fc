package transport_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestStories tells what a hub hears and says, line by line, in the scripts of testdata/stories. The hub "h" of site A has a mailbox server mA
// beside it; beyond B with its hubs b1 and b2 lies C with the hub c1 and the mailbox server mC. Connector k0 takes q0.example to r0 or r1, k1
// takes q1.example to r1, and k1b takes it to r0 at a higher cost. A session takes 2 s to set up, a message 2 s, an attempt that nobody answers
// none. Commands:
//
//	hub [threshold=N] [ceiling=N] [server-ceiling=N] [messages=N]   a new hub, all queue classes alike
//	mail to=(mA,mC,q0,q1,nowhere) [n=N]    messages that come now
//	down|refuse|up target...               how targets answer from now on
//	break                                  the next transmission that ends breaks
//	put-off m=N                            the next transmission of a message is answered 4xx
//	halt [lost] | boot | retry | resubmit
//	view [off=(k1)] [hub-sites=(B)]        the configuration that the hub sees from now on
//	run for=D                              lets time pass and prints what is heard (<) and said (>)
//	queues                                 prints the state of every queue
func TestStories(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/stories", func(t *testing.T, path string) {
		var s *story
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "hub" {
				s = newStory(t, d)
				return ""
			}
			return s.command(d)
		})
	})
}

// story is a bench that writes down what goes in and out.
type story struct {
	*bench
	out     strings.Builder
	answers map[string]transport.Code // by target
	putOff  map[uint64]bool
	breaks  int
}

func newStory(t *testing.T, d *datadriven.TestData) *story {
	p := transport.DefaultProfile(topology.V2010, false)
	var threshold int
	d.MaybeScanArgs(t, "threshold", &threshold)
	for c := range p.Threshold {
		if threshold > 0 {
			p.Threshold[c] = threshold
		}
	}
	d.MaybeScanArgs(t, "ceiling", &p.MaxPerDomainConnections)
	d.MaybeScanArgs(t, "server-ceiling", &p.MaxOutboundConnections)
	d.MaybeScanArgs(t, "messages", &p.MaxMessagesPerConnection)
	s := &story{bench: newBench(t, p), answers: map[string]transport.Code{}, putOff: map[uint64]bool{}}
	s.check = nil
	s.up = func(_ simtime.Time, to route.Target) transport.Code { return s.answers[s.target(to)] }
	s.refuse = func(simtime.Time) bool { s.breaks--; return s.breaks >= 0 }
	s.answer = func(m uint64) transport.Code {
		if s.putOff[m] {
			delete(s.putOff, m)
			return transport.Deferred4xx
		}
		return transport.OK
	}
	s.watch = s.said
	s.told = s.heard
	s.settling = func() { s.print("< settle") }
	return s
}

func (s *story) print(format string, args ...any) {
	fmt.Fprintf(&s.out, "%-8s ", time.Duration(s.now))
	fmt.Fprintf(&s.out, format+"\n", args...)
}

func (s *story) message(m transport.MsgID) string { return fmt.Sprintf("m%d", s.store.Hot[m].Message) }

func (s *story) target(to route.Target) string {
	switch to.Kind {
	case route.TargetRemote:
		return s.org.Remotes[to.ID].Name
	default:
		return s.org.Servers[to.ID].Name
	}
}

func (s *story) queue(i int) string { return s.book.Key(s.hub.Queue(i).Key).Domain }

// word is a code in words.
func word(c transport.Code) string {
	return map[transport.Code]string{
		transport.OK: "ok", transport.OKLast: "ok, last", transport.Deferred4xx: "4xx", transport.Unreachable: "no answer", transport.Reset: "reset",
		transport.Refused: "refused", transport.AuthFailed: "not authenticated", transport.Dropped: "broken", transport.QueuesLost: "queues lost",
		transport.LoopDetected: "loop", transport.TooLarge: "too large", transport.NoConnector: "no connector", transport.NoRecipient: "no recipient",
	}[c]
}

func (s *story) heard(in transport.Input) {
	switch in.Kind {
	case transport.Submitted:
		s.print("< submitted %s", s.message(in.Msg))
	case transport.Categorised:
		s.print("< categorised %s", s.message(in.Msg))
	case transport.Dialed:
		s.print("< dialed c%d %s: %s", in.Conn, s.target(s.hub.Target(in.Conn)), word(in.Code))
	case transport.Replied, transport.Broken:
		s.print("< %s c%d %s: %s", [...]string{"replied", "broken"}[in.Kind-transport.Replied], in.Conn, s.message(s.hub.Sending(in.Conn)), word(in.Code))
	case transport.Timer:
		s.print("< timer")
	case transport.Halt:
		s.print("< halt: %s", word(in.Code))
	case transport.Boot:
		s.print("< boot")
	case transport.RetryQueue:
		s.print("< retry")
	case transport.Resubmit:
		s.print("< resubmit")
	}
}

func (s *story) said(a transport.Action) {
	switch a.Kind {
	case transport.Categorise:
		s.print("    > categorise %s", s.message(a.Msg))
	case transport.Dial:
		s.print("    > dial c%d %s for %s", a.Conn, s.target(s.hub.Target(a.Conn)), s.queue(s.hub.ConnQueue(a.Conn)))
	case transport.Send:
		s.print("    > send c%d %s", a.Conn, s.message(a.Msg))
	case transport.Close:
		s.print("    > close c%d", a.Conn)
	case transport.Bounced:
		s.print("    > bounced %s: %s", s.message(a.Msg), word(a.Code))
	case transport.Lost:
		s.print("    > lost %s", s.message(a.Msg))
	case transport.Left:
		s.print("    > left %s", s.message(a.Msg))
	case transport.QueueRetry:
		s.print("    > %s in retry: %s, next at %s", s.queue(int(a.Msg)), word(a.Code), time.Duration(s.hub.Queue(int(a.Msg)).NextTry))
	case transport.QueueActive:
		s.print("    > %s active", s.queue(int(a.Msg)))
	case transport.QueueLimited:
		s.print("    > %s limited: %s", s.queue(int(a.Msg)), word(a.Code))
	}
}

func (s *story) command(d *datadriven.TestData) string {
	s.out.Reset()
	switch d.Cmd {
	case "mail":
		n := 1
		d.MaybeScanArgs(s.t, "n", &n)
		var to []route.DestID
		for _, a := range d.CmdArgs {
			if a.Key == "to" {
				for _, v := range a.Vals {
					i := slices.Index([]string{"mA", "mC", "q0", "q1", "nowhere"}, v)
					require.GreaterOrEqual(s.t, i, 0, "%s: no such recipient: %s", d.Pos, v)
					to = append(to, s.dests[i])
				}
			}
		}
		require.NotEmpty(s.t, to, "%s: mail needs to=", d.Pos)
		sortDests(to)
		for range n {
			s.submit(s.now, to...)
		}
	case "down", "refuse", "up":
		for _, a := range d.CmdArgs {
			s.answers[a.Key] = map[string]transport.Code{"down": transport.Unreachable, "refuse": transport.Refused, "up": transport.OK}[d.Cmd]
		}
	case "break":
		s.breaks = 1
	case "put-off":
		var m int
		d.ScanArgs(s.t, "m", &m)
		s.putOff[uint64(m)] = true
	case "halt":
		why := transport.OK
		if d.HasArg("lost") {
			why = transport.QueuesLost
		}
		s.halt(why)
	case "boot", "retry", "resubmit":
		kind := map[string]transport.InputKind{"boot": transport.Boot, "retry": transport.RetryQueue, "resubmit": transport.Resubmit}[d.Cmd]
		s.step(transport.Input{Kind: kind, Msg: transport.AllQueues})
	case "view":
		s.view(d)
	case "run":
		var length string
		d.ScanArgs(s.t, "for", &length)
		v, err := time.ParseDuration(length)
		require.NoError(s.t, err)
		s.run(s.now.Add(v))
	case "queues":
		s.queues()
	default:
		d.Fatalf(s.t, "unknown command %q", d.Cmd)
	}
	return s.out.String()
}

// view gives the hub a configuration: what is named is off, or a hub site; everything else is as it was at the beginning.
func (s *story) view(d *datadriven.TestData) {
	var changes []topology.Change
	for i := range s.org.Connectors {
		changes = append(changes, topology.Change{Kind: topology.ConnectorEnabled, Object: int32(i), Value: 1})
	}
	for _, a := range d.CmdArgs {
		for _, name := range a.Vals {
			switch c, ok := s.org.ConnectorByName(name); {
			case a.Key == "off" && ok:
				changes = append(changes, topology.Change{Kind: topology.ConnectorEnabled, Object: int32(c)})
			default:
				site, ok := s.org.SiteByName(name)
				require.True(s.t, ok && a.Key == "hub-sites", "%s: %s", d.Pos, a)
				changes = append(changes, topology.Change{Kind: topology.HubSite, Object: int32(site), Value: 1})
			}
		}
	}
	s.print("< view")
	s.org = s.org.With(changes...)
	s.reroute(s.org)
}

func (s *story) queues() {
	submission, _, unreachable, _ := s.hub.Held()
	for i := range s.hub.Queues() {
		q := s.hub.Queue(i)
		state := "active"
		if q.State == transport.Retry {
			state = fmt.Sprintf("retry %d, next at %s, %s", q.Retries, time.Duration(q.NextTry), word(q.LastError))
		}
		s.print("%s: %d messages, %d deferred, %d connections, %s", s.queue(i), q.Length, q.Deferred, q.Open, state)
	}
	s.print("submission: %d recipients; unreachable: %d", submission, unreachable)
}

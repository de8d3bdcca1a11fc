package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// One hub with mail for a mailbox store, another site, a smart host, a gateway, a delivery agent, and nobody. At first nothing moves but the
// categoriser; then the other site, the gateway and the agent fail.
func TestCountersByStateAndWay(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2010)
	here, there := b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "B"})
	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{here, there}, Cost: 10})
	server := func(name string, s topology.SiteID, r topology.Roles) topology.ServerID {
		return b.Server(topology.Server{Name: name, Site: s, Roles: r, Version: topology.V2010, DC: topology.None})
	}
	hub := server("h", here, topology.RoleHub)
	store := server("mA", here, topology.RoleMailbox)
	other := server("hB", there, topology.RoleHub)
	away := server("mB", there, topology.RoleMailbox)
	relay := b.Remote(topology.Remote{Name: "relay"})
	connector := func(name, kind, space string, c topology.Connector) {
		c.Name, c.Sources = name, []topology.ServerID{hub}
		c.AddressSpaces = []topology.AddressSpace{{Type: kind, Space: space, Cost: 1}}
		b.Connector(c)
	}
	connector("out", "SMTP", "q.example", topology.Connector{SmartHosts: []topology.RemoteID{relay}})
	connector("fax", "FAX", "*", topology.Connector{Kind: topology.ForeignConnector})
	connector("sms", "MOBILE", "*", topology.Connector{Kind: topology.DeliveryAgentConnector})
	org, err := b.Build()
	require.NoError(t, err)

	d := newDriver(t, org, hub, transport.DefaultProfile(topology.V2010, false))
	d.each = time.Hour
	broken := false
	d.up = func(_ simtime.Time, to route.Target) transport.Code {
		if broken && (to.Kind == route.TargetServer && topology.ServerID(to.ID) == other || to.Kind == route.TargetGateway) {
			return transport.Unreachable
		}
		return transport.OK
	}
	d.think = func(m uint64) time.Duration {
		if m > 100 {
			return time.Hour
		}
		return 0
	}
	send := func(at simtime.Time, n int, to route.Destination) {
		for range n {
			d.submit(at, d.book.Dest(to))
		}
	}
	send(0, 1, route.Destination{Kind: route.Mailbox, Server: store})
	send(0, 3, route.Destination{Kind: route.Mailbox, Server: away})
	send(0, 5, route.Destination{Kind: route.External, Domain: "q.example"})
	send(0, 7, route.Destination{Kind: route.External, Type: "FAX", Domain: "12345"})
	send(0, 11, route.Destination{Kind: route.External, Type: "MOBILE", Domain: "12345"})
	send(0, 13, route.Destination{Kind: route.External, Domain: "nowhere.example"})
	require.Equal(t, transport.Counters{}, d.hub.Counters(), "an idle server")

	d.run(sec(1))
	require.Equal(t, transport.Counters{
		Aggregate: 27, Largest: 11, Unreachable: 13,
		Active: transport.DeliveryCounters{Mailbox: 1, Remote: 3 + 5, NonSMTP: 7 + 11},
	}, d.hub.Counters())

	broken = true
	d.halt(transport.OK)
	d.step(transport.Input{Kind: transport.Boot})
	d.next = 100
	send(sec(2), 9, route.Destination{Kind: route.Mailbox, Server: store}) // eight workers, and one that waits
	d.run(sec(10))
	require.Equal(t, transport.Counters{
		Aggregate: 27, Largest: 11, Unreachable: 13, Submission: 9,
		Active: transport.DeliveryCounters{Mailbox: 1, Remote: 5},
		Retry:  transport.DeliveryCounters{Remote: 3, NonSMTP: 7 + 11},
	}, d.hub.Counters())
}

// Whatever happens on a server, its counters agree with the gauges that the core keeps on every change and with what a queue viewer shows.
func TestCountersAgreeWithTheQueues(t *testing.T) {
	t.Parallel()
	retried := false
	rapid.Check(t, func(r *rapid.T) {
		x := drawn(r, t)
		x.watch, x.check = nil, nil // other tests hold what they hold
		x.trouble(r)
		agree := func() {
			c, s := x.hub.Counters(), x.hub.Stats()
			require.Equal(t, s.QueuedAll.Value(), c.Aggregate)
			require.Equal(t, s.InRetry.Value(), c.Retry.Remote+c.Retry.Mailbox+c.Retry.NonSMTP)
			require.Equal(t, s.Queued[route.ClassMailbox].Value(), c.Active.Mailbox+c.Retry.Mailbox)
			require.Equal(t, s.Queued[route.ClassSmtpConnector].Value()+s.Queued[route.ClassIntraOrg].Value(), c.Active.Remote+c.Retry.Remote)
			var want transport.DeliveryCounters
			var longest int64
			for i := range x.hub.Queues() {
				q := x.hub.Queue(i)
				longest = max(longest, int64(q.Length))
				switch kind := x.book.Key(q.Key).Type; {
				case q.State != transport.Retry:
				case kind == route.MapiDelivery:
					want.Mailbox += int64(q.Length)
				default:
					want.Remote += int64(q.Length)
				}
			}
			require.Equal(t, longest, c.Largest)
			require.Equal(t, want, c.Retry)
			require.Equal(t, [2]int64{s.Submission.Value(), s.Unreachable.Value()}, [2]int64{c.Submission, c.Unreachable})
			retried = retried || want.Mailbox > 0 && want.Remote > 0
		}
		for at := 5.0; at < 400; at += 20 {
			x.run(sec(at))
			agree()
		}
	})
	require.True(t, retried, "the check has seen both kinds of Retry")
}

func TestCountersAllocateNothing(t *testing.T) {
	d := alone(t, topology.V2010, false, 3)
	for i := range 60 {
		d.submit(0, d.dest[i%3])
	}
	d.run(sec(1))
	var c transport.Counters
	require.Zero(t, testing.AllocsPerRun(100, func() { c = d.hub.Counters() }))
	require.Equal(t, int64(60), c.Aggregate)
}

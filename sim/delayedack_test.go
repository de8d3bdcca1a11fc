package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/load"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// upgrade is a branch with a server A of some version that sends n messages at 10:00:00 to the mailbox of P, of 2010, over one connection. P's
// categoriser takes its time with each, and works on many at once; nothing else takes any.
func upgrade(v topology.Version, n int64, categoriser time.Duration) *couple {
	x := &couple{b: topology.NewBuilder(topology.V2010), t0: clock("09:00:00")}
	x.cfg = sim.Config{
		Name: "upgrade", Start: x.t0, Duration: 10 * time.Hour, Seed: 1,
		Model:  sim.Model{Relayed: sim.CategoriserCost{Base: categoriser}, MaxClockSkew: 5 * time.Minute, NotifyDelay: 0},
		Output: sim.Output{SampleInterval: time.Minute, Servers: true},
	}
	x.sites = []topology.SiteID{x.b.Site(topology.Site{Name: "A"}), x.b.Site(topology.Site{Name: "S"})}
	x.b.Link(topology.Link{Name: "A-S", Sites: x.sites, Cost: 1})
	from := x.server("A", 0, v)
	x.p = x.server("P", 1, topology.V2010)
	x.cfg.Servers[from].Profile.MaxPerDomainConnections = 1
	x.cfg.Loads = []load.Source{{
		ID: "mail", Kind: load.Burst, Start: x.at("10:00:00"), Count: n, End: simtime.Never, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyMailbox, Server: from, Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: x.p, Weight: 1}},
	}}
	return x
}

// TestQ11_1_AConnectionWaitsForItsReply: a sender without shadow redundancy gets the reply when its message has been passed on, or after 30 s, and
// cannot send the next before.
func TestQ11_1_AConnectionWaitsForItsReply(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		v           topology.Version
		categoriser time.Duration
		change      func(x *couple)
		want        float64 // when the last of three is delivered, in seconds
	}{
		{"passed on in time", topology.V2007, 10 * second, nil, 30},
		{"not passed on in time", topology.V2007, 50 * second, nil, 30 + 30 + 50},
		{"just in time", topology.V2007, 30 * second, nil, 90},
		{"2007 as released", topology.V2007RTM, 10 * second, nil, 30},
		{"2010 keeps a copy", topology.V2010, 10 * second, nil, 10},
		{"a receive connector that does not wait", topology.V2007, 10 * second, func(x *couple) { x.cfg.Servers[x.p].Shadow.MaxAckDelay = 0 }, 10},
		{"for a shorter time", topology.V2007, 10 * second, func(x *couple) { x.cfg.Servers[x.p].Shadow.MaxAckDelay = 5 * second }, 5 + 5 + 10},
		{"no shadow redundancy", topology.V2007, 10 * second, func(x *couple) { x.without() }, 10},
		// Each connection carries what its 15 s allow, and the last reply comes as it ends.
		{"a connection that ends before", topology.V2007, 50 * second, func(x *couple) { x.cfg.Model.ConnectionTimeout = 15 * second }, 15 + 15 + 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := upgrade(c.v, 3, c.categoriser)
			if c.change != nil {
				c.change(x)
			}
			r := x.run(t)
			require.InDelta(t, c.want, delay(t, r), 0.01)
			require.Equal(t, [4]float64{3, 0, 0, 0}, counts(t, r), "delivered, lost, held, sent though not lost")
			require.Zero(t, stat(t, r, "messages.duplicate", "site=all", "total"))
		})
	}
}

// TestQ11_1_WhatIsWithBoth: while the sender waits, nothing is lost with the receiver, and what the receiver kept comes twice; mailboxes know it
//
func TestQ11_1_WhatIsWithBoth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name               string
		down, back         string
		lost               bool
		delivered, missing float64
		duplicates, again  float64
	}{
		{"the disk is lost while the sender waits", "10:00:20", "10:05:00", true, 1, 0, 0, 0},
		{"the disk is lost when it waits no longer", "10:00:31", "10:05:00", true, 0, 1, 0, 0},
		{"down while the sender waits", "10:00:20", "10:05:00", false, 1, 0, 1, 1},
		{"down when it waits no longer", "10:00:31", "10:05:00", false, 1, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := upgrade(topology.V2007, 1, 50*second).crash(1, c.down, c.back, c.lost).run(t)
			got := fmt.Sprint(counts(t, r), stat(t, r, "messages.duplicate", "site=all", "total"))
			require.Equal(t, fmt.Sprint([4]float64{c.delivered, c.missing, 0, c.again}, c.duplicates), got)
		})
	}
	// At the end of the run the message is with both.
	x := upgrade(topology.V2007, 1, 50*second)
	x.cfg.Duration = time.Hour + 20*second
	require.Equal(t, [4]float64{0, 0, 2, 1}, counts(t, x.run(t)))
}

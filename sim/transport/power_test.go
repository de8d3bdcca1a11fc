package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestQ2_12_WhatIsInTheCategoriser: the store knows which copies a server is working on: as many as it has workers for, none while it is
// stopped.
func TestQ2_12_WhatIsInTheCategoriser(t *testing.T) {
	t.Parallel()
	var box route.DestID
	var m1 topology.ServerID
	d := groupBench(t, func(_ *topology.Builder, _, m topology.ServerID, _ topology.ServerID) { m1 = m })
	box = d.book.Dest(route.Destination{Kind: route.Mailbox, Server: m1})
	d.think = func(uint64) time.Duration { return 10 * time.Second }
	workers := d.hub.Profile().CategoriserWorkers
	inside := func() int {
		n := 0
		for m := range d.store.Hot {
			n += b2i(d.store.InCategoriser(transport.MsgID(m)))
		}
		return n
	}
	look := func(s float64, want int) {
		d.at(sec(s), transport.PhaseSampling, func() { require.Equal(t, want, inside(), "at %v s", s) })
	}
	for range workers + 3 {
		d.submit(sec(1), box)
	}
	look(2, workers)
	d.at(sec(5), transport.PhaseFaults, func() { d.halt(transport.OK) })
	look(6, 0)
	d.at(sec(30), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Boot}) })
	look(35, workers)
	look(45, 3)
	d.run(sec(100))
	require.Zero(t, inside())
	require.Zero(t, d.store.Live())
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// mailroom is a hub with one mailbox server of 2010.
func mailroom(t *testing.T, loads ...load.Source) *run {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	s := b.Site(topology.Site{Name: "S"})
	b.Server(topology.Server{Name: "hub", Site: s, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None})
	b.Server(topology.Server{Name: "mbx", Site: s, Roles: topology.RoleMailbox, Version: topology.V2010, DC: topology.None, Mailboxes: 1})
	org, err := b.Build()
	require.NoError(t, err)
	p := transport.DefaultProfile(topology.V2010, false)
	r, err := newRun(&Config{
		Name: "mailroom", Start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Duration: 2 * time.Hour, Seed: 1, Org: org,
		Servers: []Server{{Profile: p}, {Profile: p}}, Loads: loads, Output: Output{SampleInterval: time.Hour},
	}, 0, result.NewMemory(0, 0))
	require.NoError(t, err)
	return r
}

// every is mail to the mailbox, a message a gap.
func every(gap time.Duration) load.Source {
	return load.Source{
		ID: "x", Kind: load.Regular, Every: gap, End: simtime.Never, Size: rng.Constant(1000), Recipients: rng.Constant(1),
		From: []load.Party{{Kind: load.PartyInternet, Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: 1, Weight: 1}},
	}
}

// TestQ12_1_WhatIsKeptOfMail: mail that comes once leaves nothing behind. Of mail that may come twice the names are kept as long as it is under
// way, and the deliveries for a window.
func TestQ12_1_WhatIsKeptOfMail(t *testing.T) {
	t.Parallel()
	once := every(100 * time.Millisecond)
	r := mailroom(t, once)
	require.NoError(t, r.loop(t.Context()))
	require.EqualValues(t, 72_000, r.messages)
	require.Empty(t, r.duplicates.known)
	require.Empty(t, r.duplicates.databases)

	twice := once
	twice.Resend = load.Resend{After: 50 * time.Minute, Times: 1}
	r = mailroom(t, twice)
	require.NoError(t, r.loop(t.Context()))
	require.Greater(t, r.messages, uint64(100_000))
	require.LessOrEqual(t, cap(r.duplicates.known), 2*fewIdentities)
	require.NoError(t, r.finish())
	for id, d := range r.duplicates.databases {
		if d != nil {
			require.Equal(t, route.Mailbox, r.book.Destination(route.DestID(id)).Kind)
			require.InDelta(t, 36_000, d.Len(r.now), 2, "those of an hour")
		}
	}
}

// TestQ12_2_OneMemoryOfADatabase: what a part of a message left in some mailboxes of a database is seen by a copy for all of them.
func TestQ12_2_OneMemoryOfADatabase(t *testing.T) {
	t.Parallel()
	r := mailroom(t)
	deliver := func(first, count int32) {
		to := r.book.Dest(route.Destination{Kind: route.Mailbox, Server: 1, First: first})
		m := r.store.New(transport.Copy{Message: 7, Set: r.store.NewSet([]transport.Recipients{{Dest: to, Count: count}})}, transport.Tail{Sender: topology.None, Repeats: transport.BySenders})
		r.rec.inside.Add(r.now, int64(count))
		r.intoStore(0, m, 1)
		r.store.Free(m)
	}
	deliver(2, 3)
	deliver(0, 4)
	f := r.rec.flow[r.rec.slot(outside)]
	require.Equal(t, [2]int64{5, 2}, [2]int64{f.delivered, f.duplicate})
}

// TestQ12_11_CopiesOfTransportInARun: a copy that transport made itself, of a message whose sender gave it no name, is known by the message
// that it is a copy of.
func TestQ12_11_CopiesOfTransportInARun(t *testing.T) {
	t.Parallel()
	r := mailroom(t)
	to := r.book.Dest(route.Destination{Kind: route.Mailbox, Server: 1})
	deliver := func(at simtime.Time, message uint64, repeats transport.Repeats) {
		r.now = at
		m := r.store.New(transport.Copy{Message: message, Created: 5, Set: r.store.NewSet([]transport.Recipients{{Dest: to, Count: 3}})}, transport.Tail{Sender: topology.None, Repeats: repeats})
		r.rec.inside.Add(r.now, 3)
		r.intoStore(0, m, 1)
		r.store.Free(m)
	}
	got := func() [2]int64 { f := r.rec.flow[r.rec.slot(outside)]; return [2]int64{f.delivered, f.duplicate} }
	deliver(10, 7, transport.ByTransport)
	deliver(20, 7, transport.ByTransport)
	require.Equal(t, [2]int64{3, 3}, got())
	deliver(30, 8, transport.ByTransport)
	require.Equal(t, [2]int64{6, 3}, got(), "another message")
	deliver(40, 9, 0)
	deliver(50, 9, transport.ByTransport)
	require.Equal(t, [2]int64{12, 3}, got(), "the first copy was not one of two")
}

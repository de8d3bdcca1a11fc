package transport_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// after is an instant that long after t0.
func after(d time.Duration) simtime.Time { return simtime.Time(d) }

const day = 24 * time.Hour

// attempt is one copy that reaches the databases: mailbox X is number 0, Y is number 1.
type attempt struct {
	at   time.Duration
	date time.Time
	box  int32
}

// outcomes brings copies of message M to a database and returns what became of each, as tracking tells it.
func outcomes(d *transport.Duplicates, copies ...attempt) []string {
	var out []string
	for _, c := range copies {
		key := transport.MessageKey{ID: 1, Sent: transport.SentSecond(c.date, 0)}
		fresh, duplicate := d.Deliver(after(c.at), key, transport.Mailboxes{First: c.box, Count: 1}, true)
		out = append(out, map[[2]int32]string{{1, 0}: "deliver", {0, 1}: "dup"}[[2]int32{fresh, duplicate}])
	}
	return out
}

// TestQ12_4_Windows is the table of what becomes of a copy, by version (Q-12.1, Q-12.2, Q-12.5, Q-12.6, Q-12.7, Q-12.8, QX-5, QD-9).
func TestQ12_4_Windows(t *testing.T) {
	t.Parallel()
	utc := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	tokyo := utc.In(time.FixedZone("", 9*3600))
	first := attempt{0, utc, 0}
	again := func(d time.Duration) []attempt { return []attempt{first, {d, utc, 0}} }
	for _, g := range []struct {
		row                        string
		copies                     []attempt
		v2010, doc2007, v13, cloud string // of the last copy
	}{
		{"a", again(59 * time.Minute), "dup", "dup", "dup", "dup"},
		{"b", again(60 * time.Minute), "deliver", "dup", "dup", "dup"},
		{"c", again(23 * time.Hour), "deliver", "dup", "dup", "dup"},
		{"d", again(24 * time.Hour), "deliver", "dup", "dup", "deliver"},
		{"e", again(6*day + 23*time.Hour), "deliver", "dup", "dup", "deliver"},
		{"f", again(7 * day), "deliver", "deliver", "deliver", "deliver"},
		{"g", []attempt{first, {10 * time.Minute, utc.Add(time.Second), 0}}, "deliver", "deliver", "deliver", "deliver"},
		{"h", []attempt{first, {10 * time.Minute, utc, 1}}, "deliver", "deliver", "deliver", "deliver"},
		{"i", []attempt{first, {10 * time.Minute, tokyo, 0}}, "dup", "dup", "dup", "dup"},
		{"j", []attempt{first, {50 * time.Minute, utc, 0}, {70 * time.Minute, utc, 0}}, "deliver", "dup", "dup", "dup"},
	} {
		t.Run("QG-29 "+g.row, func(t *testing.T) {
			t.Parallel()
			last := func(s transport.DuplicateSettings, v topology.Version) string {
				got := outcomes(transport.NewDuplicates(s.WindowOf(v)), g.copies...)
				require.Equal(t, "deliver", got[0])
				return got[len(got)-1]
			}
			for _, v := range []topology.Version{topology.V2007RTM, topology.V2007, topology.V2010RTM, topology.V2010} {
				require.Equal(t, g.v2010, last(transport.DuplicateSettings{}, v), v)
				require.Equal(t, g.doc2007, last(transport.Dup2007Doc(), v), v)
			}
			for _, v := range []topology.Version{topology.V2013, topology.V2016, topology.VSE} {
				require.Equal(t, g.v13, last(transport.DuplicateSettings{}, v), v)
				require.Equal(t, g.cloud, last(transport.DuplicateSettings{Online: true}, v), v)
			}
		})
	}
	t.Run("QG-29 k", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			v      topology.Version
			online bool
			want   string
		}{
			{topology.V2010, false, "deliver"}, {topology.V2007, false, "deliver"}, {topology.V2013, false, "dup"}, {topology.VSE, true, "dup"},
			{topology.V2007RTM, false, "dup"}, {topology.V2010RTM, false, "dup"}, // the value came with later service packs
		} {
			s := transport.DuplicateSettings{Disabled: true, Online: c.online}
			require.Equal(t, []string{"deliver", c.want}, outcomes(transport.NewDuplicates(s.WindowOf(c.v)), again(10*time.Minute)...), c.v)
			s.Window = 168 * time.Hour
			require.Equal(t, []string{"deliver", c.want}, outcomes(transport.NewDuplicates(s.WindowOf(c.v)), again(10*time.Minute)...), c.v)
		}
	})
	t.Run("FW-22", func(t *testing.T) {
		t.Parallel()
		for v := topology.V2007RTM; v <= topology.VSE; v++ {
			last := func(copies ...attempt) string {
				return outcomes(transport.NewDuplicates(transport.DuplicateSettings{}.WindowOf(v)), copies...)[1]
			}
			require.Equal(t, "dup", last(again(30*time.Minute)...), v)
			require.Equal(t, map[bool]string{false: "deliver", true: "dup"}[v.New()], last(again(2*time.Hour)...), v)
			require.Equal(t, "deliver", last(again(8*day)...), v)
			require.Equal(t, "deliver", last(first, attempt{30 * time.Minute, utc.Add(30 * time.Minute), 0}), v)
		}
	})
	t.Run("QG-29 l", func(t *testing.T) {
		t.Parallel()
		s := transport.DuplicateSettings{Window: time.Hour}
		require.Equal(t, []string{"deliver", "dup"}, outcomes(transport.NewDuplicates(s.WindowOf(topology.V2013)), again(2*time.Hour)...))
	})
}

// TestQX5_RegistryValues: 2007 and 2010 look back an hour unless told otherwise, and never further than they keep information.
func TestQX5_RegistryValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		window, retention, want time.Duration
	}{
		{0, 0, time.Hour}, {2 * time.Hour, 0, 2 * time.Hour}, {200 * time.Hour, 0, 168 * time.Hour},
		{200 * time.Hour, 240 * time.Hour, 200 * time.Hour}, {5 * time.Hour, 3 * time.Hour, 3 * time.Hour},
	} {
		require.Equal(t, c.want, transport.DuplicateSettings{Window: c.window, Retention: c.retention}.WindowOf(topology.V2010))
	}
	require.NoError(t, transport.Dup2007Doc().Check())
	require.NoError(t, transport.DuplicateSettings{}.Check())
	require.EqualError(t, transport.DuplicateSettings{Window: 30 * time.Minute}.Check(), "duplicate window must be 1h to 876000h (100 years), is 30m0s")
	require.EqualError(t, transport.DuplicateSettings{Retention: -time.Hour}.Check(), "duplicate retention must be 1h to 876000h (100 years), is -1h0m0s")
}

// TestQ12_2_TheDateIsASecond: what differs by less than the header shows is the same, wherever in a second the run begins.
func TestQ12_2_TheDateIsASecond(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 2, 8, 0, 0, 600e6, time.FixedZone("", 9*3600))
	at := func(d time.Duration) int64 { return transport.SentSecond(start, after(d)) }
	require.Equal(t, start.Unix(), at(0))
	require.Equal(t, at(0), at(399*time.Millisecond))
	require.Equal(t, at(0)+1, at(400*time.Millisecond))
}

// TestQ12_3_ToAndList: a message to X, and to a list with X in it that another server expands, reaches X twice (QG-30). The list has
// five members, X among them: four more get it.
func TestQ12_3_ToAndList(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		t.Run("QG-30 "+v.String(), func(t *testing.T) {
			t.Parallel()
			d := transport.NewDuplicates(transport.DuplicateSettings{}.WindowOf(v))
			key := transport.MessageKey{ID: 7, Sent: 1000}
			fresh, duplicate := d.Deliver(after(10*time.Second), key, transport.Mailboxes{First: 2, Count: 1}, true)
			require.Equal(t, [2]int32{1, 0}, [2]int32{fresh, duplicate}, "STOREDRIVER DELIVER")
			fresh, duplicate = d.Deliver(after(13*time.Second), key, transport.Mailboxes{First: 0, Count: 5}, true)
			require.Equal(t, [2]int32{4, 1}, [2]int32{fresh, duplicate}, "STOREDRIVER DUPLICATEDELIVER for X")
		})
	}
}

// TestQ12_8_ALoopIsDeliveredOnceAWindow: what is suppressed does not renew the entry.
func TestQ12_8_ALoopIsDeliveredOnceAWindow(t *testing.T) {
	t.Parallel()
	d := transport.NewDuplicates(time.Hour)
	var got []int // seconds
	for s := 0; s < 4*3600; s += 7 {
		if fresh, _ := d.Deliver(sec(float64(s)), transport.MessageKey{ID: 1}, transport.Mailboxes{Count: 1}, true); fresh == 1 {
			got = append(got, s)
		}
	}
	require.Equal(t, []int{0, 3605, 7210, 10815}, got)
}

// TestQ12_3_TheDeliveryInTheWay: a dropped copy tells since when the mailbox has the message, and whether it is the first of them.
func TestQ12_3_TheDeliveryInTheWay(t *testing.T) {
	t.Parallel()
	d, key := transport.NewDuplicates(time.Hour), transport.MessageKey{ID: 1}
	deliver := func(s float64, first, count int32) transport.Suppressed {
		d.Deliver(sec(s), key, transport.Mailboxes{First: first, Count: count}, true)
		return d.Last()
	}
	require.Equal(t, transport.Suppressed{}, deliver(10, 0, 1), "delivered")
	require.Equal(t, transport.Suppressed{At: sec(10), First: true}, deliver(20, 0, 1))
	require.Equal(t, transport.Suppressed{At: sec(10)}, deliver(30, 0, 2), "to one of the two")
	require.Equal(t, transport.Suppressed{At: sec(30), First: true}, deliver(40, 0, 2), "the second got it at 30 s")
	for i := range 100 { // the ring grows
		d.Deliver(sec(50), transport.MessageKey{ID: uint64(i) + 2}, transport.Mailboxes{Count: 1}, true)
	}
	require.Equal(t, transport.Suppressed{At: sec(10)}, deliver(60, 0, 1))
	require.Equal(t, transport.Suppressed{At: sec(10)}, deliver(3610, 0, 1), "delivered again: nothing new is told")
	require.Equal(t, transport.Suppressed{At: sec(3610), First: true}, deliver(3611, 0, 1))
}

// TestQ12_7_WhatIsNotFiltered: without the flag, as for a journal mailbox, nothing is looked up and nothing remembered; nor with
// detection off.
func TestQ12_7_WhatIsNotFiltered(t *testing.T) {
	t.Parallel()
	d, key := transport.NewDuplicates(time.Hour), transport.MessageKey{ID: 1}
	for range 3 {
		fresh, duplicate := d.Deliver(0, key, transport.Mailboxes{Count: 9}, false)
		require.Equal(t, [2]int32{9, 0}, [2]int32{fresh, duplicate})
	}
	require.Zero(t, d.Len(0))
	var off transport.Duplicates
	for range 3 {
		fresh, _ := off.Deliver(0, key, transport.Mailboxes{Count: 9}, true)
		require.EqualValues(t, 9, fresh)
	}
	require.Zero(t, off.Len(0))
}

// TestQ12_10_TheTableIsTheDatabases: a copy of the database that lacks the last minutes delivers again what came in them, and nothing
// else.
func TestQ12_10_TheTableIsTheDatabases(t *testing.T) {
	t.Parallel()
	d := transport.NewDuplicates(time.Hour)
	deliver := func(at time.Duration, id uint64) int32 {
		fresh, _ := d.Deliver(after(at), transport.MessageKey{ID: id}, transport.Mailboxes{Count: 1}, true)
		return fresh
	}
	for i := range 60 {
		require.EqualValues(t, 1, deliver(time.Duration(i)*time.Minute, uint64(i%40)+uint64(i/40)*100))
	}
	d.Lose(after(50 * time.Minute))
	require.Equal(t, 50, d.Len(after(59*time.Minute)))
	for i := range 50 {
		require.Zero(t, deliver(59*time.Minute, uint64(i%40)+uint64(i/40)*100), i)
	}
	for i := 50; i < 60; i++ {
		require.EqualValues(t, 1, deliver(59*time.Minute, uint64(i%40)+uint64(i/40)*100), i)
	}
	d.Lose(0)
	require.Zero(t, d.Len(after(59*time.Minute)))
	require.EqualValues(t, 1, deliver(59*time.Minute, 3))
}

// TestQ12_11_TransportsOwnCopies: after a break behind the acknowledgement, both sides own the message; what comes second is dropped,
// in each mailbox that had it.
func TestQ12_11_TransportsOwnCopies(t *testing.T) {
	t.Parallel()
	d, key := transport.NewDuplicates(time.Hour), transport.MessageKey{ID: 1, Sent: 5}
	fresh, duplicate := d.Deliver(sec(1), key, transport.Mailboxes{Count: 250}, true)
	require.Equal(t, [2]int32{250, 0}, [2]int32{fresh, duplicate})
	fresh, duplicate = d.Deliver(sec(62), key, transport.Mailboxes{Count: 250}, true)
	require.Equal(t, [2]int32{0, 250}, [2]int32{fresh, duplicate})
	require.Equal(t, 1, d.Len(sec(62)), "one entry for all of them")
}

// naiveDuplicates is read literally: a map from message, date and mailbox to the last delivery.
type naiveDuplicates struct {
	window time.Duration
	seen   map[string]simtime.Time
}

func (n *naiveDuplicates) deliver(now simtime.Time, key transport.MessageKey, to transport.Mailboxes) (fresh int32) {
	for b := to.First; b < to.First+to.Count; b++ {
		k := fmt.Sprint(key, b)
		if at, ok := n.seen[k]; !ok || now.Sub(at) >= n.window {
			n.seen[k] = now
			fresh++
		}
	}
	return fresh
}

// TestQ12_1_AgainstOneMailboxAtATime: the table of ranges says the same as one entry for every mailbox.
func TestQ12_1_AgainstOneMailboxAtATime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		window := time.Duration(rapid.IntRange(1, 40).Draw(t, "window"))
		d := transport.NewDuplicates(window)
		n := naiveDuplicates{window, map[string]simtime.Time{}}
		now := simtime.Time(0)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now += simtime.Time(rapid.IntRange(0, 3).Draw(t, "wait"))
			if rapid.IntRange(0, 30).Draw(t, "lose") == 0 {
				since := now - simtime.Time(rapid.IntRange(0, 20).Draw(t, "since"))
				d.Lose(since)
				for k, at := range n.seen {
					if at >= since {
						delete(n.seen, k)
					}
				}
			}
			key := transport.MessageKey{ID: uint64(rapid.IntRange(1, 5).Draw(t, "id")), Sent: int64(rapid.IntRange(-1, 1).Draw(t, "date"))}
			to := transport.Mailboxes{First: int32(rapid.IntRange(0, 8).Draw(t, "first")), Count: int32(rapid.IntRange(1, 9).Draw(t, "count"))}
			fresh, duplicate := d.Deliver(now, key, to, true)
			require.Equal(t, to.Count, fresh+duplicate)
			require.Equal(t, n.deliver(now, key, to), fresh)
		}
	})
}

// TestQ12_1_AllocatesNothing once the ring holds what a window brings, and keeps no more than that.
func TestQ12_1_AllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	d := transport.NewDuplicates(1000 * time.Second)
	s := 0
	cycle := func() {
		s++
		for _, id := range []int{s, s - 20} {
			fresh, _ := d.Deliver(sec(float64(s)), transport.MessageKey{ID: uint64(id), Sent: int64(id)}, transport.Mailboxes{Count: 3}, true)
			require.Equal(t, id == s || s <= 20, fresh == 3)
		}
	}
	for range 3000 {
		cycle()
	}
	require.Zero(t, testing.AllocsPerRun(3000, cycle))
	require.Equal(t, 1000, d.Len(sec(float64(s))))
}

func BenchmarkDuplicates(b *testing.B) {
	d := transport.NewDuplicates(time.Hour)
	b.ReportAllocs()
	for i := range b.N {
		d.Deliver(simtime.Time(i)*simtime.Time(10*time.Millisecond), transport.MessageKey{ID: uint64(i)}, transport.Mailboxes{Count: 1}, true)
	}
}

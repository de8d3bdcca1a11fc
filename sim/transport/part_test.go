package transport_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestQ5_4_TheRestOfAMessage: what the other side did not take stays at the head of its queue and is sent next; what an operator wants of the message, and its
// end, concern the rest.
func TestQ5_4_TheRestOfAMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   transport.InputKind
		life time.Duration
		want string
		gone [2]int64 // recipients that left, that were bounced
	}{
		{"sent", transport.Timer, 0, "[1 2]", [2]int64{5 + 1, 0}}, // the timer means nothing here
		{"suspended", transport.SuspendMessage, 0, "[2]", [2]int64{2 + 1, 0}},
		{"removed", transport.Remove, 0, "[2]", [2]int64{2 + 1, 0}},
		{"too old", transport.Timer, 3500 * time.Millisecond, "[]", [2]int64{2, 3 + 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := alone(t, topology.V2016, false, 1)
			all := d.handles()
			d.null, d.part = true, 2
			if c.life > 0 {
				d.hub.Profile().Reports.Expiry = c.life
			}
			d.answer = func(m uint64) transport.Code {
				if m == 1 && d.store.Recipients(all[1]) > 2 {
					return transport.TookPart
				}
				return transport.OK
			}
			d.at(0, transport.PhaseArrivals, func() {
				d.next++
				m := d.store.New(transport.Copy{Message: 1, Size: 1000, Set: d.store.NewSet([]transport.Recipients{{Dest: d.dest[0], Count: 5}})}, transport.Tail{Sender: topology.None, Null: true})
				d.step(transport.Input{Kind: transport.Submitted, Msg: m})
			})
			d.submit(0, d.dest[0])
			d.operate(3, c.do, 1, all) // in transmission from 2 to 4 s
			d.run(sec(3))
			held, _, _, _ := d.hub.Held()
			require.Zero(t, held)
			d.run(sec(20))
			require.Equal(t, c.want, fmt.Sprint(d.order))
			require.Equal(t, c.gone, [2]int64{d.gone[0], d.gone[1]})
			if c.do == transport.SuspendMessage {
				submission, delivery, _, _ := d.hub.Held()
				require.EqualValues(t, 3, delivery)
				require.Zero(t, submission)
				return
			}
			require.Zero(t, d.store.Live())
			if c.name == "sent" {
				require.Equal(t, "[8s 10s]", fmt.Sprint(d.delivered), "2 recipients at 4 and at 6 s, the last at 8 s, then the other message")
			}
		})
	}
}

// A message is cut after its first recipients, and for one that may come twice the rest says which mailboxes are left.
func TestHeadAndRest(t *testing.T) {
	t.Parallel()
	book, s := route.NewBook(), transport.NewStore()
	box := func(server topology.ServerID, first int32) route.DestID {
		return book.Dest(route.Destination{Kind: route.Mailbox, Server: server, First: first})
	}
	a, b := box(1, 0), box(2, 0)
	for _, c := range []struct {
		repeats    transport.Repeats
		n          int32
		head, rest string
	}{
		{0, 2, "1+0x2", "1+0x1 2+0x4"},
		{0, 3, "1+0x3", "2+0x4"},
		{0, 5, "1+0x3 2+0x2", "2+0x2"},
		{transport.BySenders, 2, "1+0x2", "2+0x4 1+2x1"},
		{transport.BySenders, 5, "1+0x3 2+0x2", "2+2x2"},
	} {
		m := s.New(transport.Copy{Message: 9, Set: s.NewSet([]transport.Recipients{{Dest: a, Count: 3}, {Dest: b, Count: 4}})}, transport.Tail{Repeats: c.repeats})
		text := func(m transport.MsgID) (out string) {
			for i, e := range s.Entries(s.Hot[m].Set) {
				d := book.Destination(e.Dest)
				if i > 0 {
					out += " "
				}
				out += fmt.Sprintf("%d+%dx%d", d.Server, d.First, e.Count)
			}
			return out
		}
		head := s.Head(book, m, c.n)
		s.DropHead(book, m, c.n)
		require.Equal(t, c.head, text(head))
		require.Equal(t, c.rest, text(m))
		s.Free(head)
		s.Free(m)
	}
	require.Zero(t, s.LiveSets())
}

// TestQ7_10_RecipientsPutOff: recipients who are put off wait as a copy of their own, in the place of the message, and the others have it. What an operator wants of the message in transmission, and
// its end, concern them.
func TestQ7_10_RecipientsPutOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   transport.InputKind
		life time.Duration
		want string
		gone [3]int64 // recipients that left, that were bounced, that were removed
		held int64
	}{
		{"sent", transport.Timer, 0, "[1 2 1 3]", [3]int64{5 + 1 + 1, 0, 0}, 0},
		{"suspended", transport.SuspendMessage, 0, "[1 2 3]", [3]int64{3 + 1 + 1, 0, 0}, 2},
		{"removed", transport.Remove, 0, "[1 2 3]", [3]int64{3 + 1 + 1, 0, 2}, 0},
		{"too old", transport.Timer, 3500 * time.Millisecond, "[1]", [3]int64{3, 2 + 1, 0}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := alone(t, topology.V2016, false, 1)
			all := d.handles()
			d.null = true
			if c.life > 0 {
				d.hub.Profile().Reports.Expiry = c.life
			}
			to := func(first, n int32) []transport.Recipients {
				return []transport.Recipients{{Dest: d.book.Dest(route.Destination{Kind: route.External, Domain: "a.example", First: first}), Count: n}}
			}
			asked := 0
			d.later = func(m transport.MsgID) transport.SetID {
				if d.store.Hot[m].Message != 1 {
					return 0
				}
				if asked++; asked == 1 {
					return d.store.NewSet(to(1, 2))
				}
				require.Equal(t, to(1, 2), d.store.Entries(d.store.Hot[m].Set), "these two, no others")
				return 0
			}
			d.at(0, transport.PhaseArrivals, func() {
				d.next++
				d.arrived = [2]int64{1, 5}
				m := d.store.New(transport.Copy{Message: 1, Size: 1000, Set: d.store.NewSet(to(0, 5))}, transport.Tail{Sender: topology.None, Null: true})
				d.step(transport.Input{Kind: transport.Submitted, Msg: m})
			})
			d.submit(0, d.dest[0])
			d.operate(3, c.do, 1, all) // in transmission from 2 to 4 s
			d.run(sec(5))
			if c.name == "sent" {
				q := d.hub.Queue(0)
				require.Equal(t, [2]int32{2, 1}, [2]int32{q.Length, q.Deferred}, "the other message is in transmission")
				require.Equal(t, transport.Active, q.State)
			}
			if c.life == 0 {
				d.submit(sec(904), d.dest[0]) // behind it: 15 minutes after 4 s it has its old place
			}
			d.run(sec(1000))
			require.Equal(t, c.want, fmt.Sprint(d.order))
			require.Equal(t, c.gone, d.gone)
			held, delivery, _, _ := d.hub.Held()
			require.Equal(t, c.held, held+delivery)
			require.Equal(t, d.arrived[1], d.gone[0]+d.gone[1]+d.gone[2]+c.held)
			if c.held == 0 {
				require.Zero(t, d.store.Live())
			}
		})
	}
}

// What is put off is taken out of a message, wherever it stands in it.
func TestWithout(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		book, s := route.NewBook(), transport.NewStore()
		for range rapid.IntRange(0, 5).Draw(r, "strangers") { // numbers are given in any order
			book.Dest(route.Destination{Kind: route.External, Domain: "a", First: rapid.Int32Range(0, 12).Draw(r, "first")})
		}
		set := func(of map[route.Destination]bool, pieces bool) []transport.Recipients {
			var out []transport.Recipients
			for _, domain := range []string{"a", "b"} {
				for i := int32(0); i < 13; i++ {
					d := route.Destination{Kind: route.External, Domain: domain, First: i}
					if !of[d] {
						continue
					}
					before := d
					before.First--
					if of[before] && !(pieces && i == 6) {
						out[len(out)-1].Count++
					} else {
						out = append(out, transport.Recipients{Dest: book.Dest(d), Count: 1})
					}
				}
			}
			slices.SortFunc(out, func(a, b transport.Recipients) int { return int(a.Dest) - int(b.Dest) })
			return out
		}
		all, some, rest := map[route.Destination]bool{}, map[route.Destination]bool{}, map[route.Destination]bool{}
		for _, domain := range []string{"a", "b"} {
			for i := range int32(12) {
				d := route.Destination{Kind: route.External, Domain: domain, First: i}
				switch rapid.IntRange(0, 2).Draw(r, "of") {
				case 1:
					all[d], some[d] = true, true
				case 2:
					all[d], rest[d] = true, true
				}
			}
		}
		pieces := rapid.Bool().Draw(r, "pieces") // of an entry each
		got := s.Without(book, s.NewSet(set(some, pieces)), s.NewSet(set(all, pieces)))
		left := map[route.Destination]bool{}
		for _, e := range got {
			d := book.Destination(e.Dest)
			for i := range e.Count {
				left[route.Destination{Kind: route.External, Domain: d.Domain, First: d.First + i}] = true
			}
		}
		require.Equal(r, rest, left)
		require.True(r, slices.IsSortedFunc(got, func(a, b transport.Recipients) int { return int(a.Dest) - int(b.Dest) }))
	})
}

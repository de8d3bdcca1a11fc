package load

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// played plays a source to its end; the recipients are copied.
func played(t require.TestingT, s *Source, org *topology.Organisation, in Interner, end simtime.Time) []Message {
	g, err := NewGenerator(3, s, org, in, rng.NewRoot(5, 0), t0(), end)
	require.NoError(t, err)
	var out []Message
	for m, ok := g.Next(); ok; m, ok = g.Next() {
		m.Recipients = slices.Clone(m.Recipients)
		out = append(out, m)
	}
	_, ok := g.Next()
	require.False(t, ok, "an end is for good")
	return out
}

// TestQ12_9_SentAgain: every message comes again, each time so much later, with size, sender, recipients and identity of the first; its Date
// is kept or new.
func TestQ12_9_SentAgain(t *testing.T) {
	t.Parallel()
	org := testOrg(t)
	s := Source{
		ID: "x", Kind: Regular, From: server(mA1), To: server(mB), First: simtime.Time(time.Minute), Every: 10 * time.Minute, Count: 3, End: simtime.Time(25 * time.Minute),
		Size: rng.Constant(7), Recipients: rng.Constant(2), Resend: Resend{After: 15 * time.Minute, Times: 2},
	}
	type row struct {
		at   time.Duration
		id   uint64
		date time.Duration
	}
	rows := func() []row {
		var out []row
		for i, m := range played(t, &s, org, newNumbers(), simtime.Time(50*time.Minute)) {
			require.EqualValues(t, i, m.Seq)
			require.Equal(t, Message{
				At: m.At, Seq: m.Seq, Source: 3, From: mA1, Via: topology.None, Size: 7, Recipients: []Recipient{{Dest: 0, Count: 2}}, Identity: m.Identity,
			}, m)
			out = append(out, row{time.Duration(m.At), m.Identity.ID, time.Duration(m.Identity.Date)})
		}
		return out
	}
	const min = time.Minute
	id := func(n uint64) uint64 { return 1<<62 | 3<<40 | n }
	kept := []row{ // the second copy of the last, at 51 min, is after the run
		{1 * min, id(0), 1 * min}, {11 * min, id(1), 11 * min}, {16 * min, id(0), 1 * min}, {21 * min, id(2), 21 * min}, {26 * min, id(1), 11 * min},
		{31 * min, id(0), 1 * min}, {36 * min, id(2), 21 * min}, {41 * min, id(1), 11 * min},
	}
	require.Equal(t, kept, rows())
	n, err := s.Expected(t0(), simtime.Time(50*time.Minute))
	require.NoError(t, err)
	require.Equal(t, 8.0, n)

	s.Resend.NewDate = true
	renewed := slices.Clone(kept)
	for i := range renewed {
		renewed[i].date = renewed[i].at
	}
	require.Equal(t, renewed, rows())

	s.Resend.NewDate, s.MessageID, s.Dated, s.Date = false, 4, true, simtime.Time(-time.Hour)
	for i := range kept {
		kept[i].id, kept[i].date = 1<<63|4, -time.Hour
	}
	require.Equal(t, kept, rows())
}

// TestMailThatComesOnceHasNoIdentity: nothing is asked of it, and its messages are those that they are without these keys.
func TestMailThatComesOnceHasNoIdentity(t *testing.T) {
	t.Parallel()
	org := testOrgWith(t, func(b *topology.Builder) { b.Group(topology.Group{Name: "g", ExpansionServer: topology.None}) })
	plain := Source{ID: "x", Kind: Poisson, From: server(mA1), To: []Party{{Kind: PartyAnySite, Weight: 1}}, Rate: 0.01, End: simtime.Never, Size: rng.Constant(7), Recipients: rng.Constant(2)}
	group := Party{Kind: PartyGroup, Weight: 1}
	again, cc := plain, plain
	again.Resend = Resend{After: time.Hour, Times: 1}
	cc.Cc = []Party{{Kind: PartyMailbox, Server: mB, Weight: 1}}
	in := newNumbers()
	first := played(t, &plain, org, in, day)
	require.Greater(t, len(first), 500)
	seen := map[uint64]int{}
	var fresh []Message
	for _, m := range played(t, &again, org, in, day) {
		require.NotZero(t, m.Identity)
		if seen[m.Identity.ID]++; seen[m.Identity.ID] == 1 {
			m.Identity, m.Seq = Identity{}, int64(len(fresh))
			fresh = append(fresh, m)
		}
	}
	require.Equal(t, first, fresh)
	for _, s := range []Source{plain, cc} {
		for _, m := range played(t, &s, org, in, day) {
			require.Zero(t, m.Identity)
		}
	}
	cc.Cc = append(cc.Cc, group)
	require.NotZero(t, played(t, &cc, org, in, day)[0].Identity)
	cc.Cc, cc.To = cc.Cc[:1], []Party{group}
	require.NotZero(t, played(t, &cc, org, in, day)[0].Identity)
}

// TestResendsAgainstSorting: whatever the source, its messages with resends are those of the source, shifted and merged.
func TestResendsAgainstSorting(t *testing.T) {
	t.Parallel()
	org := testOrg(t)
	rapid.Check(t, func(t *rapid.T) {
		s, in := drawSource(t), newNumbers()
		r := Resend{After: rapid.OneOf(rapid.Just(time.Hour), rapid.Map(rapid.Int64Range(1, int64(day)), func(n int64) time.Duration { return time.Duration(n) })).Draw(t, "after"), Times: rapid.IntRange(1, 4).Draw(t, "times")}
		type sent struct {
			at    simtime.Time
			round int
			own   int64
			to    []Recipient
		}
		var want []sent
		for _, m := range played(t, &s, org, in, day) {
			for k := range r.Times + 1 {
				if at := m.At.Add(time.Duration(k) * r.After); at < day {
					want = append(want, sent{at, k, m.Seq, m.Recipients})
				}
			}
		}
		slices.SortStableFunc(want, func(a, b sent) int {
			switch {
			case a.at != b.at:
				return int(min(max(a.at-b.at, -1), 1))
			case (a.round == 0) != (b.round == 0):
				return b2i(a.round == 0) - b2i(b.round == 0)
			}
			return 0
		})
		s.Resend = r
		var got []sent
		round := map[uint64]int{}
		for _, m := range played(t, &s, org, in, day) {
			got = append(got, sent{m.At, round[m.Identity.ID], int64(m.Identity.ID & (1<<40 - 1)), m.Recipients})
			round[m.Identity.ID]++
		}
		require.ElementsMatch(t, want, got)
		for i := range got {
			require.Equal(t, want[i].at, got[i].at)
			require.Equal(t, want[i].round == 0, got[i].round == 0, "what is sent again is older, and first")
		}
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestCopiedRecipients stand in every message, once, whatever is drawn besides; people outside are others.
func TestCopiedRecipients(t *testing.T) {
	t.Parallel()
	org := testOrgWith(t, func(b *topology.Builder) { b.Group(topology.Group{Name: "g", ExpansionServer: topology.None}) })
	in := newNumbers()
	s := Source{
		ID: "x", Kind: Regular, From: server(mA1), To: server(mB), Every: time.Hour, End: simtime.Never, Size: rng.Constant(7), Recipients: rng.Constant(3),
		Cc: []Party{{Kind: PartyGroup}, {Kind: PartyMailbox, Server: mB}, {Kind: PartyMailbox, Server: mA2}, {Kind: PartyMailbox, Server: mA2, Database: 2}, {Kind: PartyInternet, Domain: "a.example"}},
	}
	count := func(m Message) map[string]int32 {
		out := map[string]int32{}
		for _, r := range m.Recipients {
			d := in.list[r.Dest]
			name := d.Domain
			if d.Kind == 0 {
				name = org.Servers[d.Server].Name + "/" + org.Servers[d.Server].DatabaseName(d.Database)
			} else if name == "" {
				name = "group"
			}
			out[name] += r.Count
		}
		return out
	}
	name := func(s topology.ServerID, d int32) string {
		return org.Servers[s].Name + "/" + org.Servers[s].DatabaseName(d)
	}
	for _, m := range played(t, &s, org, in, day) {
		require.Equal(t, map[string]int32{name(mB, 0): 3, "group": 1, name(mA2, 0): 1, name(mA2, 1): 1, "a.example": 1}, count(m))
		require.True(t, slices.IsSortedFunc(m.Recipients, func(a, b Recipient) int { return int(a.Dest) - int(b.Dest) }))
	}
	s.To = []Party{{Kind: PartyInternet, Domain: "a.example", Weight: 1}}
	require.EqualValues(t, 4, count(played(t, &s, org, in, day)[0])["a.example"])
}

func TestBadResends(t *testing.T) {
	t.Parallel()
	org := testOrg(t)
	good := Source{ID: "x", Kind: Burst, From: server(mA1), To: server(mB), Size: rng.Constant(7), Recipients: rng.Constant(1)}
	for _, c := range []struct {
		spoil func(s *Source)
		want  string
	}{
		{func(s *Source) { s.Resend.Times = -1 }, `load "x": times must be at least 0`},
		{func(s *Source) { s.Resend.Times = 1 }, `load "x": messages are sent again after 0s or less; that must be longer`},
		{func(s *Source) { s.MessageID = 1 << 62 }, `load "x": the number of the message id is too large`},
		{func(s *Source) {
			s.Cc = []Party{{Kind: PartyAnySite}, {Kind: PartyGroup}, {Kind: PartyMailbox, Server: hubC}}
		}, "load \"x\": cc: entry 1: must be a mailbox server, a group or the internet\nentry 2: group 0 is not declared\nentry 3: server \"" + org.Servers[hubC].Name + "\" is no mailbox server; name one that is, or the site"},
	} {
		s := good
		c.spoil(&s)
		_, err := NewGenerator(0, &s, org, newNumbers(), rng.NewRoot(1, 0), t0(), day)
		require.EqualError(t, err, c.want)
	}
}

// TestResendsAllocateNothing once there is room for all that wait to be sent again.
func TestResendsAllocateNothing(t *testing.T) { // not parallel: it counts allocations
	s := Source{
		ID: "x", Kind: Regular, From: server(mA1), To: []Party{{Kind: PartyAnySite, Weight: 1}}, Every: time.Second, End: simtime.Never, Size: rng.Constant(7), Recipients: rng.Constant(3),
		Resend: Resend{After: 100 * time.Second, Times: 2},
	}
	g, err := NewGenerator(0, &s, testOrg(t), newNumbers(), rng.NewRoot(1, 0), t0(), simtime.Never)
	require.NoError(t, err)
	for range 3000 {
		g.Next()
	}
	require.Zero(t, testing.AllocsPerRun(3000, func() { g.Next() }))
	require.LessOrEqual(t, len(g.again.ring), 256, "200 wait")
}

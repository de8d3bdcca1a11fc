package load

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// drawSource draws a source of any kind that makes at most some hundred messages in a day.
func drawSource(t *rapid.T) Source {
	party := rapid.SampledFrom([]Party{site(siteA)[0], site(siteB)[0], server(mA2)[0], internet()[0], {Kind: PartyAnySite, Weight: 2}})
	s := Source{
		ID:         rapid.StringMatching(`[a-z]{1,3}`).Draw(t, "id"),
		Kind:       rapid.SampledFrom([]Kind{Poisson, Diurnal, Regular, Burst, Replay}).Draw(t, "kind"),
		From:       rapid.SliceOfN(party, 1, 3).Draw(t, "from"),
		To:         rapid.SliceOfN(party, 1, 3).Draw(t, "to"),
		Rate:       rapid.Float64Range(0, 0.002).Draw(t, "rate"),
		Profile:    rapid.SampledFrom(Profiles()).Draw(t, "profile"),
		Start:      simtime.Time(rapid.Int64Range(0, int64(day)).Draw(t, "start")),
		End:        simtime.Time(rapid.Int64Range(0, int64(2*day)).Draw(t, "end")),
		First:      simtime.Time(rapid.Int64Range(0, int64(day)).Draw(t, "first")),
		Every:      time.Duration(rapid.Int64Range(int64(10*time.Minute), int64(day)).Draw(t, "every")),
		Count:      rapid.Int64Range(0, 100).Draw(t, "count"),
		Over:       time.Duration(rapid.Int64Range(0, int64(day)).Draw(t, "over")),
		Size:       testSizes(t),
		Recipients: testRecipients(t),
	}
	for i := range 30 {
		m := TraceMessage{At: simtime.Time(i) * simtime.Time(time.Hour), From: server(mB)[0], To: server(mA1), Size: int64(i % 3)}
		if i%2 == 0 {
			m.To = append(server(mA2), server(mA1)[0], internet()[0])
		}
		s.Trace = append(s.Trace, m)
	}
	return s
}

func TestMessagesOfEveryKindAreWellFormed(t *testing.T) {
	t.Parallel()
	org := testOrg(t)
	rapid.Check(t, func(t *rapid.T) {
		s, in := drawSource(t), newNumbers()
		g, err := NewGenerator(3, &s, org, in, rng.NewRoot(rapid.Int64().Draw(t, "seed"), 0), t0(), day)
		require.NoError(t, err)
		last := simtime.Time(0)
		seq := int64(0)
		for m, ok := g.Next(); ok; m, ok = g.Next() {
			require.Equal(t, seq, m.Seq)
			require.Equal(t, 3, m.Source)
			require.GreaterOrEqual(t, m.At, last, "time order")
			require.Less(t, m.At, min(s.End, day))
			if s.Kind != Regular {
				require.GreaterOrEqual(t, m.At, s.Start)
			}
			require.True(t, m.From == topology.None || org.Servers[m.From].Is(topology.RoleMailbox))
			require.Positive(t, m.Size)
			require.NotEmpty(t, m.Recipients)
			for i, r := range m.Recipients {
				require.Positive(t, r.Count)
				require.Less(t, int(r.Dest), len(in.list))
				require.True(t, i == 0 || m.Recipients[i-1].Dest < r.Dest, "ascending, each once")
			}
			last = m.At
			seq++
		}
		for range 50 {
			_, ok := g.Next()
			require.False(t, ok, "an end is for good")
		}
		if s.Kind != Poisson && s.Kind != Diurnal {
			want, err := s.Expected(t0(), day)
			require.NoError(t, err)
			require.Equal(t, int(want), int(seq))
		}
	})
}

func TestSameRootSameMail(t *testing.T) {
	t.Parallel()
	org := testOrg(t)
	rapid.Check(t, func(t *rapid.T) {
		s := drawSource(t)
		seed := rapid.Int64().Draw(t, "seed")
		a := all(newTestGenerator(t, s, org, rng.NewRoot(seed, 2), day))
		require.Equal(t, a, all(newTestGenerator(t, s, org, rng.NewRoot(seed, 2), day)))
	})
}

func TestReplicationsAndSourcesDiffer(t *testing.T) {
	t.Parallel()
	org, s := testOrg(t), poisson("p", 1)
	a := times(all(newTestGenerator(t, s, org, rng.NewRoot(1, 0), 100*simtime.Time(time.Second))))
	require.NotEqual(t, a, times(all(newTestGenerator(t, s, org, rng.NewRoot(1, 1), 100*simtime.Time(time.Second)))))
	require.NotEqual(t, a, times(all(newTestGenerator(t, s, org, rng.NewRoot(2, 0), 100*simtime.Time(time.Second)))))
	s.ID = "q"
	require.NotEqual(t, a, times(all(newTestGenerator(t, s, org, rng.NewRoot(1, 0), 100*simtime.Time(time.Second)))))
}

// Message k of a source is the same message in every configuration that is compared (SA-2): whatever happens elsewhere in
// the organisation or in other sources, and for a longer run.
func TestMailIsTheSameInEveryConfiguration(t *testing.T) {
	t.Parallel()
	plain := testOrg(t)
	other := testOrgWith(t, func(b *topology.Builder) {
		d := b.Site(topology.Site{Name: "D", HubSite: true})
		b.Server(topology.Server{Name: "hubD", Site: d, Roles: topology.RoleHub})
		b.Link(topology.Link{Name: "A-D", Sites: []topology.SiteID{siteA, d}, Cost: 1})
		b.Server(topology.Server{Name: "hubA2", Site: siteA, Roles: topology.RoleHub})
	})
	rapid.Check(t, func(t *rapid.T) {
		s := drawSource(t)
		want := all(newTestGenerator(t, s, plain, rng.NewRoot(5, 0), day))

		// Both generators use one book, as in a run, and take turns; the other one comes second in one run and is not there in the
		// other.
		in := newNumbers()
		g, err := NewGenerator(0, &s, other, in, rng.NewRoot(5, 0), t0(), 2*day)
		require.NoError(t, err)
		second := poisson("other", 0.01)
		h, err := NewGenerator(1, &second, other, in, rng.NewRoot(5, 0), t0(), 2*day)
		require.NoError(t, err)
		for _, w := range want {
			h.Next()
			m, ok := g.Next()
			require.True(t, ok)
			require.Equal(t, w, m)
		}
	})
}

// Every attribute of message k is the kth number of the stream with its purpose and the source's ID, a recipient the next of its own.
func TestStreamsAreNamedByPurposeAndSource(t *testing.T) {
	t.Parallel()
	s := benchmarkSource(t)
	root := rng.NewRoot(9, 4)
	org, in := testOrg(t), newNumbers()
	g, err := NewGenerator(0, &s, org, in, root, t0(), simtime.Never)
	require.NoError(t, err)
	stream := func(purpose string) *rng.Stream { return root.Stream(purpose, "p") }
	arrivals, size, recipients, recipient, sender :=
		stream("arrivals"), stream("size"), stream("recipients"), stream("recipient"), stream("sender")
	from, err := newParties(s.From, org, nil)
	require.NoError(t, err)
	to, err := newParties(s.To, org, in)
	require.NoError(t, err)
	at := simtime.Time(0)
	for range 500 {
		m, ok := g.Next()
		require.True(t, ok)
		at = at.Add(simtime.FromSeconds(arrivals.Exp(1) / s.Rate))
		require.Equal(t, at, m.At)
		require.Equal(t, int64(math.Ceil(size.Sample(s.Size))), m.Size)
		require.Equal(t, from.server[from.pick(sender.Float64())], m.From)
		count := make(map[route.DestID]int32)
		for range int(recipients.Sample(s.Recipients)) {
			count[to.dest[to.pick(recipient.Float64())]]++
		}
		for _, r := range m.Recipients {
			require.Equal(t, count[r.Dest], r.Count)
			delete(count, r.Dest)
		}
		require.Empty(t, count)
	}
}

// A change of one attribute leaves the others alone.
func TestAttributesAreDrawnApart(t *testing.T) {
	t.Parallel()
	org := testOrg(t)
	base := poisson("p", 0.01)
	base.From = []Party{{Kind: PartyAnySite, Weight: 1}}
	base.To = base.From
	base.Size, base.Recipients = testSizes(t), testRecipients(t)
	want := all(newTestGenerator(t, base, org, rng.NewRoot(1, 0), day))
	require.Greater(t, len(want), 500)

	for name, c := range map[string]struct {
		change func(*Source)
		forget func(*Message)
	}{
		"size":       {func(s *Source) { s.Size = constant(1000) }, func(m *Message) { m.Size = 0 }},
		"recipients": {func(s *Source) { s.Recipients = constant(2) }, func(m *Message) { m.Recipients = nil }},
		"to":         {func(s *Source) { s.To = internet() }, func(m *Message) { m.Recipients = nil }},
		"from":       {func(s *Source) { s.From = internet() }, func(m *Message) { m.From = 0 }},
		"arrivals":   {func(s *Source) { s.Rate *= 1.5 }, func(m *Message) { m.At = 0 }},
		"process":    {func(s *Source) { s.Kind, s.Profile = Diurnal, "day.office" }, func(m *Message) { m.At = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			s := base
			c.change(&s)
			got := all(newTestGenerator(t, s, org, rng.NewRoot(1, 0), day))
			n := min(len(want), len(got))
			require.Greater(t, n, 500)
			require.NotEqual(t, want[:n], got[:n], "the change must be seen")
			for i := range n {
				w, g := want[i], got[i]
				c.forget(&w)
				c.forget(&g)
				require.Equal(t, w, g)
			}
		})
	}
}

func TestRecipientsAreMergedByDestination(t *testing.T) {
	t.Parallel()
	s := poisson("b", 1)
	s.Kind, s.Count, s.To, s.Recipients = Burst, 50, []Party{{Kind: PartyAnySite, Weight: 1}}, constant(40)
	org := testOrg(t)
	for _, m := range all(newTestGenerator(t, s, org, rng.NewRoot(1, 0), day)) {
		total := int32(0)
		for _, r := range m.Recipients {
			total += r.Count
		}
		require.EqualValues(t, 40, total)
		require.LessOrEqual(t, len(m.Recipients), 4)
	}
}

// The presets reach the messages as they are: means of the default size (76,800 bytes, squared coefficient of variation 17, hence
// 5 %) and of the recipients (1.496). False alarm probability 1e-4 each.
func TestMessagesHaveTheMeansOfTheirPresets(t *testing.T) {
	t.Parallel()
	var sizes, recipients []float64
	s := benchmarkSource(t)
	s.Kind, s.Count = Burst, 15_000
	org := testOrg(t)
	for rep := range 30 {
		g := newTestGenerator(t, s, org, rng.NewRoot(7006, rep), day)
		size, count := 0.0, 0.0
		for m, ok := g.Next(); ok; m, ok = g.Next() {
			size += float64(m.Size)
			for _, r := range m.Recipients {
				count += float64(r.Count)
			}
		}
		sizes = append(sizes, size/float64(s.Count))
		recipients = append(recipients, count/float64(s.Count))
	}
	checkMean(t, "size", sizes, 76_800, 0.05)
	checkMean(t, "recipients", recipients, 1.496, 0.02)
}

func TestSizesAndCountsAreWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		drawn float64
		size  int64
		count int
	}{
		{0, 1, 1}, {-5, 1, 1}, {math.NaN(), 1, 1}, {0.5, 1, 1}, {1, 1, 1}, {1.5, 2, 1}, {2, 2, 2}, {1000.001, 1001, 1000},
		{100_000.9, 100_001, 100_000}, {150_000, 150_000, 100_000}, {1e300, MaxSize, 100_000}, {math.Inf(1), MaxSize, 100_000},
	} {
		size, cutSize := wholeSize(c.drawn)
		count, cutCount := wholeCount(c.drawn)
		require.Equal(t, c.size, size, "%v", c.drawn)
		require.Equal(t, c.count, count, "%v", c.drawn)
		require.Equal(t, c.drawn > float64(MaxSize), cutSize, "%v", c.drawn)
		require.Equal(t, c.drawn > 100_001, cutCount, "%v", c.drawn)
	}
}

func TestCutsAreCounted(t *testing.T) {
	t.Parallel()
	s := poisson("b", 1)
	s.Kind, s.Count, s.Size = Burst, 3, constant(1e20)
	g := newTestGenerator(t, s, testOrg(t), rng.NewRoot(1, 0), day)
	list := all(g)
	require.Len(t, list, 3)
	require.Equal(t, MaxSize, list[2].Size)
	require.EqualValues(t, 3, g.Cut())
}

func TestReplayPlaysTheTrace(t *testing.T) {
	t.Parallel()
	in := newNumbers()
	s := Source{
		ID: "trace", Kind: Replay, Start: 10, End: 50, Size: constant(777),
		Trace: []TraceMessage{
			{At: 9, From: server(mB)[0], To: server(mA1)},
			{At: 10, From: server(mB)[0], To: []Party{server(mA2)[0], server(mA1)[0], server(mA2)[0]}, Size: 5},
			{At: 10, From: internet()[0], To: server(mB)},
			{At: 49, From: server(mA1)[0], To: []Party{{Kind: PartyMailbox, Server: mA2, Database: 2}, {Kind: PartyInternet, Domain: "contoso.com"}}},
			{At: 50, From: server(mB)[0], To: server(mA1)},
		},
	}
	g, err := NewGenerator(2, &s, testOrg(t), in, rng.NewRoot(1, 0), t0(), day)
	require.NoError(t, err)
	dest := func(d route.Destination) route.DestID {
		id, ok := in.ids[d]
		require.True(t, ok, "%v", d)
		return id
	}
	a1, a2, b := dest(mailbox(mA1, 0)), dest(mailbox(mA2, 0)), dest(mailbox(mB, 0))
	require.Equal(t, []Message{
		{At: 10, Seq: 0, Source: 2, Via: topology.None, From: mB, Size: 5, Recipients: []Recipient{{a1, 1}, {a2, 2}}},
		{At: 10, Seq: 1, Source: 2, Via: topology.None, From: topology.None, Size: 777, Recipients: []Recipient{{b, 1}}},
		{At: 49, Seq: 2, Source: 2, Via: topology.None, From: mA1, Size: 777, Recipients: []Recipient{{dest(mailbox(mA2, 1)), 1}, {dest(outside("contoso.com")), 1}}},
	}, all(g))
	require.Zero(t, g.Cut())

	// A recorded size is not cut, whatever was drawn beside it.
	s.Size, s.Start, s.End = constant(1e20), 10, 11
	g, err = NewGenerator(2, &s, testOrg(t), in, rng.NewRoot(1, 0), t0(), day)
	require.NoError(t, err)
	list := all(g)
	require.Equal(t, []int64{5, MaxSize}, []int64{list[0].Size, list[1].Size})
	require.EqualValues(t, 1, g.Cut())
}

func benchmarkSource(t require.TestingT) Source {
	s := poisson("p", 40)
	s.From = []Party{{Kind: PartyAnySite, Weight: 1}}
	s.To = []Party{{Kind: PartyAnySite, Weight: 3}, {Kind: PartyInternet, Weight: 1}}
	s.Size, s.Recipients = testSizes(t), testRecipients(t)
	return s
}

func TestNextAllocatesNothing(t *testing.T) {
	trace := benchmarkSource(t)
	trace.Kind = Replay
	for i := range 20_000 {
		trace.Trace = append(trace.Trace, TraceMessage{At: simtime.Time(i), From: server(mB)[0], To: server(mA1)})
	}
	diurnal := benchmarkSource(t)
	diurnal.Kind, diurnal.Profile = Diurnal, "day.office"
	for _, s := range []Source{benchmarkSource(t), diurnal, trace} {
		g := newTestGenerator(t, s, testOrg(t), rng.NewRoot(1, 0), simtime.Never)
		for range 5000 {
			g.Next() // the scratch grows to the largest message
		}
		require.Zero(t, testing.AllocsPerRun(10_000, func() {
			if _, ok := g.Next(); !ok {
				panic("the source has run dry")
			}
		}), s.Kind.String())
	}
}

func BenchmarkNext(b *testing.B) {
	diurnal := benchmarkSource(b)
	diurnal.Kind, diurnal.Profile = Diurnal, "day.office"
	for _, s := range []Source{benchmarkSource(b), diurnal} {
		b.Run(s.Kind.String(), func(b *testing.B) {
			g := newTestGenerator(b, s, testOrg(b), rng.NewRoot(1, 0), simtime.Never)
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := g.Next(); !ok {
					b.Fatal("the source has run dry")
				}
			}
		})
	}
}

package calendar

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
)

// drain pops everything.
func drain(c *Calendar) []Event {
	var out []Event
	for {
		e, ok := c.Pop()
		if !ok {
			return out
		}
		out = append(out, e)
	}
}

// ordered is a sorted copy of events: what a calendar must hand out.
func ordered(events []Event) []Event {
	out := slices.Clone(events)
	slices.SortFunc(out, func(a, b Event) int {
		if less(a, b) {
			return -1
		}
		return 1
	})
	return out
}

func TestZeroValueIsEmpty(t *testing.T) {
	t.Parallel()
	var c Calendar
	_, ok := c.Pop()
	require.False(t, ok)
	_, ok = c.Peek()
	require.False(t, ok)
	require.Zero(t, c.Len())
}

func TestOrder(t *testing.T) {
	t.Parallel()
	const hour = simtime.Time(3600e9)
	cases := map[string][]Event{
		"by time":                   {{30, 1}, {10, 3}, {20, 2}},
		"one instant, by key":       {{10, 3}, {10, 1}, {10, 2}},
		"the instant 0":             {{0, 1}, {0, 0}},
		"keys that differ high":     {{5, 1 << 63}, {5, 1<<63 - 1}, {5, 0}, {5, ^uint64(0)}},
		"time before key":           {{2, 0}, {1, ^uint64(0)}},
		"the ends of time":          {{simtime.Never, 2}, {0, 1}, {simtime.Never, 1}, {simtime.Never - 1, 9}},
		"digits that carry":         {{0x100, 0}, {0xff, 0}, {0x10000, 0}, {0xffff, 0}, {0x1_0000_0000, 0}, {0xffff_ffff, 0}},
		"a year between the events": {{24 * 365 * hour, 0}, {hour, 0}, {24 * 365 * hour, 1}, {1, 0}},
	}
	for name, events := range cases {
		t.Run(name, func(t *testing.T) {
			var c Calendar
			for _, e := range events {
				c.Push(e)
			}
			require.Equal(t, len(events), c.Len())
			require.Equal(t, ordered(events), drain(&c))
			require.Zero(t, c.Len())
		})
	}
}

func TestPushAtTheInstantThatIsWorkedOn(t *testing.T) {
	t.Parallel()
	var c Calendar
	c.Push(Event{7, 50})
	c.Push(Event{7, 60})
	c.Push(Event{8, 0})
	e, _ := c.Pop()
	require.Equal(t, Event{7, 50}, e)
	c.Push(Event{7, 55}) // before what is pending
	c.Push(Event{7, 65}) // after it
	c.Push(Event{7, 40}) // before what is already gone: still in order among the pending
	require.Equal(t, []Event{{7, 40}, {7, 55}, {7, 60}, {7, 65}, {8, 0}}, drain(&c))
}

func TestPushBeforeWhatPeekHasSeen(t *testing.T) {
	t.Parallel()
	var c Calendar
	c.Push(Event{1_000_000, 1})
	e, _ := c.Peek()
	require.Equal(t, Event{1_000_000, 1}, e)
	c.Push(Event{5, 1})
	require.Equal(t, []Event{{5, 1}, {1_000_000, 1}}, drain(&c))
}

func TestPushIntoThePastPanics(t *testing.T) {
	t.Parallel()
	var c Calendar
	c.Push(Event{At: 100})
	c.Pop()
	require.PanicsWithValue(t, "calendar.Push: event at 99 ns (key 0x2a) lies before the event popped last, at 100 ns",
		func() { c.Push(Event{99, 42}) })
	require.NotPanics(t, func() { c.Push(Event{100, 0}) })
	require.Panics(t, func() { new(Calendar).Push(Event{At: -1}) }, "negative times are before 0")
}

// TestCrowdPushedBeforeADealtBucket: Peek has dealt a crowd of the far future down to its single digits, and then more is pushed
// before it than near may hold. The dealt events must move up again, or they would come out before later ones.
func TestCrowdPushedBeforeADealtBucket(t *testing.T) {
	t.Parallel()
	var c Calendar
	var all []Event
	push := func(at simtime.Time, key uint64) {
		c.Push(Event{at, key})
		all = append(all, Event{at, key})
	}
	for i := range uint64(1000) {
		push(simtime.Time(3600e9+i), i)
	}
	c.Peek()
	require.NotZero(t, c.busy&(1<<8), "the crowd should be dealt to the lowest digit of time")
	for i := range uint64(2 * nearMax) {
		push(simtime.Time(1+i), i)
	}
	require.Less(t, c.base.At, simtime.Time(3600e9), "near should have been split")
	push(3600e9+300, 5000)
	require.Equal(t, len(all), c.Len())
	require.Equal(t, ordered(all), drain(&c))
}

func TestOrderDoesNotDependOnTheOrderOfPushing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(t, "n")
		shift := rapid.IntRange(0, 62).Draw(t, "shift")
		events := make([]Event, n)
		for i := range events {
			at := rapid.Int64Min(0).Draw(t, "at") >> shift
			events[i] = Event{simtime.Time(at), uint64(i)<<rapid.IntRange(0, 40).Draw(t, "keyshift")&^0x1ff | uint64(i)}
		}
		var c Calendar
		for _, e := range rapid.Permutation(events).Draw(t, "order") {
			c.Push(e)
		}
		require.Equal(t, append([]Event(nil), ordered(events)...), drain(&c))
	})
}

func TestSteadyLoadAllocatesNothing(t *testing.T) {
	for _, n := range []int{10, 1000, 100_000} {
		h := newHold(n)
		h.run(4 * n) // until the store has seen its usual peak
		require.Zero(t, testing.AllocsPerRun(10, func() { h.run(n) }), "%d pending", n)
	}
}

func TestStoreShrinksAfterABurst(t *testing.T) {
	t.Parallel()
	var c Calendar
	const burst, rest = 1_000_000, 1000
	for i := range uint64(burst + rest) {
		c.Push(Event{simtime.Time(i * 1000), i})
	}
	peak := cap(c.blocks.events)
	require.GreaterOrEqual(t, peak, burst)
	for i := range uint64(burst) {
		e, ok := c.Pop()
		require.True(t, ok)
		if e.Key != i {
			require.Equal(t, i, e.Key)
		}
	}
	require.Equal(t, rest, c.Len())
	require.Less(t, cap(c.blocks.events), peak/8)
	require.Len(t, drain(&c), rest)
}

// TestFirstAndDropAreAPop: looking and then dropping hands out the same events, and an empty calendar has one at the end of time.
func TestFirstAndDropAreAPop(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var a, b Calendar
		now := simtime.Time(0)
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "push") {
				e := Event{now + simtime.Time(rapid.Int64Range(0, 1<<30).Draw(t, "after")), rapid.Uint64().Draw(t, "key")}
				a.Push(e)
				b.Push(e)
				continue
			}
			want, ok := a.Pop()
			got := b.First()
			if !ok {
				require.Equal(t, Event{At: simtime.Never}, got)
				continue
			}
			require.Equal(t, want, got)
			b.Drop(got)
			require.Equal(t, a.Len(), b.Len())
			now = got.At
		}
		require.Equal(t, drain(&a), drain(&b))
	})
}

package route

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/topology"
)

// connections makes connections one after the other with some members down, and returns who served each, -1 for nobody, and how
// many attempts each took.
func connections(r *Rotation, n int, down ...int) (served, attempts []int) {
	dead := map[int]bool{}
	for _, d := range down {
		dead[d] = true
	}
	for range n {
		var c Round
		r.Begin(&c)
		by, tried := -1, 0
		for i, ok := r.Next(&c); ok; i, ok = r.Next(&c) {
			tried++
			if !dead[i] {
				r.Worked(i)
				by = i
				break
			}
			r.Failed(0, i)
		}
		served, attempts = append(served, by), append(attempts, tried)
	}
	return served, attempts
}

func shares(served []int) map[int]int {
	n := map[int]int{}
	for _, s := range served {
		n[s]++
	}
	return n
}

func TestGoldenFailureMemory(t *testing.T) {
	t.Parallel()
	old, withMemory := []topology.Version{topology.V2007RTM, topology.V2007, topology.V2010RTM}, []topology.Version{topology.V2010, topology.V2013, topology.V2016, topology.VSE}
	t.Run("G-45", func(t *testing.T) {
		t.Parallel()
		for _, v := range old {
			var r Rotation
			r.Reset(v, 3, 0)
			served, _ := connections(&r, 12, 0)
			require.Equal(t, map[int]int{1: 8, 2: 4}, shares(served), v)
			_, ok := r.NextProbe()
			require.False(t, ok)
		}
		for _, v := range withMemory {
			var r Rotation
			r.Reset(v, 3, 0)
			served, attempts := connections(&r, 12, 0)
			require.Equal(t, map[int]int{1: 6, 2: 6}, shares(served), v)
			require.Equal(t, []int{2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, attempts, "the dead one is not tried with mail again")
			at, ok := r.NextProbe()
			require.True(t, ok)
			require.Equal(t, time.Minute, at)
		}
	})
	t.Run("G-63", func(t *testing.T) {
		t.Parallel()
		for _, v := range old {
			var r Rotation
			r.Reset(v, 3, 0)
			served, attempts := connections(&r, 3, 1)
			require.Equal(t, []int{0, 2, 2}, served)
			require.Equal(t, []int{1, 2, 1}, attempts)
		}
		for _, v := range withMemory {
			var r Rotation
			r.Reset(v, 3, 0)
			served, attempts := connections(&r, 3, 1)
			require.Equal(t, []int{0, 2, 0}, served)
			require.Equal(t, []int{1, 2, 1}, attempts)
		}
	})
}

// Without memory a Rotation is Order; with memory and nobody failing too.
func TestR4_7_WithoutFailuresTheOrderIsThatOfTheRotation(t *testing.T) {
	t.Parallel()
	base := []Target{{ID: 0}, {ID: 1}, {ID: 2}, {ID: 3}, {ID: 4}}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "members")
		offset := rapid.IntRange(0, n-1).Draw(t, "offset")
		v := rapid.SampledFrom([]topology.Version{topology.V2007, topology.V2016}).Draw(t, "version")
		var r Rotation
		r.Reset(v, n, offset)
		served, _ := connections(&r, 12)
		for turn, s := range served {
			require.Equal(t, int(Order(base[:n], offset, turn, 0).ID), s)
		}
	})
}

// Whatever fails and recovers, each connection tries nobody twice, and gives up only after all have been tried; with memory the
// working order and the failed members are always all of them.
func TestR4_7_NobodyIsLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "members")
		var r Rotation
		r.Reset(rapid.SampledFrom([]topology.Version{topology.V2007, topology.V2010}).Draw(t, "version"), n, 0)
		now := time.Duration(0)
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			now += time.Duration(rapid.IntRange(0, 300).Draw(t, "seconds")) * time.Second
			up := rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "up")
			if i, ok := r.Probe(now); ok {
				if up[i] {
					r.Worked(i)
				} else {
					r.Failed(now, i)
				}
			}
			var c Round
			r.Begin(&c)
			tried := map[int]bool{}
			served := false
			for i, ok := r.Next(&c); ok; i, ok = r.Next(&c) {
				require.False(t, tried[i], "member %d twice", i)
				tried[i] = true
				if up[i] {
					r.Worked(i)
					served = true
					break
				}
				r.Failed(now, i)
			}
			require.True(t, served || len(tried) == n)
			if r.remembers {
				failed := 0
				for i := range r.health {
					if r.health[i].failed {
						failed++
						require.NotContains(t, r.order, int32(i))
					}
				}
				require.Len(t, r.order, n-failed)
			}
		}
	})
}

func TestD12_ProbesAndRejoining(t *testing.T) {
	t.Parallel()
	var r Rotation
	r.Reset(topology.V2016, 3, 0)
	var c Round
	r.Begin(&c)
	i, _ := r.Next(&c)
	require.Equal(t, 0, i)
	r.Failed(0, i)
	var minutes []int
	for range 13 {
		at, ok := r.NextProbe()
		require.True(t, ok)
		_, early := r.Probe(at - 1)
		require.False(t, early)
		m, ok := r.Probe(at)
		require.True(t, ok)
		require.Equal(t, 0, m)
		_, again := r.Probe(at)
		require.False(t, again, "a probe is made once")
		r.Failed(at, m)
		minutes = append(minutes, int(at/time.Minute))
	}
	require.Equal(t, []int{1, 2, 3, 4, 9, 14, 19, 24, 29, 34, 44, 54, 64}, minutes)
	i, _ = r.Next(&c)
	require.Equal(t, 1, i, "the next in the list takes the connection")
	r.Worked(0) // answers: appended at the end, behind 2 and 1
	served, _ := connections(&r, 4)
	require.Equal(t, []int{2, 1, 0, 2}, served)
	_, ok := r.NextProbe()
	require.False(t, ok)
	r.Failed(0, 0) // a new failure starts with one minute again
	at, _ := r.NextProbe()
	require.Equal(t, time.Minute, at)
}

func TestD12_AllFailedAreTriedInBaseOrder(t *testing.T) {
	t.Parallel()
	var r Rotation
	r.Reset(topology.V2010, 3, 1)
	served, attempts := connections(&r, 2, 0, 1, 2)
	require.Equal(t, []int{-1, -1}, served)
	require.Equal(t, []int{3, 3}, attempts)
	var c Round
	r.Begin(&c)
	var order []int
	for i, ok := r.Next(&c); ok; i, ok = r.Next(&c) {
		order = append(order, i)
		r.Failed(0, i)
	}
	require.Equal(t, []int{0, 1, 2}, order)
	served, _ = connections(&r, 2, 0, 1)
	require.Equal(t, []int{2, 2}, served, "one that answers is used from then on")
}

// Connections that are opened at the same time take different members.
func TestR4_7_ParallelConnections(t *testing.T) {
	t.Parallel()
	for _, v := range []topology.Version{topology.V2007, topology.V2013} {
		var r Rotation
		r.Reset(v, 3, 0)
		var rounds [3]Round
		for i := range rounds {
			r.Begin(&rounds[i])
			m, ok := r.Next(&rounds[i])
			require.True(t, ok)
			require.Equal(t, i, m)
		}
	}
	var none Rotation
	var c Round
	none.Begin(&c)
	_, ok := none.Next(&c)
	require.False(t, ok)
	require.Zero(t, none.Len())
}

// Connections under way at the same time learn of each other's failures and successes, and still each tries everybody once.
func TestR4_7_ConnectionsUnderWayTryEverybodyOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{1, 2, 3, 5, 64, 65, 130}).Draw(t, "members")
		var r Rotation
		r.Reset(rapid.SampledFrom([]topology.Version{topology.V2007, topology.V2010}).Draw(t, "version"), n, 0)
		var rounds [3]Round
		var tried [3]map[int]bool
		for i := range rounds {
			r.Begin(&rounds[i])
			tried[i] = map[int]bool{}
		}
		for range 4 * n {
			i := rapid.IntRange(0, 2).Draw(t, "connection")
			m, ok := r.Next(&rounds[i])
			if !ok {
				require.Len(t, tried[i], n)
				continue
			}
			require.False(t, tried[i][m], "member %d twice", m)
			tried[i][m] = true
			switch rapid.IntRange(0, 2).Draw(t, "result") {
			case 0:
				r.Worked(m) // for another connection; this one goes on
			case 1:
				r.Failed(0, m)
			}
		}
	})
}

func TestRotationAllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	var r Rotation
	r.Reset(topology.V2016, 8, 3)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		var c Round
		r.Begin(&c)
		i, _ := r.Next(&c)
		r.Failed(0, i)
		if i, ok := r.Next(&c); ok {
			r.Worked(i)
		}
		if i, ok := r.Probe(time.Hour); ok {
			r.Worked(i)
		}
	}))
}

// The same rotation over the same kind of list in each of the documented cases.
func TestR4_3_OneRotationForEveryCase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		net      []string
		from, to string
		want     []string
	}{
		"source servers of a connector": {[]string{"A", "hubs A: h x1 x2", "connector c: * on x1 x2"}, "h", "u@x.com", []string{"x1 x2", "x2 x1"}},
		"hub to Edge servers":           {[]string{"A", "edges A: e1 e2", "connector c: * on e1 e2"}, "hA1", "u@x.com", []string{"e1 e2", "e2 e1"}},
		"Edge to hubs":                  {[]string{"A", "hubs A: h1 h2", "edges A: e1"}, "e1", "mA", []string{"h1 h2", "h2 h1"}},
		"hubs of another site":          {[]string{"A-B 10", "hubs B: b1 b2"}, "hA1", "B", []string{"b1 b2", "b2 b1"}},
		"smart hosts":                   {[]string{"A", "connector c: * on hA1 to s1 s2"}, "hA1", "u@x.com", []string{"s1 s2", "s2 s1"}},
	} {
		t.Run(name, func(t *testing.T) {
			n := net(t, c.net[0], c.net[1:]...)
			require.Equal(t, c.want, n.lists(c.from, c.to, 2))
		})
	}
	n := net(t, "A", "hubs A: h1 h2")
	require.Equal(t, "h1 h2 h1", n.submissions("mA", 3))
}

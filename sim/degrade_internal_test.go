package sim

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/internal/world"
	"mailsim/sim/result"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestF13_ConnectFailure: a connection fails when none of three SYNs is answered; each gets across, and its answer back, with chance 1-p each. Fixed numbers; by
// chance a share is beyond five standard errors once in a million times.
func TestF13_ConnectFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ loss, fails float64 }{
		{0.05, 0.0009}, {0.3, 0.13}, // to the digits of the sheet
		{0.01, 0.000008}, {0.7, 0.754},
	} {
		t.Run(fmt.Sprint(c.loss), func(t *testing.T) {
			t.Parallel()
			lost := world.Either(c.loss, c.loss)
			exact := lost * lost * lost
			require.InEpsilon(t, c.fails, exact, 0.04)
			r := &run{trials: []world.Trial{{Key: 17, Lost: lost}}}
			const n = 400_000
			late := map[time.Duration]int{}
			failed := 0
			for range n {
				d, ok := r.connects(r.crossing())
				if ok {
					late[d]++
				} else {
					failed++
				}
			}
			share := func(want float64, got int) {
				require.InDelta(t, want, float64(got)/n, 5*math.Sqrt(want*(1-want)/n))
			}
			share(exact, failed)
			share(1-lost, late[0])
			share(lost*(1-lost), late[3*time.Second])
			share(lost*lost*(1-lost), late[9*time.Second])
			require.Equal(t, n, failed+late[0]+late[3*time.Second]+late[9*time.Second])
		})
	}
}

// TestF13_TrialsJoin: a SYN gets across that no fault loses; jitters add, each by itself and evenly spread.
func TestF13_TrialsJoin(t *testing.T) {
	t.Parallel()
	r := &run{trials: []world.Trial{{Key: 1, Lost: 0.5, Jitter: 30 * time.Millisecond}, {Key: 2, Lost: 0.2, Jitter: 40 * time.Millisecond}}}
	const n = 200_000
	first, sum, squares := 0, 0.0, 0.0
	for range n {
		s := r.crossing()
		if d, ok := r.connects(s); ok && d == 0 {
			first++
		}
		j := r.jitter(s)
		require.Equal(t, j, r.jitter(s), "a session keeps its jitter")
		require.LessOrEqual(t, j.Abs(), 70*time.Millisecond)
		sum += j.Seconds()
		squares += j.Seconds() * j.Seconds()
	}
	require.InDelta(t, 0.4, float64(first)/n, 5*math.Sqrt(0.24/n))
	variance := (0.030*0.030 + 0.040*0.040) / 3
	require.InDelta(t, 0, sum/n, 5*math.Sqrt(variance/n))
	require.InEpsilon(t, variance, squares/n, 0.02)
}

// TestF13_JitterOfOlderSessions: sessions that are older than the fault have a jitter each, which they keep.
func TestF13_JitterOfOlderSessions(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2010)
	sites := []topology.SiteID{b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "B"})}
	b.Link(topology.Link{Name: "A-B", Sites: sites, Cost: 1})
	for _, s := range sites {
		b.Server(topology.Server{Name: fmt.Sprint("h", s), Site: s, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None})
	}
	org, err := b.Build()
	require.NoError(t, err)
	p := transport.DefaultProfile(topology.V2010, false)
	r, err := newRun(&Config{
		Name: "older", Start: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Duration: time.Hour, Seed: 1, Org: org,
		Servers: []Server{{Profile: p}, {Profile: p}}, Output: Output{SampleInterval: time.Hour},
	}, 0, result.NewMemory(0, 0))
	require.NoError(t, err)
	r.net.Degrade(0, 0, world.Trouble{Trials: []world.Trial{{Key: 17, Jitter: 50 * time.Millisecond}}})
	seen := map[time.Duration]bool{}
	for range 20 {
		k := &session{target: route.Target{Kind: route.TargetServer, ID: 1}}
		jitter := r.crossed(&r.hosts[0], k)
		require.Equal(t, jitter, r.crossed(&r.hosts[0], k))
		seen[jitter] = true
	}
	require.Len(t, seen, 20)
}

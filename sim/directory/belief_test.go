package directory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// texts are the words of what somebody lacks.
func texts(lacks []directory.Lack) []string {
	var out []string
	for _, l := range lacks {
		out = append(out, l.Text)
	}
	return out
}

// Two changes at two ends of a chain: while they cross, nobody has the newest configuration.
func TestWhatEachLacks(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	require.Zero(t, w.dir.NewestVersion())
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	w.dir.Edit(at("09:10:00"), cd1, cost(connB, 70))
	w.until(at("09:10:05"), nil)
	const off, dear = `connector "C-A": disabled`, `connector "C-B": cost 70`
	require.Equal(t, 3, w.dir.NewestVersion(), "nobody holds both yet")
	require.Equal(t, []int{1, 0, 2}, []int{w.dir.ControllerVersion(ad1), w.dir.ControllerVersion(ad2), w.dir.ControllerVersion(cd1)})
	require.Equal(t, []string{dear}, texts(w.dir.ControllerLacks(ad1)))
	require.Equal(t, []string{off, dear}, texts(w.dir.ControllerLacks(ad2)))
	require.Equal(t, []string{off}, texts(w.dir.ControllerLacks(cd1)))
	require.Equal(t, []string{dear}, texts(w.dir.ServerLacks(a1)))
	require.Equal(t, []string{off, dear}, texts(w.dir.ServerLacks(b1)))
	require.Equal(t, 1, w.dir.ServerVersion(a1))
	v, uniform := w.dir.ServerValue(c1, topology.Attribute{Kind: topology.ConnectorCost, Object: int32(connB)})
	require.True(t, uniform)
	require.EqualValues(t, 70, v)
	v, _ = w.dir.ControllerValue(ad1, topology.Attribute{Kind: topology.ConnectorCost, Object: int32(connB)})
	require.EqualValues(t, 10, v)

	w.until(at("09:30:10"), nil) // B pulls from C at half past, from A at 12:00
	require.Equal(t, []string{off}, texts(w.dir.ServerLacks(b1)))
	w.until(at("23:59:59"), nil)
	for s := range w.org.Servers {
		require.Empty(t, w.dir.ServerLacks(topology.ServerID(s)))
		require.Equal(t, 3, w.dir.ServerVersion(topology.ServerID(s)))
	}

	// Taken back: the configuration without it is the one of the second change, known by its number.
	w.dir.Edit(at("23:59:59"), ad1, topology.Change{Kind: topology.ConnectorEnabled, Object: int32(connA), Value: 1})
	require.Equal(t, 2, w.dir.NewestVersion())
	require.Equal(t, []string{`connector "C-A": enabled`}, texts(w.dir.ServerLacks(a1)))
}

func TestFeeder(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	hub, fed := w.dir.Feeder(ae1)
	require.True(t, fed)
	require.Equal(t, a1, hub)
	hub, fed = w.dir.Feeder(a1)
	require.False(t, fed)
	require.EqualValues(t, topology.None, hub)
}

// Who lacks nothing sees what the newest configuration says, and the other way round; once all have heard, nobody lacks anything.
func TestLacksAgreeWithVersions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := ref3(t, nil)
		now := simtime.Time(0)
		agree := func() {
			newest := w.dir.NewestVersion()
			for s := range topology.ServerID(len(w.org.Servers)) {
				require.Equal(r, w.dir.ServerVersion(s) == newest, len(w.dir.ServerLacks(s)) == 0)
				require.Equal(r, w.dir.ServerVersion(s) == w.dir.ServerVersion(a1), w.dir.View(s) == w.dir.View(a1))
			}
			for dc := range topology.DCID(len(w.org.DCs)) {
				require.Equal(r, w.dir.ControllerVersion(dc) == newest, len(w.dir.ControllerLacks(dc)) == 0)
			}
		}
		for range rapid.IntRange(1, 10).Draw(r, "edits") {
			w.until(now, nil)
			c := rapid.SampledFrom([]topology.Change{disable(connA), cost(connA, 70), cost(connB, 10), cost(connB, 80)}).Draw(r, "change")
			w.dir.Edit(now, topology.DCID(rapid.IntRange(0, 3).Draw(r, "dc")), c)
			agree()
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(4*time.Hour)).Draw(r, "wait")))
		}
		w.until(now.Add(24*time.Hour), nil)
		agree()
		require.Empty(r, w.dir.ServerLacks(c1))
	})
}

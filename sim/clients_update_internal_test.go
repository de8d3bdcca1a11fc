package sim

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// TestF9_WhenAnUpdateIsInstalled: soon after a machine is switched on that should have looked for updates before, else at its next look; what is not through when it is
// switched off breaks nobody, nor does what was installed before t0 where the machine has been switched on since.
func TestF9_WhenAnUpdateIsInstalled(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	hours := load.Hours{Location: time.UTC}
	for day := range time.Duration(5) {
		hours.Week = append(hours.Week, topology.Window{From: 24*time.Hour*day + 8*time.Hour, To: 24*time.Hour*day + 18*time.Hour})
	}
	stream := rng.NewRoot(1, 0).Stream("client.update")
	for _, c := range []struct {
		name             string
		start            time.Duration // t0, since Monday 00:00, as are the others
		release, install time.Duration
		want             time.Duration
		breaks           bool
	}{
		{"overnight: after 10 minutes", 0, 2 * time.Hour, time.Hour, 9*time.Hour + 10*time.Minute, true},
		{"at work: looked already, next morning again", 0, 12 * time.Hour, time.Hour, 33*time.Hour + 10*time.Minute, true},
		{"a minute before it looks", 0, 8*time.Hour + 9*time.Minute, time.Hour, 9*time.Hour + 10*time.Minute, true},
		{"not through at the end of the day", 0, 2 * time.Hour, 9*time.Hour + 51*time.Minute, 18*time.Hour + time.Minute, false},
		{"just through", 0, 2 * time.Hour, 9*time.Hour + 49*time.Minute, 18*time.Hour - time.Minute, true},
		{"before t0, and still running", 12 * time.Hour, 2 * time.Hour, time.Hour, 9*time.Hour + 10*time.Minute, true},
		{"before t0, and switched on since", 36 * time.Hour, 2 * time.Hour, time.Hour, 9*time.Hour + 10*time.Minute, false},
		{"over the weekend", 0, (4*24 + 12) * time.Hour, time.Hour, (7*24+9)*time.Hour + 10*time.Minute, true},
	} {
		u := &fault.Update{Release: simtime.Time(c.release - c.start), ScanDelay: rng.Constant(600), InstallTime: rng.Constant(c.install.Seconds())}
		at, breaks := installation(hours, monday.Add(c.start), u, stream)
		require.Equal(t, c.breaks, breaks, c.name)
		require.Equal(t, c.want, time.Duration(at)+c.start, c.name)
	}

	// Machines that are always on look every 22 h less up to 20 %: 9.9 h after the release on average, 22 h at most.
	u := &fault.Update{Release: simtime.Time(time.Hour), ScanDelay: rng.Constant(600), InstallTime: rng.Constant(1800)}
	const n = 20_000
	sum, last := time.Duration(0), time.Duration(0)
	for i := range n {
		at, breaks := installation(load.Hours{}, monday, u, rng.NewRoot(1, 0).Stream("client.update", strconv.Itoa(i)))
		require.True(t, breaks)
		wait := time.Duration(at) - 90*time.Minute
		require.True(t, wait >= 0 && wait < 22*time.Hour, wait)
		sum, last = sum+wait, max(last, wait)
	}
	require.InDelta(t, 9.9, (sum / n).Hours(), 0.2)
	require.Greater(t, last, 21*time.Hour+30*time.Minute)
}

package load

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestProfilesHaveTheirPublishedShares(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		hour int
		want float64 // as published, to four digits
	}{
		{"day.office", 4, .0013}, {"day.office", 7, .0230}, {"day.office", 10, .1108}, {"day.office", 14, .1044},
		{"day.relay-24x7", 7, .0299}, {"day.relay-24x7", 14, .0850}, {"day.relay-24x7", 19, .0231}, {"day.flat", 3, 1.0 / 24},
	} {
		h, err := profile(c.name)
		require.NoError(t, err)
		require.InDelta(t, c.want, h[c.hour], 5e-5, "%s, hour %d", c.name, c.hour)
	}
}

func TestOfficeHoursCarryWhatTheStudySays(t *testing.T) {
	t.Parallel()
	h, err := profile("day.office")
	require.NoError(t, err)
	eight := 0.0
	for _, x := range h[8:16] {
		eight += x
	}
	require.InDelta(t, .779, eight, .0005, "share of the busiest eight hours")
	require.InDelta(t, .111, h[10], .0005, "share of the busiest hour")
}

// The rate of a preset is never negative, and its shares are those of the day.
func TestEveryProfileIsARate(t *testing.T) {
	t.Parallel()
	for _, name := range Profiles() {
		shares, err := profile(name)
		require.NoError(t, err)
		sum := 0.0
		for i, c := range centres(shares) {
			require.Positive(t, c, "%s at %d:30", name, i)
			sum += shares[i]
		}
		require.InDelta(t, 1, sum, 1e-12, name)
	}
}

func TestCentresHoldTheMassOfEachHour(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var mass hours
		for i := range mass {
			mass[i] = rapid.Float64Range(0, 1).Draw(t, "mass")
		}
		c := centres(mass)
		for i := range mass {
			require.InDelta(t, mass[i], (c[(i+23)%24]+6*c[i]+c[(i+1)%24])/8, 1e-12)
		}
	})
}

func TestUnknownProfile(t *testing.T) {
	t.Parallel()
	_, err := profile("day.offices")
	require.EqualError(t, err, `profile "day.offices" does not exist; write one of day.office, day.relay-24x7, day.flat`)
}

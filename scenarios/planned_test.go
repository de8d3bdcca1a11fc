package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
)

// Restarts that a profile plans: the first Sunday of the month, or the night after updates have come out where the machine is; at 03:00, for as long as the profile says.
func TestPlannedRestarts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schedule, more, zone string
		want                 []string // local times
		takes                time.Duration
	}{
		{`profile = "nt-1999"`, "", "UTC", []string{"Sun 02-01 03:00", "Sun 03-01 03:00", "Sun 04-05 03:00"}, 30 * time.Minute},
		// Updates come out on 13 January, 10 February, 10 March and 14 April 2026 in America: early in the next morning in Japan.
		{`profile = "modern", tz = "America/New_York"`, "", "America/New_York", []string{"Wed 01-14 03:00", "Wed 02-11 03:00", "Wed 03-11 03:00", "Wed 04-15 03:00"}, 15 * time.Minute},
		{`profile = "modern", tz = "Europe/Berlin", count = 2`, "", "Europe/Berlin", []string{"Wed 01-14 03:00", "Wed 02-11 03:00"}, 15 * time.Minute},
		{`profile = "modern", tz = "Asia/Tokyo", at = "04:30", until = "60d"`, "duration = \"20m\"\n", "Asia/Tokyo", []string{"Thu 01-15 04:30", "Thu 02-12 04:30"}, 20 * time.Minute},
		{`profile = "modern"`, "start = \"100d\"\n", "UTC", []string{"Wed 04-15 03:00"}, 15 * time.Minute},
	} {
		cfg := configOf(t, "start = 2026-01-05T00:00:00Z\nduration = \"104d\"\n[[fault]]\nkind = \"host_down\"\nmode = \"maintenance\"\ntarget = { host = \"a1\" }\nschedule = { "+c.schedule+" }\n"+c.more)
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		f := &cfg.Faults[0]
		var got []string
		for _, o := range f.Occurs {
			got = append(got, cfg.Start.Add(time.Duration(o.At)).In(zone).Format("Mon 01-02 15:04"))
		}
		require.Equal(t, c.want, got, c.schedule)
		require.Equal(t, c.takes, f.End.Sub(f.Start), c.schedule)
		require.Equal(t, fault.Maintenance, f.Mode)
	}
	const head = "[[fault]]\nkind = \"host_down\"\ntarget = { host = \"a1\" }\nduration = \"1h\"\n"
	for src, want := range map[string]string{
		head + "schedule = { profile = \"modern\" }\n": `6:24: [[fault]] #1 (id "host_down-1"): schedule.profile: is of planned restarts: for kind "host_down" or "dc_down" with mode = "maintenance"`,
		"[[fault]]\nkind = \"link_down\"\ntarget = { link = \"A-B\" }\nduration = \"1h\"\nschedule = { profile = \"modern\" }\n": `6:24: [[fault]] #1 (id "link_down-1"): schedule.profile: is of planned restarts: for kind "host_down" or "dc_down" with mode = "maintenance"`,
		head + "mode = \"maintenance\"\nschedule = { profile = \"modern\", tz = \"Mars\", at = \"25:00\" }\n":                    "",
		head + "mode = \"maintenance\"\nschedule = { profile = \"moden\" }\n":                                                    `7:24: [[fault]] #1 (id "host_down-1"): schedule.profile: "moden" unknown; did you mean "modern"?`,
	} {
		said := saidOf(t, src)
		if want == "" {
			require.Len(t, said, 2, "the zone and the time of day")
			continue
		}
		require.Equal(t, []string{want}, said)
	}
}

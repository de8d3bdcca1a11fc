package scenarios

import (
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
)

// planned is what a profile says of restarts that operators plan, for updates: on which days, and how long a machine is down.
type planned struct {
	days  func(from, to time.Time, zone *time.Location) []time.Time // midnights in UTC
	takes time.Duration
}

// plannedOf returns what a profile says. Both are ours (decision): monthly is all that is told of nt-1999, and modern machines are restarted in the night after
// updates came out.
func plannedOf(profile string) (planned, bool) {
	switch profile {
	case "nt-1999":
		return planned{firstSundays, 30 * time.Minute}, true
	case "modern":
		return planned{nightsAfterRelease, 15 * time.Minute}, true
	}
	return planned{}, false
}

func firstSundays(from, to time.Time, _ *time.Location) []time.Time {
	return dayRule{weekday: time.Sunday, nth: 1}.days(from, to)
}

// nightsAfterRelease lists the days after those on which updates come out where the clock is (S3-13): in Europe and America Wednesdays, in Japan Thursdays.
func nightsAfterRelease(from, to time.Time, zone *time.Location) []time.Time {
	var out []time.Time
	for _, at := range releases(from, to) {
		l := at.In(zone)
		out = append(out, time.Date(l.Year(), l.Month(), l.Day()+1, 0, 0, 0, 0, time.UTC))
	}
	return out
}

// plannedRestarts lists the instants of restarts that a profile plans, at 03:00 where the schedule says nothing else, and gives the fault its duration; false
// where that is wrong.
func (c *compiler) plannedRestarts(t *faultTable, f *fault.Fault, start, end simtime.Time) ([]simtime.Time, bool) {
	s := t.Schedule
	p, ok := plannedOf(s.Profile)
	if !ok {
		return nil, false // reported when the key was read
	}
	if t.Mode != "maintenance" || f.Kind != fault.HostDown && f.Kind != fault.DCDown {
		c.errorAt(s.at("profile"), &t.source, "schedule.profile", `is of planned restarts: for kind "host_down" or "dc_down" with mode = "maintenance"`)
		return nil, false
	}
	if !t.has("duration") && !t.has("end") {
		f.End = f.Start.Add(p.takes)
	}
	zone, clock, good := c.scheduleClock(t, 3*time.Hour)
	day := func(at simtime.Time) time.Time {
		l := c.t0.Add(time.Duration(at)).In(zone)
		return time.Date(l.Year(), l.Month(), l.Day(), 0, 0, 0, 0, time.UTC)
	}
	var out []simtime.Time
	for _, d := range p.days(day(start), day(end), zone) {
		if at := simtime.Time(localTime(d, clock, zone).Sub(c.t0)); at >= start && at <= end {
			out = append(out, at)
		}
	}
	return out, good
}

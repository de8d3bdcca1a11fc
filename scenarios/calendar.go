package scenarios

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dayRule picks days of the calendar: a day of the week, the n-th weekday of a month, or a day of the month.
type dayRule struct {
	weekly  bool
	weekday time.Weekday
	nth     int // of a month: first to fourth weekday, lastOf the last one; 0 = day counts
	day     int // of a month: 1..31, left out where the month is shorter; lastOf the last one
	plus    int // days after the day so found: "second-tuesday+1"
}

const lastOf = -1

// dayNames lists the days of the week from Sunday on, as time.Weekday counts them.
func dayNames() []string {
	return []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
}

// parseWeekday reads "monday" or "mon".
func parseWeekday(s string) (dayRule, error) {
	i := slices.IndexFunc(dayNames(), func(name string) bool { return s == name || len(s) == 3 && strings.HasPrefix(name, s) })
	if i < 0 {
		return dayRule{}, fmt.Errorf("%s is no day of the week; %s", quote(s), suggest(s, dayNames(), "day"))
	}
	return dayRule{weekly: true, weekday: time.Weekday(i)}, nil
}

// parseMonthDay reads "second-tuesday", "last-friday", "day-15", "last-day", each with days to add: "second-tuesday+1".
func parseMonthDay(s string) (dayRule, error) {
	bad := fmt.Errorf(`%s is no day of a month; write for example "second-tuesday", "last-friday", "day-15", "last-day" or "second-tuesday+1"`, quote(s))
	name, plus, added := strings.Cut(s, "+")
	r := dayRule{}
	if added {
		n, err := strconv.Atoi(plus)
		if err != nil || n < 1 || n > 27 {
			return r, fmt.Errorf("%s: %s is no number of days to add; write 1 to 27", quote(s), quote(plus))
		}
		r.plus = n
	}
	which, what, ok := strings.Cut(name, "-")
	if !ok {
		return r, bad
	}
	if which == "day" {
		n, err := strconv.Atoi(what)
		if err != nil || n < 1 || n > 31 {
			return r, bad
		}
		r.day = n
		return r, nil
	}
	r.nth = slices.Index(monthCounts(), which) + lastOf
	switch w, err := parseWeekday(what); {
	case which == "last" && what == "day":
		r.nth, r.day = 0, lastOf
	case which != "" && r.nth >= lastOf && err == nil:
		r.weekday = w.weekday
	default:
		known := []string{"last-day"}
		for _, count := range monthCounts() {
			for _, day := range dayNames() {
				if count == "" {
					continue
				}
				known = append(known, count+"-"+day)
			}
		}
		if near := nearest(name, known); near != "" {
			return dayRule{}, fmt.Errorf("%s is no day of a month; did you mean %q?", quote(s), near)
		}
		return dayRule{}, bad
	}
	return r, nil
}

// monthCounts are the words for which of a month's Mondays, in the order of dayRule.nth from lastOf on; none stands for 0.
func monthCounts() []string { return []string{"last", "", "first", "second", "third", "fourth"} }

// days lists the days of a rule, as midnights in UTC, from one month to another; each may lie up to 27 days after its month.
func (r dayRule) days(from, to time.Time) []time.Time {
	var out []time.Time
	if r.weekly {
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			if d.Weekday() == r.weekday {
				out = append(out, d)
			}
		}
		return out
	}
	for m := time.Date(from.Year(), from.Month()-1, 1, 0, 0, 0, 0, time.UTC); !m.After(to); m = m.AddDate(0, 1, 0) {
		if d, ok := r.of(m); ok {
			out = append(out, d.AddDate(0, 0, r.plus))
		}
	}
	return out
}

// of finds the day in a month, given by its first day.
func (r dayRule) of(first time.Time) (time.Time, bool) {
	last := first.AddDate(0, 1, -1).Day()
	day := r.day
	switch {
	case r.nth == lastOf:
		day = last - (int(first.AddDate(0, 0, last-1).Weekday())-int(r.weekday)+7)%7
	case r.nth > 0:
		day = 1 + (int(r.weekday)-int(first.Weekday())+7)%7 + 7*(r.nth-1)
	case r.day == lastOf:
		day = last
	}
	return first.AddDate(0, 0, day-1), day <= last
}

// localTime is the instant at which the clocks of a zone show a time on a day (a midnight in UTC). Of a time that the clocks show twice it
// is the first; one that they leave out is moved on by what they skip (decision).
func localTime(day time.Time, at time.Duration, zone *time.Location) time.Time {
	wall := day.Add(at)
	shown := func(offset int) (time.Time, bool) {
		t := wall.Add(-time.Duration(offset) * time.Second)
		_, is := t.In(zone).Zone()
		return t, is == offset
	}
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	_, after := wall.Add(24 * time.Hour).In(zone).Zone()
	first, ok := shown(before)
	if ok {
		return first
	}
	if second, ok := shown(after); ok {
		return second
	}
	return first
}

// parseTimeOfDay reads "03:00" or "03:00:30".
func parseTimeOfDay(s string) (time.Duration, error) {
	for _, layout := range []string{"15:04", "15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil && len(s) == len(layout) {
			return t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)), nil
		}
	}
	return 0, fmt.Errorf(`%s is not a time of day; write for example "03:00" or "17:30:15"`, quote(s))
}

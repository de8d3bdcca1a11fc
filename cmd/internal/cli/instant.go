package cli

import (
	"fmt"
	"strconv"
	"time"

	"mailsim/scenarios"
	"mailsim/sim"
)

// instantOf reads one instant: a duration since the start, a time of day, which is the first in the run, or an instant of RFC 3339.
func instantOf(text string, cfg *sim.Config) (time.Duration, error) {
	span := fmt.Sprintf("the run is from %s to %s", cfg.Start.Format(time.RFC3339), cfg.Start.Add(cfg.Duration).Format(time.RFC3339))
	if at, ok := timeOfDay(text, cfg.Start); ok {
		if at > cfg.Duration {
			return 0, fmt.Errorf("this time of day is not in the run; %s", span)
		}
		return at, nil
	}
	at, err := scenarios.Instant(text, cfg.Start)
	_, number := strconv.Atoi(text)
	switch {
	case err != nil && number == nil: // only its unit is missing, and the error says so
		return 0, fmt.Errorf("%w; %s", err, span)
	case err != nil:
		return 0, fmt.Errorf("no instant; %s; %s", instantForms(cfg), span)
	case at < 0 || at > cfg.Duration:
		return 0, fmt.Errorf("not in the run; %s, which is 0s to %s", span, clock(cfg.Duration))
	}
	return at, nil
}

// instantForms says how an instant is written.
func instantForms(cfg *sim.Config) string {
	return "write a time of day such as 10:30, a duration since the start such as 90m, or an instant such as " + cfg.Start.Format(time.RFC3339)
}

// timeOfDay finds how long after the start the clock there first shows a time such as 10:30 or 10:30:15.
func timeOfDay(text string, start time.Time) (time.Duration, bool) {
	clock, err := time.Parse("15:04", text)
	if err != nil {
		clock, err = time.Parse("15:04:05", text)
	}
	if err != nil {
		return 0, false
	}
	at := time.Date(start.Year(), start.Month(), start.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, start.Location())
	if at.Before(start) {
		at = time.Date(start.Year(), start.Month(), start.Day()+1, clock.Hour(), clock.Minute(), clock.Second(), 0, start.Location())
	}
	return at.Sub(start), true
}

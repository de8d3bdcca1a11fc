package sweep

import (
	"fmt"
	"math"
	"time"
)

// Forecast says what a sweep will cost before it is run. The zero value is a sweep of no runs.
type Forecast struct {
	Runs    int
	Workers int           // runs at one time; 0 counts as 1
	Each    time.Duration // wall time of one run on one worker; 0 means unknown
	Bytes   int64         // of the result on disk that one run adds; 0 means unknown
}

// FromMessages makes a Forecast from the expected number of messages of a run and the speed of this machine (messages per second,
// from the speed of an earlier run). A speed that is not positive leaves the time unknown.
func FromMessages(runs, workers int, messages, messagesPerSecond float64, bytes int64) Forecast {
	f := Forecast{Runs: runs, Workers: workers, Bytes: bytes}
	if messagesPerSecond > 0 && messages > 0 {
		seconds := min(messages/messagesPerSecond, float64(math.MaxInt64)/2e9)
		f.Each = time.Duration(seconds * 1e9)
	}
	return f
}

// Wall is the expected wall time: rounds of as many runs as there are workers. It saturates instead of overflowing.
func (f Forecast) Wall() time.Duration {
	workers := max(f.Workers, 1)
	rounds := (f.Runs + workers - 1) / workers
	if rounds > 0 && f.Each > math.MaxInt64/time.Duration(rounds) {
		return math.MaxInt64
	}
	return time.Duration(rounds) * f.Each
}

// Size is the expected size of all results in bytes. It saturates instead of overflowing.
func (f Forecast) Size() int64 {
	if f.Runs > 0 && f.Bytes > math.MaxInt64/int64(f.Runs) {
		return math.MaxInt64
	}
	return int64(f.Runs) * f.Bytes
}

// Large tells whether somebody should be told before the sweep starts: ten seconds of work or 100 MB of results.
func (f Forecast) Large() bool { return f.Wall() >= 10*time.Second || f.Size() >= 100<<20 }

// String says what is coming, leaving out what is not known: "50 runs, about 3 min, 2 GB".
func (f Forecast) String() string {
	s := count(f.Runs, "run")
	if f.Each > 0 {
		s += ", " + about(f.Wall())
	}
	if f.Bytes > 0 {
		s += ", " + size(f.Size())
	}
	return s
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// about rounds a duration to what a person wants to know of it: "under 1 s", "about 40 s", "about 3 min", "about 2 h 10 min",
// "about 3 days".
func about(d time.Duration) string {
	seconds := d.Seconds()
	minutes := math.Round(seconds / 60)
	switch {
	case seconds < 1:
		return "under 1 s"
	case seconds < 10:
		return fmt.Sprintf("about %.0f s", seconds)
	case seconds < 90:
		return fmt.Sprintf("about %.0f s", 5*math.Round(seconds/5))
	case minutes < 60:
		return fmt.Sprintf("about %.0f min", minutes)
	case minutes < 10*60:
		tens := int(10 * math.Round(minutes/10))
		if tens%60 == 0 {
			return fmt.Sprintf("about %d h", tens/60)
		}
		return fmt.Sprintf("about %d h %d min", tens/60, tens%60)
	case minutes < 48*60:
		return fmt.Sprintf("about %.0f h", minutes/60)
	default:
		return fmt.Sprintf("about %.0f days", minutes/60/24)
	}
}

// size writes bytes with two digits at most, in units of 1024 as scenarios have them.
func size(n int64) string {
	value, unit := float64(n), 0
	units := [...]string{"B", "KB", "MB", "GB", "TB", "PB", "EB"}
	for value >= 999.5 && unit < len(units)-1 {
		value /= 1024
		unit++
	}
	if value < 9.95 && unit > 0 && math.Round(value*10) != 10*math.Round(value) {
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}

package scenarios

import (
	"fmt"
	"time"

	"mailsim/sim/load"
	"mailsim/sim/simtime"
)

// messagesMax bounds the messages of a run: more would take days, and is taken for a mistake in a unit.
const messagesMax = 1_000_000_000

// loadVolumes refuses loads that make more messages than a run can have: each that does so alone, else the largest when all together
// do. sources are the loads of the file, in its order.
func (c *compiler) loadVolumes(tables []*loadTable, sources []load.Source) {
	if c.horizon() <= 0 {
		return // missing, and reported
	}
	total, largest, alone := 0.0, 0, false
	each := make([]float64, len(sources))
	for i := range sources {
		each[i] = c.messages(&sources[i])
		total += each[i]
		if each[i] > each[largest] {
			largest = i
		}
		if each[i] > messagesMax {
			alone = true
			c.tooMuchMail(tables[i], fmt.Sprintf("makes about %s messages", wholeNumber(each[i])))
		}
	}
	if total > messagesMax && !alone {
		c.tooMuchMail(tables[largest], fmt.Sprintf("makes about %s messages, and all loads together %s", wholeNumber(each[largest]), wholeNumber(total)))
	}
}

func (c *compiler) tooMuchMail(t *loadTable, much string) {
	key := map[string]string{"poisson": "rate", "diurnal": "rate", "regular": "every", "burst": "count", "replay": "file", "clients": "rate"}[t.Kind]
	if t.Kind == "diurnal" && t.has("per_day") {
		key = "per_day"
	}
	c.errorf(&t.source, key, "%s in %s; a run has at most %d: send less, or shorten the run", much, duration(c.horizon()), messagesMax)
}

// messages is the expected number of messages of a source in the run; that of a source with mistakes, which are reported, is 0.
func (c *compiler) messages(s *load.Source) float64 {
	if s.Kind == load.Burst { // Expected goes through them one by one
		n, window := float64(s.Count)*float64(1+s.Resend.Times), c.horizon()-time.Duration(s.Start)
		switch {
		case window <= 0, s.Count > messagesMax: // the latter is out of the key's range, and reported
			return 0
		case s.Over <= window:
			return n
		}
		return n * (float64(window) / float64(s.Over))
	}
	n, err := s.Expected(c.t0, simtime.Time(c.horizon()))
	if err != nil {
		return 0
	}
	return n
}

// wholeNumber writes a count without an exponent, as long as it is worth reading.
func wholeNumber(n float64) string {
	if n < 1e18 {
		return fmt.Sprintf("%.0f", n)
	}
	return fmt.Sprintf("%.3g", n)
}

package scenarios

import (
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
)

// deliveriesMax bounds what the replies of a mail_storm are for: so many mailboxes, a thousand to a copy, are some ten million copies. More do not fit into the
// memory of a computer, and are taken for a mistake in a unit. The best-known storm had 15 million.
const deliveriesMax = 10_000_000_000

// stormVolume refuses a storm that brings more mail than a run can have.
func (c *compiler) stormVolume(t *faultTable, f *fault.Fault) {
	if f.Kind != fault.MailStorm && f.Kind != fault.Backscatter || f.Probability == 0 || c.horizon() <= 0 {
		return
	}
	blows := c.inForce(f)
	key, what := "rate", "messages"
	if f.Kind == fault.MailStorm {
		key, what = "reply_rate", "replies"
	}
	n := f.Storm.Rate * blows.Seconds()
	if n > messagesMax {
		c.errorf(&t.source, key, "brings about %s %s in %s; a run has at most %d messages: write a lower rate, or a shorter fault", wholeNumber(n), what, duration(blows), messagesMax)
		return
	}
	if f.Kind != fault.MailStorm {
		return
	}
	through := min(blows, listLives(f))
	if n = 1 + f.Storm.Rate*through.Seconds(); f.Storm.Guard && f.Storm.Members() > 5000 { // F20: ten, then none for four hours
		n = min(n, 11+float64(10*(through/(4*time.Hour))))
	}
	if all := n * float64(f.Storm.Members()); all > deliveriesMax {
		c.errorf(&t.source, "list_size", "about %s replies to %d mailboxes are %s deliveries; a run has room for %d: write a shorter list, a lower reply_rate or a shorter fault",
			wholeNumber(n), f.Storm.Members(), wholeNumber(all), deliveriesMax)
	}
}

// inForce is how long a fault is in force in the run, all its occurrences together, in the mean where they come at random.
func (c *compiler) inForce(f *fault.Fault) time.Duration {
	horizon := simtime.Time(c.horizon())
	within := func(at simtime.Time) time.Duration {
		if at >= horizon {
			return 0
		}
		if f.End == simtime.Never || f.End <= f.Start {
			return horizon.Sub(at)
		}
		return min(f.End.Sub(f.Start), horizon.Sub(at))
	}
	switch {
	case f.Random != nil && f.Random.Ends:
		up, down := f.Random.Up.Mean(), f.Random.Down.Mean()
		if !(up+down > 0) {
			return 0
		}
		return time.Duration(float64(max(0, horizon.Sub(f.Start))) * (down / (up + down)))
	case len(f.Occurs) > 0:
		total := time.Duration(0)
		for _, o := range f.Occurs {
			total = min(total+within(o.At), 10*c.horizon()) // occurrences that overlap blow together
		}
		return total
	}
	return max(0, within(f.Start))
}

// listLives is how long after the start of a mail_storm an operator has deleted the list; as good as for ever when nobody does.
func listLives(f *fault.Fault) time.Duration {
	for i := range f.Remedies {
		if a := &f.Remedies[i]; a.Kind == fault.DeleteList && a.Probability == 1 {
			return max(0, a.At.Add(a.Duration).Sub(f.Start))
		}
	}
	return 1<<63 - 1
}

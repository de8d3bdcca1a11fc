package directory

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// onSchedule is the first instant, from now on, of the partner's schedule; Never where it is never open.
// V3: instants congruent to the phase modulo the interval, counted from 00:00 UTC; with windows at the beginning of each and every interval
// from there, before its end (FW-7). Over several links (V4) the longest interval counts, with its phase (decision), and it is
// open while all of them are.
func (d *Directory) onSchedule(now simtime.Time, p *partner) simtime.Time {
	interval, phase := insideInterval, time.Duration(0)
	var open []topology.Window
	for i, l := range p.links {
		s := d.settings(l)
		if i == 0 || s.Interval > interval {
			interval, phase = s.Interval, s.Phase
		}
		switch {
		case len(s.Windows) == 0:
		case open == nil:
			open = union(s.Windows)
		default:
			if open = intersection(open, union(s.Windows)); len(open) == 0 {
				return simtime.Never
			}
		}
	}
	if whole(open) {
		return nextInstant(now, d.midnight.Add(phase), interval)
	}
	return nextInWindow(now, d.monday, open, interval)
}

// settings are the replication settings of a link that hold now.
func (d *Directory) settings(l topology.LinkID) Override {
	link := &d.org.Links[l]
	s := Override{Interval: link.ReplicationInterval, Phase: link.ReplicationPhase, Windows: link.ReplicationWindows}
	if o := d.network.override[l]; o != nil {
		if o.Interval > 0 {
			s.Interval = o.Interval
		}
		if o.Phase >= 0 {
			s.Phase = o.Phase
		}
		if len(o.Windows) > 0 {
			s.Windows = o.Windows
		}
	}
	if s.Interval <= 0 {
		s.Interval = DefaultInterval
	}
	return s
}

// nextInstant is the first instant not before now that is congruent to base modulo interval.
func nextInstant(now, base simtime.Time, interval time.Duration) simtime.Time {
	r := (now - base) % simtime.Time(interval)
	if r < 0 {
		r += simtime.Time(interval)
	}
	if r == 0 {
		return now
	}
	return now + simtime.Time(interval) - r
}

// nextInWindow is the first pull not before now in windows of a week that began at monday.
func nextInWindow(now, monday simtime.Time, open []topology.Window, interval time.Duration) simtime.Time {
	const week = simtime.Time(topology.Week)
	first := (now-monday)/week - 2
	best := simtime.Never
	for k := first; k <= first+3; k++ {
		for _, w := range open {
			from, to := monday+k*week+simtime.Time(w.From), monday+k*week+simtime.Time(w.To)
			at := from
			if at < now {
				at = nextInstant(now, from, interval)
			}
			if at < to {
				best = min(best, at)
			}
		}
	}
	return best
}

// union brings windows into order and joins those that touch, also across the end of the week. What is always open is one window of a week.
func union(windows []topology.Window) []topology.Window {
	joined := join(unroll(windows))
	if len(joined) == 1 && joined[0].To-joined[0].From >= 2*topology.Week {
		return []topology.Window{{From: 0, To: topology.Week}}
	}
	return slices.DeleteFunc(joined, func(w topology.Window) bool { return w.From < 0 || w.From >= topology.Week })
}

// intersection is where both are open; both are unions.
func intersection(a, b []topology.Window) []topology.Window {
	var both []topology.Window
	for _, x := range unroll(a) {
		for _, y := range unroll(b) {
			if w := (topology.Window{From: max(x.From, y.From), To: min(x.To, y.To)}); w.From < w.To {
				both = append(both, w)
			}
		}
	}
	joined := join(both)
	if len(joined) == 1 && joined[0].To-joined[0].From >= 2*topology.Week {
		return []topology.Window{{From: 0, To: topology.Week}}
	}
	return slices.DeleteFunc(joined, func(w topology.Window) bool { return w.From < 0 || w.From >= topology.Week })
}

// unroll lays windows out over three weeks, so that one that begins in a week is there whole, and what touches it from the week before.
func unroll(windows []topology.Window) []topology.Window {
	out := make([]topology.Window, 0, 3*len(windows))
	for _, w := range windows {
		for _, by := range [...]time.Duration{-topology.Week, 0, topology.Week} {
			out = append(out, topology.Window{From: w.From + by, To: w.To + by})
		}
	}
	return out
}

func join(windows []topology.Window) []topology.Window {
	slices.SortFunc(windows, func(a, b topology.Window) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	var out []topology.Window
	for _, w := range windows {
		if n := len(out); n > 0 && w.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, w.To)
			continue
		}
		out = append(out, w)
	}
	return out
}

// whole tells whether there is no window at all, or one of a week.
func whole(open []topology.Window) bool {
	return len(open) == 0 || len(open) == 1 && open[0].To-open[0].From >= topology.Week
}

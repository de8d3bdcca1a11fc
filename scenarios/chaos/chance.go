package chaos

import (
	"slices"
	"time"

	"mailsim/sim/fault"
)

// How likely each kind of fault is among those of a plan.

// chance is the weight of a kind against the other kinds that an organisation has places for.
type chance struct {
	spontaneous float64 // when nobody has changed anything for a day
	changed     float64 // otherwise
}

// always is a kind that comes by itself, and changes nothing about.
func always(weight float64) chance { return chance{weight, weight} }

const (
	// interSite is the weight of all that breaks authentication between sites: as much as three other kinds, clocks, replication and the rest (decision).
	interSite = 3
	// byChange is the part of it that is due to the change, for a day after one.
	byChange = 0.15 + 0.25
	// changeLasts is for how long a change is suspected.
	changeLasts = 24 * time.Hour
)

// S1-8: where mail between two sites stops out of the blue, it is mostly clocks or replication. Names that stand twice or not at all and blocked ports
// do not come by themselves; within a day after a change they have a part, and the others what is left. The 0.03 of certificates fall to nobody: those
// of hubs harm no mail between sites (FD-22), and those of Edges are another kind of trouble.
func betweenSites(part float64) chance {
	return chance{interSite * part, interSite * part * (1 - byChange)}
}

// changed is a kind that only follows a change.
func changed(part float64) chance { return chance{0, interSite * part} }

// Changed says when operators change the configuration, since the start of the run: what they may break by it then comes for a day.
func (s *Space) Changed(at ...time.Duration) {
	s.changes = append(s.changes, at...)
	slices.Sort(s.changes)
}

// lastChange is the latest change that is not older than a day at an instant, in whole minutes, up; false where there is none. A change that leaves no time
// for a fault after it is none.
func (s *Space) lastChange(at time.Duration) (last time.Duration, found bool) {
	for _, x := range s.changes {
		minute := (x + time.Minute - 1).Truncate(time.Minute)
		if x <= at && at-x < changeLasts && s.to-minute >= time.Minute {
			last, found = minute, true
		}
	}
	return last, found
}

// tooEarly tells whether an instant is before the changes that a kind follows.
func (s *Space) tooEarly(kind fault.Kind, at time.Duration) bool {
	i := slices.IndexFunc(s.kinds, func(k kindSpace) bool { return k.kind == kind })
	_, recent := s.lastChange(at)
	return i >= 0 && s.kinds[i].spontaneous == 0 && !recent
}

// kind picks a kind: u is uniform in [0, 1).
func (s *Space) kind(u float64, afterChange bool) *kindSpace {
	weight := func(k *kindSpace) float64 {
		if afterChange {
			return k.changed
		}
		return k.spontaneous
	}
	sum := 0.0
	for i := range s.kinds {
		sum += weight(&s.kinds[i])
	}
	left := u * sum
	last := &s.kinds[0]
	for i := range s.kinds {
		k := &s.kinds[i]
		if weight(k) == 0 {
			continue
		}
		if last = k; left < weight(k) {
			break
		}
		left -= weight(k)
	}
	return last
}

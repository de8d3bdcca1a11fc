package fault

import (
	"time"

	"mailsim/sim/rng"
)

// Law is the shape of a random time.
type Law uint8

// The laws of random times, as scenarios spell them in Laws.
const (
	Exponential Law = iota
	Weibull         // shape below 1: what has just been repaired is likelier to fail
	Lognormal
	Fixed
)

// Laws lists the spellings of the laws, in the order of the constants.
func Laws() []string { return []string{"exp", "weibull", "lognormal", "fixed"} }

// Figures are what is published about failures of a kind of object: how often, for how long, how spread. The zero value says nothing.
type Figures struct {
	MTBF, MTTR         time.Duration // mean time of work and mean time of failure; MTTR 0: a failure has no end of its own
	Up, Down           Law
	UpShape, DownSigma float64 // shape of a Weibull law, sigma of a lognormal one; 0 = DefaultShape or DefaultSigma
	Relapse            float64 // 0..1: see Process.Relapse. It comes on top: MTBF is the mean of the law alone
}

// The parameters of laws that are given without one.
const (
	DefaultShape = 0.75 // Weibull: decreasing hazard, as measured on large clusters
	DefaultSigma = 1.0  // lognormal
)

// Process makes a random process of the figures. It fails where a shape or sigma is out of the range of its law.
func (x Figures) Process() (*Process, error) {
	p := &Process{Ends: x.MTTR > 0, Relapse: x.Relapse}
	var err error
	if p.Up, err = x.Up.dist(x.MTBF, x.UpShape); err != nil {
		return nil, err
	}
	if p.Ends {
		p.Down, err = x.Down.dist(x.MTTR, x.DownSigma)
	}
	return p, err
}

// dist is the law with a mean: of the distribution, not of its logarithm.
func (l Law) dist(mean time.Duration, parameter float64) (rng.Dist, error) {
	switch l {
	case Weibull:
		if parameter == 0 {
			parameter = DefaultShape
		}
		return rng.WeibullMean(mean.Seconds(), parameter)
	case Lognormal:
		if parameter == 0 {
			parameter = DefaultSigma
		}
		return rng.LognormalMean(mean.Seconds(), parameter)
	case Fixed:
		return rng.Constant(mean.Seconds()), nil
	}
	return rng.Exponential(mean.Seconds())
}

// Profiles lists the sets of figures that are known by name.
func Profiles() []string { return []string{"nt-1999", "modern"} }

// ProfileOf returns what a profile says of the objects that a kind of fault strikes; false where it says nothing.
//
// nt-1999 is what was measured on the mail servers of one large company and on a state-wide network in the 1990s; modern is the same
// with the figures of today's hardware and contracts, which nobody has published in one place (decision).
func ProfileOf(profile, kind string) (Figures, bool) {
	server := Figures{MTBF: 306 * time.Hour, MTTR: 2 * time.Hour, Up: Weibull, UpShape: 0.75, Down: Lognormal, DownSigma: 1, Relapse: 0.6}
	link := Figures{MTBF: 13900 * time.Hour, MTTR: 198 * time.Minute, Down: Lognormal, DownSigma: 0.8}
	clock := Figures{MTBF: 8760 * time.Hour}
	store := Figures{MTBF: 4380 * time.Hour, MTTR: 40 * time.Minute}
	switch profile {
	case "nt-1999":
	case "modern":
		server.MTBF, server.MTTR, server.Relapse = 4380*time.Hour, 40*time.Minute, 0.1
		link.MTTR = 4 * time.Hour
		clock.MTBF = 17520 * time.Hour
		store.MTBF, store.MTTR = 8760*time.Hour, 10*time.Minute
	default:
		return Figures{}, false
	}
	switch kind {
	case "host_down", "dc_down":
		return server, true
	case "link_down":
		return link, true
	case "clock_skew":
		return clock, true
	case "store_down":
		return store, true
	case "agent_stall":
		return Figures{MTBF: 8760 * time.Hour, MTTR: 3 * time.Hour, Down: Lognormal, DownSigma: 1}, true
	case "disk_pressure":
		return Figures{MTBF: 8760 * time.Hour}, true
	}
	return Figures{}, false
}

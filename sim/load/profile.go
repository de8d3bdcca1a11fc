package load

import (
	"fmt"
	"strings"
)

// hours is a number for each clock hour of a day, 0:00 to 23:00.
type hours [24]float64

// Profiles lists the daily profiles that Source.Profile may name.
func Profiles() []string { return []string{"day.office", "day.relay-24x7", "day.flat"} }

// profile returns the share of a day's messages that fall into each clock hour; the shares sum to 1 but for rounding.
func profile(name string) (hours, error) {
	var h hours
	switch name {
	case "day.office":
		// Working days of a European research institution; see docs/rules/workload.md.
		h = hours{
			.0051, .0042, .0031, .0020, .0013, .0018, .0065, .0230, .0683, .1025, .1108, .1037,
			.0986, .0998, .1044, .0906, .0600, .0387, .0235, .0142, .0116, .0097, .0084, .0079,
		}
	case "day.relay-24x7":
		// One day of a small relay with automata that never sleep; see docs/rules/workload.md.
		h = hours{
			.0309, .0273, .0286, .0342, .0331, .0363, .0387, .0299, .0392, .0407, .0554, .0731,
			.0727, .0621, .0850, .0720, .0363, .0307, .0316, .0231, .0303, .0372, .0286, .0231,
		}
	case "day.flat":
		for i := range h {
			h[i] = 1
		}
	default:
		return h, fmt.Errorf("profile %q does not exist; write one of %s", name, strings.Join(Profiles(), ", "))
	}
	sum := 0.0
	for _, x := range h {
		sum += x
	}
	for i := range h {
		h[i] /= sum
	}
	return h, nil
}

// centres returns the heights at the centres of the hours for which straight lines between them hold the given mass over each hour,
// with an hour as the unit of time. An hour's mass is made of two half trapezoids,
//
//	mass[i] = (height[i-1] + 6*height[i] + height[i+1]) / 8,
//
// around the clock; it is solved by relaxation, whose error shrinks threefold a sweep. Simply taking the masses for the heights
// would keep the day's total but move up to a quarter of an hour's mail into its neighbours where the morning rises. Heights of a
// profile with a sharper rise than this one's could be negative: the test of every preset says that none is.
func centres(mass hours) hours {
	height := mass
	for range 60 {
		for i := range height {
			before, after := height[(i+23)%24], height[(i+1)%24]
			height[i] = (float64(8*mass[i]) - before - after) / 6
		}
	}
	return height
}

package stats

import (
	"fmt"
	"math"
)

// TheoryReplications is the least number of replications of a comparison with theory (part C, 1).
const TheoryReplications = 20

// Blindness is the largest half-width, as a share of the exact value, with which a comparison with theory may pass (part C, 3);
// BlindnessWide takes its place for service times with a squared coefficient of variation above 4 and for loads of 0.95 and more.
const (
	Blindness     = 0.02
	BlindnessWide = 0.05
)

// TheoryCheck compares the averages of independent replications with an exact result by the pass rule of part C: it passes if
// |mean - exact| <= h + bias, where h is the half-width at level 1-alpha (1e-4 by default of the rule), and h <= 2 % of the exact
// value. Without the second condition a test could pass because it sees nothing.
//
// The values come from at least TheoryReplications replications with seeds of their own. bias is a stated allowance: the
// start-up bias of the model, or at most 0.1 % of the exact value. msg tells what was compared and the smallest true error
// that the check would find (2h + bias, part C, 5); print it whether or not the check passes. False alarm: at most alpha.
//
//	ok, _, msg := stats.TheoryCheck(averages, 8.000177, 0, 1e-4)
//	require.True(t, ok, msg)
//	t.Log(msg)
func TheoryCheck(values []float64, exact, bias, alpha float64) (ok bool, h float64, msg string) {
	return TheoryCheckWithin(values, exact, bias, alpha, Blindness)
}

// TheoryCheckWithin is TheoryCheck with another limit for h as a share of the exact value: BlindnessWide where part C allows it.
func TheoryCheckWithin(values []float64, exact, bias, alpha, blindness float64) (ok bool, h float64, msg string) {
	if len(values) < TheoryReplications {
		return false, math.Inf(1), fmt.Sprintf("%d replications, at least %d are needed to compare with theory", len(values), TheoryReplications)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false, math.Inf(1), fmt.Sprintf("the average of replication %d is %v", i, v)
		}
	}
	mean, s := moments(values)
	h = halfWidth(len(values), s, alpha)
	msg = fmt.Sprintf("mean %.8g +- %.3g (%d replications, alpha %g), exact %.8g, off by %+.3g, allowed bias %.3g; smallest visible error %.3g",
		mean, h, len(values), alpha, exact, mean-exact, bias, 2*h+bias)
	if limit := blindness * math.Abs(exact); h > limit {
		return false, h, fmt.Sprintf("blind: half-width %.3g is more than %g %% of the exact value; use longer or more replications: %s", h, 100*blindness, msg)
	}
	if math.Abs(mean-exact) > h+bias {
		return false, h, "disagrees with theory: " + msg
	}
	return true, h, msg
}

package fault_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/fault"
)

func namesFault(mode fault.NamesMode, servers ...string) fault.NamesFault {
	return fault.NamesFault{Names: fault.Names{Mode: mode, Servers: servers}}
}

// TestF14_ResolversInOrder: 5 s for each that is silent, none for one that fails, 60 s at most.
func TestF14_ResolversInOrder(t *testing.T) {
	t.Parallel()
	const silent, failing, wrong = fault.NamesTimeOut, fault.NamesServFail, fault.NamesWrong
	var many []string
	for i := range 13 {
		many = append(many, fmt.Sprintf("r%02d", i))
	}
	two := []string{"r1", "r2"}
	for name, c := range map[string]struct {
		resolvers []string
		faults    []fault.NamesFault
		answer    fault.Answer
		takes     time.Duration
	}{
		"all well":                        {two, nil, fault.NameFound, 0},
		"one without a name, silent":      {nil, []fault.NamesFault{namesFault(silent)}, fault.NameFails, time.Minute},
		"one without a name, fails":       {nil, []fault.NamesFault{namesFault(failing)}, fault.NameFails, 0},
		"one without a name, wrong":       {nil, []fault.NamesFault{namesFault(wrong)}, fault.NameDenied, 0},
		"the first is silent":             {two, []fault.NamesFault{namesFault(silent, "r1")}, fault.NameFound, 5 * time.Second},
		"the second is silent":            {two, []fault.NamesFault{namesFault(silent, "r2")}, fault.NameFound, 0},
		"both are silent":                 {two, []fault.NamesFault{namesFault(silent, "r1", "r2")}, fault.NameFails, time.Minute},
		"the first fails":                 {two, []fault.NamesFault{namesFault(failing, "r1")}, fault.NameFound, 0},
		"both fail":                       {two, []fault.NamesFault{namesFault(failing)}, fault.NameFails, 0},
		"one fails, one is silent":        {two, []fault.NamesFault{namesFault(failing, "r1"), namesFault(silent, "r2")}, fault.NameFails, time.Minute},
		"one is silent, one is wrong":     {two, []fault.NamesFault{namesFault(silent, "r1"), namesFault(wrong, "r2")}, fault.NameDenied, 5 * time.Second},
		"the first is wrong":              {two, []fault.NamesFault{namesFault(wrong, "r1")}, fault.NameDenied, 0},
		"the first is right":              {two, []fault.NamesFault{namesFault(wrong, "r2")}, fault.NameFound, 0},
		"of two faults the least answers": {two, []fault.NamesFault{namesFault(wrong, "r1"), namesFault(silent, "r1")}, fault.NameFound, 5 * time.Second},
		"eleven are silent":               {many, []fault.NamesFault{namesFault(silent, many[:11]...)}, fault.NameFound, 55 * time.Second},
		"twelve are silent":               {many, []fault.NamesFault{namesFault(silent, many[:12]...)}, fault.NameFails, time.Minute},
	} {
		answer, takes := fault.AskNames(c.faults, c.resolvers, "example.com", time.Minute)
		require.Equal(t, c.answer, answer, name)
		require.Equal(t, c.takes, takes, name)
	}
	answer, takes := fault.AskNames([]fault.NamesFault{namesFault(silent, "r1")}, two, "example.com", 0)
	require.Equal(t, fault.NameFound, answer, "where silence takes no time all are asked all the same")
	require.Zero(t, takes)
	answer, takes = fault.AskNames([]fault.NamesFault{namesFault(silent, "r1")}, two, "example.com", 3*time.Second)
	require.Equal(t, fault.NameFails, answer, "a query of 3 s is over before the first is given up")
	require.Equal(t, 3*time.Second, takes)
}

// Whatever fails: a query takes no longer than the whole, and a resolver that works at the head of the list makes all others nothing to it.
func TestF14_QueriesAreBounded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 15).Draw(t, "resolvers")
		var resolvers []string
		for i := range n {
			resolvers = append(resolvers, fmt.Sprint("r", i))
		}
		var faults []fault.NamesFault
		for range rapid.IntRange(0, 4).Draw(t, "faults") {
			mode := fault.NamesMode(rapid.IntRange(0, 2).Draw(t, "mode"))
			var servers []string
			if n > 0 && rapid.Bool().Draw(t, "some") {
				servers = rapid.SliceOfN(rapid.SampledFrom(resolvers), 1, n).Draw(t, "servers")
			}
			faults = append(faults, namesFault(mode, servers...))
		}
		whole := time.Duration(rapid.IntRange(0, 100).Draw(t, "whole")) * time.Second
		_, takes := fault.AskNames(faults, resolvers, "example.com", whole)
		require.LessOrEqual(t, takes, whole)
		for i := range faults {
			if faults[i].Servers == nil {
				faults[i].Servers = resolvers
			}
		}
		if n == 0 {
			return
		}
		answer, takes := fault.AskNames(faults, append([]string{"good"}, resolvers...), "example.com", whole)
		require.Equal(t, fault.NameFound, answer)
		require.Zero(t, takes)
	})
}

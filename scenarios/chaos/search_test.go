package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/scenarios"
	"mailsim/scenarios/chaos"
	"mailsim/sim/fault"
	"mailsim/topology"
)

func organisation(t *testing.T) *topology.Organisation {
	t.Helper()
	s, err := scenarios.Load(nil, "@faults/ref-3")
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	return cfg.Org
}

func space(t *testing.T) *chaos.Space {
	t.Helper()
	s, err := chaos.NewSpace(organisation(t), 10*time.Minute, 5*time.Hour, "nt-1999")
	require.NoError(t, err)
	return s
}

// down tells whether a plan has a server down for so long.
func down(p chaos.Plan, name string, least time.Duration) bool {
	return slices.ContainsFunc(p, func(f chaos.Fault) bool { return f.Kind == fault.HostDown && f.Target == name && f.Duration >= least })
}

// judge makes a judge of a rule that tells which plans fail.
func judge(fails func(chaos.Plan) bool) func(context.Context, chaos.Plan) (chaos.Failure, error) {
	return func(_ context.Context, p chaos.Plan) (chaos.Failure, error) {
		if !fails(p) {
			return chaos.Failure{}, nil
		}
		return chaos.Failure{Broken: []string{"planted"}, Text: fmt.Sprintf("%d faults", len(p))}, nil
	}
}

// What fails with one fault is shrunk to one, what fails with two to two, each as short and as simple as it still fails; and that does not
// depend on the number of workers.
func TestTheSmallestPlanIsFound(t *testing.T) {
	t.Parallel()
	s := space(t)
	at := func(name string, minutes int) chaos.Fault {
		return chaos.Fault{Place: chaos.Place{Kind: fault.HostDown, Target: name}, Start: 10 * time.Minute, Duration: time.Duration(minutes) * time.Minute}
	}
	for name, c := range map[string]struct {
		fails func(chaos.Plan) bool
		want  chaos.Plan
	}{
		"one": {func(p chaos.Plan) bool { return down(p, "AE1", 22*time.Minute) }, chaos.Plan{at("AE1", 25)}},
		"two": {func(p chaos.Plan) bool { return down(p, "A1", 1) && down(p, "A2", 31*time.Minute) }, chaos.Plan{at("A1", 1), at("A2", 40)}},
		"clock": {func(p chaos.Plan) bool {
			return slices.ContainsFunc(p, func(f chaos.Fault) bool { return f.Offset.Abs() > 5*time.Minute })
		}, chaos.Plan{{Place: chaos.Place{Kind: fault.ClockSkew}, Start: 10 * time.Minute, Duration: time.Minute, Offset: 6 * time.Minute}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var first chaos.Result
			for _, workers := range []int{1, 2, 7} {
				search := chaos.Search{Space: s, Seed: 3, Plans: 5000, Workers: workers, Judge: judge(c.fails)}
				r, err := search.Run(t.Context())
				require.NoError(t, err)
				require.NotNil(t, r.Found)
				require.True(t, r.Found.Complete)
				require.False(t, r.TimeUp)
				require.Equal(t, r.Found.Number-1, r.Survived)
				require.Equal(t, s.Draw(3, r.Found.Number), r.Found.Drawn)
				got := slices.Clone(r.Found.Smallest)
				slices.SortFunc(got, func(a, b chaos.Fault) int { return strings.Compare(a.Target, b.Target) })
				if name == "clock" {
					got[0].Target = "" // whoever's clock it is
				}
				require.Equal(t, c.want, got)
				require.Equal(t, fmt.Sprintf("%d faults", len(got)), r.Found.Failure.Text)
				if first.Found == nil {
					first = r
				}
				require.Equal(t, first, r, "%d workers", workers)
			}
		})
	}
}

// While a plan is shrunk it goes on failing for the reason for which it was chosen, though another one is easier to come by.
func TestShrinkingKeepsTheReason(t *testing.T) {
	t.Parallel()
	shrinking := false
	search := chaos.Search{Space: space(t), Seed: 1, Plans: 5000, Shrinks: func(chaos.Finding) { shrinking = true }}
	search.Judge = func(_ context.Context, p chaos.Plan) (chaos.Failure, error) {
		switch {
		case shrinking && len(p) == 1:
			return chaos.Failure{Broken: []string{"easy"}}, nil
		case down(p, "AE1", 1) && down(p, "BE1", 1):
			return chaos.Failure{Broken: []string{"both"}}, nil
		}
		return chaos.Failure{}, nil
	}
	r, err := search.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"both"}, r.Found.Failure.Broken)
	require.Len(t, r.Found.Smallest, 2)
}

func TestASearchThatFindsNothing(t *testing.T) {
	t.Parallel()
	judged := 0
	search := chaos.Search{Space: space(t), Plans: 50, Judge: judge(func(chaos.Plan) bool { return false }), Judged: func() { judged++ }}
	r, err := search.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, chaos.Result{Survived: 50}, r)
	require.Equal(t, 50, judged)
}

// The deadline ends a search in good order, with what it has; any other end, and an error of the judge, is an error.
func TestTheEndsOfASearch(t *testing.T) {
	t.Parallel()
	wait := func(ctx context.Context, p chaos.Plan) (chaos.Failure, error) {
		<-ctx.Done()
		return chaos.Failure{}, ctx.Err()
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Millisecond)
	defer stop()
	r, err := (&chaos.Search{Space: space(t), Plans: 50, Judge: wait}).Run(ctx)
	require.NoError(t, err)
	require.Equal(t, chaos.Result{TimeUp: true}, r)

	ctx, stop = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	shrinking := false
	search := chaos.Search{Space: space(t), Plans: 50, Workers: 1, Shrinks: func(chaos.Finding) { shrinking = true }}
	search.Judge = func(ctx context.Context, p chaos.Plan) (chaos.Failure, error) {
		if shrinking {
			return wait(ctx, p)
		}
		return chaos.Failure{Broken: []string{"x"}}, nil
	}
	r, err = search.Run(ctx)
	require.NoError(t, err)
	require.True(t, r.TimeUp)
	require.Equal(t, r.Found.Drawn, r.Found.Smallest)
	require.False(t, r.Found.Complete)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = (&chaos.Search{Space: space(t), Plans: 50, Judge: wait}).Run(ctx)
	require.ErrorIs(t, err, context.Canceled)

	broken := errors.New("broken")
	_, err = (&chaos.Search{Space: space(t), Plans: 50, Judge: func(context.Context, chaos.Plan) (chaos.Failure, error) { return chaos.Failure{}, broken }}).Run(t.Context())
	require.ErrorIs(t, err, broken)
}

// Every plan keeps to its window, and is a part of a scenario that loads without a warning.
func TestPlansAreScenarios(t *testing.T) {
	t.Parallel()
	quiet, busy := space(t), space(t)
	busy.Changed(2*time.Hour, 20*time.Minute)
	seen := map[fault.Kind]bool{}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]*chaos.Space{quiet, busy}).Draw(t, "changes")
		plan := s.Draw(rapid.Int64Min(0).Draw(t, "seed"), rapid.IntRange(1, 1000).Draw(t, "number"))
		if len(plan) < 1 || len(plan) > chaos.FaultsMax {
			t.Fatalf("%d faults", len(plan))
		}
		for _, f := range plan {
			seen[f.Kind] = true
			if f.Start < 10*time.Minute || f.Duration < time.Minute || f.Start+f.Duration > 5*time.Hour || (f.Start+f.Duration)%time.Minute != 0 {
				t.Fatalf("%s is outside the window", f)
			}
		}
		text := "base = \"@faults/ref-3\"\nduration = \"9h\"\n" + plan.TOML("chaos") + chaos.TOML(chaos.Invariants())
		loaded, err := scenarios.Load(fstest.MapFS{"x.toml": {Data: []byte(text)}}, "x.toml")
		if err != nil {
			t.Fatalf("%s\n%s", err, text)
		}
		for _, w := range loaded.Warnings() {
			if w.Code == "" {
				t.Fatalf("%s\n%s", w, text)
			}
		}
		cfg, err := loaded.Config(loaded.Points()[0])
		if err != nil || len(cfg.Faults) != len(plan) {
			t.Fatalf("%v: %d faults of %d", err, len(cfg.Faults), len(plan))
		}
		for i, f := range cfg.Faults {
			if f.Kind != plan[i].Kind || time.Duration(f.Start) != plan[i].Start || f.Probability != 1 {
				t.Fatalf("%+v is not %s", f, plan[i])
			}
		}
	})
	require.GreaterOrEqual(t, len(seen), 11, "kinds of the space")
}

func TestSpacesThatAreNone(t *testing.T) {
	t.Parallel()
	org := organisation(t)
	_, err := chaos.NewSpace(org, 0, time.Hour, "nt-2000")
	require.ErrorContains(t, err, `"nt-2000" is not a profile; write nt-1999 or modern`)
	_, err = chaos.NewSpace(org, time.Hour, time.Hour, "modern")
	require.ErrorContains(t, err, "no fault fits between 1h0m0s and 1h0m0s of the run; make the run longer")
	_, err = chaos.NewSpace(&topology.Organisation{}, 0, time.Hour, "modern")
	require.ErrorContains(t, err, "nothing that a fault could strike")
	require.Equal(t, 4*time.Hour, chaos.Settle(org))
	require.Equal(t, time.Hour, chaos.Settle(&topology.Organisation{}))
}

func ExampleSearch() {
	s, _ := scenarios.Load(nil, "@faults/ref-2")
	cfg, _ := s.Config(s.Points()[0])
	space, _ := chaos.NewSpace(cfg.Org, 0, time.Hour, "modern")
	search := chaos.Search{Space: space, Seed: 1, Plans: 500, Judge: func(_ context.Context, p chaos.Plan) (chaos.Failure, error) {
		if down(p, "AE1", 10*time.Minute) { // a real judge runs the mail
			return chaos.Failure{Broken: []string{"mail-leaves"}, Text: "the only Edge is down"}, nil
		}
		return chaos.Failure{}, nil
	}}
	r, _ := search.Run(context.Background())
	fmt.Println(r.Found.Smallest[0])
	fmt.Print(r.Found.Smallest.TOML("chaos"))
	// Output:
	// host_down of AE1, at 0s for 10m
	//
	// [[fault]]
	// id = "chaos-1"
	// kind = "host_down"
	// target = { host = "AE1" }
	// start = "0s"
	// duration = "10m"
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/scenarios/sweep"
	"mailsim/sim"
	"mailsim/sim/result/dir"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	wrap := func(err error) error { return fmt.Errorf("point 3, replication 1: %w", err) }
	for name, c := range map[string]struct {
		err  error
		want int
	}{
		"nothing":            {nil, 0},
		"said already":       {&failure{code: 1}, 1},
		"usage":              {wrongUsage(errors.New("no")), 2},
		"wrong scenario":     {wrap(&scenarios.Error{}), 2},
		"no such file":       {wrap(fs.ErrNotExist), 2},
		"not a result":       {wrap(dir.ErrNotResult), 2},
		"result too new":     {wrap(dir.ErrNewer), 2},
		"damaged result":     {wrap(dir.ErrDamaged), 2},
		"broken law":         {wrap(sim.ErrInvariant), 3},
		"panic":              {wrap(&sweep.PanicError{Value: 1}), 3},
		"disk full":          {errors.New("no space left on device"), 3},
		"inconclusive":       {&failure{code: 4}, 4},
		"interrupted":        {wrap(context.Canceled), 130},
		"one of several bad": {errors.Join(nil, wrongUsage(errors.New("no"))), 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, _, _ := watched(0)
			require.Equal(t, c.want, env.conclude(c.err))
		})
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"run", "report", "route", "--replications", "--seed", "Tokyo", "tyo-hub1", "tyo-hub2"}
	for name, want := range map[string]string{
		"rnu": "run", "rep": "report", "reprot": "report", "--repl": "--replications", "--sede": "--seed", "tokio": "Tokyo",
		"tyo-hbu2": "tyo-hub2", "tyo-hub": "tyo-hub1", "x": "", "": "", "--": "", "osaka": "",
	} {
		require.Equal(t, want, nearest(name, known), name)
	}
}

package sim

import (
	"context"

	"mailsim/sim/simtime"
)

// StateOfRun is StateAt with the mail of the run, for tests that compare the two.
func StateOfRun(ctx context.Context, cfg *Config, rep int, at simtime.Time) (*State, error) {
	until := *cfg
	until.Duration = at.Sub(0)
	r, err := newRun(&until, rep, nowhere{})
	if err != nil {
		return nil, err
	}
	return &State{r}, r.loop(ctx)
}

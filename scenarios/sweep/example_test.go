package sweep_test

import (
	"context"
	"fmt"

	"mailsim/scenarios/sweep"
	"mailsim/sim/result"
)

func Example() {
	points, err := sweep.Points([]result.Axis{{Path: "edge.*.connection_threshold", Values: []any{int64(5), int64(20)}}})
	if err != nil {
		panic(err)
	}
	plan := sweep.Plan{Program: "v1", Scenario: []byte("..."), Points: points, Replications: 2}
	pool := sweep.Pool{
		Workers: 4,
		Simulate: func(_ context.Context, t sweep.Task) (*result.Run, error) {
			return &result.Run{Point: t.Point.Index, Replication: t.Replication}, nil // in place of a simulation
		},
		Deliver: func(t sweep.Task, _ *result.Run) error {
			fmt.Println(t)
			return nil
		},
	}
	if err := pool.Run(context.Background(), plan.Tasks(), nil); err != nil {
		panic(err)
	}
	// Output:
	// point 0 (connection_threshold = 5), replication 0
	// point 0 (connection_threshold = 5), replication 1
	// point 1 (connection_threshold = 20), replication 0
	// point 1 (connection_threshold = 20), replication 1
}

// Package chaos looks for a small set of faults that an organisation does not survive: it draws plans of faults at random, has each
// judged, and shrinks the first that fails to the smallest one that fails in the same way.
//
//	space, err := chaos.NewSpace(cfg.Org, from, to, "nt-1999")      // what can be struck, and when
//	s := chaos.Search{Space: space, Seed: 1, Plans: 500, Judge: judge}
//	result, err := s.Run(ctx)
//	if result.Found != nil {
//		fmt.Print(result.Found.Smallest.TOML("chaos"))             // [[fault]] tables for a scenario
//	}
//
// What flows in: an organisation, and a Judge, which runs the mail under a plan and says what of the scenario's expectations is
// broken. What flows out: a Result. A Plan is plain data that writes itself as the [[fault]] tables of a scenario, so that what is
// judged is what somebody can run again. The result depends on the space, the seed and the judge only, not on the number of workers;
// the time limit of a context decides how far it gets.
//
// It reads no file, writes none, and looks at no clock. It imports scenarios/sweep, sim/fault, sim/rng and topology; it must never
// import plots or cmd.
package chaos

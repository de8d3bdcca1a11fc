// Package sim runs one replication of a checked configuration in virtual time.
//
//	sink := result.NewMemory(point, replication)
//	if err := sim.Run(ctx, cfg, replication, sink); err != nil { ... }
//	run := sink.Run()
//
// A run is a pure function of the configuration, its seed and the replication: no clock, no global random numbers, no map order. Inside it is one loop:
// take the next event, tell a core (sim/transport) what happened, do what it says, and when an instant is over let the cores open
// connections. What flows in: a Config, from package scenarios. What flows out: a result.Sink's worth of figures, and the
// laws that they satisfy.
//
// It must never import scenarios, plots or cmd, and nothing that reads files.
package sim

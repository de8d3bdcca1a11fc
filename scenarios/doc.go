// Package scenarios reads scenario files: the description of an organisation, its mail, its faults, the settings to sweep and what
// is expected of the result. It is the only package that knows TOML.
//
//	s, err := scenarios.Load(scenarios.Disk{}, "scenarios/threshold.toml") // or "@threshold", a shipped one
//	for _, w := range s.Warnings() { fmt.Println(w) }
//	for _, p := range s.Points() {
//		cfg, err := s.Config(p) // a checked sim.Config, one for each point of the sweep
//	}
//
// How a file becomes a configuration: BurntSushi/toml parses it; a scanner of our own finds the line and column of every key
// (scan.go); both together make a tree of nodes that know where they stand (node.go). The tree takes in the base file, the --set
// overrides and the settings of a sweep point (merge.go, path.go), is bound to the Go types of the tables (bind.go, table_*.go), and
// those are checked against each other and translated (check_*.go, build_*.go). The struct tags of the tables are the only
// description of a key: the decoder, the JSON schema (schema.go) and the reference page (reference.go) all read them.
//
// What flows in: files of an fs.FS, overrides as path=value. What flows out: an immutable *Scenario, or an *Error that lists every
// problem with file, line and column. It imports sim and what lies below it; it must never import plots or cmd.
package scenarios

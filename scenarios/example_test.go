package scenarios_test

import (
	"fmt"
	"testing/fstest"

	"mailsim/scenarios"
)

// A scenario becomes one configuration for each point of its sweep.
func ExampleLoad() {
	files := fstest.MapFS{"small.toml": {Data: []byte(`
duration = "1h"

[[site]]
name = "Tokyo"

[[hub]]
name = "tyo-hub1"
site = "Tokyo"

[[mailbox]]
name = "tyo-mbx1"
site = "Tokyo"
mailboxes = 100

[[load]]
id = "mail"
kind = "poisson"
from = "site:Tokyo"
to = "site:Tokyo"
rate = "30/min"

[sweep]
"load.mail.rate" = ["30/min", "60/min"]
`)}}
	s, err := scenarios.Load(files, "small.toml", "seed=42")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range s.Points() {
		cfg, err := s.Config(p)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s, seed %d: %g messages a second\n", p.Label, cfg.Seed, cfg.Loads[0].Rate)
	}
	// Output:
	// rate = 30/min, seed 42: 0.5 messages a second
	// rate = 60/min, seed 42: 1 messages a second
}

// Everything that is wrong is reported at once, with its place and a proposal.
func ExampleError() {
	files := fstest.MapFS{"wrong.toml": {Data: []byte(`duration = 45
[[site]]
name = "Tokyo"
[[hub]]
name = "tyo-hub1"
site = "Tokio"
conection_threshold = 5
`)}}
	_, err := scenarios.Load(files, "wrong.toml")
	fmt.Println(err)
	// Output:
	// wrong.toml:1:12: duration: 45 has no unit; write "45s", "45m" or "45h"
	// wrong.toml:6:8: hub "tyo-hub1": site: no site is called "Tokio"; did you mean "Tokyo"?
	// wrong.toml:7:1: hub "tyo-hub1": conection_threshold: unknown key; did you mean "connection_threshold"?
}

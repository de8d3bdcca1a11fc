package scenarios_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestQ8_7_UnreachableOfAScenario: the connector for the mail of 10:01 comes at 10:21. Each new view sends the Unreachable queue back to the
// categoriser, not one that an operator suspended, from which nothing goes before he resumes it.
func TestQ8_7_UnreachableOfAScenario(t *testing.T) {
	t.Parallel()
	const text = `
start = 2026-03-02T10:00:00Z
duration = "2h"
[model]
version = "2010"
profile = "reference"
[[site]]
name = "A"
[[hub]]
name = "h"
site = "A"
[[mailbox]]
name = "m"
site = "A"
[[connector]]
name = "out"
address_spaces = ["SMTP:*;1"]
source_servers = ["h"]
present = false
[[remote]]
name = "internet"
rtt = "0s"
session = { setup = "0s", per_message = "1s" }
[[load]]
kind = "burst"
from = "site:A"
to = "internet"
at = "1m"
count = 1
size = "10KB"
[[action]]
at = "20m"
action = "add_connector"
target = { connector = "out" }
`
	step := func(at, action string) string {
		return fmt.Sprintf("[[action]]\nat = %q\naction = %q\ntarget = { host = \"h\", queue = \"Unreachable\" }\n", at, action)
	}
	for name, c := range map[string]struct {
		steps string
		delay float64 // since 10:01
	}{
		"with the view":              {"", 20*60 + 1},
		"not while suspended":        {step("10m", "suspend_queue") + step("30m", "resume_queue"), 29*60 + 10 + 1},
		"not by a resubmission":      {step("10m", "suspend_queue") + step("25m", "resubmit_queue") + step("30m", "resume_queue"), 29*60 + 10 + 1},
		"resumed before the view":    {step("10m", "suspend_queue") + step("15m", "resume_queue"), 20*60 + 1},
		"a retry is none of it":      {step("10m", "retry_queue"), 20*60 + 1},
		"resubmitted without use":    {step("10m", "resubmit_queue"), 20*60 + 1},
		"delivery queues are others": {`[[action]]` + "\nat = \"10m\"\naction = \"suspend_queue\"\ntarget = { host = \"h\" }\n", 20*60 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.InDelta(t, c.delay, work(t, text+c.steps).figure("delivery.delay", "from=all,to=all", "max"), 0.02)
		})
	}
}

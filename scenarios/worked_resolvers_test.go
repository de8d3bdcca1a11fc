package scenarios_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
)

// resolving is W24's story with resolvers named, and a dns_timeout.
func resolving(resolvers, keys string, mail ...string) string {
	text := strings.Replace(unnamed(keys, mail...), `profile = "reference"`, "profile = \"reference\"\ndns_timeout = \"60s\"", 1)
	return text + "[[edge]]\nname = \"AE1\"\ndns_servers = " + resolvers + "\n"
}

// TestF14_Resolvers: an Edge asks its resolvers in the order of its list. The message of 10:00:13 is at the Edge at 10:00:15.
func TestF14_Resolvers(t *testing.T) {
	t.Parallel()
	const two = `["r1", "r2"]`
	longest := func(w *worked) float64 { return w.figure("delivery.delay", "from=all,to=all", "max") }
	base := longest(work(t, resolving(two, "enabled = false", "1h13s")))
	for name, c := range map[string]struct {
		resolvers, keys string
		late            float64
		retries         []string
	}{
		"the first is silent":  {two, `servers = "r1"`, 5, nil},
		"the second is silent": {two, `servers = "r2"`, 0, nil},
		"the first fails":      {two, "mode = \"servfail\"\nservers = \"r1\"", 0, nil},
		"two of three":         {`["r1", "r2", "x"]`, `servers = "r*"`, 10, nil},
		"one without a choice": {`"r1"`, `servers = ["r1"]`, -1, []string{"10:01:15", "10:03:15", "10:05:15", "10:07:15", "10:09:15", "10:20:15"}},
		"all":                  {two, `servers = "*"`, -1, []string{"10:01:15", "10:03:15", "10:05:15", "10:07:15", "10:09:15", "10:20:15"}},
		"all, unsaid":          {two, "", -1, []string{"10:01:15", "10:03:15", "10:05:15", "10:07:15", "10:09:15", "10:20:15"}},
		"all fail":             {two, "mode = \"servfail\"", -1, []string{"10:00:15", "10:01:15", "10:02:15", "10:03:15", "10:04:15", "10:14:15"}},
	} {
		w := work(t, resolving(c.resolvers, c.keys, "1h13s"))
		require.Equal(t, c.retries, w.events("queue.retry", "AE1", ""), name)
		require.Equal(t, 1.0, w.figure("messages.delivered", "site=all", "total"), name)
		if c.late >= 0 {
			require.InDelta(t, base+c.late, longest(w), 1e-6, name)
		}
	}
	// A wrong answer counts, and is waited for.
	w := work(t, resolving(two, "mode = \"nxdomain\"\nservers = \"r1\"", "1h13s"))
	require.Equal(t, []string{"10:00:15"}, w.events("dsn", "AE1", "status=5.4.4"))
	w = work(t, resolving(two, "mode = \"nxdomain\"\nservers = \"r2\"\n[[fault]]\nid = \"first\"\nkind = \"dns_fail\"\nstart = \"1h\"\nend = \"80m\"\nservers = \"r1\"\ntarget = { host = \"AE1\" }", "1h13s"))
	require.Equal(t, []string{"10:00:20"}, w.events("dsn", "AE1", "status=5.4.4"), "r1 is silent for 5 s, r2 denies")
	// What has been found is remembered: the second message takes no query; one that comes while it is under way waits for its answer.
	w = work(t, resolving(two, `servers = "r1"`, "1h13s", "1h10m"))
	require.InDelta(t, 2*base+5, 2*w.figure("delivery.delay", "from=all,to=all", "mean"), 1e-6)
	w = work(t, resolving(two+"\nconnection_threshold = 1", `servers = "r1"`, "1h13s", "1h14s"))
	require.InDelta(t, base+4.5, w.figure("delivery.delay", "from=all,to=all", "mean"), 0.6, "five seconds, and four")
}

// A machine asks its own resolvers, else those of its site.
func TestF14_ResolversOfASite(t *testing.T) {
	t.Parallel()
	text := resolving(`["r1", "r2"]`, "", "1h13s") + "[[site]]\nname = \"A\"\ndns_servers = [\"s1\", \"s2\"]\n"
	load := func(keys string) error {
		_, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(strings.Replace(text, "target = { host = \"AE1\" }\n", keys, 1))}}, "w.toml")
		return err
	}
	require.NoError(t, load("target = { host = \"AE1\" }\nservers = \"r*\"\n"))
	require.NoError(t, load("target = { host = \"A1\" }\nservers = \"s2\"\n"))
	require.NoError(t, load("target = { site = \"A\" }\nservers = [\"s1\", \"r1\"]\n"))
	require.ErrorContains(t, load("target = { host = \"AE1\" }\nservers = \"s1\"\n"), `servers: "s1" matches no resolver of the hosts; did you mean "r1"?`)
	require.ErrorContains(t, load("target = { host = \"BE1\" }\nservers = \"s1\"\n"), `the hosts name no resolvers; write dns_servers = ["s1"] in their tables or their site's, or leave servers out`)
	require.ErrorContains(t, load("target = { host = \"AE1\" }\nservers = []\n"), `servers: is empty`)

	// A domain controller finds others as long as one resolver answers.
	for servers, seen := range map[string]int{`servers = "s1"`: 1, `servers = "s*"`: 0, "": 0, "servers = \"s1\"\nmode = \"servfail\"": 1} {
		pulled := strings.Replace(unnamed("", "1h13s"), "target = { host = \"AE1\" }\n", "target = { host = \"BD1\" }\n"+servers+"\n", 1)
		pulled += "[[site]]\nname = \"B\"\ndns_servers = [\"s1\", \"s2\"]\n"
		pulled += "[[action]]\nat = \"62m\"\naction = \"set_connector\"\ntarget = { connector = \"C-A\" }\ncost = 5\ndc = \"AD1\"\n[[action]]\nat = \"65m\"\naction = \"replicate_now\"\ntarget = { host = \"BD1\" }\n"
		require.Len(t, work(t, pulled).before("config.view", "B1", "10:15:00"), seen, servers)
	}
}

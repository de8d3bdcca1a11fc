package scenarios

import (
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/topology"
	"mailsim/topology/route"
)

func firstConfig(t *testing.T, s *Scenario) *sim.Config {
	t.Helper()
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	return cfg
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	s := loadGood(t, "org.toml", "seed=7", "model.version=2007", "edge.*.connection_threshold=5", "load[0].rate=120/min", "load.mail.size=3KB",
		`link."A-B".cost=77`, "hub.a?.dc=bd1", "remote.cloud.session={ setup = '1s' }", "remote.cloud.session.per_message=250ms", "duration=90m",
		"hub.b1.connection_threshold.intra_org = 3")
	cfg := firstConfig(t, s)
	require.EqualValues(t, 7, cfg.Seed)
	require.Equal(t, 90*time.Minute, cfg.Duration)
	require.Equal(t, topology.V2007, cfg.Org.Version)
	ae1, _ := cfg.Org.ServerByName("ae1")
	require.Equal(t, 5, cfg.Servers[ae1].Profile.Threshold[route.ClassSmtpConnector])
	b1, _ := cfg.Org.ServerByName("b1")
	require.Equal(t, 3, cfg.Servers[b1].Profile.Threshold[route.ClassIntraOrg])
	require.Equal(t, 20, cfg.Servers[b1].Profile.Threshold[route.ClassOther])
	require.InDelta(t, 2, cfg.Loads[0].Rate, 1e-12)
	require.InDelta(t, 3072, cfg.Loads[0].Size.Mean(), 0)
	require.EqualValues(t, 77, cfg.Org.Links[0].Cost)
	for i, want := range []topology.DCID{1, 1, 1, 0} { // a1, a2 by the override; b1 its own site's; c1 the nearest
		if i == 3 {
			want = 1
		}
		require.Equal(t, want, cfg.Org.Servers[i].DC, cfg.Org.Servers[i].Name)
	}
	require.InDelta(t, 1, cfg.Remotes[0].Session.Setup.Mean(), 0)
	require.InDelta(t, 0.25, cfg.Remotes[0].Session.PerMessage.Mean(), 0)
	require.Zero(t, cfg.Remotes[0].Session.RoundTrips)
	requireSameAgain(t, s)
}

func TestWrongOverrides(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]string{
		"seed=99999999999999999999":    `--set "seed=99999999999999999999": seed: 99999999999999999999 is too large; write a whole number of at most 9223372036854775807`,
		"seed=seven":                   `--set "seed=seven": seed: expected a whole number, got text "seven"; write a number without quotes and without a point`,
		"duration=nan":                 `--set "duration=nan": duration: "nan" is not a duration; write for example "90s" or "2h30m" (units are ms, s, m, h, d and w)`,
		"load[7].every=1s":             `--set "load[7].every=1s": path "load[7].every" matches nothing: there is 1 load: load[0]`,
		"hub[4].dc=ad1":                `--set "hub[4].dc=ad1": path "hub[4].dc" matches nothing: there are 4 of hub: hub[0] to hub[3]`,
		"seed":                         `--set "seed": has no =; write path=value, for example edge.*.connection_threshold=5`,
		"sed=5":                        `--set "sed=5": sed: unknown key; did you mean "seed"?`,
		"edge.ae2.dc=ad1":              `--set "edge.ae2.dc=ad1": path "edge.ae2.dc" matches nothing: no edge is called "ae2"; did you mean "ae1"?`,
		"edge.*.connection_treshold=5": `--set "edge.*.connection_treshold=5": edge "ae1": connection_treshold: unknown key; did you mean "connection_threshold"?`,
		"load[1].rate=5/s":             `--set "load[1].rate=5/s": path "load[1].rate" matches nothing: there is 1 load: load[0]`,
		"load.mail.rate=5":             `--set "load.mail.rate=5": load "mail": rate: "5" has no unit; write "5/s", "5/min" or "5/h"`,
		"seed=x":                       `--set "seed=x": seed: expected a whole number, got text "x"; write a number without quotes and without a point`,
		"hub[x].dc=ad1":                `--set "hub[x].dc=ad1": path "hub[x].dc": [x] is not a place; write a whole number from 0`,
		`hub."a1.dc=ad1`:               `--set "hub.\"a1.dc=ad1": path "hub.\"a1.dc": a quote is not closed`,
		"hub[0.dc=ad1":                 `--set "hub[0.dc=ad1": path "hub[0.dc": a bracket is not closed`,
		"=5":                           `--set "=5": path "": a part of it is empty; write for example edge.*.connection_threshold`,
		"seed.x=5":                     `--set "seed.x=5": path "seed.x": seed is no table and has no parts`,
		"base=x.toml":                  `--set "base=x.toml": path "base": base cannot be set`,
		"hub.a1=5":                     `--set "hub.a1=5": path "hub.a1": names a whole table; add the key to set`,
		"site=5":                       `--set "site=5": site: expected a list, got the number 5; write [[site]]`,
	} {
		_, err := Load(os.DirFS("testdata/good"), "org.toml", set)
		if assert.Error(t, err, set) {
			assert.Contains(t, err.Error(), want, set)
		}
	}
}

func TestOverrideOfAnAxisRunsThatValueAlone(t *testing.T) {
	t.Parallel()
	src := `
base = "org.toml"
[sweep]
"hub.*.connection_threshold" = [5, 20]
"model.version" = ["2010", "2007"]
[[expect]]
id = "five"
metric = "messages.held"
stat = "total"
must = "== 0"
set = { "hub.*.connection_threshold" = 5 }
[[expect]]
id = "twenty"
metric = "messages.held"
stat = "total"
must = "== 0"
set = { "hub.*.connection_threshold" = 20 }
`
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte(src)}, "org.toml": {Data: org}}, "x.toml", "hub.*.connection_threshold=20", "model.version=2007")
	require.NoError(t, err)
	require.Equal(t, []result.Axis{
		{Path: "hub.*.connection_threshold", Values: []any{int64(20)}}, {Path: "model.version", Values: []any{"2007"}},
	}, s.Axes())
	require.Len(t, s.Points(), 1)
	require.Len(t, s.Expectations(), 1)
	require.Equal(t, "twenty", s.Expectations()[0].ID)
	require.Equal(t, topology.V2007, firstConfig(t, s).Org.Version)
	requireSameAgain(t, s)
}

func TestBaseMergesByName(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"a/x.toml": {Data: []byte(`
base = "../b/y.toml"
seed = 3
[model]
sharing = "fixed"
[[hub]]
name = "h2"
site = "A"
[[hub]]
name = "h1"
connection_threshold = 5
[[load]]
id = "l"
rate = "2/s"
[[action]]
at = "2m"
action = "set_hub_site"
target = { site = "A" }
hub_site = false
[defaults.hub]
max_outbound_connections = 50
`)},
		"b/y.toml": {Data: []byte(`
duration = "1h"
seed = 1
[model]
version = "2007"
[[site]]
name = "A"
[[hub]]
name = "h1"
site = "A"
connection_threshold = 7
max_messages_per_connection = 9
[[mailbox]]
name = "m1"
site = "A"
[[load]]
id = "l"
kind = "poisson"
from = "site:A"
to = "site:A"
rate = "1/s"
[[action]]
at = "1m"
action = "set_hub_site"
target = { site = "A" }
hub_site = true
[defaults.hub]
max_per_domain_outbound_connections = 30
`)},
	}
	s, err := Load(files, "a/x.toml")
	require.NoError(t, err)
	cfg := firstConfig(t, s)
	require.Equal(t, "x", cfg.Name)
	require.EqualValues(t, 3, cfg.Seed)
	require.True(t, cfg.Model.FixedRate)
	require.Equal(t, topology.V2007, cfg.Org.Version)
	require.Equal(t, "h1", cfg.Org.Servers[0].Name)
	require.Equal(t, "h2", cfg.Org.Servers[1].Name)
	p := cfg.Servers[0].Profile
	require.Equal(t, []int{5, 9, 50, 30}, []int{p.Threshold[0], p.MaxMessagesPerConnection, p.MaxOutboundConnections, p.MaxPerDomainConnections})
	require.Len(t, cfg.Loads, 1)
	require.InDelta(t, 2, cfg.Loads[0].Rate, 0)
	require.Len(t, cfg.Actions, 2)
	require.EqualValues(t, time.Minute, cfg.Actions[0].At)
	requireSameAgain(t, s)
}

func TestBaseOfAShippedScenario(t *testing.T) {
	t.Parallel()
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte("base = \"@threshold\"\nreplications = 2\n")}}, "x.toml")
	require.NoError(t, err)
	require.Equal(t, 2, s.Replications())
	require.Len(t, s.Points(), 5)
	require.Equal(t, "threshold", s.Name())
}

func TestConfigOfAPointThatContradictsItself(t *testing.T) {
	t.Parallel()
	src := `
base = "org.toml"
[sweep]
"hub.a1.max_outbound_connections" = [15, 100]
"hub.a1.max_per_domain_outbound_connections" = [10, 20]
`
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	_, err = Load(fstest.MapFS{"x.toml": {Data: []byte(src)}, "org.toml": {Data: org}}, "x.toml")
	require.ErrorContains(t, err, "x.toml:4:38: hub \"a1\": max_outbound_connections: max_per_domain_outbound_connections is 20, more than max_outbound_connections, 15")
}

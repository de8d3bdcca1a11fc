package scenarios_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// netScenario is a scenario with a mailbox server, and a hub where the version has them.
func netScenario(t *testing.T, version, model, server, more string) *sim.Config {
	t.Helper()
	text := "name = \"x\"\nduration = \"4h\"\n[model]\nversion = \"" + version + "\"\n" + model + `
[[site]]
name = "A"
[[edge]]
name = "e"
subscribed_site = "A"
[[load]]
kind = "regular"
from = "site:A"
to = "site:A"
every = "1h"
count = 1
`
	if version < "2013" {
		text += "[[mailbox]]\nname = \"m\"\nsite = \"A\"\n[[hub]]\nname = \"h\"\nsite = \"A\"\n" + server
	} else {
		text += "[[mailbox]]\nname = \"m\"\nsite = \"A\"\n" + server + "\n[[mailbox]]\nname = \"n\"\nsite = \"A\"\n[[dag]]\nname = \"d\"\nmembers = [\"m\", \"n\"]\n" +
			"databases = [{ name = \"db\", active = \"m\", copies = [\"n\", \"m\"] }]\n"
	}
	s, err := scenarios.Load(fstest.MapFS{"x.toml": {Data: []byte(text + more)}}, "x.toml")
	require.NoError(t, err, text+more)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	return cfg
}

// TestQ11_5_AsInstalled: what servers keep where it shows, and for how long. A shadow copy that nobody acknowledges outlives it by the expiry
// of messages.
func TestQ11_5_AsInstalled(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	activation := "[[action]]\nat = \"1h\"\naction = \"activate_copy\"\ntarget = { host = \"m\" }\n"
	for _, c := range []struct {
		version, model, server, more string
		hold                         time.Duration
		bytes                        int64
		life                         time.Duration
	}{
		{"2016", "", "", "", 0, 0, 4 * day},
		{"2016", "safety_net = true", "", "", 2 * day, 0, 4 * day},
		{"2016", "", "", activation, 2 * day, 0, 4 * day},
		{"2016", "", "queue_drive = { size = \"10GB\" }", "", 2 * day, 0, 4 * day},
		{"2016", "safety_net = false", "", activation, 0, 0, 4 * day},
		{"2016", "profile = \"reference\"", "queue_drive = { size = \"10GB\" }", "", 0, 0, 0},
		{"2016", "profile = \"reference\"\nsafety_net = true", "", "", 2 * day, 0, 0},
		{"2016", "", "safety_net_hold_time = \"15s\"\nmessage_expiration_timeout = \"1d\"", activation, 15 * time.Second, 0, day + 15*time.Second},
		{"2010", "safety_net = true", "", "", 7 * day, 18 << 20, 0},
		{"2007", "safety_net = true\nmax_dumpster_size_per_database = \"1MB\"", "safety_net_hold_time = \"1d\"", "", day, 1 << 20, 0},
	} {
		cfg := netScenario(t, c.version, c.model, c.server, c.more)
		for i, x := range cfg.Org.Servers {
			s := &cfg.Servers[i]
			if x.Name != "h" && (x.Name != "m" || c.version < "2013") {
				require.True(t, x.Name == "n" || s.SafetyNet.Hold == 0, "%s of %s", x.Name, c.version)
				continue
			}
			require.Equal(t, c.hold, s.SafetyNet.Hold, "%+v", c)
			require.Equal(t, c.bytes, s.SafetyNet.MaxBytes, "%+v", c)
			require.Equal(t, c.life, s.Shadow.CopyLife, "%+v", c)
		}
	}
}

// TestQ11_5_WhoseCopy: a step names a database or all of a server; its copy comes up on the first other server of the list unless another is
// named, and asks for what it lacks unless told to ask for more or less.
func TestQ11_5_WhoseCopy(t *testing.T) {
	t.Parallel()
	const minute = simtime.Time(time.Minute)
	for _, c := range []struct {
		target, keys string
		to           string
		since        simtime.Time
	}{
		{`database = "db"`, "", "n", 60*minute + minute/2},
		{`host = "m"`, `missing = "5m"`, "n", 55*minute + minute/2},
		{`host = "m", database = "d*"`, "to = \"m\"\nmissing = \"2h\"", "m", 0},
		{`database = "db"`, "duration = \"0s\"\nmissing = \"5m\"\nsince = \"30m\"", "n", 30 * minute},
	} {
		cfg := netScenario(t, "2016", "", "", "[[action]]\nat = \"1h\"\naction = \"activate_copy\"\ntarget = { "+c.target+" }\n"+c.keys+"\n")
		a := cfg.Actions[0]
		require.Equal(t, fault.ActivateCopy, a.Kind)
		require.Len(t, a.Databases, 1)
		d := a.Databases[0]
		require.Equal(t, "m db", cfg.Org.Servers[d.Server].Name+" "+cfg.Org.Servers[d.Server].DatabaseName(d.Index))
		require.Equal(t, c.to, cfg.Org.Servers[a.To].Name)
		require.Equal(t, c.since, a.Since)
	}
	a := netScenario(t, "2010", "", "", "[[action]]\nat = \"1h\"\naction = \"activate_copy\"\ntarget = { database = \"m\" }\n").Actions[0]
	require.EqualValues(t, -1, a.To, "it comes up where it was")
}

// TestQ11_5_AsksWhenItIsActive: a copy that becomes active at a drawn time, or with the second occurrence of a fault, asks for just what it lacks then, as if the scenario had
// given the time.
func TestQ11_5_AsksWhenItIsActive(t *testing.T) {
	t.Parallel()
	figures := func(more string) (out [3]float64, effects []time.Duration) {
		cfg := netScenario(t, "2016", "", "", "[[load]]\nkind = \"regular\"\nfrom = \"site:A\"\nto = \"mailbox:m\"\nevery = \"1m\"\n"+more)
		m := result.NewMemory(0, 0)
		require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
		for i, name := range []string{"messages.delivered", "messages.resubmitted", "messages.lost"} {
			for _, x := range m.Run().Summary.Metrics {
				if x.Metric == name && x.Labels.String() == "site=all" {
					out[i] = x.Stats[0].Value
				}
			}
		}
		for _, f := range m.Run().Summary.Faults {
			if f.Remedy {
				effects = append(effects, time.Duration(f.StartNS))
			}
		}
		return out, effects
	}
	const step = "action = \"activate_copy\"\ntarget = { database = \"db\" }\nmissing = \"20m\"\n"
	drawn, at := figures("[[action]]\nat = \"1h\"\nduration = { dist = \"uniform\", min = \"10m\", max = \"3h\", at_least = \"2h\" }\n" + step)
	require.Len(t, at, 1)
	require.GreaterOrEqual(t, at[0], 3*time.Hour, "the middle is 2 h 35 min or less")
	fixed, _ := figures("[[action]]\nat = \"1h\"\nduration = \"" + (at[0] - time.Hour).String() + "\"\n" + step)
	require.Equal(t, fixed, drawn)
	require.InDelta(t, 20, drawn[1], 1, "what was delivered in 20 minutes is sent again")

	repeated, times := figures("[[fault]]\nkind = \"config_notify_lost\"\ntarget = { host = \"n\" }\nduration = \"1m\"\nstart = \"1h\"\nschedule = { every = \"1h\", count = 2 }\n" +
		"[[fault.remedy]]\nafter = \"10m\"\nduration = \"0s\"\nto = \"n\"\n" + step)
	require.Equal(t, []time.Duration{70 * time.Minute, 130 * time.Minute}, times)
	twice, _ := figures("[[action]]\nat = \"70m\"\nduration = \"0s\"\nto = \"n\"\n" + step + "[[action]]\nat = \"130m\"\nduration = \"0s\"\nto = \"n\"\n" + step)
	require.Equal(t, twice, repeated)
}

package scenarios_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim/simtime"
)

// stalled is W17's organisation: one server of 2016 whose categoriser takes 20 ms a message, and what is wrong with its agents.
func stalled(fault, loads string) string {
	return `
start = 2026-03-02T09:00:00Z
duration = "90m"
[model]
version = "2016"
profile = "reference"
categoriser = { base = "20ms", per_recipient = "0s", per_kb = "0s", workers = 1 }
[[site]]
name = "A"
[[mailbox]]
name = "M"
site = "A"
[output]
sample_interval = "1s"
series = ["queue", "server"]
[[fault]]
id = "scanner"
kind = "agent_stall"
target = { host = "M" }
` + fault + loads
}

// TestF17_AgentStall is W17: what is accepted waits for the categoriser, back pressure rises and falls.
func TestF17_AgentStall(t *testing.T) {
	t.Parallel()
	t.Run("FW-17", func(t *testing.T) {
		t.Parallel()
		// Mailboxes, which no tarpit delays, send until they would be refused, and again when the server is back at Low.
		w := work(t, stalled(`duration = "1h"`+"\n", regular("in", "site:A", "site:A", "0s", "100ms", "24m59900ms")+regular("again", "site:A", "site:A", "64m22s", "100ms", "80m")))
		require.Equal(t, []string{"09:16:40", "09:25:00", "10:01:42", "10:04:22"}, w.events("pressure", "M", ""))
		var ids []int
		for _, e := range w.run.Events {
			if e.Kind == "pressure" {
				ids = append(ids, e.ID)
			}
		}
		require.Equal(t, []int{15004, 15004, 15005, 15005}, ids)
		require.Equal(t, 15000.0, w.level("server.submission", "server=M", "09:59:59"))
		require.Equal(t, 1900.0, w.level("server.submission", "server=M", "10:04:21")-50, "1,900 are left a second later")
		require.Equal(t, []string{"09:01:30"}, w.events("agent.slow", "M", ""), "one message is in work: 1050 for it")
		// 1,900 and ten a second more, at 50 a second: 47.5 s.
		require.Greater(t, w.level("server.submission", "server=M", "10:05:08"), 1.0)
		require.LessOrEqual(t, w.level("server.submission", "server=M", "10:05:10"), 1.0)
		const all = "site=all"
		require.Equal(t, w.figure("messages.submitted", all, "total"), w.figure("messages.delivered", all, "total"))
	})
	t.Run("outside senders are refused after 300 polls", func(t *testing.T) {
		t.Parallel()
		w := work(t, stalled(`duration = "1h"`+"\n", regular("in", "site:A", "site:A", "0s", "100ms", "16m50s")+regular("out", "internet", "site:A", "17m", "10s", "50m")))
		require.Equal(t, []string{"09:16:40"}, w.events("pressure", "M", "")[:1])
		pending := func(at string) float64 { return w.level("submission_pending", "site=internet", at) }
		require.Zero(t, pending("09:26:39"), "until then they wait for the reply")
		require.Positive(t, pending("09:27:00"))
	})
}

// TestF17_Speeds: factors multiply, ramps go in steps, and messages in work get on at the new speed.
func TestF17_Speeds(t *testing.T) {
	t.Parallel()
	const all = "site=all"
	one := regular("in", "site:A", "site:A", "10m", "1s", "10m")
	slow := []string{`model.categoriser.base="10s"`}
	for _, c := range []struct {
		name, fault string
		delay       float64
	}{
		{"not slow", "start = \"20m\"\nduration = \"1m\"", 10},
		{"a fifth", "duration = \"1h\"\nfactor = 0.2", 50},
		{"two faults", "duration = \"1h\"\nfactor = 0.5\n[[fault]]\nkind = \"agent_stall\"\ntarget = { host = \"M\" }\nduration = \"1h\"\nfactor = 0.4", 50},
		{"it ends", "duration = \"620s\"\nfactor = 0.2", 20 + 6},
		{"it stands still, then goes on", "duration = \"15m\"", 300 + 10},
		{"what is in work when it begins ends as ever", "start = \"605s\"\nduration = \"15m\"", 10},
		// Nothing is lost yet when the message comes at 600 s, so it is as good as in work before.
		{"a ramp that begins with it", "start = \"10m\"\nramp_up = \"100s\"\nduration = \"30m\"", 10},
		// Half of the ramp is over at 600 s: 5 tenths are lost, a tenth more every 6 s. 6*0.5 + 6*0.4 + 6*0.3 + 6*0.2 + 6*0.1 = 9; then nothing until 30 minutes are over.
		{"the middle of a ramp", "start = \"570s\"\nramp_up = \"60s\"\nduration = \"30m\"", 1770 + 1},
		{"bypassed, and not restarted", "duration = \"30m\"\n[[fault.remedy]]\naction = \"bypass_agent\"\nafter = \"10m\"", 1200 + 10},
		{"bypassed", "duration = \"1h\"\n[[fault.remedy]]\naction = \"bypass_agent\"\nafter = \"10m\"\n[[fault.remedy]]\naction = \"restart_transport\"\nafter_action = \"0s\"", 300 + 90 + 10},
		{"another fault stays", "duration = \"30m\"\nfactor = 0.5\n[[fault.remedy]]\naction = \"bypass_agent\"\nafter = \"0s\"\n[[fault.remedy]]\naction = \"restart_transport\"\nafter_action = \"0s\"\n" +
			"[[fault]]\nkind = \"agent_stall\"\ntarget = { host = \"M\" }\nstart = \"8m\"\nduration = \"1h\"\nfactor = 0.25\n[[action]]\naction = \"restart_transport\"\nat = \"490s\"\ntarget = { host = \"M\" }", 40},
		{"a restart alone is no cure", "duration = \"1h\"\nfactor = 0.5\n[[action]]\naction = \"restart_transport\"\nat = \"605s\"\ntarget = { host = \"M\" }", 5 + 90 + 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := work(t, stalled(c.fault+"\n", one), slow...)
			require.Equal(t, 1.0, w.figure("messages.delivered", all, "total"))
			require.InDelta(t, c.delay, w.figure("delivery.delay", "from=all,to=all", "max"), 0.01, "of it some milliseconds for the way into the store")
			long := 0
			if c.delay > 90 && c.name != "a restart alone is no cure" {
				long = 1
			}
			require.Len(t, w.events("agent.slow", "M", ""), long)
		})
	}
	t.Run("when it is over", func(t *testing.T) {
		t.Parallel()
		w := work(t, stalled("[[fault.remedy]]\naction = \"bypass_agent\"\nafter = \"10m\"\n[[fault.remedy]]\naction = \"restart_transport\"\nafter_action = \"0s\"\n", one), slow...)
		require.Equal(t, "09:16:30", w.clock(simtime.Time(*w.run.Summary.Faults[0].EndNS)))
	})
}

// TestF17_BypassWithoutRestart: an agent that is bypassed stays in use until its service starts.
func TestF17_BypassWithoutRestart(t *testing.T) {
	t.Parallel()
	warnings := func(remedies string) []string {
		text := stalled("duration = \"1h\"\n"+remedies, regular("in", "site:A", "site:A", "10m", "1s", "10m"))
		s, err := scenarios.Load(fstest.MapFS{"w.toml": {Data: []byte(text)}}, "w.toml")
		require.NoError(t, err)
		var out []string
		for _, w := range s.Warnings() {
			out = append(out, w.Text)
		}
		return out
	}
	const bypass, restart = "[[fault.remedy]]\naction = \"bypass_agent\"\nafter = \"10m\"\n", "[[fault.remedy]]\naction = \"restart_transport\"\n"
	require.Empty(t, warnings(bypass+restart+"after_action = \"0s\"\n"))
	require.Empty(t, warnings(restart))
	const want = `warning: [[fault]] #1 (id "scanner"): remedy: bypass_agent is not followed by restart_transport; the agent stays in use`
	require.Equal(t, []string{want}, warnings(bypass))
	require.Equal(t, []string{want}, warnings(restart+"after = \"0s\"\n"+bypass))
}

// TestF17_MalwareEngine is the first of January 2022: the engine cannot read its date, every mailbox server stands still at once and says so, Edges go on. The script is run
// on one server after an hour; the other one gets no further by a restart, which says the same again.
func TestF17_MalwareEngine(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("[[hub]]", "[[mailbox]]", "name = \"A1\"\nsite = \"A\"", "name = \"A1\"\nsite = \"A\"\nmailboxes = 50", "name = \"B1\"\nsite = \"B\"",
		"name = \"B1\"\nsite = \"B\"\nmailboxes = 50", `version = "2007"`, `version = "2016"`).Replace(fmt.Sprintf(ref2Written, "2021-12-31T23:00:00Z", "4h", 10, 10))
	text += regular("aa", "site:A", "site:A", "30s", "1m", "3h") + regular("bb", "site:B", "site:B", "30s", "1m", "3h") + `
[[fault]]
id = "new-year"
kind = "agent_stall"
agent = "malware"
start = "2022-01-01T00:00:00Z"
target = { role = ["hub", "mailbox", "edge"] }
[[fault.remedy]]
action = "bypass_agent"
after = "55m"
target = { host = "A1" }
[[fault.remedy]]
action = "restart_transport"
target = { host = "A1" }
[[action]]
at = "2h30m"
action = "restart_transport"
target = { host = "B1" }
`
	w := work(t, text)
	require.Equal(t, []string{"00:00:00", "00:00:00"}, w.events("agent.engine", "A1", ""))
	require.Equal(t, []string{"00:00:00", "00:00:00", "01:31:30", "01:31:30"}, w.events("agent.engine", "B1", ""))
	for _, edge := range []string{"AE1", "BE1"} {
		require.Empty(t, w.events("agent.engine", edge, ""))
	}
	var ids []int
	for _, e := range w.run.Events {
		if e.Kind == "agent.engine" && e.Server == "A1" {
			ids = append(ids, e.ID)
			require.Equal(t, "FIPFS", value(e, "source"))
			require.Equal(t, "error", value(e, "level"))
		}
	}
	require.Equal(t, []int{5300, 1106}, ids)
	require.InDelta(t, 30, w.level("server.submission", "server=A1", "01:01:00"), 2)
	require.LessOrEqual(t, w.level("server.submission", "server=A1", "01:02:00"), 1.0, "bypassed at 01:00, restarted 90 s later")
	require.InDelta(t, 60, w.level("server.submission", "server=B1", "02:30:00"), 2)
}

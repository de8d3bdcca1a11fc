package scenarios

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// How long the steps of operators take, and when they begin (docs/rules/faults.md, Chance, order, remedies).

const skewed = "[[fault]]\nid = \"fast\"\nkind = \"clock_skew\"\nstart = \"1h\"\ntarget = { host = \"b1\" }\noffset = \"+7m\"\nself_correct = false\n"

func mend(action, keys string) string {
	return "[[fault.remedy]]\naction = \"" + action + "\"\n" + keys + "\n"
}

func TestRemediesBeginInOrder(t *testing.T) {
	t.Parallel()
	when := func(text string) []time.Duration {
		var out []time.Duration
		for _, a := range configOf(t, "duration = \"10h\"\n"+text).Faults[0].Remedies {
			out = append(out, time.Duration(a.At))
		}
		return out
	}
	const hour, minute = time.Hour, time.Minute
	require.Equal(t, []time.Duration{hour + 75*minute, hour + 76*minute, hour + 78*minute},
		when(skewed+mend("set_time", "")+mend("replicate_now", "source = \"ad1\"\ntarget = { host = \"bd1\" }")+mend("restart_os", "")), "nothing alerts; each when the one before is done")
	require.Equal(t, []time.Duration{hour, hour + 5*minute}, when(skewed+mend("set_time", "after = \"0s\"")+mend("restart_os", "after = \"5m\"")))
	require.Equal(t, []time.Duration{hour + 75*minute, hour + 86*minute}, when(skewed+mend("set_time", "")+mend("restart_os", "after_action = \"10m\"")))
	for kind, want := range map[string]time.Duration{
		`kind = "host_down"` + "\ntarget = { host = \"a1\" }\n":                                            15 * minute,
		`kind = "auth_latch"` + "\nfrom = { host = \"a1\" }\nto = { host = \"b1\" }\n":                     75 * minute,
		`kind = "repl_lag"` + "\ninterval = \"24h\"\ntarget = { link = \"A-B\" }\n":                        75 * minute,
		`kind = "port_block"` + "\nports = [25]\nsrc = { host = \"a1\" }\ndst = { host = \"b1\" }\n":       15 * minute,
		`kind = "config_notify_lost"` + "\ntarget = { host = \"a1\" }\nduration = \"9h\"\nid = \"deaf\"\n": 75 * minute,
	} {
		require.Equal(t, []time.Duration{want}, when("[[fault]]\n"+kind+mend("restart_os", "target = { host = \"b1\" }")), kind)
	}
}

// The times that are not drawn are those of the table of remedies: the worked scenarios are computed with them.
func TestTimesOfSteps(t *testing.T) {
	t.Parallel()
	remedy := func(keys string) fault.Action {
		return configOf(t, "duration = \"10h\"\n"+skewed+mend("restart_os", keys)).Faults[0].Remedies[0]
	}
	a := remedy("")
	require.Equal(t, 8*time.Minute, a.Duration)
	require.Nil(t, a.Takes)
	require.Nil(t, a.Wait)
	a = remedy("duration = \"spread\"")
	require.Equal(t, 8*time.Minute, a.Duration, "the middle")
	require.Equal(t, 3*time.Minute, a.Takes.Least)
	require.Equal(t, 30*time.Minute, a.Takes.Most)
	a = remedy("duration = { dist = \"uniform\", min = \"2m\", max = \"4m\", at_most = \"150s\" }\nafter = { dist = \"exponential\", mean = \"10m\", at_least = \"1m\" }")
	require.Equal(t, 150*time.Second, a.Duration)
	require.Equal(t, 150*time.Second, a.Takes.Most)
	require.Equal(t, time.Minute, a.Wait.Least)
	require.InDelta(t, 10*0.693147, time.Duration(a.At).Minutes()-60, 1e-3)
	action := configOf(t, "duration = \"10h\"\n[[action]]\nat = \"1h\"\naction = \"fix_spn\"\ntarget = { host = \"a1\" }\nduration = \"spread\"\n").Actions[0]
	require.Equal(t, 5*time.Minute, action.Duration)
	require.Equal(t, 5*time.Minute*3/8, action.Takes.Least)
	edge := configOf(t, "duration = \"10h\"\n[[action]]\nat = \"1h\"\naction = \"renew_cert\"\ntarget = { role = \"edge\" }\nduration = \"spread\"\n").Actions[0]
	require.Equal(t, 40*time.Minute, edge.Duration)
	require.Equal(t, 15*time.Minute, edge.Takes.Least)
}

func TestBadTimesOfSteps(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		`duration = "spred"`: `remedy[0].duration: "spred" is not a duration; write for example "90s"`,
		`after = "spread"`:   `remedy[0].after: "spread" is not a duration; write for example "90s"`,
		`duration = { dist = "uniform", min = "2m", max = "4m", at_least = "3m", at_most = "1m" }`: `remedy[0].duration.at_most: 1m is less than at_least, 3m`,
		`duration = { dist = "exponential", mean = "2m", at_most = "0s" }`:                         `remedy[0].duration.at_most: must be more than 0s`,
		`duration = { dist = "exponential", mean = "2m", at_mst = "1m" }`:                          `remedy[0].duration.at_mst: unknown key`,
	} {
		_, err := loadOver("duration = \"10h\"\n" + skewed + mend("restart_os", keys))
		require.ErrorContains(t, err, want, keys)
	}
}

// What is drawn is what happens: each remedy's mark stands where its effect came, the next one begins then, and neither the order of the tables nor another
// fault changes what is drawn.
func TestDrawnTimesOfARun(t *testing.T) {
	t.Parallel()
	const chain = skewed + `[[fault.remedy]]
action = "set_time"
after = { dist = "uniform", min = "10m", max = "20m" }
duration = "spread"
[[fault.remedy]]
action = "restart_os"
after_action = "1m"
duration = "spread"
[[fault.remedy]]
action = "retry_queue"
target = { host = "a1" }
`
	const other = "[[fault]]\nid = \"a-first\"\nkind = \"host_down\"\nstart = \"5h\"\nduration = \"1m\"\ntarget = { host = \"a1\" }\n" +
		"[[fault.remedy]]\naction = \"restart_os\"\nduration = \"spread\"\n"
	instants := func(run *result.Run) (out []simtime.Time) {
		for _, x := range run.Summary.Faults {
			if x.Remedy && x.ID == "fast" {
				out = append(out, simtime.Time(x.StartNS))
			}
		}
		return out
	}
	run := func(text string) *result.Run { return outcome(t, configOf(t, "duration = \"10h\"\n"+text)) }
	alone := run(chain)
	got := instants(alone)
	require.Len(t, got, 3)
	require.Equal(t, 10*time.Second, got[2].Sub(got[1]), "the retry begins when the restart is done")
	took := got[1].Sub(got[0]) - time.Minute
	require.NotEqual(t, 8*time.Minute, took)
	require.True(t, 3*time.Minute <= took && took <= 30*time.Minute, took)
	var down []simtime.Time
	for _, e := range alone.Events {
		if e.Kind == "remedy" {
			down = append(down, e.Time)
		}
	}
	require.Equal(t, got, down, "the events say the same")
	require.Equal(t, got, instants(run(chain+other)))
	require.Equal(t, got, instants(run(other+chain)))
	cfg := configOf(t, "duration = \"10h\"\n"+chain)
	cfg.Seed++
	require.NotEqual(t, got, instants(outcome(t, cfg)), "another seed")
	repeated := run("[[fault]]\nid = \"daily\"\nkind = \"clock_skew\"\nduration = \"1h\"\nschedule = { every = \"2h\" }\ntarget = { host = \"b1\" }\noffset = \"+7m\"\n" +
		mend("set_time", "after = \"1m\"\nduration = \"spread\""))
	var took2 []time.Duration
	for _, x := range repeated.Summary.Faults {
		if x.Remedy {
			took2 = append(took2, time.Duration(x.StartNS)%(2*time.Hour)-time.Minute)
		}
	}
	require.Len(t, took2, 5)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(took2))), 5, "each occurrence draws its own")
}

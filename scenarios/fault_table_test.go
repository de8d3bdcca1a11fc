package scenarios

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// saidOf loads a scenario that builds on the small organisation and returns all that is said of it, problems or warnings, without the
// file's name. The first line is that of the base.
func saidOf(t testing.TB, src string) []string {
	t.Helper()
	s, err := loadOver(src)
	var out []string
	if err != nil {
		out = strings.Split(err.Error(), "\n")
	} else {
		out = texts(s.Warnings())
	}
	for i := range out {
		out[i] = strings.TrimPrefix(out[i], "x.toml:")
	}
	return out
}

// legalKinds are the kinds that the key kind takes.
func legalKinds() []string {
	f, _ := reflect.TypeFor[faultTable]().FieldByName("Kind")
	return strings.Split(f.Tag.Get("enum"), ",")
}

// A kind that scenarios take has a row, and one that has a row is taken and does not stand among those of later versions; its keys exist,
// and the names of common keys are no kind's own.
func TestFaultKinds(t *testing.T) {
	t.Parallel()
	var rows []string
	keys := map[string]bool{}
	for _, f := range fieldsOf(reflect.TypeFor[faultTable]()) {
		keys[f.key] = !f.later
	}
	later, _ := reflect.TypeFor[faultTable]().FieldByName("Kind")
	for _, k := range faultKinds() {
		rows = append(rows, k.kind.String())
		require.NotContains(t, strings.Split(later.Tag.Get("enumlater"), ","), k.kind.String())
		for _, key := range k.keys {
			require.True(t, keys[key], "%s: %s", k.kind, key)
			require.NotContains(t, commonKeys(), key)
		}
	}
	require.ElementsMatch(t, legalKinds(), rows)
	for _, key := range commonKeys() {
		require.True(t, keys[key], key)
	}
}

// Every message about a fault, word for word, with the place that it points at.
func TestF001_MessagesOfFaults(t *testing.T) {
	t.Parallel()
	const down = "[[fault]]\nkind = \"host_down\"\ntarget = { host = \"a1\" }\n"
	const skew = "[[fault]]\nkind = \"clock_skew\"\ntarget = { host = \"a1\" }\n"
	const link = "[[fault]]\nkind = \"link_down\"\n"
	for _, c := range []struct {
		code, src string
		want      []string
	}{
		{"F001", skew + "offest = \"+7m\"\noffset = \"+7m\"\n", []string{
			`5:1: [[fault]] #1 (id "clock_skew-1"): offest: unknown field; did you mean "offset"?`}},
		{"F002", "[[fault]]\nkind = \"clock_scew\"\n", []string{
			`3:8: [[fault]] #1 (id "clock_scew-1"): kind: "clock_scew" is not a fault kind; did you mean "clock_skew"? (known: ` + list(legalKinds()) + `)`}},
		{"F003", skew, []string{
			`2:1: [[fault]] #1 (id "clock_skew-1"): offset: required for kind "clock_skew" mode "jump"`}},
		{"F004", down + "offset = \"+7m\"\nduration = \"1h\"\n", []string{
			`5:1: [[fault]] #1 (id "host_down-1"): offset: not used by kind "host_down"`}},
		{"F005", down + "duration = \"45\"\n", []string{
			`5:12: [[fault]] #1 (id "host_down-1"): duration: "45" has no unit; write "45s", "45m" or "45h"`}},
		{"F006", down + "duration = \"0s\"\n", []string{
			`5:12: [[fault]] #1 (id "host_down-1"): duration: must be greater than 0; got "0s"`}},
		{"F007", down + "duration = \"1h\"\nend = \"2h\"\n", []string{
			`6:7: [[fault]] #1 (id "host_down-1"): end: give either duration or end, not both`}},
		{"F008", down + "start = \"3h\"\nend = \"2h\"\n", []string{
			`6:7: [[fault]] #1 (id "host_down-1"): end: 2h is not after start 3h`}},
		{"F009", down + "probability = 20\nduration = \"1h\"\n", []string{
			`5:15: [[fault]] #1 (id "host_down-1"): probability: 20 is outside 0..1; for 20 percent write 0.2`}},
		{"F010", down + "probability = \"5%\"\nduration = \"1h\"\n", []string{
			`5:15: [[fault]] #1 (id "host_down-1"): probability: "5%" is a string; write 0.05`}},
		{"F011", "[[fault]]\nkind = \"host_down\"\nduration = \"1h\"\ntarget = { host = \"hub-z9\", site = \"C\" }\n", []string{
			`5:19: [[fault]] #1 (id "host_down-1"): target.host: "hub-z9" matches no host; hosts in site "C": c1`}},
		{"F012", "[[fault]]\nkind = \"host_down\"\nduration = \"1h\"\ntarget = { host = \"ad1\" }\n", []string{
			`5:19: [[fault]] #1 (id "host_down-1"): target: host "ad1" has role dc; kind "host_down" needs hub, edge, mailbox`}},
		{"F013", "[[fault]]\nkind = \"host_down\"\nduration = \"1h\"\ntarget = {}\n", []string{
			`5:10: [[fault]] #1 (id "host_down-1"): target: required; name at least one host, site, role or link`}},
		{"F014", "[[fault]]\nkind = \"host_down\"\nduration = \"1h\"\ntarget = { host = [\"a1\", \"b*\"] }\npick = \"count\"\npick_value = 5\n", []string{
			`7:14: [[fault]] #1 (id "host_down-1"): pick_value: 5 exceeds the 3 matching hosts`}},
		{"F015", "[[fault]]\nid = \"w\"\nkind = \"host_down\"\nduration = \"1h\"\ntarget = { host = \"a1\" }\n" + strings.Repeat("[[fault]]\nid = \"x\"\nkind = \"host_down\"\nduration = \"1h\"\ntarget = { host = \"a1\" }\n", 2), []string{
			`13:6: [[fault]] #3 (id "x"): id: "x" already used by #2`}},
		{"F016", link + "target = { link = \"A-B\" }\nschedule = { every = \"1d\" }\nrandom = { profile = \"modern\" }\n", []string{
			`6:1: [[fault]] #1 (id "link_down-1"): random: not allowed together with schedule`}},
		{"F017", down + "start = \"40h\"\nduration = \"1h\"\n", []string{
			`5:9: warning: [[fault]] #1 (id "host_down-1"): start: 40h is after the simulation end 1d; fault never runs`}},
		{"F018", down + "duration = \"1h\"\nramp_up = \"5m\"\n", []string{
			`6:1: [[fault]] #1 (id "host_down-1"): ramp_up: kind "host_down" is on/off; remove it`}},
		{"F019", down + "duration = \"90m\"\nschedule = { weekly = [\"mon\", \"tue\"], at = \"00:30\", count = 2, overlap = \"allow\" }\n" +
			down + "duration = \"90m\"\nschedule = { every = \"1h\", count = 4 }\n", []string{
			`11:12: warning: [[fault]] #2 (id "host_down-2"): schedule: occurrence 2 overlaps 1; skipped (overlap = "forbid"), like 1 more`}},
		{"F019, the fourth", down + "duration = \"2h\"\nschedule = { every = \"3h\", until = \"9h\" }\nremedy = [{ action = \"retry_queue\" }]\n" +
			"[[fault]]\nkind = \"host_down\"\ntarget = { host = \"a*\" }\nsequence = \"serial\"\nduration = \"30m\"\nlead_out = \"1m\"\nschedule = { every = \"122m\", count = 2 }\n", []string{
			`14:12: warning: [[fault]] #2 (id "host_down-2"): schedule: occurrence 2 overlaps 1; skipped (overlap = "forbid")`}},
		{"F020", skew + "offset = \"+7m\"\nremedy = [{ action = \"set_time\" }, { action = \"restart_oss\" }]\n", []string{
			`6:47: [[fault]] #1 (id "clock_skew-1"): remedy[1].action: "restart_oss" unknown; did you mean "restart_os"?`}},
		{"F020, impossible", link + "target = { link = \"A-B\" }\nduration = \"1h\"\nremedy = [{ action = \"restart_os\" }]\n", []string{
			`6:22: [[fault]] #1 (id "link_down-1"): remedy[0].action: "restart_os" is for hosts, and the fault hits none; add a target`}},
		{"F021", skew + "offset = \"+7m\"\nself_correct = false\nremedy = [{ action = \"restart_os\", after = \"20m\" }, { action = \"set_time\", after = \"44m\" }]\n", []string{
			`7:10: warning: [[fault]] #1 (id "clock_skew-1"): remedy: restart_os comes before set_time; the latch will return (rule 2.4)`}},
		{"F022", down, []string{
			`2:1: warning: [[fault]] #1 (id "host_down-1"): duration: none given; the fault lasts to the end of the run`}},
		{"F023", "[[fault]]\nkind = \"repl_lag\"\ntarget = { link = \"A-B\" }\nduration = \"1h\"\ninterval = \"20m\"\n", []string{
			`6:12: [[fault]] #1 (id "repl_lag-1"): interval: 20m; replication intervals are multiples of 15m from 15m to 168h`}},
		{"F024", link + "target = { link = \"A-D\" }\nduration = \"1h\"\n", []string{
			`4:19: [[fault]] #1 (id "link_down-1"): target.link: no site link "A-D"; links: A-B, B-C`}},
		{"F025", down + "probability = \"0.5\"\nduration = \"1h\"\n", []string{
			`5:15: [[fault]] #1 (id "host_down-1"): probability: expected a number, got string "0.5"; write it without quotes`}},
	} {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, saidOf(t, c.src))
		})
	}
}

// loadOver loads a scenario that builds on the small organisation.
func loadOver(src string) (*Scenario, error) {
	org, err := os.ReadFile("testdata/good/org.toml")
	if err != nil {
		return nil, err
	}
	return Load(fstest.MapFS{"x.toml": {Data: []byte("base = \"org.toml\"\n" + src)}, "org.toml": {Data: org}}, "x.toml")
}

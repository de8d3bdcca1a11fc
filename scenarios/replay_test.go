package scenarios_test

import (
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/scenarios"
	"mailsim/sim"
	"mailsim/sim/result"
)

// disk opens files by any path, also outside the project.
type disk struct{}

func (disk) Open(name string) (fs.File, error) { return os.Open(name) }

type pair struct{ from, to string }

// counts are recipients and copies by pair of sites: a copy is a message and a site that it reaches.
type counts struct{ recipients, copies map[pair]int }

// countTrace counts a trace from its CSV files, without any of the simulator's readers.
func countTrace(t *testing.T, file, sender, recipients string, site func(mailbox string) string) counts {
	t.Helper()
	rows := readCSV(t, file)
	column := func(name string) int {
		for i, h := range rows[0] {
			if h == name {
				return i
			}
		}
		require.Failf(t, "no such column", "%s in %s", name, file)
		return 0
	}
	from, to := column(sender), column(recipients)
	c := counts{map[pair]int{}, map[pair]int{}}
	for _, row := range rows[1:] {
		reached := map[string]bool{}
		for _, r := range strings.Fields(row[to]) {
			c.recipients[pair{site(row[from]), site(r)}]++
			reached[site(r)] = true
		}
		for s := range reached {
			c.copies[pair{site(row[from]), s}]++
		}
	}
	return c
}

func readCSV(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	return rows
}

// replayed runs a scenario and returns what was delivered by pair of sites.
func replayed(t *testing.T, file string, set ...string) counts {
	t.Helper()
	s, err := scenarios.Load(disk{}, file, set...)
	require.NoError(t, err)
	cfg, err := s.Config(s.Points()[0])
	require.NoError(t, err)
	cfg.Output.SitePairs = true
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
	c := counts{map[pair]int{}, map[pair]int{}}
	for _, x := range m.Run().Summary.Metrics {
		switch {
		case x.Metric == "throughput" && x.Labels.Get("site_pair") != "":
			from, to, _ := strings.Cut(x.Labels.Get("site_pair"), ">")
			c.recipients[pair{from, to}] = int(x.Stats[len(x.Stats)-1].Value)
		case x.Metric == "delivery.copies":
			c.copies[pair{x.Labels.Get("from"), x.Labels.Get("to")}] = int(x.Stats[0].Value)
		case x.Metric == "messages.held" && x.Labels.Get("site") == "all":
			require.Zero(t, x.Stats[0].Value)
		}
	}
	return c
}

// TestReplayOwnTrace replays the small trace of the project and counts it by hand-made means.
func TestReplayOwnTrace(t *testing.T) {
	t.Parallel()
	office := map[string]string{}
	for _, row := range readCSV(t, "example-mailboxes.csv")[1:] {
		office[row[0]] = row[1]
	}
	want := countTrace(t, "example-trace.csv", "from", "to", func(mailbox string) string {
		if s := office[mailbox]; s != "" {
			return s
		}
		return "internet"
	})
	got := replayed(t, "example-replay.toml")
	require.Equal(t, want.recipients, got.recipients)
}

// TestReplayRealDay replays a recorded day of a large institution over eleven sites in every version: deliveries by pair of sites equal
// those counted from the trace, and copies too.
func TestReplayRealDay(t *testing.T) {
	t.Parallel()
	data := filepath.Join("..", "..", "shared", "data", "email-eu-core")
	if _, err := os.Stat(filepath.Join(data, "busiest-day.csv")); err != nil {
		t.Skip("the trace email-eu-core is not beside the project; TestReplayOwnTrace covers the same code with a small trace")
	}
	department, home := map[string]string{}, map[string]string{}
	for _, row := range readCSV(t, filepath.Join(data, "sites-11-abilene", "sites.csv"))[1:] {
		for _, d := range strings.Fields(row[4]) {
			department[d] = row[0]
		}
	}
	for _, row := range readCSV(t, filepath.Join(data, "mailboxes.csv"))[1:] {
		home[row[0]] = department[row[1]]
	}
	want := countTrace(t, filepath.Join(data, "busiest-day.csv"), "sender", "recipients", func(m string) string { return home[m] })
	for _, v := range []string{"2007rtm", "2007", "2010rtm", "2010", "2013", "2016", "2019", "se"} {
		t.Run(v, func(t *testing.T) {
			t.Parallel()
			file := "examples/email-eu-core.toml"
			if v < "2013" {
				file = "examples/email-eu-core-2010.toml"
			}
			got := replayed(t, file, "model.version="+v)
			require.Equal(t, want.recipients, got.recipients)
			require.Equal(t, want.copies, got.copies)
		})
	}
}

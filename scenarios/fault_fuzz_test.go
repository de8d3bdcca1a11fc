package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
)

// FuzzF001_FaultTables: whatever stands in fault tables, loading ends; problems have places and stand in order; and what loads can be
// written out into occurrences, each within the run, in order, no more than the limit for each target, and none longer than to its end.
func FuzzF001_FaultTables(f *testing.F) {
	for _, pattern := range []string{"testdata/broken/f0*.toml", "testdata/broken/fault-*.toml", "testdata/broken/actions.toml"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		require.NotEmpty(f, files)
		for _, file := range files {
			src, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(strings.Replace(string(src), "base = \"../good/org.toml\"", "", 1))
		}
	}
	for kind, keys := range sampleFaults() {
		for _, when := range []string{
			`schedule = { every = "7h", count = 5, overlap = "allow" }, duration = "9h", lead_in = "1h", lead_out = "10m"`,
			`schedule = { monthly = ["second-tuesday+1", "last-day"], at = "03:00", tz = "Asia/Tokyo" }, duration = "1h", sequence = "serial", serial_gap = "1m"`,
			`random = { profile = "modern", mtbf = "3h", relapse = 0.5 }, pick = "fraction", pick_value = 0.3`,
		} {
			f.Add(table("x", kind, keys+", "+when))
		}
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 1<<14 || strings.Contains(src, "sweep") {
			return
		}
		s, err := loadOver(src)
		if err != nil {
			var list *Error
			require.True(t, errors.As(err, &list), "%v", err)
			for i, p := range list.Problems {
				require.Positive(t, p.Line, p.Text)
				require.Positive(t, p.Column, p.Text)
				if i > 0 && list.Problems[i-1].File == p.File {
					require.LessOrEqual(t, list.Problems[i-1].Line, p.Line)
				}
			}
			return
		}
		cfg, err := s.Config(s.Points()[0])
		if err != nil {
			return
		}
		end := simtime.Time(cfg.Duration)
		for i := range cfg.Faults {
			x := &cfg.Faults[i]
			require.LessOrEqual(t, len(x.Occurs), occurrencesMax)
			for k, o := range x.Occurs {
				require.True(t, k == 0 || x.Occurs[k-1].At < o.At && x.Occurs[k-1].Number < o.Number)
				require.True(t, o.At >= 0 && o.Number > 0)
			}
			if n := targetsOf(x); n > 0 {
				require.LessOrEqual(t, x.Pick, n)
			}
		}
		for _, o := range fault.NewEngine(cfg.Faults, cfg.Actions, fault.Env{Org: cfg.Org, Root: rng.NewRoot(1, 0), End: end}).Faults() {
			require.True(t, o.Start >= 0 && o.Start <= end, "%s at %s", o.ID, o.Start)
			require.Greater(t, o.End, o.Start)
		}
	})
}

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Faults that do not happen, by chance or because their time is not in the run, leave the files of a result as they are, byte for byte, but for
// those that say what was asked for. That they leave all of a run as it is, for every kind, is a test of package scenarios.
func TestFilesOfFaultsThatDoNotHappen(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"@faults/clock-skew", "@faults/host-down-edge", "@faults/spn-duplicate"} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			files := func(set string) map[string]string {
				folder := filepath.Join(t.TempDir(), "out")
				code, out, complaints := call(t.Context(), "run", name, "--out", folder, "--set", "fault.*."+set)
				require.LessOrEqual(t, code, 1, "%s%s", out, complaints) // what is expected of the fault does not come
				got := map[string]string{}
				for _, file := range []string{"events.jsonl", "series.parquet", "histograms.parquet", "topology.json"} {
					data, err := os.ReadFile(filepath.Join(folder, file))
					require.NoError(t, err)
					got[file] = string(data)
				}
				return got
			}
			want := files("enabled=false")
			require.Equal(t, want, files("probability=0"))
			require.Equal(t, want, files("start=40d"))
			require.NotEqual(t, want, files("probability=1"))
		})
	}
}

package cli

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A run is a pure function of the scenario and its seed: the same bytes in every file, charts included, with any number of workers.
func TestWorkersDoNotChangeAByte(t *testing.T) {
	t.Parallel()
	own := func(t *testing.T) string { _, file := write(t, steady); return file }
	for name, args := range map[string]func(*testing.T) []string{
		"steady":    func(t *testing.T) []string { return []string{own(t), "--snapshot", "1m,2m,2m"} },
		"threshold": func(*testing.T) []string { return []string{"@threshold", "--replications", "2"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name != "steady" {
				t.Skip("the headline study is left out in -short")
			}
			args := args(t)
			folder := t.TempDir()
			var first map[string]string
			for _, workers := range []int{1, 2, 8} {
				out := filepath.Join(folder, fmt.Sprint(workers))
				code, _, stderr := call(t.Context(), append([]string{"run", "--out", out, "--workers", fmt.Sprint(workers)}, args...)...)
				require.Equal(t, 0, code, stderr)
				got := contents(t, out)
				if first == nil {
					first = got
					require.Contains(t, slices.Collect(maps.Keys(got)), "charts/queue.png")
					require.Greater(t, len(got), 10)
					if name == "steady" {
						require.Contains(t, got, "snapshots/0-r0/2m0s/messages.csv")
						require.NotContains(t, got, "snapshots/0-r1/2m0s/messages.csv", "the first replication alone has snapshots")
					}
					continue
				}
				require.Equal(t, slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(got)))
				for file, want := range first {
					require.True(t, want == got[file], "%s differs between 1 and %d workers", file, workers)
				}
			}
		})
	}
}

// Another seed gives other mail: the comparison above is not of files that are always alike.
func TestWorkersAreComparedOnFilesThatCanDiffer(t *testing.T) {
	t.Parallel()
	folder, file := write(t, steady)
	var results []string
	for _, seed := range []string{"1", "2"} {
		out := filepath.Join(folder, seed)
		code, _, stderr := call(t.Context(), "run", file, "--out", out, "--seed", seed)
		require.Equal(t, 0, code, stderr)
		results = append(results, contents(t, out)["series.parquet"])
	}
	require.False(t, results[0] == results[1])
}

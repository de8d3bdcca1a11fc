package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// FuzzLoad: whatever a file holds, Load ends without a panic; every problem has a place; and what loads resolves to a scenario that
// resolves to itself.
func FuzzLoad(f *testing.F) {
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(f, err)
	for _, pattern := range []string{"testdata/good/*.toml", "testdata/broken/*.toml", "*.toml", "duplicates/*.toml", "faults/*.toml", "regression/*.toml"} {
		files, err := filepath.Glob(pattern)
		require.NoError(f, err)
		for _, file := range files {
			src, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(string(src), "seed=5")
		}
	}
	f.Add("base = \"../good/org.toml\"\n", "edge.*.connection_threshold=5")
	f.Add("base = \"@threshold\"\n", `load["peak"].rate = [1, {a = 'b'}]`)
	f.Fuzz(func(t *testing.T, src, set string) {
		if len(src) > 1<<16 {
			return
		}
		files := fstest.MapFS{"x/y.toml": {Data: []byte(src)}, "good/org.toml": {Data: org}, "x/t.csv": {Data: []byte("time,sender,recipients\n1,am1,bm1\n")}}
		s, err := Load(files, "x/y.toml", set)
		if err != nil {
			var list *Error
			require.True(t, errors.As(err, &list), "%v", err)
			require.NotEmpty(t, list.Problems)
			for _, p := range list.Problems {
				require.NotEmpty(t, p.File, p.Text)
				require.Positive(t, p.Line, p.Text)
				require.Positive(t, p.Column, p.Text)
			}
			return
		}
		for i, p := range s.Points() {
			if i < 20 {
				_, _ = s.Config(p)
			}
		}
		files["x/y.toml"].Data = s.Resolved()
		again, err := Load(files, "x/y.toml")
		require.NoError(t, err, "%s", s.Resolved())
		require.Equal(t, string(s.Resolved()), string(again.Resolved()))
	})
}

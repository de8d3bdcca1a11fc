package scenarios

import (
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// streams is a file system of streams: each can be read once, and tells nothing of its size.
type streams map[string]io.Reader

func (s streams) Open(name string) (fs.File, error) {
	r, ok := s[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return stream{r}, nil
}

type stream struct{ io.Reader }

func (stream) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }
func (stream) Close() error               { return nil }

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '#'
	}
	return len(p), nil
}

func TestScenariosAndBasesMayBePipes(t *testing.T) {
	t.Parallel()
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	read := func(text string) io.Reader {
		r, w := io.Pipe()
		go func() {
			_, _ = io.WriteString(w, text)
			w.Close()
		}()
		return r
	}
	s, err := Load(streams{"x.toml": read("base = \"org.toml\"\nseed = 7\n"), "org.toml": read(string(org))}, "x.toml")
	require.NoError(t, err)
	require.EqualValues(t, 7, firstConfig(t, s).Seed)
}

func TestFilesWithoutEndAreRefused(t *testing.T) {
	t.Parallel()
	_, err := Load(streams{"x.toml": endless{}}, "x.toml")
	require.EqualError(t, err, `x.toml:1:1: cannot read the scenario: larger than 64 MB; is this a scenario?`)
	_, err = Load(streams{"x.toml": strings.NewReader("base = \"zero\"\n"), "zero": endless{}}, "x.toml")
	require.EqualError(t, err, `x.toml:1:8: base: cannot read "zero": larger than 64 MB; is this a scenario?; write a path relative to this file, or @name of a shipped scenario`)
	_, err = readFile(streams{"trace.csv": endless{}}, "trace.csv", 1<<20)
	require.EqualError(t, err, "larger than 1 MB")
	data, err := readFile(fstest.MapFS{"f": {Data: make([]byte, 1<<20)}}, "f", 1<<20) // just as large as it may be
	require.NoError(t, err)
	require.Len(t, data, 1<<20)
}

package scenarios

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every file of testdata/broken has its complete list of problems in the .want file beside it: exact text, exact position.
func TestBrokenScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/broken/*.toml")
	require.NoError(t, err)
	require.Greater(t, len(files), 70)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Load(os.DirFS("testdata"), "broken/"+name+".toml")
			require.Error(t, err)
			require.Nil(t, s)
			got := strings.ReplaceAll(err.Error(), "broken/"+name+".toml:", "") + "\n"
			golden := strings.TrimSuffix(file, ".toml") + ".want"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// Files that cannot lie in testdata as they are.
func TestBrokenBytes(t *testing.T) {
	t.Parallel()
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"empty", "", []string{
			`x.toml:1:1: duration: required; write duration = "4h"`,
			`x.toml:1:1: site: there is no [[site]]; declare at least one`,
		}},
		{"binary", "\x7fELF\x02\x01\x01\x00\x00", []string{
			`x.toml:1:8: the file holds a zero byte: it is no text; a scenario is TOML in UTF-8`,
		}},
		{"UTF-16", "\xff\xfen\x00a\x00", []string{`x.toml:1:1: the file is UTF-16; save it as UTF-8`}},
		{"invalid UTF-8", "name = \"é\"\ndescription = \"caf\xe9\"\n", []string{`x.toml:2:19: byte 0xe9 is not UTF-8; save the file as UTF-8`}},
		{"a line of 10 MB", "name = \"" + strings.Repeat("x", 10<<20) + "\"\nduration = \"1h\"\n[[site]]\nname = \"A\"\n", []string{
			`x.toml:1:8: name: the text has 10485760 characters; write at most 2000`,
		}},
		{"10 MB of nothing", "duration = \"1h\"\n" + strings.Repeat(" ", 10<<20) + "seed = -1\n[[site]]\nname = \"A\"\n", []string{
			`x.toml:2:10485768: seed: must be at least 0, is -1; write 0 or more`,
		}},
		{"too large", strings.Repeat("#", 65<<20), []string{`x.toml:1:1: cannot read the scenario: larger than 64 MB; is this a scenario?`}},
		{"deep arrays", "x = " + strings.Repeat("[", 1<<20), []string{`x.toml:1:37: nested more than 32 deep; no table of a scenario needs that`}},
		{"deep tables", "x = " + strings.Repeat("{a=", 1<<20), []string{`x.toml:1:101: nested more than 32 deep; no table of a scenario needs that`}},
		{"deep keys", strings.Repeat("a.", 1<<20) + "a = 1", []string{`x.toml:1:65: nested more than 32 deep; no table of a scenario needs that`}},
		{"byte order mark", "\xef\xbb\xbfseed = -1\n" + string(org), []string{`x.toml:1:8: seed: must be at least 0, is -1; write 0 or more`}},
		{"CRLF", "# one\r\nseed = -1\r\n" + strings.ReplaceAll(string(org), "\n", "\r\n"), []string{
			`x.toml:2:8: seed: must be at least 0, is -1; write 0 or more`,
		}},
		{"characters, not bytes, count", "seed = [ \"日本\", -1 ] # 日\n" + string(org), []string{
			`x.toml:1:8: seed: expected a whole number, got a list; write a number without quotes and without a point`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(fstest.MapFS{"x.toml": {Data: []byte(c.data)}}, "x.toml")
			require.Error(t, err)
			require.Equal(t, strings.Join(c.want, "\n"), err.Error())
		})
	}
}

func TestMissingFile(t *testing.T) {
	t.Parallel()
	_, err := Load(fstest.MapFS{}, "none.toml")
	require.EqualError(t, err, `none.toml:1:1: cannot read the scenario: there is no such file`)
	_, err = Load(Disk{}, "testdata")
	require.EqualError(t, err, `testdata:1:1: cannot read the scenario: is a folder`)
	_, err = Load(Disk{}, "@treshold")
	require.EqualError(t, err, `@treshold:1:1: no shipped scenario has this name; did you mean "@threshold"?`)
	require.ErrorIs(t, func() error { _, err := readFile(nil, "@../go.mod", sizeMax); return err }(), fs.ErrNotExist)
}

// Results go into a folder of the scenario's name, also where the name is that of the file.
func TestNameFromTheFileIsThatOfAFolder(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"a/.hidden.toml":   `a/.hidden.toml:1:1: name: ".hidden" is the name of a folder and cannot begin with a point; write name = "my-scenario"`,
		".toml":            `.toml:1:1: name: none given, and the file's name gives none; write name = "my-scenario"`,
		"bell\a.toml":      "bell\a.toml:1:1: name: \"bell\\a\" is the name of a folder and cannot hold / or \\ or control characters; write name = \"my-scenario\"",
		"a/o=r,g 2.v.toml": "",
	} {
		_, err := Load(fstest.MapFS{file: {Data: []byte("duration = \"1h\"\n[[site]]\nname = \"A\"\n")}}, file)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, want)
	}
}

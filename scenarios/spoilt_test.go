package scenarios

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// Whatever single mistake is made in a file that has every table of an organisation, it is told where it stands: none is left for the
// check of the finished organisation, which knows no places and tells them at the head of the file.
func TestMistakesAreToldWhereTheyStand(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tables-2010", "tables-2016"} {
		src, err := os.ReadFile("testdata/good/" + name + ".toml")
		require.NoError(t, err)
		tried, wrong := 0, 0
		try := func(what, text string) {
			tried++
			_, err := Load(fstest.MapFS{"x.toml": {Data: []byte(text)}}, "x.toml")
			var list *Error
			if !errors.As(err, &list) {
				return
			}
			wrong++
			for _, p := range list.Problems {
				if p.Line == 1 && !strings.HasPrefix(p.Text, "duration: ") {
					t.Errorf("%s: %s: %s", name, what, p)
				}
			}
		}
		lines := strings.SplitAfter(string(src), "\n")
		for i, line := range lines {
			try("without "+line, strings.Join(lines[:i], "")+strings.Join(lines[i+1:], ""))
		}
		for _, at := range regexp.MustCompile(`"[^"]*"`).FindAllIndex(src, -1) {
			for _, value := range []string{`""`, `5`, `"a1"`, `"ae1"`, `"x1"`, `"2013"`} {
				try(string(src[at[0]:at[1]])+" as "+value+" after "+string(src[max(0, at[0]-60):at[0]]), string(src[:at[0]])+value+string(src[at[1]:]))
			}
		}
		require.Greater(t, tried, 200)
		require.Greater(t, wrong, tried/2)
	}
}

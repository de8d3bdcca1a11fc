package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// quoted is a piece of a Markdown file: a block between fences, or a word in the text between backticks.
type quoted struct {
	line     int    // where it begins, from 1
	language string // of a block; "" for a word
	text     string
	before   string // the last line of text before a block
}

// quotedIn finds what a Markdown file quotes, in order.
func quotedIn(markdown string) []quoted {
	var out []quoted
	var block *quoted
	before := ""
	word := regexp.MustCompile("`([^`]+)`")
	for i, line := range strings.Split(markdown, "\n") {
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && block == nil:
			block = &quoted{line: i + 1, language: language, before: before}
		case fence:
			out = append(out, *block)
			block = nil
		case block != nil:
			block.text += line + "\n"
		default:
			for _, m := range word.FindAllStringSubmatch(line, -1) {
				out = append(out, quoted{line: i + 1, text: m[1]})
			}
			if strings.TrimSpace(line) != "" {
				before = line
			}
		}
	}
	return out
}

// commandsIn lists the command lines of a shell block: all lines but comments, or those after "$ " when there are such.
func commandsIn(block string) []string {
	var plain, prompted []string
	for line := range strings.SplitSeq(strings.ReplaceAll(block, "\\\n", " "), "\n") {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "$ "); ok {
			prompted = append(prompted, rest)
		} else if line != "" && !strings.HasPrefix(line, "#") {
			plain = append(plain, line)
		}
	}
	if prompted != nil {
		return prompted
	}
	return plain
}

// notRun marks a block that the test leaves out, in the line before it; the reason stands after the colon.
const notRun = "<!-- not run:"

// elsewhere are commands that other tests, or .ci/run, carry out.
func elsewhere(line string) bool {
	for _, begin := range []string{"go test", "go build", "go vet", "bash .ci/run", "git clone", "cd ", "benchstat"} {
		if strings.HasPrefix(line, begin) {
			return true
		}
	}
	return strings.Contains(line, "go test ")
}

// Every command that the documentation quotes works as it stands there: blocks are run from the top of a copy of the repository's
// scenarios, one document after the other, with one replication of each setting to save time. A toml block after "Save this as
// `NAME`" is saved. A text block right after one of commands is from their answer: its lines stand there in this order.
func TestQuotedCommandsWork(t *testing.T) {
	t.Parallel()
	const root = "../../.."
	docs, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	docs = append(docs, filepath.Join(root, "README.md"))
	for _, doc := range docs {
		t.Run(filepath.Base(doc), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(doc)
			require.NoError(t, err)
			if testing.Short() {
				t.Skip("documentation is left out in -short")
			}
			folder := t.TempDir()
			require.NoError(t, os.CopyFS(filepath.Join(folder, "scenarios"), os.DirFS(filepath.Join(root, "scenarios"))))
			commands := 0
			var answer, asked string
			for _, q := range quotedIn(string(data)) {
				where := fmt.Sprintf("%s:%d", filepath.Base(doc), q.line)
				name := regexp.MustCompile("[Ss]ave this as `([^`]+)`").FindStringSubmatch(q.before)
				switch {
				case q.language == "toml" && name != nil:
					require.NoError(t, os.WriteFile(filepath.Join(folder, name[1]), []byte(q.text), 0o666))
				case slices.Contains([]string{"sh", "bash", "console", "shell"}, q.language) && !strings.HasPrefix(q.before, notRun):
					answer, asked = "", q.before
					for _, line := range commandsIn(q.text) {
						if !elsewhere(line) {
							answer += runQuoted(t, folder, where, line)
							commands++
						}
					}
				case q.language == "text" && answer != "" && q.before == asked:
					requireInOrder(t, where, answer, q.text)
				case q.language == "" && strings.HasPrefix(q.text, "mailsim "):
					requireKnownFlags(t, where, q.text)
				}
			}
			if strings.HasSuffix(doc, "README.md") {
				require.GreaterOrEqual(t, commands, 4, "the commands of the README were not found")
			}
		})
	}
}

// requireInOrder checks that the lines of an excerpt stand in an answer, whole and in order.
func requireInOrder(t *testing.T, where, answer, excerpt string) {
	t.Helper()
	rest := strings.Split(answer, "\n")
	for line := range strings.SplitSeq(strings.TrimSuffix(excerpt, "\n"), "\n") {
		i := slices.Index(rest, line)
		require.GreaterOrEqual(t, i, 0, "%s: the answer has no line %q, or has it before another one of the excerpt:\n%s", where, line, answer)
		rest = rest[i+1:]
	}
}

// runQuoted runs a quoted command line in a shell in which mailsim is a command, and returns what it printed.
func runQuoted(t *testing.T, folder, where, line string) string {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the documentation is written for a shell, and there is none")
	}
	bin, err := build()
	require.NoError(t, err)
	script := strings.ReplaceAll(strings.ReplaceAll(line, "go run ./cmd/mailsim", "mailsim"), "./mailsim", "mailsim")
	require.Contains(t, script, "mailsim ", "%s: the test does not know how to run %q; mark its block with %s REASON -->", where, line, notRun)
	if regexp.MustCompile(`^mailsim (run|test) `).MatchString(script) && !strings.Contains(script, "--replications") {
		script = regexp.MustCompile(`^mailsim (run|test)`).ReplaceAllString(script, "mailsim $1 --replications 1")
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	code := exitOf(t, err)
	judged := strings.HasPrefix(script, "mailsim test") && (code == exitFound || code == exitInconclusive)
	require.True(t, code == 0 || judged, "%s: %s\nexit %d\n%s", where, line, code, out)
	return string(out)
}

// requireKnownFlags checks a command line that the text mentions: the command and its flags exist.
func requireKnownFlags(t *testing.T, where, line string) {
	t.Helper()
	line = regexp.MustCompile(` (\.\.\.|…|\|.*|>.*)$`).ReplaceAllString(line, "")
	args := words(strings.TrimPrefix(line, "mailsim "))
	cmd, rest, err := newRoot(Env{}).Find(args)
	require.NoError(t, err, "%s: %s", where, line)
	if cmd.Name() == "mailsim" && args[0] == "help" {
		return
	}
	require.NoError(t, cmd.ParseFlags(rest), "%s: %s", where, line)
}

func TestQuotedCommandsAreFound(t *testing.T) {
	t.Parallel()
	q := quotedIn("Try `mailsim check x`:\n\n```sh\n# first\nmailsim run \\\n  a.toml\n\n```\ntext\n<!-- not run: it asks -->\n```console\n$ mailsim b\noutput\n```\n")
	require.Equal(t, []quoted{
		{line: 1, text: "mailsim check x"},
		{line: 3, language: "sh", text: "# first\nmailsim run \\\n  a.toml\n\n", before: "Try `mailsim check x`:"},
		{line: 11, language: "console", text: "$ mailsim b\noutput\n", before: "<!-- not run: it asks -->"},
	}, q)
	require.Equal(t, []string{"mailsim run    a.toml"}, commandsIn(q[1].text))
	require.Equal(t, []string{"mailsim b"}, commandsIn(q[2].text))
	require.True(t, elsewhere("MAILSIM_LONG=1 go test ./sim"))
	require.False(t, elsewhere("mailsim test x"))
}

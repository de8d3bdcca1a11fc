package mailsim_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ruleNumber matches the number of a rule wherever one may stand in code: the families of docs/rules/README.md. A letter behind the
// number names a part of the rule.
var ruleNumber = regexp.MustCompile(`(?:^|[^A-Za-z0-9_.-])((?:R|Q)-\d+\.\d+|(?:D|X|QD|QX|FD|FI|FW|EP|SA|SB)-\d+|S\d-\d+|V\d|F\d{1,3}|L\d{3})[a-d]?\b`)

// testNumber matches the rule that a test function is named after: R3_15 is, D11 is D-11, F001 stays.
var testNumber = regexp.MustCompile(`^(?:Test|Fuzz|Example|Benchmark)(R|Q|SA|SB|S|D|X|QD|QX|FD|FI|FW|EP|V|F|L)(\d+)(?:_(\d+))?(?:[^\d]|$)`)

// entryHead matches the beginning of a book's entry, entryTest the tests that it names.
var (
	entryHead = regexp.MustCompile(`(?m)^- \*\*((?:R|Q)-\d+\.\d+|(?:D|X|QD|QX|FD|FI|FW|EP|SA|SB)-\d+|S\d-\d+|V\d|F\d{1,3}|L\d{3})\*\* `)
	entryTest = regexp.MustCompile(`Test: (.*)\.\s*$`)
	testName  = regexp.MustCompile(`\b((?:Test|Fuzz|Example|Benchmark)\w+)|\(([a-z/, ]+)\)`)
)

// rule is one entry of the rule book.
type rule struct {
	file, text string
}

// readBook reads every entry of docs/rules: from its head to the next entry, heading or blank line.
func readBook(t *testing.T) map[string]rule {
	t.Helper()
	files, err := filepath.Glob("docs/rules/*.md")
	require.NoError(t, err)
	book := map[string]rule{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, block := range regexp.MustCompile(`\n\n|\n(?:- |#)`).Split(breakEntries(string(data)), -1) {
			block = strings.TrimPrefix(block, "\n")
			m := entryHead.FindStringSubmatch("- " + strings.TrimPrefix(block, "- "))
			if m == nil {
				continue
			}
			require.NotContains(t, book, m[1], "%s: rule %s stands in the book twice, also in %s", file, m[1], book[m[1]].file)
			book[m[1]] = rule{filepath.ToSlash(file), strings.Join(strings.Fields(block), " ")}
		}
	}
	return book
}

// breakEntries puts a blank line before every entry, so that blocks are whole entries.
func breakEntries(s string) string { return strings.ReplaceAll(s, "\n- **", "\n\n- **") }

// named is where numbers of rules are mentioned.
type named struct {
	code  map[string][]string            // rule: non-test files
	tests map[string]bool                // rules that a test, its comments and strings, or a file of its data names
	funcs map[string]map[string]struct{} // package: test functions
}

// readCode collects the numbers in the comments and strings of all Go files, and the names of the tests.
func readCode(t *testing.T) named {
	t.Helper()
	n := named{map[string][]string{}, map[string]bool{}, map[string]map[string]struct{}{}}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && file != ".":
			return filepath.SkipDir
		case strings.Contains(filepath.ToSlash(file), "/testdata/"):
			if m := regexp.MustCompile(`^f(\d{3})-`).FindStringSubmatch(d.Name()); m != nil { // a case is named after its file
				n.tests["F"+m[1]] = true
			}
		case !d.IsDir() && path.Ext(file) == ".go" && file != "rulebook_test.go":
			n.addFile(t, filepath.ToSlash(file))
		}
		return nil
	})
	require.NoError(t, err)
	return n
}

func (n *named) addFile(t *testing.T, file string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	require.NoError(t, err)
	test := strings.HasSuffix(file, "_test.go")
	note := func(text string) {
		// Numbers may share the character between them, as in "Q-4.1,Q-4.2": search on from the end of each.
		for at := 0; ; {
			m := ruleNumber.FindStringSubmatchIndex(text[at:])
			if m == nil {
				return
			}
			id := text[at+m[2] : at+m[3]]
			at += m[3]
			if test {
				n.tests[id] = true
			} else if !slices.Contains(n.code[id], file) {
				n.code[id] = append(n.code[id], file)
			}
		}
	}
	for _, c := range f.Comments {
		note(c.Text())
	}
	ast.Inspect(f, func(x ast.Node) bool {
		if s, ok := x.(*ast.BasicLit); ok && s.Kind == token.STRING {
			text, err := strconv.Unquote(s.Value)
			require.NoError(t, err)
			note(text)
		}
		return true
	})
	if !test {
		return
	}
	dir := path.Dir(file)
	if n.funcs[dir] == nil {
		n.funcs[dir] = map[string]struct{}{}
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Recv != nil {
			continue
		}
		n.funcs[dir][fn.Name.Name] = struct{}{}
		if m := testNumber.FindStringSubmatch(fn.Name.Name); m != nil {
			n.tests[numberOf(m[1], m[2], m[3])] = true
		}
	}
}

// numberOf writes a rule's number from its parts in a test's name.
func numberOf(family, a, b string) string {
	switch {
	case family == "R" || family == "Q":
		return family + "-" + a + "." + b
	case family == "S":
		return "S" + a + "-" + b
	case family == "V" || family == "F" || family == "L":
		return family + a
	}
	return family + "-" + a
}

// TestRuleBook keeps the rule book, the code and the tests in agreement: a number in the code stands in the book; a rule in the book is
// named by code and by a test, says where it comes from, and the tests that it names exist.
func TestRuleBook(t *testing.T) {
	t.Parallel()
	book, names := readBook(t), readCode(t)
	var wrong []string
	say := func(parts ...string) { wrong = append(wrong, strings.Join(parts, "")) }
	for _, id := range slices.Sorted(maps.Keys(names.code)) {
		if _, ok := book[id]; !ok {
			say(names.code[id][0], " names ", id, ", which stands in no file of docs/rules: add an entry, or correct the number")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(book)) {
		r := book[id]
		// A worked case is a story that rules make up together: it is told by a test alone.
		if names.code[id] == nil && !strings.HasPrefix(id, "FW-") {
			say(r.file, ": no Go file names ", id, ": name it where it is kept")
		}
		if !names.tests[id] {
			say(r.file, ": no test is named after ", id)
		}
		if !strings.Contains(r.text, "(decision)") && !strings.Contains(r.text, "Source") && !strings.HasPrefix(id, "X-") && !strings.HasPrefix(id, "QX-") {
			say(r.file, ": ", id, " says neither Source: nor (decision)")
		}
		names.checkTests(id, r, say)
	}
	require.Empty(t, wrong, "%d disagreements:\n%s", len(wrong), strings.Join(wrong, "\n"))
	require.Greater(t, len(book), 100)
}

// checkTests looks up the tests that an entry names: names, each group followed by its package in parentheses.
func (n *named) checkTests(id string, r rule, say func(...string)) {
	m := entryTest.FindStringSubmatch(r.text)
	if m == nil {
		say(r.file, ": ", id, ` does not end with "Test: Name (package)."`)
		return
	}
	var pending []string
	found := 0
	for _, x := range testName.FindAllStringSubmatch(m[1], -1) {
		if x[1] != "" {
			pending = append(pending, x[1])
			continue
		}
		for _, pkg := range strings.Split(x[2], ", ") {
			for _, name := range pending {
				found++
				if _, ok := n.funcs[pkg][name]; !ok {
					say(r.file, ": ", id, " names ", name, ", which is no test of ", pkg)
				}
			}
		}
		pending = nil
	}
	if found == 0 || len(pending) > 0 {
		say(r.file, ": ", id, " names no test, or one without its package")
	}
}

// TestStatements: every statement of the articles and every decision on faults stands in one place of the book, in an entry or in the table of docs/rules/statements.md, and the
// rules that the table names are entries.
func TestStatements(t *testing.T) {
	t.Parallel()
	book := readBook(t)
	data, err := os.ReadFile("docs/rules/statements.md")
	require.NoError(t, err)
	table := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| ((?:S\d|FD)-\d+) \| [^|]+ \| ([^|]+) \|$`).FindAllStringSubmatch(string(data), -1) {
		require.False(t, table[m[1]], "%s stands in the table twice", m[1])
		require.NotContains(t, book, m[1], "%s has an entry: take it out of the table", m[1])
		table[m[1]] = true
		for _, rule := range strings.Split(m[2], ", ") {
			require.Contains(t, book, rule, "%s is kept by %s, which is no rule of the book", m[1], rule)
		}
	}
	for family, last := range map[string]int{"S0": 11, "S1": 12, "S2": 17, "S3": 13, "S4": 7, "FD": 24} {
		for i := 1; i <= last; i++ {
			id := family + "-" + strconv.Itoa(i)
			_, entry := book[id]
			require.True(t, entry || table[id], "%s stands nowhere: write an entry, or a row of docs/rules/statements.md", id)
		}
	}
}

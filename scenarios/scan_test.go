package scenarios

import (
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/stretchr/testify/require"
)

func TestScanFindsEveryPlace(t *testing.T) {
	t.Parallel()
	src := strings.Join([]string{
		`name = "x" # a comment = 1`,        // 1
		`seed.a."b c" = [1, [2, 3], {d=4}]`, // 2
		`[[link]]`,                          // 3
		`  cost = 1`,                        // 4
		`[[link]]`,                          // 5
		`text = """`,                        // 6
		`one "" two \"""`,                   // 7
		`"""`,                               // 8
		`raw = '''a'''''`,                   // 9
		"sites = [ # three",                 // 10
		`  "A", # ]`,                        // 11
		`  'B',`,                            // 12
		`]`,                                 // 13
		`  [[link.remedy]]`,                 // 14
		`  at = 2026-03-02 08:00:00 # t0`,   // 15
		`  [link.remedy.target]`,            // 16
		`  "host\u0041" = "é", é`,           // 17: invalid, ends the scan without a panic
	}, "\n")
	ix, deep := scan("f", src)
	require.Nil(t, deep)
	for path, want := range map[string][4]int{
		"name":                           {1, 1, 1, 8},
		"seed":                           {2, 1, 2, 16},
		"seed.a":                         {2, 6, 2, 16},
		`seed.a."b c"`:                   {2, 8, 2, 16},
		`seed.a."b c"[0]`:                {2, 17, 2, 17},
		`seed.a."b c"[1][1]`:             {2, 24, 2, 24},
		`seed.a."b c"[2].d`:              {2, 29, 2, 31},
		"link":                           {3, 1, 3, 1},
		"link[0]":                        {3, 1, 3, 1},
		"link[0].cost":                   {4, 3, 4, 10},
		"link[1].text":                   {6, 1, 6, 8},
		"link[1].raw":                    {9, 1, 9, 7},
		"link[1].sites":                  {10, 1, 10, 9},
		"link[1].sites[0]":               {11, 3, 11, 3},
		"link[1].sites[1]":               {12, 3, 12, 3},
		"link[1].remedy[0].at":           {15, 3, 15, 8},
		"link[1].remedy[0].target":       {16, 16, 16, 3},
		"link[1].remedy[0].target.hostA": {17, 3, 17, 18},
	} {
		require.Equal(t, mark{Pos{"f", want[0], want[1]}, Pos{"f", want[2], want[3]}}, ix.marks[path], path)
	}
}

func TestScanBoundsNesting(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"a = " + strings.Repeat("[", 1e6),
		"a = " + strings.Repeat("{a=", 1e6),
		strings.Repeat("a.", 1e6) + "a = 1",
		"[" + strings.Repeat("a.", 1e6) + "a]",
	} {
		_, deep := scan("f", src)
		require.NotNil(t, deep, src[:10])
		require.Contains(t, deep.text, "nested more than 32 deep")
	}
}

// sameKeys checks that the scanner and the parser see the same keys in a valid text.
func sameKeys(t *testing.T, src string) {
	t.Helper()
	ix, deep := scan("f", src)
	if deep != nil {
		return
	}
	values := map[string]any{}
	md, err := toml.Decode(src, &values)
	if err != nil {
		return
	}
	var want [][]string
	for _, k := range md.Keys() {
		want = append(want, k)
	}
	require.Equal(t, want, ix.keys)
	requirePlaces(t, ix, ix.build("f", values), "")
}

// requirePlaces checks that every value of the tree has a place of its own.
func requirePlaces(t *testing.T, ix index, n *node, path string) {
	t.Helper()
	for _, f := range n.fields {
		p := joinKey(path, f.key)
		require.Contains(t, ix.marks, p)
		requirePlaces(t, ix, f, p)
	}
	for i, x := range n.items {
		p := joinItem(path, i)
		require.Contains(t, ix.marks, p)
		requirePlaces(t, ix, x, p)
	}
}

func FuzzScan(f *testing.F) {
	for _, src := range []string{
		"", "a = 1", "a.b.c = [1, 2.5, {x = 'y', z.w = []}]\n[t]\n\"k\\u00e9\" = true",
		"[[a]]\nb = 1\n[[a]]\n[a.c]\nd = 1\n[[a.e]]\nf = 2\n[[a.e]]\nf = 3",
		"s = \"\"\"\na\\\"\"\"\"\\\n  b\"\"\"\"\"\nt = '''x'''''", "d = 1979-05-27 07:32:00Z # c\ne = 07:32:00",
		"x = [ # c\n { a = 1, # d\n b = 2, },\n]", "a = {b = {c = {}}}\r\n# e\r\nf=1\r\n", "\"\" = 1\n[\"\".'']\na=1",
	} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if !strings.HasPrefix(src, "\xef\xbb\xbf") {
			sameKeys(t, src)
		}
	})
}

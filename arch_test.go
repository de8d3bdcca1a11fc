// Package mailsim_test holds the house together: which package may import which, what the cores may never touch, and that every
// package says what it is. The rules are those of the design; each violation is reported with the reason for the rule.
package mailsim_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const module = "mailsim/"

// layers lists every package, the lowest first: a package imports packages of lower layers only.
func layers() [][]string {
	return [][]string{
		{"topology", "sim/simtime"},
		{"topology/route", "sim/rng", "sim/internal/calendar", "sim/metrics", "sim/result"},
		{"topology/lint", "sim/stats", "sim/result/dir", "sim/transport", "sim/load", "sim/directory"},
		{"sim/internal/world", "sim/epost"},
		{"sim/fault"},
		{"sim"},
		{"scenarios/expect", "scenarios/sweep"},
		{"scenarios", "scenarios/chaos"},
		{"plots"},
		{"plots/topo"}, // in the looks of the charts
		{"cmd/internal/cli"},
		{"cmd/mailsim"},
	}
}

// readersOfResults are the packages that know results and never the simulator: whatever they make can be made again from a result
// folder, tomorrow or by somebody else.
func readersOfResults() []string {
	return []string{"plots", "plots/topo", "scenarios/expect", "scenarios/sweep", "sim/stats", "sim/result", "sim/result/dir"}
}

// mayReach lists the packages of the module that a reader of results may depend on. A drawing of an organisation is made from the
// organisation itself, which is no result and knows nothing of the simulator.
func mayReach(reader string) []string {
	known := []string{"sim/result", "sim/simtime", "sim/stats"}
	if reader == "plots/topo" {
		return append(known, "plots", "topology")
	}
	return known
}

// isCore tells whether a package decides and computes but never acts: it must give the same answer for the same input.
func isCore(p string) bool {
	switch p {
	case "topology", "topology/route", "topology/lint", "sim", "sim/transport", "sim/epost", "sim/load", "sim/directory", "sim/fault", "sim/metrics", "sim/rng", "sim/simtime":
		return true
	}
	return strings.HasPrefix(p, "sim/internal/")
}

// onlyIn says which packages may link a library; prefixes of import paths.
func onlyIn() map[string][]string {
	return map[string][]string{
		"github.com/parquet-go/parquet-go": {"sim/result/dir"},
		"github.com/BurntSushi/toml":       {"scenarios"},
		"github.com/spf13":                 {"cmd/internal/cli"},
		"golang.org/x/term":                {"cmd/internal/cli"},
		"gonum.org/v1/plot":                {"plots", "plots/topo"},
		"golang.org/x/image":               {"plots"},
		"github.com/HdrHistogram":          {"sim/metrics"},
		"gonum.org/v1/gonum/graph":         {"topology"},
		"math/rand":                        {"sim/rng"},
	}
}

func TestTheHouseKeepsItsRules(t *testing.T) {
	t.Parallel()
	packages, err := readPackages(os.DirFS("."))
	require.NoError(t, err)
	require.Greater(t, len(packages), 15, "the packages were not found")
	for _, v := range violations(packages) {
		t.Error(v)
	}
}

// The rules themselves: each small house breaks one.
func TestBrokenHousesAreReported(t *testing.T) {
	t.Parallel()
	const doc = "// Package x is.\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"upwards":       {map[string]string{"topology/a.go": "import _ \"mailsim/sim\"", "sim/a.go": ""}, `topology imports sim: imports point downwards`},
		"sideways":      {map[string]string{"sim/rng/a.go": "import _ \"mailsim/sim/metrics\"", "sim/metrics/a.go": ""}, `sim/rng imports sim/metrics: imports point downwards`},
		"from a test":   {map[string]string{"sim/a.go": "", "sim/a_test.go": "import _ \"mailsim/scenarios\"", "scenarios/a.go": ""}, ""},
		"new package":   {map[string]string{"sim/surprise/a.go": ""}, `sim/surprise stands in no layer`},
		"plots and sim": {map[string]string{"plots/a.go": "import _ \"mailsim/sim\"", "sim/a.go": ""}, `plots reaches sim: it reads results`},
		"map and sim":   {map[string]string{"plots/topo/a.go": "import _ \"mailsim/sim\"", "sim/a.go": ""}, `plots/topo reaches sim: it reads results`},
		"map":           {map[string]string{"plots/topo/a.go": "import _ \"mailsim/topology\"", "topology/a.go": ""}, ""},
		"by a detour": {map[string]string{"plots/a.go": "import _ \"mailsim/scenarios\"", "scenarios/a.go": "import _ \"mailsim/sim\"", "sim/a.go": ""},
			`plots reaches sim: it reads results`},
		"parquet":        {map[string]string{"sim/result/a.go": "import _ \"github.com/parquet-go/parquet-go\""}, `sim/result links github.com/parquet-go/parquet-go, which only sim/result/dir may`},
		"toml":           {map[string]string{"sim/a.go": "import _ \"github.com/BurntSushi/toml\""}, `sim links github.com/BurntSushi/toml, which only scenarios may`},
		"unknown module": {map[string]string{"plots/a.go": "import _ \"example.com/x\""}, `plots links example.com/x, which no package may`},
		"paths of gonum": {map[string]string{"topology/a.go": "import _ \"gonum.org/v1/gonum/graph/path\""}, `topology links gonum.org/v1/gonum/graph/path: it breaks ties at random`},
		"os":             {map[string]string{"sim/transport/a.go": "import _ \"os\""}, `sim/transport imports os: a core touches nothing outside`},
		"net":            {map[string]string{"sim/load/a.go": "import _ \"net/http\""}, `sim/load imports net/http: a core touches nothing outside`},
		"random":         {map[string]string{"sim/fault/a.go": "import _ \"math/rand/v2\""}, `sim/fault links math/rand/v2, which only sim/rng may`},
		"clock":          {map[string]string{"sim/fault/a.go": "import \"time\"\nvar x = time.Now()"}, `sim/fault/a.go:4: time.Now in a core: time is an argument`},
		"clock renamed":  {map[string]string{"sim/fault/a.go": "import t \"time\"\nvar x = t.Since"}, `sim/fault/a.go:4: time.Since in a core: time is an argument`},
		"goroutine":      {map[string]string{"sim/a.go": "func f() { go f() }"}, `sim/a.go:3: a goroutine in a core: one replication is single-threaded`},
		"global random":  {map[string]string{"sim/rng/a.go": "import \"math/rand/v2\"\nvar x = rand.IntN(3)"}, `sim/rng/a.go:4: rand.IntN draws from the global source`},
		"init":           {map[string]string{"plots/a.go": "func init() {}"}, `plots/a.go:3: func init: nothing happens before main`},
		"method init":    {map[string]string{"plots/a.go": "type x struct{}\nfunc (x) init() {}"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fsys := fstest.MapFS{}
			for file, code := range c.files {
				fsys[file] = &fstest.MapFile{Data: []byte(doc + "package x\n" + code + "\n")}
			}
			packages, err := readPackages(fsys)
			require.NoError(t, err)
			got := strings.Join(violations(packages), "\n")
			if c.want == "" {
				require.Empty(t, got)
			} else {
				require.Contains(t, got, c.want)
			}
		})
	}
	for code, want := range map[string]string{
		"package sim\n":                     "sim has no package comment: tell a newcomer what it is, what flows in and out, what it must never import",
		"// Does things.\npackage sim\n":    `sim: the package comment begins with "Does things."; begin it with "Package sim "`,
		"// Package sim is.\npackage sim\n": "",
	} {
		packages, err := readPackages(fstest.MapFS{"sim/a.go": {Data: []byte(code)}})
		require.NoError(t, err)
		require.Equal(t, want, strings.Join(violations(packages), "\n"))
	}
}

// goPackage is a folder with Go files; tests are left out.
type goPackage struct {
	path    string // inside the module: "sim/transport"
	name    string
	doc     string
	imports []string // sorted, each once
	faults  []string // what its code must not do, with file and line
}

// readPackages reads the packages of the module.
func readPackages(fsys fs.FS) ([]goPackage, error) {
	byPath := map[string]*goPackage{}
	err := fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (strings.HasPrefix(name, ".") || name == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		p := byPath[path.Dir(file)]
		if p == nil {
			p = &goPackage{path: path.Dir(file)}
			byPath[p.path] = p
		}
		return p.add(file, data)
	})
	var out []goPackage
	for _, p := range byPath {
		slices.Sort(p.imports)
		p.imports = slices.Compact(p.imports)
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b goPackage) int { return cmp.Compare(a.path, b.path) })
	return out, err
}

func (p *goPackage) add(file string, data []byte) error {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, data, parser.ParseComments)
	if err != nil {
		return err
	}
	p.name = f.Name.Name
	if f.Doc != nil && p.doc == "" {
		p.doc = f.Doc.Text()
	}
	local := map[string]string{} // name in the file: import path
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		p.imports = append(p.imports, imported)
		name := strings.TrimSuffix(path.Base(strings.TrimSuffix(imported, "/v2")), "/")
		if spec.Name != nil {
			name = spec.Name.Name
		}
		local[name] = imported
	}
	fault := func(n ast.Node, format string, args ...any) {
		p.faults = append(p.faults, fmt.Sprintf("%s:%d: ", file, set.Position(n.Pos()).Line)+fmt.Sprintf(format, args...))
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if isCore(p.path) {
				fault(n, "a goroutine in a core: one replication is single-threaded, parallelism is outside")
			}
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				fault(n, "func init: nothing happens before main")
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				p.checkUse(local[x.Name], n, fault)
			}
		}
		return true
	})
	return nil
}

// checkUse looks at one use of something imported.
func (p *goPackage) checkUse(imported string, n *ast.SelectorExpr, fault func(ast.Node, string, ...any)) {
	what := n.Sel.Name
	clock := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}
	switch {
	case imported == "time" && isCore(p.path) && slices.Contains(clock, what):
		fault(n, "time.%s in a core: time is an argument, the wall clock makes results differ", what)
	case strings.HasPrefix(imported, "math/rand"):
		made := strings.HasPrefix(what, "New") || ast.IsExported(what) && slices.Contains([]string{"PCG", "Rand", "Source", "ChaCha8", "Zipf"}, what)
		if !made {
			fault(n, "rand.%s draws from the global source: one stream for each (replication, purpose, entity)", what)
		}
	}
}

// violations lists what breaks the rules, package by package.
func violations(packages []goPackage) []string {
	var out []string
	report := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, p := range packages {
		if p.path == "." {
			continue
		}
		checkLayer(p, report)
		checkLibraries(p, report)
		checkComment(p, report)
		if slices.Contains(readersOfResults(), p.path) {
			for _, reached := range reach(packages, p.path) {
				if !slices.Contains(mayReach(p.path), reached) {
					report("%s reaches %s: it reads results and must never know how they were made", p.path, reached)
				}
			}
		}
		out = append(out, p.faults...)
	}
	return out
}

// layerOf returns the layer of a package, -1 when it stands in none.
func layerOf(p string) int {
	return slices.IndexFunc(layers(), func(l []string) bool { return slices.Contains(l, p) })
}

func checkLayer(p goPackage, report func(string, ...any)) {
	own := layerOf(p.path)
	if own < 0 {
		report("%s stands in no layer: say in layers() where it belongs", p.path)
		return
	}
	for _, imported := range p.imports {
		other, inside := strings.CutPrefix(imported, module)
		if inside && layerOf(other) >= own {
			report("%s imports %s: imports point downwards (cmd, plots, scenarios, sim, sim/transport, topology)", p.path, other)
		}
	}
}

func checkLibraries(p goPackage, report func(string, ...any)) {
	for _, imported := range p.imports {
		if strings.HasPrefix(imported, module) {
			continue
		}
		if within(imported, "gonum.org/v1/gonum/graph/path") || within(imported, "gonum.org/v1/gonum/graph/traverse") {
			report("%s links %s: it breaks ties at random, and the choice among equals is ours", p.path, imported)
			continue
		}
		known := false
		for library, users := range onlyIn() {
			if within(imported, library) {
				known = true
				if !slices.Contains(users, p.path) {
					report("%s links %s, which only %s may", p.path, imported, strings.Join(users, " and "))
				}
			}
		}
		standard := !strings.Contains(strings.Split(imported, "/")[0], ".")
		if !known && !standard && !within(imported, "gonum.org/v1/gonum") {
			report("%s links %s, which no package may: say in onlyIn() who needs it", p.path, imported)
		}
		for _, outside := range []string{"os", "net", "syscall", "log", "io/ioutil", "unsafe", "plugin", "embed"} {
			if isCore(p.path) && within(imported, outside) {
				report("%s imports %s: a core touches nothing outside; what it needs is handed in", p.path, imported)
			}
		}
	}
}

// within tells whether an import path is a package or stands below it.
func within(imported, parent string) bool {
	return imported == parent || strings.HasPrefix(imported, parent+"/")
}

func checkComment(p goPackage, report func(string, ...any)) {
	begin := "Package " + p.name + " "
	if p.name == "main" {
		begin = "Command " + path.Base(p.path) + " "
	}
	first, _, _ := strings.Cut(p.doc, "\n")
	switch {
	case p.doc == "":
		report("%s has no package comment: tell a newcomer what it is, what flows in and out, what it must never import", p.path)
	case !strings.HasPrefix(p.doc, begin):
		report("%s: the package comment begins with %q; begin it with %q", p.path, first, begin)
	}
}

// reach returns the packages of the module that a package depends on, directly or not, sorted.
func reach(packages []goPackage, from string) []string {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(at string) {
		i := slices.IndexFunc(packages, func(p goPackage) bool { return p.path == at })
		if i < 0 {
			return
		}
		for _, imported := range packages[i].imports {
			if other, inside := strings.CutPrefix(imported, module); inside && !seen[other] {
				seen[other] = true
				visit(other)
			}
		}
	}
	visit(from)
	var out []string
	for p := range seen {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

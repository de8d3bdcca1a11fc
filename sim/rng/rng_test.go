package rng

import (
	"bufio"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var rewrite = flag.Bool("rewrite", false, "write testdata/first-values.txt anew")

// firstValues is what the golden file pins: the first numbers of streams, and of every distribution.
func firstValues() string {
	var b strings.Builder
	for _, r := range []Root{NewRoot(0, 0), NewRoot(42, 0), NewRoot(42, 1), NewRoot(-1, 0)} {
		for _, names := range [][]string{{"arrivals"}, {"arrivals", "load[0]"}, {"size", "load[0]"}, {"route choice", "tyo-hub1", "Osaka"}} {
			s := r.Stream(names[0], names[1:]...)
			fmt.Fprintf(&b, "seed %d replication %d %q: %016x %x %d\n", r.seed, r.replication, names, s.Uint64(), s.Float64(), s.IntN(1000))
		}
	}
	all := append(laws(), law{name: "hyperexponential", d: of(Hyperexponential(3, 4))}, law{name: "constant", d: Constant(7)},
		law{name: "Weibull of mean", d: of(WeibullMean(1, 0.75))})
	for _, name := range SizePresets() {
		d, _ := SizePreset(name)
		all = append(all, law{name: name, d: d})
	}
	for _, name := range RecipientsPresets() {
		d, _ := RecipientsPreset(name)
		all = append(all, law{name: name, d: d})
	}
	for _, l := range all {
		s := NewRoot(42, 0).Stream("distribution", l.name)
		fmt.Fprintf(&b, "%s:", l.name)
		for range 3 {
			fmt.Fprintf(&b, " %x", s.Sample(l.d))
		}
		// a sum over many numbers shows a single bit that differs
		sum := 0.0
		for range 10_000 {
			sum += s.Sample(l.d)
		}
		fmt.Fprintf(&b, " ... %x mean %x variance %x\n", sum, l.d.Mean(), l.d.Variance())
	}
	s := NewRoot(42, 0).Stream("distribution", "exponential")
	fmt.Fprintf(&b, "Exp: %x %x\n", s.Exp(3), s.Exp(0.5))
	return b.String()
}

// TestFirstValues pins the numbers, so that a new toolchain or another machine cannot change results unseen.
func TestFirstValues(t *testing.T) {
	file := filepath.Join("testdata", "first-values.txt")
	if *rewrite {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(firstValues()), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	got := bufio.NewScanner(strings.NewReader(firstValues()))
	for _, line := range strings.Split(strings.TrimSuffix(string(want), "\n"), "\n") {
		require.True(t, got.Scan(), "no line for %q", line)
		require.Equal(t, line, got.Text())
	}
	require.False(t, got.Scan(), "a line too many: %q", got.Text())
}

// TestSameValuesWithoutFusedMultiplyAdd runs TestFirstValues as on a processor without fused multiply-add and AVX, where math.Exp gives
// other bits.
func TestSameValuesWithoutFusedMultiplyAdd(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Skip("the switch exists on amd64 only")
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFirstValues$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=cpu.fma=off,cpu.avx2=off,cpu.avx=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "--- PASS: TestFirstValues")
}

// TestStreamsDifferByEveryComponent: any change of seed, replication, purpose or entities, and any other division of the same letters
// into names, gives another stream.
func TestStreamsDifferByEveryComponent(t *testing.T) {
	t.Parallel()
	streams := map[string]*Stream{
		"base":                 NewRoot(1, 1).Stream("size", "load"),
		"seed":                 NewRoot(2, 1).Stream("size", "load"),
		"replication":          NewRoot(1, 2).Stream("size", "load"),
		"seed and replication": NewRoot(2, 2).Stream("size", "load"),
		"purpose":              NewRoot(1, 1).Stream("arrivals", "load"),
		"entity":               NewRoot(1, 1).Stream("size", "load2"),
		"no entity":            NewRoot(1, 1).Stream("size"),
		"empty entity":         NewRoot(1, 1).Stream("size", ""),
		"one entity more":      NewRoot(1, 1).Stream("size", "load", ""),
		"swapped":              NewRoot(1, 1).Stream("load", "size"),
		"run together":         NewRoot(1, 1).Stream("sizeload"),
		"divided elsewhere":    NewRoot(1, 1).Stream("siz", "eload"),
		"divided again":        NewRoot(1, 1).Stream("size", "lo", "ad"),
		"negative seed":        NewRoot(-1, 1).Stream("size", "load"),
	}
	seen := map[uint64]string{}
	for name, s := range streams {
		v := s.Uint64()
		require.Empty(t, seen[v], "%s draws the same as %s", name, seen[v])
		seen[v] = name
	}
}

// TestStreamsDoNotDependOnEachOther: a stream draws the same numbers whichever streams were made before it, and however much they drew.
func TestStreamsDoNotDependOnEachOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		root := NewRoot(rapid.Int64().Draw(t, "seed"), rapid.IntRange(0, 1000).Draw(t, "replication"))
		names := rapid.SliceOfNDistinct(rapid.String(), 2, 6, rapid.ID[string]).Draw(t, "names")
		want := map[string]uint64{}
		for _, n := range names {
			want[n] = root.Stream("p", n).Uint64()
		}
		for _, n := range rapid.Permutation(names).Draw(t, "order") {
			s := root.Stream("p", n)
			require.Equal(t, want[n], s.Uint64())
			for range rapid.IntRange(0, 5).Draw(t, "draws") {
				s.Uint64()
			}
		}
	})
}

// TestOneDrawAVariate: after any method the stream stands where one Uint64 would have left it.
func TestOneDrawAVariate(t *testing.T) {
	t.Parallel()
	root := NewRoot(3, 0)
	reference := root.Stream("x")
	reference.Uint64()
	want := reference.Uint64()
	draws := map[string]func(*Stream){
		"Float64": func(s *Stream) { s.Float64() },
		"IntN":    func(s *Stream) { s.IntN(math.MaxInt) },
		"Exp":     func(s *Stream) { s.Exp(1) },
	}
	for _, l := range append(laws(), law{name: "constant", d: Constant(1)}) {
		draws[l.name] = func(s *Stream) { s.Sample(l.d) }
	}
	for name, draw := range draws {
		s := root.Stream("x")
		draw(s)
		require.Equal(t, want, s.Uint64(), name)
	}
}

func TestFloat64IsUniform(t *testing.T) {
	t.Parallel()
	s := NewRoot(5, 0).Stream("x")
	same := NewRoot(5, 0).Stream("x")
	for range 10_000 {
		u := s.Float64()
		require.True(t, u >= 0 && u < 1)
		require.Equal(t, u, math.Trunc(u*0x1p53)*0x1p-53)
		require.Equal(t, int(u*1000), same.IntN(1000), "IntN is the inverse at the same uniform number")
	}
}

// TestIntNIsUniform: chi-square of 100,000 draws over 10 values; limit for 9 degrees of freedom at a false alarm of 1e-6: 45.08.
func TestIntNIsUniform(t *testing.T) {
	t.Parallel()
	s := NewRoot(6, 0).Stream("x")
	const n, k = 100_000, 10
	var seen [k]float64
	for range n {
		seen[s.IntN(k)]++
	}
	chi := 0.0
	for _, x := range seen {
		chi += (x - n/k) * (x - n/k) / (n / k)
	}
	require.Less(t, chi, 45.08)
	require.PanicsWithValue(t, "rng.IntN: n is 0, must be positive", func() { s.IntN(0) })
}

// TestStreamsAreUncorrelated: streams of neighbouring replications and entities. False alarm under another seed: 1e-6 a pair.
func TestStreamsAreUncorrelated(t *testing.T) {
	t.Parallel()
	const n = 50_000
	pairs := [][2]*Stream{
		{NewRoot(1, 0).Stream("size"), NewRoot(1, 1).Stream("size")},
		{NewRoot(1, 0).Stream("size"), NewRoot(2, 0).Stream("size")},
		{NewRoot(1, 0).Stream("size", "a"), NewRoot(1, 0).Stream("size", "b")},
	}
	for _, p := range pairs {
		sum := 0.0
		for range n {
			sum += (p[0].Float64() - 0.5) * (p[1].Float64() - 0.5)
		}
		require.Less(t, math.Abs(sum/n*12), 4.9/math.Sqrt(n))
	}
}

func ExampleRoot_Stream() {
	sizes := NewRoot(42, 0).Stream("size", "load[0]")
	office, _ := SizePreset("size.office-75k")
	for range 3 {
		fmt.Printf("%.0f bytes\n", sizes.Sample(office))
	}
	fmt.Printf("mean %.0f bytes, %v\n", office.Mean(), office)
	// Output:
	// 22851 bytes
	// 14358 bytes
	// 79323 bytes
	// mean 76800 bytes, lognormal(mu 9.33, sigma 2, up to 1.04858e+07)
}

func BenchmarkElementary(b *testing.B) {
	u := make([]float64, 4096)
	s := NewRoot(1, 0).Stream("x")
	for i := range u {
		u[i] = s.Float64()
	}
	for name, f := range map[string]func(float64) float64{"Log": Log, "math.Log": math.Log, "Exp": Exp, "math.Exp": math.Exp, "NormalQuantile": NormalQuantile} {
		b.Run(name, func(b *testing.B) {
			i, sum := 0, 0.0
			for b.Loop() {
				sum += f(1 - u[i%len(u)])
				i++
			}
			b.ReportMetric(sum/float64(i), "mean")
		})
	}
}

func BenchmarkSample(b *testing.B) {
	s := NewRoot(1, 0).Stream("x")
	b.Run("Uint64", func(b *testing.B) {
		for b.Loop() {
			s.Uint64()
		}
	})
	b.Run("Exp", func(b *testing.B) {
		for b.Loop() {
			s.Exp(1)
		}
	})
	all := append(laws(), law{name: "hyperexponential", d: of(Hyperexponential(3, 4))})
	for _, name := range []string{"size.office-75k", "size.hub-2002"} {
		d, _ := SizePreset(name)
		all = append(all, law{name: name, d: d})
	}
	for _, name := range RecipientsPresets() {
		d, _ := RecipientsPreset(name)
		all = append(all, law{name: name, d: d})
	}
	for _, l := range all {
		b.Run(l.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Sample(l.d)
			}
		})
	}
}

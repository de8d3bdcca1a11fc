package rng

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

const digits = 200 // bits of the reference arithmetic

func bigOf(x float64) *big.Float { return new(big.Float).SetPrec(digits).SetFloat64(x) }

// bigLog is ln x by Gauss's series in (m-1)/(m+1), where x = m * 2^k.
func bigLog(x float64) *big.Float {
	frac, k := math.Frexp(x)
	if frac < math.Sqrt2/2 {
		frac, k = frac*2, k-1
	}
	series := func(m *big.Float) *big.Float {
		one := bigOf(1)
		s := new(big.Float).Quo(new(big.Float).Sub(m, one), new(big.Float).Add(m, one))
		w := new(big.Float).Mul(s, s)
		sum, term := bigOf(0), new(big.Float).Set(s)
		for i := 1; i < 300; i += 2 {
			sum.Add(sum, new(big.Float).Quo(term, bigOf(float64(i))))
			term.Mul(term, w)
		}
		return sum.Mul(sum, bigOf(2))
	}
	out := series(bigOf(frac))
	return out.Add(out, new(big.Float).Mul(series(bigOf(2)), bigOf(float64(k))))
}

// bigExp is e^x by Taylor's series at x/1024, squared ten times.
func bigExp(x float64) *big.Float {
	z := bigOf(x)
	z.Quo(z, bigOf(1024))
	sum, term := bigOf(1), bigOf(1)
	for i := 1; i < 60; i++ {
		term.Mul(term, z).Quo(term, bigOf(float64(i)))
		sum.Add(sum, term)
	}
	for range 10 {
		sum.Mul(sum, sum)
	}
	return sum
}

// relative is |got-want| / |want|.
func relative(got float64, want *big.Float) float64 {
	if want.Sign() == 0 {
		return math.Abs(got)
	}
	d := new(big.Float).Sub(bigOf(got), want)
	f, _ := d.Quo(d, want).Float64()
	return math.Abs(f)
}

func TestTables(t *testing.T) {
	t.Parallel()
	for i, e := range logTable {
		c := float64(i+96) / 128
		require.Equal(t, 1/c, e.inverse)
		want, _ := bigLog(c).Float64()
		require.Equal(t, want, e.log, "ln(%v)", c)
	}
	for i, e := range expTable {
		// 2^(i/64) to the 64th is 2^i
		x := bigOf(e)
		for range 6 {
			x.Mul(x, x)
		}
		require.Less(t, relative(math.Ldexp(1, i), x), 64*0x1p-53, "2^(%d/64)", i)
	}
}

func TestLogIsExact(t *testing.T) {
	t.Parallel()
	g := rand.New(rand.NewPCG(1, 1))
	check := func(x float64) {
		if e := relative(Log(x), bigLog(x)); e > 6e-16 {
			t.Errorf("Log(%v) = %v: relative error %g", x, Log(x), e)
		}
	}
	for range 1500 {
		check(g.Float64())
		check(1 - math.Ldexp(g.Float64(), -g.IntN(50)))     // close below 1, where the logarithm is close to 0
		check(math.Ldexp(1+g.Float64(), g.IntN(2000)-1000)) // everywhere
	}
	for i := 1; i < 1000; i++ {
		check(float64(i) / 256) // on and between the points of the table
		check(math.Nextafter(float64(i)/256, 0))
	}
	check(1 - 0x1p-53)
	require.Zero(t, Log(1))
	require.Equal(t, math.Inf(-1), Log(0))
	require.Equal(t, math.Inf(1), Log(math.Inf(1)))
	require.True(t, math.IsNaN(Log(-1)))
	require.True(t, math.IsNaN(Log(math.NaN())))
	check(5e-324) // where math.Log of Go 1.26 is 5 % off on amd64
}

func TestExpIsExact(t *testing.T) {
	t.Parallel()
	g := rand.New(rand.NewPCG(1, 2))
	check := func(x float64) {
		if e := relative(Exp(x), bigExp(x)); e > 3e-16 {
			t.Errorf("Exp(%v) = %v: relative error %g", x, Exp(x), e)
		}
	}
	for range 1500 {
		check(g.Float64()*1400 - 700)
		check(g.Float64()*40 - 20)
		check(math.Ldexp(g.Float64()-0.5, -g.IntN(50)))
	}
	require.Equal(t, 1.0, Exp(0))
	require.Zero(t, Exp(-708))
	require.Zero(t, Exp(math.Inf(-1)))
	require.Equal(t, math.Inf(1), Exp(710))
	require.True(t, math.IsNaN(Exp(math.NaN())))
}

func TestGamma(t *testing.T) {
	t.Parallel()
	for _, x := range []float64{1, 1.5, 2, 2.25, 3.7, 5, 9.99, 10, 20} {
		require.InEpsilon(t, math.Gamma(x), gamma(x), 2e-14)
	}
}

func TestNormalQuantile(t *testing.T) {
	t.Parallel()
	g := rand.New(rand.NewPCG(1, 3))
	for range 100_000 {
		p := g.Float64()
		require.InDelta(t, math.Sqrt2*math.Erfinv(2*p-1), NormalQuantile(p), 2e-14)
	}
	// Values to 19 digits by root finding in 60-digit arithmetic.
	for p, z := range map[float64]float64{
		0.975: 1.959963984540053856, 0.95: 1.644853626951472284, 0.999: 3.090232306167813278,
		1e-10: -6.361340902404056199, 1e-40: -13.31092137142517090,
	} {
		require.InEpsilon(t, z, NormalQuantile(p), 2e-15, "p = %v", p)
	}
	require.Zero(t, NormalQuantile(0.5))
	require.Equal(t, math.Inf(-1), NormalQuantile(0))
	require.Equal(t, math.Inf(1), NormalQuantile(1))
}

func TestNormalCDF(t *testing.T) {
	t.Parallel()
	for z := -8.0; z <= 8; z += 0.125 {
		require.InEpsilon(t, math.Erfc(-z/math.Sqrt2)/2, normalCDF(z), 1e-13, "z = %v", z)
	}
}

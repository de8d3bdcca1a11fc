package rng

import "math"

// The functions of this file use nothing but the operations whose results IEEE 754 fixes to the last bit, and every product that is
// added to something is converted first, which forbids the compiler to fuse the two. So they return the same bits on every
// machine. math.Exp and math.Pow do not: they take another path where the processor has fused multiply-add, and a trajectory
// that depends on them is not the same on any two amd64 machines (docs/design.md).

// Log is the natural logarithm, the same bits on every machine, to within 1e-15 of the exact value (relative, near 1 too). It takes
// about two thirds of the time of math.Log. Log(0) is -Inf, Log(+Inf) is +Inf, and that of a negative number is NaN.
func Log(x float64) float64 {
	b := math.Float64bits(x)
	if b-1<<52 >= 0x7fe<<52 { // zero, subnormal, negative, infinite, not a number
		return logSpecial(x)
	}
	// x = z * 2^k with z in [0.75, 1.5), so that k is 0 around 1; c is the multiple of 1/128 next to z, and z-c is exact.
	half := b >> 51 & 1
	k := int64(b>>52) - 1023 + int64(half)
	z := math.Float64frombits(b&(1<<52-1) | (1023-half)<<52)
	i := int(z*128 + 0.5)
	t := &logTable[i-96]
	r := float64((z - float64(i)*(1.0/128)) * t.inverse)
	r2 := r * r
	p := (float64(r*(1.0/3)) - 0.5) + float64(r2*((float64(r*(1.0/5))-0.25)+float64(r2*(float64(r*(1.0/7))-1.0/6))))
	return (float64(float64(k)*math.Ln2) + t.log) + (r + float64(r2*p))
}

// logSpecial is Log where the number is not a normal positive one.
func logSpecial(x float64) float64 {
	switch {
	case x == 0:
		return math.Inf(-1)
	case x > 0 && x < 1:
		return Log(x*0x1p54) - 54*math.Ln2
	case x > 0:
		return x // +Inf
	}
	return math.NaN()
}

// Exp is e^x, the same bits on every machine, to within 3e-16 of the exact value (relative). Below -708, where the result would be
// subnormal, it is 0; above 709.7 it is +Inf.
func Exp(x float64) float64 {
	const (
		shift = 0x1.8p52 // added and taken away again, rounds to the nearest integer
		high  = 0x1.62e42fefp-7
		low   = 1.162596423439437e-12 // high + low = ln(2)/64; a multiple of high is exact
	)
	if !(x > -708 && x < 709.7) {
		return expSpecial(x)
	}
	kd := float64(x*(64/math.Ln2)) + shift
	kd -= shift
	k := int64(kd)
	r := (x - float64(kd*high)) - float64(kd*low)
	r2 := r * r
	p := r + float64(r2*((0.5+float64(r*(1.0/6)))+float64(r2*(1.0/24+float64(r*(1.0/120))))))
	t := expTable[k&63]
	return (t + float64(t*p)) * math.Float64frombits(uint64(k>>6+1023)<<52)
}

// expSpecial is Exp where the result is not a normal number.
func expSpecial(x float64) float64 {
	switch {
	case x >= 709.7:
		return math.Inf(1)
	case x <= -708:
		return 0
	}
	return x // not a number
}

// power is x^y for x >= 0.
func power(x, y float64) float64 { return Exp(float64(y * Log(x))) }

// gamma is the gamma function for x >= 1, by Stirling's series after shifting x above 10, to within 1e-14 (relative).
func gamma(x float64) float64 {
	shifted := 1.0
	for ; x < 10; x++ {
		shifted *= x
	}
	w := 1 / (x * x)
	series := (1.0/12 - float64(w*(1.0/360-float64(w*(1.0/1260-float64(w*(1.0/1680-float64(w*(1.0/1188))))))))) / x
	const halfLog2Pi = 0.91893853320467274178
	return Exp(float64((x-0.5)*Log(x))-x+halfLog2Pi+series) / shifted
}

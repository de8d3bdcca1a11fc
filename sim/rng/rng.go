// Package rng gives every source of chance in a run a random stream of its own, found by name, and the distributions to draw from.
//
//	root := rng.NewRoot(42, replication)
//	arrivals := root.Stream("arrivals", "load[0]")
//	sizes := root.Stream("size", "load[0]")
//	size, _ := rng.SizePreset("size.office-75k")
//	gap := arrivals.Exp(1 / rate)
//	bytes := sizes.Sample(size)
//
// What flows in: the scenario's seed, the index of a replication, and names. What flows out: numbers that depend on nothing else:
// not on the order in which streams are made, nor on what other streams have drawn, nor on the machine. So a server more or a
// fault more leaves everybody else's numbers alone, and the same message k of a source is met in every configuration that is
// compared (SA-2). It imports the standard library only and must never import anything of this module, read a clock or
// use the global source of math/rand.
//
// Every variate takes exactly one uniform number, by the inverse of its distribution function: two runs whose distributions differ
// stay in step. Draw the attributes of a message when it is created and let it carry them.
package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
)

// Root is where the streams of one replication come from: the scenario's seed and the replication's index. A plain value; copies
// give the same streams.
type Root struct {
	seed        int64
	replication int
}

// NewRoot returns the root of a replication, which counts from 0. Any seed is as good as any other.
func NewRoot(seed int64, replication int) Root {
	return Root{seed: seed, replication: replication}
}

// Stream returns the stream for a purpose ("arrivals", "size", "route choice") and the entity or entities it is about (a load, a
// queue, a pair of sites); from its beginning, every time it is called. Keep it: two streams of one name draw the same numbers.
//
// Its state is the SHA-256 hash of seed, replication and names, each name preceded by its length, so that ("a", "bc") and
// ("ab", "c") are different streams. It hashes and allocates: not for the hot loop.
func (r Root) Stream(purpose string, entity ...string) *Stream {
	b := make([]byte, 0, 128)
	b = binary.BigEndian.AppendUint64(b, uint64(r.seed))
	b = binary.BigEndian.AppendUint64(b, uint64(r.replication))
	b = appendName(b, purpose)
	for _, e := range entity {
		b = appendName(b, e)
	}
	h := sha256.Sum256(b)
	s := &Stream{}
	s.pcg.Seed(binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:16]))
	return s
}

func appendName(b []byte, name string) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(name)))
	return append(b, name...)
}

// Stream is a sequence of random numbers: a PCG generator, 16 bytes. Get one from Root.Stream. It is not safe for concurrent use.
// No method allocates.
type Stream struct {
	pcg rand.PCG
}

// Uint64 returns 64 random bits.
func (s *Stream) Uint64() uint64 { return s.pcg.Uint64() }

// Float64 returns a uniform number in [0, 1): a multiple of 2^-53. One draw.
func (s *Stream) Float64() float64 { return float64(s.pcg.Uint64()>>11) * 0x1p-53 }

// IntN returns a uniform integer in [0, n), by the inverse: the integer part of u*n for a u of 64 bits. One draw, so two streams
// stay in step whatever they are asked for; the price is that some values are likelier than others by a factor of at most
// 1 + n/2^64. It panics if n is not positive.
func (s *Stream) IntN(n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("rng.IntN: n is %d, must be positive", n))
	}
	hi, _ := bits.Mul64(s.pcg.Uint64(), uint64(n))
	return int(hi)
}

// Exp returns an exponential number with this mean; what Sample does for Exponential, for means that change from draw to draw.
func (s *Stream) Exp(mean float64) float64 { return float64(-mean * Log(1-s.Float64())) }

// Sample returns a number from d. One draw.
func (s *Stream) Sample(d Dist) float64 { return d.Sample(s.Float64()) }

// Draw is Sample where nobody minds how many numbers are drawn: none for a constant. It is for what is drawn for every message, so the two
// kinds that most are come first.
func (s *Stream) Draw(d *Dist) float64 {
	if d.kind == constant {
		return d.a
	}
	return s.vary(d)
}

// vary is Draw of what is no constant.
func (s *Stream) vary(d *Dist) float64 {
	if d.kind == exponential {
		return -d.a * Log(1-s.Float64())
	}
	return d.Sample(s.Float64())
}

package calendar

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
)

// heap is the oracle: a plain binary heap.
type heap []Event

func (h *heap) push(e Event) {
	v := append(*h, e)
	i := len(v) - 1
	for i > 0 && less(v[i], v[(i-1)/2]) {
		v[i], v[(i-1)/2] = v[(i-1)/2], v[i]
		i = (i - 1) / 2
	}
	*h = v
}

func (h *heap) pop() Event {
	v := *h
	first, n := v[0], len(v)-1
	v[0] = v[n]
	v = v[:n]
	for i := 0; ; {
		k := 2*i + 1
		if k >= n {
			break
		}
		if k+1 < n && less(v[k+1], v[k]) {
			k++
		}
		if !less(v[k], v[i]) {
			break
		}
		v[i], v[k] = v[k], v[i]
		i = k
	}
	*h = v
	return first
}

// pair drives a calendar and the oracle side by side.
type pair struct {
	t   require.TestingT
	cal Calendar
	ref heap
	now simtime.Time
	seq uint64
}

// push adds an event that lies ahead of now by delay; rank goes into the upper part of the key, a number that makes the key
// unique into the lower one.
func (p *pair) push(delay simtime.Time, rank uint64) {
	p.seq++
	at := p.now + delay
	if at < p.now {
		at = simtime.Never
	}
	e := Event{at, rank<<24 | p.seq&0xffffff}
	p.cal.Push(e)
	p.ref.push(e)
}

func (p *pair) pop() {
	if len(p.ref) == 0 {
		_, ok := p.cal.Pop()
		require.False(p.t, ok)
		return
	}
	want := p.ref.pop()
	got, ok := p.cal.Pop()
	if !ok || got != want { // require only on failure: the scripts are long
		require.Equal(p.t, want, got)
	}
	p.now = got.At
}

func (p *pair) peek() {
	got, ok := p.cal.Peek()
	require.Equal(p.t, len(p.ref) > 0, ok)
	if ok {
		require.Equal(p.t, p.ref[0], got)
	}
}

func (p *pair) finish() {
	require.Equal(p.t, len(p.ref), p.cal.Len())
	for len(p.ref) > 0 {
		p.pop()
	}
	require.Zero(p.t, p.cal.Len())
}

// TestAgainstHeap plays random scripts of bursts, pops and peeks. The delays of a burst lie between 0 (the instant that is worked
// on) and 2^bits ns, so that it falls into one bucket, into many, or into the array of the near future.
func TestAgainstHeap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := &pair{t: t}
		burst := func(t *rapid.T) {
			n := rapid.IntRange(1, 300).Draw(t, "n")
			timeBits := rapid.IntRange(0, 62).Draw(t, "time bits")
			rankBits := rapid.IntRange(0, 40).Draw(t, "rank bits")
			far := simtime.Time(0)
			if rapid.IntRange(0, 4).Draw(t, "far") == 0 {
				far = simtime.Time(rapid.Int64Range(0, 1<<50).Draw(t, "offset"))
			}
			g := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
			for range n {
				p.push(far+simtime.Time(g.Uint64()&(1<<timeBits-1)), g.Uint64()&(1<<rankBits-1))
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"burst": burst,
			"peek":  func(*rapid.T) { p.peek() },
			"pop":   func(*rapid.T) { p.pop() },
			"pops": func(t *rapid.T) {
				for range rapid.IntRange(1, 600).Draw(t, "n") {
					p.pop()
				}
			},
			"hold": func(t *rapid.T) {
				for range rapid.IntRange(1, 200).Draw(t, "n") {
					p.pop()
					p.peek()
					p.push(simtime.Time(p.seq*7919%1000), p.seq%5)
				}
			},
			"": func(t *rapid.T) { require.Equal(t, len(p.ref), p.cal.Len()) },
		})
		p.finish()
	})
}

// FuzzAgainstHeap reads a script of four bytes a step: what to do, how far ahead (a shift), and two bytes of delay and rank.
func FuzzAgainstHeap(f *testing.F) {
	f.Add([]byte{0, 0, 1, 1, 0, 30, 2, 2, 1, 0, 0, 0, 2, 0, 0, 0})
	f.Add([]byte{3, 46, 9, 200, 2, 0, 0, 0, 3, 2, 255, 255, 4, 0, 255, 255, 3, 0, 0, 255, 4, 0, 255, 255})
	f.Fuzz(func(t *testing.T, script []byte) {
		p := &pair{t: t}
		for ; len(script) >= 4; script = script[4:] {
			shift, a, b := script[1]%56, simtime.Time(script[2]), uint64(script[3])
			switch script[0] % 5 {
			case 0:
				p.push(a<<shift, b<<(script[1]%32))
			case 1:
				p.pop()
			case 2:
				p.peek()
			case 3: // a crowd, at one instant when a is 0
				for i := range b {
					p.push(1<<shift-1+a*simtime.Time(i), b^i)
				}
			case 4:
				for range b {
					p.pop()
				}
			}
		}
		p.finish()
	})
}

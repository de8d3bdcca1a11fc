package calendar

import (
	"math/bits"
	"slices"

	"mailsim/sim/simtime"
)

const (
	digitBits = 8
	buckets   = 1 << digitBits
	levels    = 16 // 0 to 7 are the digits of Key, 8 to 15 those of At

	nearLoad = 64  // a bucket of at most so many events is sorted into near as it is: with 32, a hold of 2,000 costs 15 % more
	nearMax  = 128 // near is split when it grows beyond this
)

// level is the buckets of one digit, and a bit for each that is not empty.
type level struct {
	used    [buckets / 64]uint64
	buckets [buckets]bucket
}

// first returns the lowest bucket in use; the level must hold one.
func (lv *level) first() uint8 {
	for i, w := range lv.used {
		if w != 0 {
			return uint8(i*64 + bits.TrailingZeros64(w))
		}
	}
	panic("calendar.first: the level is empty")
}

// levelOf is the highest digit in which a and b differ; 0 if they are equal.
func levelOf(a, b Event) uint {
	if x := uint64(a.At ^ b.At); x != 0 {
		return 8 + uint(bits.Len64(x)-1)/digitBits
	}
	return uint(bits.Len64(a.Key^b.Key|1)-1) / digitBits
}

// digit is the value of digit l of e.
func digit(e Event, l uint) uint8 {
	w := e.Key
	if l >= 8 {
		w = uint64(e.At)
	}
	return uint8(w >> (l % 8 * digitBits))
}

// lastOf is the last event of the bucket that e lies in at level l: e with every lower digit at its highest.
func lastOf(e Event, l uint) Event {
	ones := uint64(1)<<(l%8*digitBits) - 1
	if l >= 8 {
		return Event{At: e.At | simtime.Time(ones), Key: ^uint64(0)}
	}
	return Event{At: e.At, Key: e.Key | ones}
}

// placeOf returns level and bucket of an event that lies after base: levelOf and digit in one.
func placeOf(e, base Event) (l uint, d uint8) {
	if x := uint64(e.At ^ base.At); x != 0 {
		s := uint(bits.Len64(x)-1) &^ (digitBits - 1)
		return 8 + s/digitBits, uint8(e.At >> (s & 63))
	}
	s := uint(bits.Len64(e.Key^base.Key|1)-1) &^ (digitBits - 1)
	return s / digitBits, uint8(e.Key >> (s & 63))
}

// place puts an event that lies after base into its bucket.
func (c *Calendar) place(e Event) {
	l, d := placeOf(e, c.base)
	c.add(l, d, e)
}

// add puts e into bucket d of level l.
func (c *Calendar) add(l uint, d uint8, e Event) {
	lv := &c.levels[l%levels]
	b := &lv.buckets[d]
	if b.end%blockLen == 0 {
		c.blocks.extend(b)
		lv.used[d/64] |= 1 << (d % 64)
		c.busy |= 1 << l
	}
	c.blocks.events[b.end] = e
	b.end++
	b.n++
}

// take empties bucket d of level l and returns what it was. The caller owns its blocks.
func (c *Calendar) take(l uint, d uint8) bucket {
	lv := &c.levels[l%levels]
	b := lv.buckets[d]
	lv.buckets[d] = bucket{}
	lv.used[d/64] &^= 1 << (d % 64)
	if lv.used == [buckets / 64]uint64{} {
		c.busy &^= 1 << l
	}
	return b
}

// refill fills the empty near array from the levels; false when they are empty, too.
func (c *Calendar) refill() bool {
	if c.blocks.wasteful() {
		c.rebuild()
	}
	for c.busy != 0 {
		l := uint(bits.TrailingZeros16(c.busy))
		d := c.levels[l].first()
		b := c.take(l, d)
		c.base = lastOf(withDigit(c.base, l, d), l)
		if b.n <= nearLoad || l == 0 {
			c.load(b)
			return true
		}
		c.deal(b, l-1)
	}
	return false
}

// load sorts the events of a bucket into the empty near array.
func (c *Calendar) load(b bucket) {
	c.far -= int(b.n)
	near := slices.Grow(c.near[:0], int(b.n))[:b.n]
	n := 0
	for ; b.n > 0; c.blocks.shorten(&b) {
		for _, e := range slices.Backward(c.blocks.last(b)) { // what was pushed last is often the latest, and so moved least
			i := n
			for i > 0 && less(near[i-1], e) {
				near[i] = near[i-1]
				i--
			}
			near[i] = e
			n++
		}
	}
	c.near = near
}

// deal distributes the events of a bucket over level l, one below its own.
func (c *Calendar) deal(b bucket, l uint) {
	for ; b.n > 0; c.blocks.shorten(&b) {
		for _, e := range c.blocks.last(b) {
			c.add(l, digit(e, l), e)
		}
	}
}

// split moves the later part of near, at least half of it, back into the levels by drawing base nearer.
func (c *Calendar) split() {
	front, middle := c.near[len(c.near)-1], c.near[len(c.near)/2]
	was := c.base
	c.base = lastOf(front, levelOf(front, middle))
	// The stretch from the new base to the old one may hold buckets of lower levels than the one that tells the two bases apart.
	// Seen from the new base their events belong into one bucket of that level. This happens only when much was pushed before
	// a bucket that had been dealt out already, because Peek looked ahead; it costs as much as dealing that bucket did.
	for l := range levelOf(was, c.base) {
		for c.busy&(1<<l) != 0 {
			for b := c.take(l, c.levels[l].first()); b.n > 0; c.blocks.shorten(&b) {
				for _, e := range c.blocks.last(b) {
					c.place(e)
				}
			}
		}
	}
	k := 0
	for k < len(c.near) && less(c.base, c.near[k]) {
		c.place(c.near[k])
		k++
	}
	c.far += k
	c.near = c.near[:copy(c.near, c.near[k:])]
}

// rebuild moves all buckets into a new store of twice the size they need. The next rebuild is at least as many pushes away as this
// one moves events, so it keeps the cost of an event constant.
func (c *Calendar) rebuild() {
	old := c.blocks
	room := 2 * old.inUse()
	c.blocks = blocks{events: make([]Event, 0, room*blockLen), below: make([]uint32, 0, room)}
	for l := range uint(levels) {
		for i := range buckets {
			d := uint8(i)
			b := c.levels[l].buckets[d]
			c.levels[l].buckets[d] = bucket{}
			for ; b.n > 0; old.shorten(&b) {
				for _, e := range old.last(b) {
					c.add(l, d, e)
				}
			}
		}
	}
}

// withDigit is e with digit l set to d.
func withDigit(e Event, l uint, d uint8) Event {
	s := l % 8 * digitBits
	if l >= 8 {
		e.At = e.At&^(0xff<<s) | simtime.Time(d)<<s
	} else {
		e.Key = e.Key&^(0xff<<s) | uint64(d)<<s
	}
	return e
}

// insert moves the last event of v to its place among the others, which are sorted, the earliest last.
func insert(v []Event) {
	i := len(v) - 1
	e := v[i]
	for i > 0 && less(v[i-1], e) {
		v[i] = v[i-1]
		i--
	}
	v[i] = e
}

package calendar

const (
	blockLen = 32      // events in a block: eight cache lines; 16 costs 5 % more time a hold, 8 costs 15 %
	trimMin  = 1 << 11 // blocks (1 MB) below which the store is never rebuilt
)

// bucket is an unsorted stack of events in blocks of the shared store. All its blocks are full but the top one. The zero value is
// empty.
type bucket struct {
	end uint32 // index in the store behind the event on top; a multiple of blockLen: the block on top is full, or there is none
	n   uint32 // events in it
}

// top is the index of the block on top, meaningless when n is 0.
func (b bucket) top() uint32 { return (b.end - 1) / blockLen }

// blocks is the store that all buckets share: one array cut into blocks, with a link each to the block below it in its bucket, or
// to the next free one. The buckets of a calendar can hold 2^32 events together.
type blocks struct {
	events []Event
	below  []uint32
	free   uint32 // first free block, meaningless when unused is 0
	unused uint32 // number of free blocks
}

// extend puts a block onto b, whose top block is full.
func (s *blocks) extend(b *bucket) {
	var i uint32
	if s.unused > 0 {
		i = s.free
		s.free = s.below[i]
		s.unused--
	} else {
		i = uint32(len(s.below))
		s.below = append(s.below, 0)
		s.events = append(s.events, make([]Event, blockLen)...)
	}
	s.below[i] = b.top()
	b.end = i * blockLen
}

// last returns the events in the top block of b, which must not be empty. They are valid until the block is used anew.
func (s *blocks) last(b bucket) []Event {
	return s.events[b.top()*blockLen : b.end]
}

// shorten frees the top block of b.
func (s *blocks) shorten(b *bucket) {
	i := b.top()
	b.n -= b.end - i*blockLen
	b.end = s.below[i]*blockLen + blockLen
	s.below[i] = s.free
	s.free = i
	s.unused++
}

// wasteful tells whether a burst has left so many free blocks that the store should be rebuilt: more than seven in eight.
func (s *blocks) wasteful() bool {
	return len(s.below) >= trimMin && s.inUse() < len(s.below)/8
}

// inUse is the number of blocks that buckets hold.
func (s *blocks) inUse() int { return len(s.below) - int(s.unused) }

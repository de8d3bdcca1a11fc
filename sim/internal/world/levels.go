package world

// level is a rate at which filling stops somebody: everyone who still crosses a link, or the bodies of one class at their limit.
type level struct {
	rate float64 // bit/s; of a link never more than it turns out to be
	id   int32   // a resource, or ^class
}

func (a level) before(b level) bool { return a.rate < b.rate || a.rate == b.rate && a.id < b.id }

// levels is a binary heap, the lowest first. Of equal ones the lower number is first, so that the order of the others means nothing.
type levels []level

// order makes a heap of a list.
func (h levels) order() {
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
}

// raise gives the first a higher rate.
func (h levels) raise(rate float64) {
	h[0].rate = rate
	h.down(0)
}

// drop removes the first.
func (h *levels) drop() {
	last := len(*h) - 1
	(*h)[0] = (*h)[last]
	*h = (*h)[:last]
	if last > 0 {
		h.down(0)
	}
}

func (h levels) down(i int) {
	x := h[i]
	for {
		c := 2*i + 1
		if c >= len(h) {
			break
		}
		if c+1 < len(h) && h[c+1].before(h[c]) {
			c++
		}
		if !h[c].before(x) {
			break
		}
		h[i] = h[c]
		i = c
	}
	h[i] = x
}

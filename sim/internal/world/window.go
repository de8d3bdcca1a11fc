package world

import (
	"math"
	"time"
)

// noLimit is the rate of a body that no TCP window holds down.
const noLimit = math.MaxFloat64

// SetWindow gives every connection a TCP window of so many bytes; 0 = unlimited, the default. A connection never has more than
// its window on the way, so a body moves at no more than a window in each round-trip time, however empty the links are. It is to be called
// before the first body and the first access line.
func (n *Network) SetWindow(bytes int64) {
	if len(n.classes) > 0 {
		panic("world: SetWindow: bodies or lines are there already")
	}
	n.window = 8 * float64(max(bytes, 0))
	for i := range n.rows {
		n.rows[i].made = false // somebody may have asked for a way that has no limit but the window
	}
}

// windowRate is the most that a body gets over a round-trip time, bit/s.
func (n *Network) windowRate(rtt time.Duration) float64 {
	if n.window == 0 || rtt <= 0 {
		return noLimit
	}
	return n.window / rtt.Seconds()
}

// firstWindow is what a new connection may send before the first acknowledgement: ten segments of 1460 bytes.
const firstWindow = 14600

// SlowStart returns the round trips that a body of so many bytes spends waiting for acknowledgements on a connection that has carried sent
// bytes before, beyond the one that every body needs. A connection starts with a window of 14,600 bytes and doubles it in every
// round trip: the first body waits max(0, ceil(log2(bytes/14600 + 1)) - 1) round trips. What one body has opened stays open for the next:
// together they wait as long as one body of their size.
func SlowStart(sent, bytes int64) int {
	return waits(sent+bytes) - waits(sent)
}

func waits(bytes int64) int {
	n, window := 0, int64(firstWindow)
	for bytes > window {
		bytes -= window
		window *= 2
		n++
	}
	return n
}

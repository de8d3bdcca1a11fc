package world

import "time"

// LineID is the access line of an outside system: a link of its own that all connections to the system share.
type LineID int32

// NoLine is an access line without a limit, on which bodies take no time.
const NoLine LineID = -1

// AddLine adds an access line of so many bit/s, 0 = unlimited, at a round-trip time from every server. It returns NoLine when neither its
// bandwidth nor a TCP window holds anyone down.
func (n *Network) AddLine(bits int64, rtt time.Duration) LineID {
	var way []int32
	if r := n.resource(bits, -1, Up); r >= 0 {
		way = append(way, r)
	}
	return LineID(n.classFor(way, n.windowRate(rtt)))
}

// StartLine begins to move a body over an access line.
func (n *Network) StartLine(now Time, l LineID, bits float64, load Payload) TransferID {
	return n.begin(now, int32(l), bits, load)
}

package world

// LineID is the access line of an outside system: a link of its own that all connections to the system share.
type LineID int32

// NoLine is an access line without a limit.
const NoLine LineID = -1

// AddLine adds an access line of so many bit/s; 0 = unlimited gives NoLine.
func (n *Network) AddLine(bits int64) LineID {
	if bits <= 0 {
		return NoLine
	}
	return LineID(n.classFor([]int{n.resource(bits, -1, Up)}))
}

// StartLine begins to move a body over an access line.
func (n *Network) StartLine(now Time, l LineID, bits float64, load Payload) TransferID {
	return n.begin(now, int32(l), bits, load)
}

package load

import (
	"math"

	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Limits of a message. A draw beyond one is cut to it, and Generator.Cut counts it.
const (
	MaxSize       int64 = 1<<32 - 1 // bytes: the size of a copy takes 32 bits
	MaxRecipients int64 = 100_000
)

// Recipient is what stands behind one destination of a message.
type Recipient struct {
	Dest  route.DestID
	Count int32 // >= 1
}

// Message is one message as it enters the organisation.
type Message struct {
	At         simtime.Time
	Seq        int64                // number within the source, from 0
	Source     int                  // index of the source, as given to NewGenerator
	From       topology.ServerID    // the sender's mailbox server; None: a non-Exchange sender from the internet
	Via        topology.ConnectorID // the send connector that is linked to where the message came in; None: it came in as any
	Size       int64                // bytes, >= 1
	Recipients []Recipient          // ascending by destination, each once; valid until the next call of Next
	Client     int32                // of a source of kind Clients: which of them sends it, from 0
	Identity   Identity             // tells copies of the message from others, where a mailbox may be sent it twice
}

// Interner numbers destinations. *route.Book is one.
type Interner interface {
	Dest(route.Destination) route.DestID
}

// wholeSize makes a drawn size a number of bytes; cut tells whether it was beyond MaxSize.
func wholeSize(drawn float64) (size int64, cut bool) {
	switch {
	case !(drawn > 1): // NaN too
		return 1, false
	case drawn > float64(MaxSize):
		return MaxSize, true
	}
	return int64(math.Ceil(drawn)), false
}

// wholeCount makes a drawn number of recipients a count; cut tells whether it was beyond MaxRecipients.
func wholeCount(drawn float64) (n int, cut bool) {
	switch {
	case !(drawn > 1):
		return 1, false
	case drawn >= float64(MaxRecipients+1):
		return int(MaxRecipients), true
	}
	return int(drawn), false
}

// merge counts equal neighbours of a sorted list into out.
func merge(sorted []route.DestID, out []Recipient) []Recipient {
	for _, d := range sorted {
		if n := len(out); n > 0 && out[n-1].Dest == d {
			out[n-1].Count++
		} else {
			out = append(out, Recipient{Dest: d, Count: 1})
		}
	}
	return out
}

// once makes destinations that can stand but once in a message count once. ids are ascending, as the recipients are.
func once(to []Recipient, ids []route.DestID) {
	for _, id := range ids {
		for i := range to {
			if to[i].Dest == id {
				to[i].Count = 1
			}
		}
	}
}

// linkedTo gives every recipient the destination of a linked connector.
type linkedTo struct {
	in        Interner
	connector topology.ConnectorID
}

// Dest implements Interner.
func (l linkedTo) Dest(route.Destination) route.DestID {
	return l.in.Dest(route.Destination{Kind: route.Linked, Connector: l.connector})
}

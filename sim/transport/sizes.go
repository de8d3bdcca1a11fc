package transport

import (
	"math"

	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// SizeLimits are the limits of the organisation for the size of a message, in bytes; 0 = none. They are looked at where the message is
// categorised for the first time, and so are the limits of mailbox servers for their mailboxes (topology.Server.MaxReceiveSize).
type SizeLimits struct {
	MaxSend    int64 // of senders inside
	MaxReceive int64 // for recipients inside
}

// DefaultSizeLimits returns the limits of a new organisation: 10 MB each, in every version.
func DefaultSizeLimits() SizeLimits { return SizeLimits{10 << 20, 10 << 20} }

// leastSize is the largest size that no limit of the server's view forbids: what is not larger need not be looked at.
func (h *Hub) leastSize() int64 {
	least := int64(math.MaxInt64)
	for _, limit := range []int64{h.prof.Sizes.MaxSend, h.prof.Sizes.MaxReceive} {
		if limit > 0 {
			least = min(least, limit)
		}
	}
	if h.tab == nil {
		return least
	}
	for i := range h.tab.View().Servers {
		if limit := h.tab.View().Servers[i].MaxReceiveSize; limit > 0 {
			least = min(least, limit)
		}
	}
	return least
}

// checkSize gives up the recipients for whom a copy is too large; false when nobody is left. Reports are not looked at: their size is
// the server's own doing.
func (h *Hub) checkSize(now simtime.Time, m MsgID, out []Action) (rest bool, acts []Action) {
	s := h.store
	size := int64(s.Hot[m].Size)
	if size <= h.least || s.Hot[m].Report() {
		return true, out
	}
	if limit := h.prof.Sizes.MaxSend; limit > 0 && size > limit && s.Cold[m].Sender != topology.None && !s.Cold[m].Relayed {
		return false, h.bounce(now, m, TooLargeForOrganisation, out)
	}
	var left [2][]Recipients // by mailbox, by organisation
	var stay []Recipients
	for _, e := range s.sets[s.Hot[m].Set].entries {
		switch h.tooLarge(e.Dest, size) {
		case TooLargeForMailbox:
			left[0] = append(left[0], e)
		case TooLargeForOrganisation:
			left[1] = append(left[1], e)
		default:
			stay = append(stay, e)
		}
	}
	codes := [...]Code{TooLargeForMailbox, TooLargeForOrganisation}
	last := -1 // the part that takes the copy itself when nobody stays
	for i := range left {
		if len(left[i]) > 0 {
			last = i
		}
	}
	if last < 0 {
		return true, out
	}
	hot, cold := s.Hot[m], s.Cold[m]
	var parts [2]MsgID
	for i := range left {
		if len(left[i]) == 0 || i == last && len(stay) == 0 {
			continue
		}
		t := hot
		t.Set = s.NewSet(left[i])
		parts[i] = h.twin(m, t, cold)
	}
	if len(stay) == 0 {
		stay, parts[last] = left[last], m
	}
	s.Unref(hot.Set)
	s.Hot[m].Set = s.NewSet(stay)
	for i, c := range parts {
		if c != 0 {
			out = h.bounce(now, c, codes[i], out)
		}
	}
	return parts[last] != m, out
}

// tooLarge tells whether a recipient may not have a message of a size, and by which limit; OK when he may.
func (h *Hub) tooLarge(to route.DestID, size int64) Code {
	d := h.book.Destination(to)
	if d.Kind != route.Mailbox && d.Kind != route.DistributionList {
		return OK
	}
	if d.Kind == route.Mailbox {
		if limit := h.tab.View().Servers[d.Server].MaxReceiveSize; limit > 0 && size > limit {
			return TooLargeForMailbox
		}
	}
	if limit := h.prof.Sizes.MaxReceive; limit > 0 && size > limit {
		return TooLargeForOrganisation
	}
	return OK
}

package transport

import (
	"mailsim/sim/simtime"
	"mailsim/topology/route"
)

// Setback is how a message fared that the other side put off: what an operator reads at the message itself.
type Setback struct {
	Times  int32        // so far, on this server
	Why    Code         // of the last time: Deferred4xx, RateLimited, NotShadowed
	At     simtime.Time // of the last time
	Target route.Target // who said so

	message  uint64
	accepted simtime.Time
}

// setBack notes that a message is put off. What it notes stays when the message is gone: a look compares which message it is of, so that no message that
// gets through pays for it.
func (h *Hub) setBack(now simtime.Time, m MsgID, why Code, by route.Target) {
	if h.setbacks == nil {
		h.setbacks = map[MsgID]Setback{}
	}
	was, _ := h.Setback(m)
	hot := &h.store.Hot[m]
	h.setbacks[m] = Setback{was.Times + 1, why, now, by, hot.Message, hot.Accepted}
}

// Setback tells how often and why a message on this server was put off; false when it never was.
func (h *Hub) Setback(m MsgID) (Setback, bool) {
	b, ok := h.setbacks[m]
	if hot := &h.store.Hot[m]; !ok || b.message != hot.Message || b.accepted != hot.Accepted {
		return Setback{}, false
	}
	return b, true
}

package transport

import "mailsim/sim/simtime"

// nameless ends an attempt for which DNS gave no address: one query stands for all targets of a next hop. A query that fails is a failed
// attempt. A domain that does not exist is none: what waits for it is returned, and the queue stays as it is.
//
// F14: the only fault of names that loses mail is the answer that a domain does not exist.
func (h *Hub) nameless(now simtime.Time, c ConnID, why Code, out []Action) []Action {
	if why != NoSuchDomain {
		return h.attemptFailed(now, c, why, out)
	}
	k := &h.conns[c]
	i := k.queue
	q := &h.queues[i]
	q.setting--
	if q.ranks != nil {
		q.ranks.setting[k.class]--
	}
	if q.state != Active {
		h.setState(now, q, Active)
		q.retries, q.probe = 0, 0
		out = append(out, Action{Kind: QueueActive, Conn: c, Msg: MsgID(i)})
	}
	for q.waiting.n > 0 {
		m := q.waiting.head
		h.takeOut(q, m)
		h.shrank(now, q)
		out = h.bounce(now, m, NoSuchDomain, out)
	}
	h.drop(now, c)
	return append(out, Action{Kind: Close, Code: why, Conn: c})
}

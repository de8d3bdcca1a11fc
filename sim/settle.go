package sim

import "mailsim/sim/transport"

// The servers decide when everything else of an instant is over.

// settle is one round of: every server with queues that are due, in order, opens at most one connection a queue.
func (r *run) settle() {
	r.phase = transport.PhaseEvaluation
	due := r.due
	r.due = r.spare[:0]
	if len(due) > 1 {
		sortServers(due)
	}
	for _, s := range due {
		h := &r.hosts[s]
		r.isDue[s] = false
		var more bool
		if h.post != nil {
			more = r.settlePost(s, h)
		} else {
			r.acts, more = h.hub.Settle(r.now, r.acts[:0])
			r.perform(s, h)
		}
		if more {
			r.markDue(s)
		}
	}
	r.spare = due
}

func (r *run) markDue(s int32) {
	if !r.isDue[s] {
		r.isDue[s] = true
		r.due = append(r.due, s)
	}
}

func sortServers(v []int32) {
	for i := 1; i < len(v); i++ {
		x, j := v[i], i
		for j > 0 && v[j-1] > x {
			v[j] = v[j-1]
			j--
		}
		v[j] = x
	}
}

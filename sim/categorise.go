package sim

import (
	"time"

	"mailsim/sim/transport"
	"mailsim/topology"
)

// The categorisers of the servers at work: how long they take, and what they have.

func (r *run) categoriserTime(h *host, m transport.MsgID) time.Duration {
	c := &r.cfg.Model.Submitted
	if r.store.Cold[m].Relayed {
		c = &r.cfg.Model.Relayed
	}
	d := c.Base
	if c.PerRecipient != 0 {
		d += c.PerRecipient * time.Duration(r.store.Recipients(m))
	}
	if c.PerKB != 0 {
		d += time.Duration(float64(c.PerKB) * (float64(r.store.Hot[m].Size) / 1024))
	}
	return d
}

// categorising returns the copies that are in a server's categoriser: found by a look at every copy, as only halts and the end of the run
// ask.
func (r *run) categorising(s topology.ServerID) []transport.MsgID {
	var out []transport.MsgID
	for m := range r.store.Hot {
		if m := transport.MsgID(m); r.store.InCategoriser(m) && r.store.HolderIs(m, s) {
			out = append(out, m)
		}
	}
	return out
}

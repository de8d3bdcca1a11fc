package sim

import "mailsim/sim/transport"

// A server that looks recipients up says 550 5.1.1 to those of an authoritative domain that no mailbox has, while the sender is still there: nobody makes a
// report, as it is the sender's own system that tells him. It holds each such reply for its tarpit, so the rest of the message comes that much later
// . Who does not look takes the message, and returns it from the first hub (D-27).

// refuseUnknown takes the recipients off a message from outside that the server refuses, and lets the sender wait for the replies. It is false when nobody is
// left; the message is freed then.
//
// The 452 of a server to recipients over its limit (mostRecipients) is no refusal for good and meets no tarpit (ours). Servers of the organisation have
// authenticated or are known by subscription: they are not anonymous, and what they bring is not looked up.
func (r *run) refuseUnknown(m transport.MsgID, o *offer) bool {
	h := &r.hosts[o.to]
	if !r.checks(h) {
		return true
	}
	return r.refuseNobody(m, o)
}

// checks tells whether a server looks up recipients at RCPT: as installed, or because an operator has told it to (F22).
func (r *run) checks(h *host) bool {
	return h.checks || h.receiver != nil && h.receiver.Limits().RecipientValidation
}

// refuseNobody is refuseUnknown at a server that looks recipients up.
func (r *run) refuseNobody(m transport.MsgID, o *offer) bool {
	h := &r.hosts[o.to]
	var kept, refused []transport.Recipients
	n := 0
	for _, e := range r.store.Entries(r.store.Hot[m].Set) {
		if r.tableOf(h).Nobody(e.Dest) {
			refused = append(refused, e)
			n += int(e.Count)
		} else {
			kept = append(kept, e)
		}
	}
	if n == 0 {
		return true
	}
	if h.receiver != nil {
		o.wait += h.receiver.Limits().ReplyDelay(true, n)
		h.receiver.RefusedRecipients(n)
	}
	if len(kept) == 0 {
		r.rec.bounced(r, m, transport.NoRecipient)
		r.store.Free(m)
		return false
	}
	c := r.store.Hot[m]
	c.Set = r.store.NewSet(refused)
	part := r.store.New(c, r.store.Cold[m])
	r.rec.bounced(r, part, transport.NoRecipient)
	r.store.Free(part)
	r.store.Retain(m, kept)
	return true
}

package route

import "mailsim/topology"

// nameless asks for the domain of a copy that leaves by DNS, and tells whether it stays because of the answer.
//
// F14, F15: one query stands for all targets of the attempt. A domain that does not exist returns the mail; one that is not found, or whose hosts give no
// answer, keeps it waiting.
func (f *follower) nameless(at topology.ServerID, c bundled) bool {
	if f.query.Name == nil || c.key.Type != DnsConnectorDelivery {
		return false
	}
	answer := f.query.Name(at, c.key.Domain)
	if answer.Result == Accepted {
		return false
	}
	for _, r := range c.to {
		r.notes.at = at
		if answer.Result == Denied {
			r.notes.add("F14", "%s: NDR 5.4.4", answer.Cause)
			r.rest(Returned, at, "", "5.4.4")
			continue
		}
		r.notes.add("F14", "%s: it waits", answer.Cause)
		r.rest(WaitsInQueue, at, "Retry", "")
		r.way.Queue = c.key.Domain
	}
	return true
}

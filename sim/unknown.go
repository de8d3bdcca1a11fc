package sim

import (
	"mailsim/sim/transport"
)

// An outside system that does not know a part of its recipients refuses each of them at RCPT for good: their sender gets a report from the server that sent
// the message, and the others get the message.

// declines draws how many recipients of a message an outside system refuses, of those that it does not put off; true when it refuses them all, so that no body is sent. Who is refused hangs on
// the message and the system alone: a message that is sent again, after a break, is refused for the same recipients.
func (r *run) declines(k *session, m transport.MsgID) bool {
	x := &r.remotes[k.target.ID]
	n := r.store.Recipients(m)
	if k.putOff != 0 {
		n -= r.store.Total(k.putOff)
	}
	k.declined = 0
	for i := range n {
		if lot(x.lots, r.store.Hot[m].Message, uint64(i)) < x.spec.UnknownFraction {
			k.declined++
		}
	}
	if k.declined < n {
		return false
	}
	k.answer = transport.UserUnknown
	return true
}

// lot is a number from 0 up to 1 that hangs on the three alone, equally likely everywhere: the output function of SplitMix64 (Steele, Lea and Flood, 2014) over their
// sum, with odd factors that keep neighbours apart.
func lot(base, message, i uint64) float64 {
	z := base + 0x9e3779b97f4a7c15*message + 0xd1342543de82ef95*(i+1)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64((z^z>>31)>>11) * 0x1p-53
}

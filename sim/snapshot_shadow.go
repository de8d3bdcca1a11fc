package sim

import (
	"fmt"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// Shadow queues in listings: one for each server whose mail a server has copies of, named by its number among them. It is gone when
// it is empty. Nobody sends from it, so it is always Ready.

// shadowDelivery is the delivery type of shadow queues, in all versions that have them.
const shadowDelivery = "ShadowRedundancy"

// eachShadowQueue visits what a server keeps of others' mail, in the order in which it began to; numbers begin with 1.
func (r *run) eachShadowQueue(s int32, f func(number int, x *holding)) {
	if r.shadows == nil {
		return
	}
	n := 0
	for i := range r.shadows.holdings {
		if x := &r.shadows.holdings[i]; x.holder == s {
			n++
			f(n, x)
		}
	}
}

func (x *holding) count() count { return count{x.gone, int64(x.queue.Len())} }

// shadows lists the shadow queues of a server.
func (v *viewer) shadows(before []count) {
	v.r.eachShadowQueue(v.s, func(number int, x *holding) {
		if x.queue.Len() == 0 {
			return
		}
		var c count
		if number <= len(before) {
			c = before[number-1]
		}
		q := v.kept(fmt.Sprintf(`Shadow\%d`, number), shadowDelivery, v.r.org.Servers[x.primary].Name, x.count(), c)
		x.queue.Each(func(id transport.MsgID, at simtime.Time) {
			c := &v.r.shadows.copies[id]
			v.countCopy(&q.ByPriority, c)
			v.shadow(q.Identity, c, x, at)
		})
	})
}

func (v *viewer) countCopy(p *result.Priorities, c *shadowCopy) {
	switch c.cold.Priority {
	case transport.PriorityHigh:
		p.High++
	case transport.PriorityLow:
		p.Low++
	default:
		p.Normal++
	}
}

// shadow adds one copy.
func (v *viewer) shadow(queue string, c *shadowCopy, x *holding, at simtime.Time) {
	if v.listed == messagesMax {
		v.omitted++
		return
	}
	v.listed++
	r := v.r
	row := result.Message{
		Generation: v.columns, Identity: fmt.Sprintf(`%s\%d`, queue, c.hot.Message), Queue: queue, Status: transport.StatusReady.String(),
		Size: int64(c.hot.Size), Received: at, Expires: simtime.Never, Recipients: r.recipientNames(c.hot.Set), Priority: priorityName(c.cold.Priority),
		Age: r.now.Sub(c.hot.Created), Incoming: c.cold.Sender == topology.None, From: r.senderName(&c.cold), ID: "internet", Source: "SMTP:Default " + v.name,
	}
	if c.cold.Sender != topology.None {
		row.ID = r.org.Servers[c.cold.Sender].Name
	}
	row.ID = fmt.Sprintf("<%d@%s>", c.hot.Message, row.ID)
	if prof := r.shadows.servers[x.holder].prof; prof.CopyLife > 0 {
		row.Expires = at.Add(prof.CopyLife)
	}
	if r.makesCopies(x.primary) {
		row.SourceIP = r.address(topology.ServerID(x.primary))
	}
	v.out.Messages = append(v.out.Messages, row)
}

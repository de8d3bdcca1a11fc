package sim

import (
	"time"

	"mailsim/sim/internal/calendar"
	"mailsim/sim/internal/world"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// flight is a message on its way from a mailbox or a front end to a transport server of another site: an SMTP session of its
// own, set-up, body and reply, without a queue. Until it arrives the message is with its sender; when the way breaks it is offered anew.
type flight struct {
	m        transport.MsgID // 0 = free
	from, to int32           // from = noSender: a sender outside, who is through already or waits for the reply to MAIL
	gen      uint16
	sent     bool         // the body is through, or takes no time of its own
	copied   bool         // the server makes, or has made, its shadow copy
	copying  bool         // the body under way is that of the shadow copy
	holder   int32        // of the shadow copy; noHolder = none
	gate     int32        // the server that it counts for; noGate = none
	at       simtime.Time // instant of the event under way; -1 = none
	xfer     world.TransferID
	fixed    time.Duration // what the message takes after its body
}

// noSender stands for a sender outside.
const noSender int32 = -1

// newFlight makes a flight that waits for no event.
func (r *run) newFlight(m transport.MsgID, from, to int32) uint32 {
	var i uint32
	if n := len(r.landed); n > 0 {
		i, r.landed = r.landed[n-1], r.landed[:n-1]
	} else {
		i = uint32(len(r.flights))
		r.flights = append(r.flights, flight{})
	}
	f := &r.flights[i]
	*f = flight{m: m, from: from, to: to, gen: f.gen, at: noEvent, holder: noHolder, gate: noGate}
	return i
}

// depart begins a flight: after the vain attempts the session is set up.
func (r *run) depart(m transport.MsgID, o offer) {
	if !r.begins(m, o) {
		return
	}
	i := r.newFlight(m, int32(o.from.id), o.to)
	r.enters(i, o)
	f := &r.flights[i]
	h, t := o.from, route.Target{Kind: route.TargetServer, ID: o.to}
	wait := o.wait
	if h.post == nil {
		wait += r.cfg.Model.Submission
	}
	if h.site != r.hosts[o.to].site {
		cost, rtt := r.costOf(h, t), r.rttTo(h, t)
		if r.net.Troubled() && r.onTrial(h.site, r.hosts[o.to].site) {
			rtt += r.jitter(r.crossing())
		}
		wait += setUp(cost, rtt, h.service)
		if r.cfg.Model.SlowStart { // a connection of its own
			f.fixed = trips(float64(world.SlowStart(0, int64(r.store.Hot[m].Size))), rtt)
		}
		f.fixed += trips(r.messageTrips(cost, m), rtt) + simtime.Span(h.service.Draw(&cost.PerMessage))
	}
	r.flyUntil(i, r.now.Add(wait))
}

// hold lets a sender outside wait for the reply to MAIL. Until then the message is with him.
func (r *run) hold(m transport.MsgID, o offer) {
	i := r.newFlight(m, noSender, o.to)
	r.flights[i].sent = true
	r.flyUntil(i, r.now.Add(o.wait))
}

func (r *run) flyUntil(i uint32, at simtime.Time) {
	f := &r.flights[i]
	f.at = at
	r.at(at, transport.PhaseCompletions, -1, evFlight, f.gen, i)
}

func (r *run) flightEvent(ev calendar.Event) {
	i := keyID(ev.Key)
	f := &r.flights[i]
	if f.m == 0 || f.at != ev.At || f.gen&genMask != keyGen(ev.Key) {
		return
	}
	f.at = noEvent
	switch {
	case f.sent && !f.copied && r.makesCopies(f.to):
		r.copyFlight(i)
		return
	case f.sent:
		r.landFlight(i)
		return
	}
	f.sent = true
	h, t := &r.hosts[f.from], route.Target{Kind: route.TargetServer, ID: f.to}
	bits := 8 * float64(r.store.Hot[f.m].Size)
	there := r.hosts[f.to].site
	switch {
	case h.site == there:
		r.flyUntil(i, r.now)
	case r.shared(h, t):
		f.xfer = r.net.Start(r.now, h.site, there, bits, world.Payload{Server: topology.None, Conn: i})
		r.wakeNetwork()
	default:
		r.flyUntil(i, r.now.Add(f.fixed+r.aloneTime(h, there, bits)))
	}
}

// bodyLanded is when the body of a flight is through.
func (r *run) bodyLanded(i uint32) {
	f := &r.flights[i]
	f.xfer = 0
	r.flyUntil(i, r.now.Add(f.fixed))
}

// land ends a flight.
func (r *run) land(i uint32) {
	f := &r.flights[i]
	if f.xfer != 0 {
		r.net.Cancel(r.now, f.xfer)
		r.wakeNetwork()
	}
	gate := f.gate
	*f = flight{gen: f.gen + 1, at: noEvent}
	r.landed = append(r.landed, i)
	r.leaves(gate)
}

// turnBack ends the flights that cannot arrive any more; their messages are offered anew at this instant.
func (r *run) turnBack(lost func(f *flight) bool) {
	for i := range r.flights {
		if f := &r.flights[i]; f.m != 0 && lost(f) {
			m := f.m
			r.land(uint32(i))
			r.at(r.now, transport.PhaseArrivals, -1, evPending, 0, uint32(m))
		}
	}
}

package sim

import (
	"fmt"
	"math"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// pressure is the back pressure of one server at work: its meters as they were told, and the poll that is planned. Nothing polls: a meter is
// told when it enters or leaves the range that keeps its level, and a poll becomes an event when it finds a level changed.
type pressure struct {
	spec  *Pressure
	meter *transport.Pressure
	at    simtime.Time // the poll that is planned; Never = none

	least, most int64 // copies in the submission queue that keep its level: from least up to but not with most
	outside     bool  // the meter was told a length outside of them
	low, high   float64
	diskOutside bool  // the same of the drive, in percent
	transit     int64 // bytes being received and sent; kept when buckets are counted
	told        transport.Measures
	events      []transport.PressureEvent
}

// coreMeasures are what a core does itself under pressure; the others are about who comes to it.
const coreMeasures = transport.StopDelivery | transport.PauseResubmission

// newPressure makes the back pressure of a server; nil without settings.
func newPressure(spec *Pressure) (*pressure, error) {
	if spec.Settings == (transport.PressureSettings{}) {
		return nil, nil
	}
	m, err := transport.NewPressure(spec.Settings)
	if err != nil {
		return nil, err
	}
	p := &pressure{spec: spec, meter: m, at: simtime.Never}
	p.ranges()
	return p, nil
}

// ranges takes over what keeps the levels as they are.
func (p *pressure) ranges() {
	lo, hi := p.meter.Keeps(transport.SubmissionLength)
	p.least, p.most = math.MinInt64, math.MaxInt64
	if !math.IsInf(lo, -1) {
		p.least = int64(lo)
	}
	if !math.IsInf(hi, 1) {
		p.most = int64(hi)
	}
	p.low, p.high = p.meter.Keeps(transport.QueueDatabase)
}

// above tells whether the drive with the queue database is above Low.
func (p *pressure) above() bool { return !math.IsInf(p.low, -1) }

// used is how much of a server's drive with the queue database is in use, in percent.
func (r *run) used(h *host) float64 {
	p := h.pressure
	if h.disk != nil {
		return r.driveUse(h, fault.QueueDrive, r.now)
	}
	return transport.Percent(p.spec.DriveUsed+h.hub.Bytes()+r.onDisk(h.id), p.spec.Drive)
}

// gauge tells the meters of a server after something happened to it, where it matters.
func (r *run) gauge(s int32, h *host) {
	p := h.pressure
	n := h.hub.Stats().Submission.Value()
	changed := (n < p.least || n >= p.most) != p.outside
	if p.spec.Drive > 0 || h.disk != nil {
		v := r.used(h)
		changed = changed || (v < p.low || v >= p.high) != p.diskOutside
	}
	if changed {
		r.tell(s, h)
	}
	if h.disk != nil && !h.hub.Halted() {
		r.planDisk(s, h)
	}
}

// tell sets the meters that follow the server's own figures, and plans the next poll. What does not run is not polled.
func (r *run) tell(s int32, h *host) {
	if !h.hub.Halted() {
		r.setMeters(h)
		r.planPoll(s, h.pressure)
	}
}

func (r *run) setMeters(h *host) {
	p := h.pressure
	n := h.hub.Stats().Submission.Value()
	p.outside = n < p.least || n >= p.most
	p.meter.Set(r.now, r.phase, transport.SubmissionLength, float64(n))
	if h.disk != nil {
		r.setDrives(h)
	} else if p.spec.Drive > 0 {
		v := r.used(h)
		p.diskOutside = v < p.low || v >= p.high
		p.meter.Set(r.now, r.phase, transport.QueueDatabase, v)
	}
}

func (r *run) planPoll(s int32, p *pressure) {
	if t := p.meter.Deadline(); t < p.at {
		p.at = t
		r.at(t, transport.PhaseTimers, s, evPressure, r.serial(), 0)
	}
}

// pollPressure takes the poll that was planned.
func (r *run) pollPressure(s int32, h *host) {
	p := h.pressure
	if p == nil || p.at != r.now {
		return
	}
	p.at = simtime.Never
	if p.meter.Deadline() > r.now {
		r.planPoll(s, p)
		return
	}
	r.setMeters(h)
	before := p.meter.State(r.now, r.phase).Do
	p.events = p.meter.Poll(r.now, p.events[:0])
	after := p.meter.State(r.now, r.phase).Do
	for _, e := range p.events {
		r.rec.pressed(r, s, e, after)
	}
	p.ranges()
	r.tell(s, h)
	if h.disk != nil {
		r.planDisk(s, h)
	}
	if r.nets != nil {
		r.netMoved(s)
	}
	r.press(s, h)
	// Who was refused a shadow copy may have refused its sender in turn.
	ended := before &^ after
	if ended&(transport.RejectAll|transport.RefuseShadow) != 0 {
		r.offerPending(s)
	}
	if ended.Has(transport.PauseResubmission) {
		r.resumeCopies(s)
		r.answerRequests()
	}
}

// press tells a server's core what it is to do about pressure, before it does something that may be kept from it: what begins after many
// polls begins without an event.
func (r *run) press(s int32, h *host) {
	if p := h.pressure; p != nil && !h.hub.Halted() {
		if do := p.meter.State(r.now, r.phase).Do & coreMeasures; do != p.told {
			p.told = do
			r.step(s, transport.Input{Kind: transport.Press, Msg: transport.MsgID(do)})
		}
	}
}

// relieve begins anew with the start of a server's transport service, before anything happens on it: nothing is remembered of the time before.
func (r *run) relieve(h *host) {
	if p := h.pressure; p != nil {
		p.at, p.told, p.transit, p.outside, p.diskOutside = simtime.Never, 0, 0, false, false
		p.meter.Restart(r.now)
		p.ranges()
	}
}

// refuses tells whether a server refuses mail now: RejectOutside, RejectServers or RejectSubmission, by who offers it.
func (r *run) refuses(h *host, mail transport.Measures) bool {
	return h.pressure != nil && r.pressureState(h).Do.Has(mail)
}

// pressureState is what holds at a server with back pressure now.
func (r *run) pressureState(h *host) transport.PressureState {
	if h.hub.Halted() {
		return transport.PressureState{}
	}
	return h.pressure.meter.State(r.now, r.phase)
}

// answerMail is what a server says to MAIL in a session of another server: no, because it is under pressure, the message too large or
// the rate of messages too high, or yes after the tarpit that it returns.
func (r *run) answerMail(h, p *host, k *session, size int64) time.Duration {
	var s transport.PressureState
	if p.pressure != nil {
		s = r.pressureState(p)
	}
	switch {
	case s.Do.Has(transport.RejectServers):
		k.answer = transport.Rejected
	case k.admitted && !p.receiver.Limits().TakesSize(size):
		p.receiver.RefusedSize()
		k.answer = transport.OverSize
	case k.admitted && !r.takesMessage(h, k.target):
		k.answer = transport.RateLimited
	}
	return s.Tarpit
}

// tarpit is how long a server holds its reply to MAIL now. Servers of the organisation wait for it as those outside do; what
// mailboxes submit does not.
func (r *run) tarpit(h *host) time.Duration {
	if h.pressure == nil {
		return 0
	}
	return r.pressureState(h).Tarpit
}

// countBuckets tells the version buckets of a server of a message that it takes.
func (r *run) countBuckets(s int32) {
	h := &r.hosts[s]
	if p := h.pressure; p != nil && p.spec.Buckets && !h.hub.Halted() {
		p.meter.Accepted(r.now, r.phase)
		r.planPoll(s, p)
	}
}

// underway tells the version buckets of both ends of a session that so many bytes more, or fewer, are on their way.
func (r *run) underway(h *host, k *session, bytes int64) {
	r.moving(h, bytes)
	if k.target.Kind == route.TargetServer {
		r.moving(&r.hosts[k.target.ID], bytes)
	}
}

func (r *run) moving(h *host, bytes int64) {
	p := h.pressure
	if p == nil || !p.spec.Buckets || h.hub.Halted() {
		return
	}
	p.transit += bytes
	p.meter.Transit(r.now, r.phase, p.transit)
	r.planPoll(int32(h.id), p)
}

// pressed writes down that a resource of a server changed its level.
func (c *recorder) pressed(r *run, s int32, e transport.PressureEvent, do transport.Measures) {
	r.laws.limited = true
	for _, id := range e.IDs() {
		if id == 0 {
			break
		}
		c.send(r, result.Event{
			Time: r.now, Server: r.org.Servers[s].Name, Kind: "pressure", ID: id, Text: e.Text(id, do),
			Fields: []result.Field{
				{Key: "resource", Value: e.Resource.String()}, {Key: "from", Value: e.From.String()}, {Key: "to", Value: e.To.String()}, {Key: "reading", Value: e.Reading},
			},
		})
	}
}

// pressureOf makes the back pressure of a server from its settings.
func (r *run) pressureOf(id topology.ServerID) (*pressure, error) {
	p, err := newPressure(&r.cfg.Servers[id].Pressure)
	if err != nil {
		return nil, fmt.Errorf("server %s: %w", r.org.Servers[id].Name, err)
	}
	return p, nil
}

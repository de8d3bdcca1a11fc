package sim

import (
	"fmt"
	"slices"
	"time"

	"mailsim/sim/internal/calendar"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// slowAfter is for how long an agent has a message before the server complains (F17).
const slowAfter = 90 * time.Second

// agents is the categoriser of a server while its agents are slow (F17). What was in work before they became slow ends as it would have; what is in work when
// their speed changes gets on at the new one.
type agents struct {
	speed float64 // 0: nothing gets on; 1: as fast as ever, with something that began before still in work
	work  []agentWork
}

// agentWork is a message in such a categoriser.
type agentWork struct {
	m     transport.MsgID
	begun simtime.Time
	left  float64 // nanoseconds of work at full speed, as of since
	since simtime.Time
	done  simtime.Time // as things stand; Never
	noted bool         // that it takes long
}

// slowAgents changes the speed of a server's agents: 0 to 1.
func (r *run) slowAgents(s int32, speed float64) {
	h := &r.hosts[s]
	if h.hub == nil {
		return
	}
	if h.agents == nil {
		h.agents = &agents{speed: 1}
	}
	a := h.agents
	for i := range a.work {
		w := &a.work[i]
		w.left = max(0, w.left-float64(float64(r.now.Sub(w.since))*a.speed))
		w.since = r.now
		r.planAgent(s, h, w, speed)
	}
	a.speed = speed
	h.healed()
}

// healed forgets slow agents that are slow no more and have nothing in work.
func (h *host) healed() {
	if h.agents.speed == 1 && len(h.agents.work) == 0 {
		h.agents = nil
	}
}

// halted is when the transport service stops: what is in work is begun anew after the start.
func (a *agents) halted() {
	if a != nil {
		a.work = a.work[:0]
	}
}

// workSlowly lets slow agents begin with a message. It appends what the core does at once to out.
func (r *run) workSlowly(s int32, h *host, m transport.MsgID, out []transport.Action) []transport.Action {
	a := h.agents
	d := r.categoriserTime(h, m)
	if d == 0 && a.speed > 0 {
		return h.hub.Step(r.now, transport.Input{Kind: transport.Categorised, Msg: m}, out)
	}
	a.work = append(a.work, agentWork{m: m, begun: r.now, left: float64(d), since: r.now})
	w := &a.work[len(a.work)-1]
	r.planAgent(s, h, w, a.speed)
	return out
}

// planAgent plans when agents of a speed are through with a message.
func (r *run) planAgent(s int32, h *host, w *agentWork, speed float64) {
	w.done = never
	if ns := w.left / speed; speed > 0 && ns < float64(r.end-r.now)+1 {
		w.done = r.now.Add(time.Duration(ns + 0.5))
		r.at(w.done, transport.PhaseCompletions, s, evAgent, h.epoch, uint32(w.m))
	}
	if late := w.begun.Add(slowAfter); late > r.now && w.done > late {
		r.at(late, transport.PhaseCompletions, s, evAgent, h.epoch, uint32(w.m))
	}
}

// agentEvent is when agents are through with a message, or have had it for long. What was planned at another speed finds another instant and does nothing.
func (r *run) agentEvent(s int32, ev calendar.Event) {
	h := &r.hosts[s]
	m := transport.MsgID(keyID(ev.Key))
	if h.agents == nil || keyGen(ev.Key) != h.epoch&genMask {
		return
	}
	i := slices.IndexFunc(h.agents.work, func(w agentWork) bool { return w.m == m })
	if i < 0 {
		return
	}
	w := &h.agents.work[i]
	if w.done == r.now {
		h.agents.work = slices.Delete(h.agents.work, i, i+1)
		h.healed()
		r.step(s, transport.Input{Kind: transport.Categorised, Msg: m})
		return
	}
	if w.noted || r.now.Sub(w.begun) != slowAfter {
		return
	}
	w.noted = true
	number := int64(r.store.Hot[m].Message)
	r.rec.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[s].Name, Kind: "agent.slow", ID: 1050,
		Text:   fmt.Sprintf("An agent has had message %d for more than %d ms.", number, slowAfter.Milliseconds()),
		Fields: []result.Field{{Key: "message", Value: number}},
	})
}

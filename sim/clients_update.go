package sim

import (
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/internal/calendar"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// F9, S3-6, S3-9: an update installs itself in the background. A mail client that was started before, and is still running, cannot hand in mail to one server from then
// on, until it is restarted.

const (
	// scanPeriod is how often a machine that is always on looks for updates: this less up to scanEarly of it.
	scanPeriod = 22 * time.Hour
	scanEarly  = 0.2
)

// wave is an update on its way to the clients of a population.
type wave struct {
	fault   int
	server  uint8 // which of theirs it is about
	pending int   // clients that have it still to come
	broken  int   // clients that fail because of it
	spread  time.Duration
	resends resending
	over    bool // taken back
}

// clientKind says what happens to a client. At one instant installations come first and what users send last.
type clientKind uint8

const (
	clientInstalls clientKind = iota // wave
	clientsAreTold                   // wave: everybody is to restart
	clientRestarts                   // the mail client is started anew
	clientSwitched                   // ... because the machine is switched on
	clientSends                      // server: the oldest draft
)

// clientItem is something that will happen to a client.
type clientItem struct {
	at     simtime.Time
	kind   clientKind
	server uint8
	who    int32
	wave   int32
}

func (a *clientItem) before(b *clientItem) bool {
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.kind != b.kind:
		return a.kind < b.kind
	case a.who != b.who:
		return a.who < b.who
	case a.server != b.server:
		return a.server < b.server
	}
	return a.wave < b.wave
}

// clientAgenda is what will happen, as a heap: of two of one instant the order does not depend on when they were planned.
type clientAgenda []clientItem

func (a *clientAgenda) push(x clientItem) {
	h := append(*a, x)
	i := len(h) - 1
	for i > 0 && x.before(&h[(i-1)/2]) {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = x
	*a = h
}

func (a *clientAgenda) pop() clientItem {
	h := *a
	first, x := h[0], h[len(h)-1]
	h = h[:len(h)-1]
	i := 0
	for 2*i+1 < len(h) {
		k := 2*i + 1
		if k+1 < len(h) && h[k+1].before(&h[k]) {
			k++
		}
		if !h[k].before(&x) {
			break
		}
		h[i] = h[k]
		i = k
	}
	if len(h) > 0 {
		h[i] = x
	}
	*a = h
	return first
}

// wakeClients plans the event of what happens next to a population.
func (r *run) wakeClients(p *population) {
	if len(p.agenda) == 0 {
		return
	}
	if t := p.agenda[0].at; t < p.next && t <= r.end {
		p.next = t
		r.cal.Push(calendar.Event{At: t, Key: key(transport.PhaseArrivals, -1, evClients, 0, uint32(p.index))})
	}
}

func (r *run) clientsEvent(i int, at simtime.Time) {
	p := &r.clients[i]
	if at != p.next {
		return // something came before, and with it what this was for
	}
	p.next = simtime.Never
	for len(p.agenda) > 0 && p.agenda[0].at <= r.now {
		switch x := p.agenda.pop(); x.kind {
		case clientInstalls:
			r.installed(p, x)
		case clientsAreTold:
			r.broadcast(p, int(x.wave))
		case clientRestarts, clientSwitched:
			r.restartClient(p, x.who)
		case clientSends:
			r.sendDraft(p, x.who, x.server)
		}
	}
	r.wakeClients(p)
}

// updateClients is an update that comes out: each client's machine draws when it has installed it.
func (r *run) updateClients(p *population, e *fault.Effect) {
	f := &r.fault.Faults()[e.Fault]
	u := &f.Update
	w := wave{fault: e.Fault, spread: u.RestartSpread, resends: resending{u.ResendSpread.Seconds(), u.ResendFraction}}
	switch u.Server {
	case p.spec.Servers[0]:
	case p.spec.Servers[1]:
		w.server = 1
	default:
		r.fault.ClientsFresh(r.now, e.Fault)
		return // they have nothing to do with that server
	}
	n := int32(len(p.waves))
	s := r.root.Stream("client.update", f.Name(), itoa(e.Count), p.spec.Name)
	for who := range p.each {
		at, breaks := installation(p.spec.Hours, r.cfg.Start, u, s)
		if !breaks {
			continue
		}
		w.pending++
		p.agenda.push(clientItem{at: max(at, r.now), kind: clientInstalls, who: int32(who), wave: n})
	}
	p.waves = append(p.waves, w)
	at := u.Broadcast
	if u.ByClock {
		at = firstClock(p.spec.Hours, r.cfg.Start, r.now, u.BroadcastClock)
	}
	if at != simtime.Never {
		p.agenda.push(clientItem{at: max(at, r.now), kind: clientsAreTold, wave: n})
	}
	r.wakeClients(p)
	r.maybeFresh(n, p)
}

// installation draws when a machine has installed an update; false when the mail client does not run then, or has been started anew since before t0.
// A machine that was off when it should have looked for updates does so soon after it is switched on; one that is on looks every scanPeriod. What is not
// through when a machine is switched off is installed then.
func installation(hours load.Hours, start time.Time, u *fault.Update, s *rng.Stream) (at simtime.Time, breaks bool) {
	scan, install := simtime.FromSeconds(s.Draw(&u.ScanDelay)), simtime.FromSeconds(s.Draw(&u.InstallTime))
	period := time.Duration(float64(scanPeriod) * (1 - float64(scanEarly*s.Float64())))
	phase := s.Float64()
	if len(hours.Week) == 0 {
		return u.Release.Add(time.Duration(float64(period) * phase)).Add(install), true
	}
	from, to := hours.Next(start, u.Release)
	at = from.Add(scan)
	if at < u.Release { // it looked today before the update was there
		at = at.Add((u.Release.Sub(at) + period - 1) / period * period)
		if at >= to {
			from, to = hours.Next(start, to)
			at = from.Add(scan)
		}
	}
	at = at.Add(install)
	if at < 0 {
		if again, _ := hours.Next(start, to); again <= 0 {
			return at, false
		}
	}
	return at, at < to
}

// firstClock is when the clocks of a site show a time of day for the first time from an instant on.
func firstClock(hours load.Hours, start time.Time, from simtime.Time, clock time.Duration) simtime.Time {
	loc := hours.Location
	if loc == nil {
		loc = start.Location()
	}
	l := start.Add(time.Duration(from)).In(loc)
	for day := 0; ; day++ {
		at := simtime.Time(time.Date(l.Year(), l.Month(), l.Day()+day, 0, int(clock/time.Minute), 0, int(clock%time.Minute), loc).Sub(start))
		if at >= from {
			return at
		}
	}
}

// installed is the end of an installation while the mail client runs.
func (r *run) installed(p *population, x clientItem) {
	w := &p.waves[x.wave]
	if w.over {
		return
	}
	w.pending--
	w.broken++
	c := &p.each[x.who]
	if was := c.broken[w.server]; was != 0 {
		p.waves[was-1].broken--
		r.maybeFresh(was-1, p)
	} else {
		p.broken.Inc(r.now)
	}
	c.broken[w.server] = x.wave + 1
	if hours := p.spec.Hours; len(hours.Week) > 0 { // the machine is off overnight
		_, to := hours.Next(r.cfg.Start, r.now)
		from, _ := hours.Next(r.cfg.Start, to)
		p.agenda.push(clientItem{at: from, kind: clientSwitched, who: x.who})
	}
}

// broadcast tells everybody to restart the mail client.
func (r *run) broadcast(p *population, i int) {
	w := &p.waves[i]
	if w.over {
		return
	}
	r.rec.send(r, result.Event{
		Time: r.now, Kind: "client.broadcast", Text: p.spec.Name + ": everybody is told to restart the mail client",
		Fields: []result.Field{{Key: "client", Value: p.spec.Name}, {Key: "fault", Value: r.fault.Faults()[w.fault].ID}, {Key: "broken", Value: p.broken.Value()}},
	})
	r.fault.Told(r.now, w.fault, int32(p.index))
	for who := range p.each {
		at := r.now.Add(simtime.FromSeconds(w.spread.Seconds() * p.restarts.Float64()))
		p.agenda.push(clientItem{at: at, kind: clientRestarts, who: int32(who)})
	}
}

// restartClient starts a mail client anew: no update that is installed troubles it, and its user sends what has gathered.
func (r *run) restartClient(p *population, who int32) {
	c := &p.each[who]
	for at := range c.broken {
		i := c.broken[at]
		if i == 0 {
			continue
		}
		c.broken[at] = 0
		p.broken.Dec(r.now)
		w := &p.waves[i-1]
		w.broken--
		r.again(p, who, uint8(at), w.resends)
		r.maybeFresh(i-1, p)
	}
}

// mendClients takes an update back: no further client gets it, and those that have it work again.
func (r *run) mendClients(p *population, of int) {
	for i := range p.waves {
		w := &p.waves[i]
		if w.fault != of || w.over {
			continue
		}
		w.over, w.pending = true, 0
		for who := range p.each {
			if p.each[who].broken[w.server] == int32(i)+1 {
				r.restartClient(p, int32(who))
			}
		}
	}
}

// maybeFresh tells the engine when an update is through everywhere and breaks nobody any more.
func (r *run) maybeFresh(i int32, p *population) {
	of := p.waves[i].fault
	for k := range r.clients {
		for j := range r.clients[k].waves {
			if w := &r.clients[k].waves[j]; w.fault == of && (w.pending > 0 || w.broken > 0) {
				return
			}
		}
	}
	r.fault.ClientsFresh(r.now, of)
}

package sim

import (
	"math"

	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/metrics"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// Mail clients that hand in their mail by SMTP to one server or a second one, and nowhere else (F9). A message that its server does not take stays with the
// client as a draft: it is no submitted mail, and counts nowhere but here, until the client sends it as a new message with a number and a Date of its own.
// Reading by POP or IMAP is no part of it (S3-3), and no server notes anything of what never reaches it (S3-5).

// Clients is a population of mail clients.
type Clients struct {
	Name    string
	Site    topology.SiteID
	Count   int                  // 1 or more
	Servers [2]topology.ServerID // that take its mail, hubs or E-Post servers; the second may be None
	// Home is the machine with their mailboxes: mail of theirs is from there, and reports go there.
	Home topology.ServerID
	// Hours is when their machines are on; a machine that is switched on starts its mail client. The zero value is always.
	Hours load.Hours
}

// The codes that mail clients show (docs/rules/faults.md), and the reply of a server under back pressure.
const (
	codeUpdate = iota // a socket fails inside the client
	codeConnect
	codeDropped
	codePressure
	codeName
	codeTimeOut
	numCodes
)

// clientCode is what a user reads.
func clientCode(code int) string {
	return [numCodes]string{"0x800CCC13", cannotConnect, "0x800CCC0F", "452 4.3.1", "0x800CCC0D", "0x800CCC19"}[code]
}

// population is a population in a run.
type population struct {
	spec   *Clients
	index  int
	each   []client
	drafts []draft // each in the list of its client or, when free, in that of the free ones
	free   int32   // first free draft + 1
	agenda clientAgenda
	next   simtime.Time // instant of the event that is under way; Never = none
	waves  []wave       // updates, in the order in which they came out

	restarts, resends *rng.Stream

	composed  int64
	abandoned int64
	submitted [2]counted
	errors    [2][numCodes]int64
	unsent    metrics.Gauge // drafts
	broken    metrics.Gauge // clients that fail because of an update

	known [2]simtime.Time // by server: until when its name is known; where names may fail
	cut   bool            // some have read that a name is not found, or met a filter
}

// client is one mail client, by server.
type client struct {
	broken      [2]int32 // by which update, from 1; 0 = by none
	first, last [2]int32 // drafts, the oldest first, + 1; 0 = none
}

// draft is a message that a client could not hand in.
type draft struct {
	set      transport.SetID
	size     uint32
	next     int32 // the next one of the client, or the next free one, + 1
	priority transport.Priority
}

// resending is how users send drafts.
type resending struct {
	spread   float64 // seconds within which they do
	fraction float64 // 0..1: how many of the drafts they send
}

// outbox is how clients send what could not be handed in for want of a server: all of it, within five minutes.
func outbox() resending { return resending{300, 1} }

func (cfg *Config) clientNames() []string {
	var out []string
	for i := range cfg.Clients {
		out = append(out, cfg.Clients[i].Name)
	}
	return out
}

func (r *run) openClients() {
	if len(r.cfg.Clients) == 0 {
		return
	}
	r.clients = make([]population, len(r.cfg.Clients))
	for i := range r.clients {
		spec := &r.cfg.Clients[i]
		r.clients[i] = population{
			spec: spec, index: i, each: make([]client, spec.Count), next: simtime.Never,
			restarts: r.root.Stream("client.restart", spec.Name), resends: r.root.Stream("client.resend", spec.Name),
		}
	}
}

// ofClients notes whose mail a load is.
func (f *feed) ofClients(r *run, s *load.Source) {
	if s.Kind == load.Clients {
		f.clients = &r.clients[s.Population]
		if s.Second {
			f.server = 1
		}
	}
}

// compose is a user who sends a message: the server takes it, or it becomes a draft.
func (r *run) compose(f *feed) {
	p, m, at := f.clients, &f.next, f.server
	p.composed++
	d := draft{set: r.setOf(m.Recipients), size: uint32(min(m.Size, math.MaxUint32)), priority: f.priority}
	if code, ok := r.handIn(p, m.Client, at, d); !ok {
		p.errors[at][code]++
		if s := p.spec.Servers[at]; r.hosts[s].post != nil && code == codeConnect {
			r.hosts[s].post.refused++
		}
		p.keep(m.Client, at, d)
		p.unsent.Inc(r.now)
	}
}

// handIn lets a client hand in a message. When that fails it tells what the user reads.
func (r *run) handIn(p *population, who int32, at uint8, d draft) (code int, ok bool) {
	s := p.spec.Servers[at]
	if p.each[who].broken[at] != 0 { // F9: before anything goes over the wire
		return codeUpdate, false
	}
	h := &r.hosts[s]
	if code, ok := r.across(p, at, h); !ok {
		return code, false
	}
	r.messages++
	p.submitted[at].n++
	m := r.store.New(transport.Copy{Message: r.messages, Accepted: r.now, Created: r.now, Size: d.size, Set: d.set},
		transport.Tail{Sender: r.home(p.spec.Home), Priority: d.priority})
	r.rec.submitted(r, m)
	r.takeSubmitted(m, h, int32(s))
	return 0, true
}

// keep puts a message among the drafts of a client, as the youngest.
func (p *population) keep(who int32, at uint8, d draft) {
	i := p.free
	d.next = 0
	if i > 0 {
		p.free = p.drafts[i-1].next
		p.drafts[i-1] = d
	} else {
		p.drafts = append(p.drafts, d)
		i = int32(len(p.drafts))
	}
	c := &p.each[who]
	if c.last[at] == 0 {
		c.first[at] = i
	} else {
		p.drafts[c.last[at]-1].next = i
	}
	c.last[at] = i
}

// take takes the oldest draft of a client; false when it has none.
func (p *population) take(who int32, at uint8) (draft, bool) {
	c := &p.each[who]
	i := c.first[at]
	if i == 0 {
		return draft{}, false
	}
	d := p.drafts[i-1]
	if c.first[at] = d.next; d.next == 0 {
		c.last[at] = 0
	}
	p.drafts[i-1] = draft{next: p.free}
	p.free = i
	return d, true
}

// again lets a client send what it has kept for a server, each draft at an instant of its own. What its user does not care to send is gone.
func (r *run) again(p *population, who int32, at uint8, how resending) {
	n := 0
	for i := p.each[who].first[at]; i != 0; i = p.drafts[i-1].next {
		n++
	}
	for range n {
		wait := simtime.FromSeconds(how.spread * p.resends.Float64())
		if how.fraction < 1 && p.resends.Float64() >= how.fraction {
			d, _ := p.take(who, at)
			r.store.Unref(d.set)
			p.abandoned++
			p.unsent.Dec(r.now)
			continue
		}
		p.agenda.push(clientItem{at: r.now.Add(wait), kind: clientSends, server: at, who: who})
	}
	r.wakeClients(p)
}

// sendDraft is a user who sends a draft. It is a new message; where it fails again it is the youngest draft.
func (r *run) sendDraft(p *population, who int32, at uint8) {
	d, ok := p.take(who, at)
	if !ok {
		return
	}
	if _, ok := r.handIn(p, who, at, d); !ok {
		p.keep(who, at, d)
		return
	}
	p.unsent.Dec(r.now)
}

// clientsAgain lets clients send what has gathered while their servers could not be reached, now that one may be back.
func (r *run) clientsAgain() {
	for i := range r.clients {
		r.allAgain(&r.clients[i])
	}
}

// allAgain does so for the clients of one population.
func (r *run) allAgain(p *population) {
	if p.unsent.Value() == 0 {
		return
	}
	for at, s := range p.spec.Servers {
		if s == topology.None || r.hosts[s].down || r.hosts[s].deaf {
			continue
		}
		for who := range p.each {
			if c := &p.each[who]; c.broken[at] == 0 && c.first[at] != 0 {
				r.again(p, int32(who), uint8(at), outbox())
			}
		}
	}
}

// applyToClients lets happen to a population what the fault engine says.
func (r *run) applyToClients(e *fault.Effect) {
	p := &r.clients[e.Population]
	switch e.Kind {
	case fault.ClientsUpdated:
		r.updateClients(p, e)
	case fault.ClientsMended:
		r.mendClients(p, e.Fault)
	case fault.ClientsRestarted:
		for who := range p.each {
			r.restartClient(p, int32(who))
		}
	}
}

// Package directory is the directory service around the mail servers: domain controllers that hold the configuration and copy
// changes to each other in their own time, the clocks of all hosts, and the authentication between hubs that depends on both.
//
//	dir := directory.New(directory.Config{Org: org, Start: t0, NotifyDelay: 5 * time.Second, MaxClockSkew: 5 * time.Minute})
//	dir.Edit(now, dc, change)                  // an operator writes at one domain controller (V1)
//	for dir.Next() <= now {                    // later, at the instants that Next names
//		changes = dir.Advance(now, changes[:0]) // servers whose view changed, with their new view
//	}
//	if dir.Handshake(now, from, to) != directory.AuthOK { ... } // a new session between hubs
//
// What flows in: the organisation, edits, clock errors, broken links. What flows out: views (immutable organisations that
// servers with the same knowledge share), the next instant at which something changes, and the outcome of handshakes. Nothing
// here polls: pulls and time corrections are computed from their schedules, and only while one can change something. A clock is a
// function of time (clock.go), which the time service of its host sets right now and then (timeservice.go); a ticket is renewed when
// somebody asks for it (ticket.go).
//
// It imports topology and sim/simtime only. It must never import package sim, sim/fault or anything that draws random numbers.
package directory

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Config is what a Directory is made of.
type Config struct {
	Org   *topology.Organisation
	Start time.Time // t0; replication schedules and EdgeSync ticks count from 00:00 UTC of its day

	// NotifyDelay is delta: from the instant at which a domain controller holds a change to the instant at which the servers
	// bound to it use it. 5 s is usual; 0 means at once.
	NotifyDelay time.Duration

	// NotifyFirst and NotifyNext are when a domain controller tells the first partner of its site what it has learned, and how long
	// after the one before each further partner; 0 = 15 s and 3 s.
	NotifyFirst, NotifyNext time.Duration

	// Reload is how often a server that hears of no change reads the configuration all the same, counted from the start of its
	// service; 0 = 12 h. It does so at each renewal of its tickets, too (Kerberos.Renewal).
	Reload time.Duration

	// Tombstone is how long two domain controllers may be out of touch; after a longer break an operator has to clean up before they
	// replicate again. 0 = 180 days.
	Tombstone time.Duration

	// MaxClockSkew is the largest spread of clocks that authentication and replication bear; exactly this much passes (FD-24).
	MaxClockSkew time.Duration

	// Kerberos is how hubs authenticate each other.
	Kerberos Kerberos

	// OwnDrift is the drift of a host's clock, in millionths, while its time service is out of step; nil = none. It is asked once each
	// time.
	OwnDrift func(Host) float64

	// WrongAccount draws, with a chance, whether a ticket that was asked for at an instant is sealed for the wrong one of two accounts. It
	// must give the same answer for the same ticket. nil: it never is.
	WrongAccount func(chance float64, from, to topology.ServerID, at simtime.Time) bool

	// Instant makes every domain controller and every server know a change when it is written, so that a run equals one of an
	// ideal directory but for clocks.
	Instant bool

	// TLS lets servers read the directory by TLS: on ports 636 and 3269 in place of 389 and 3268, which then matter to nobody (F6).
	TLS bool
}

// Directory is the state of the directory service in one run. It is not safe for concurrent use. An organisation without domain
// controllers has an ideal directory: changes are seen at once, clock errors harm nobody, every handshake succeeds.
type Directory struct {
	cfg      Config
	org      *topology.Organisation
	ideal    bool         // the organisation has no domain controllers
	midnight simtime.Time // 00:00 UTC of t0's day; never after t0
	monday   simtime.Time // 00:00 UTC of the Monday of its week

	agenda      agenda
	states      interner
	controllers []controller // by DCID; a single one without a site when ideal
	servers     []server     // by ServerID
	network     network
	bySite      [][]topology.DCID
	partners    []partner // who pulls from whom; made at the first edit
	failures    []failure // of replication, in force
	untrusted   int       // partners behind which sessions fail to authenticate
	silent      int       // domain controllers that answer nobody
	hosts       []clock   // servers, then domain controllers
	pdc         int32     // the PDC emulator among the hosts
	off         int       // hosts whose clock is not true
	latches     []Latch   // ordered by From, To
	identity    identity
	walls       []wall // filters in force (F6)
	notes       []Note // not taken yet
	wrong       error  // the first law that was broken
}

// New makes the directory of an organisation in which everybody knows the configuration and all clocks are true. It takes
// time in proportion to servers and links; the replication tree is built at the first edit.
func New(cfg Config) *Directory {
	start := cfg.Start.UTC()
	day := time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, time.UTC)
	d := &Directory{
		cfg:      cfg,
		org:      cfg.Org,
		ideal:    len(cfg.Org.DCs) == 0,
		midnight: -simtime.Time(start.Sub(day)),
		monday:   -simtime.Time(start.Sub(day.AddDate(0, 0, -(int(day.Weekday())+6)%7))),
		states:   newInterner(cfg.Org),
	}
	d.controllers = make([]controller, max(1, len(cfg.Org.DCs)))
	for i := range d.controllers {
		d.controllers[i].known = d.states.original
	}
	d.network = newNetwork(cfg.Org)
	d.bySite = make([][]topology.DCID, len(cfg.Org.Sites))
	for i := range cfg.Org.DCs {
		s := cfg.Org.DCs[i].Site
		d.bySite[s] = append(d.bySite[s], topology.DCID(i))
	}
	d.bindServers()
	d.startClocks()
	return d
}

// Next returns the next instant at which something changes: a domain controller learns something, a clock is corrected, a
// server's view changes. Never when nothing is pending.
func (d *Directory) Next() simtime.Time {
	if len(d.agenda) == 0 {
		return simtime.Never
	}
	return d.agenda[0].at
}

// Advance lets everything happen that is due at or before now, in order of time, and appends the servers whose view changed: once an
// instant each, in order of servers.
func (d *Directory) Advance(now simtime.Time, out []ViewChange) []ViewChange {
	for d.Next() <= now && d.Next() != simtime.Never {
		from := len(out)
		for at := d.Next(); d.Next() == at; {
			out = d.carryOut(d.agenda.pop(), out)
		}
		slices.SortFunc(out[from:], func(a, b ViewChange) int { return cmp.Compare(a.Server, b.Server) })
	}
	return out
}

func (d *Directory) carryOut(e entry, out []ViewChange) []ViewChange {
	switch e.kind {
	case arrive:
		d.arrived(e)
	case caughtUp:
		d.catchUp(e.who)
	case clockCheck:
		d.checkClock(e.at, e.who)
	case clockPush:
		d.pushClock(e.at, e.who)
	case slewed:
		d.endSlew(e.who)
	case peerSilent:
		d.noteAt(e.at, PeerSilent, e.who)
	case outOfStep:
		d.loseStep(e.at, e.who)
	case cleaned:
		d.cleanUp(e.at, e.who)
	case reroute:
		d.reroute(e.at, e.who)
	case overdue:
		d.overdue(e.at, e.who)
	case pull:
		d.pull(e.at, e.who)
	case pullNow:
		d.pullNow(e.at, topology.DCID(e.from), topology.DCID(e.who))
	case discover:
		return d.discover(e.at, topology.ServerID(e.who), out)
	case reread:
		return d.reread(e.at, topology.ServerID(e.who), out)
	case publish:
		if len(d.agenda) > 0 && d.agenda[0].at == e.at && d.agenda[0].kind == publish && d.agenda[0].who == e.who {
			return out // something later is seen at the same instant
		}
		return d.publish(e, out)
	case leaseOver:
		d.leaseOver(e.at, topology.ServerID(e.who))
	case edgeSync:
		return d.edgeSync(e.at, topology.ServerID(e.who), out)
	}
	return out
}

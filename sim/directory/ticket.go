package directory

import (
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

const (
	usualLifetime = 10 * time.Hour // of a ticket
	usualRenewal  = 6 * time.Hour
)

// ticket is what a sender holds to prove itself to one receiver. The zero value is none.
type ticket struct {
	expires simtime.Time  // in true time, had the clock that it was stamped by gone on as it was; 0 = there is no ticket
	offset  time.Duration // of the clock of the domain controller that issued it, then
	key     int64         // that it is sealed with: one of the receiver's, or wrongAccount
}

// Ticket is a ticket in a hub's cache.
type Ticket struct {
	From, To topology.ServerID
	Issued   simtime.Time  // true time
	Expires  simtime.Time  // true time, had the clock of the domain controller gone on as it was
	Offset   time.Duration // by which the domain controller's clock was wrong when it issued the ticket; the ticket is stamped so
}

func (d *Directory) lifetime() time.Duration {
	if d.cfg.Kerberos.Lifetime > 0 {
		return d.cfg.Kerberos.Lifetime
	}
	return usualLifetime
}

func (d *Directory) renewal() time.Duration {
	if d.cfg.Kerberos.Renewal > 0 {
		return d.cfg.Kerberos.Renewal
	}
	return usualRenewal
}

// Tickets returns what a hub has in its cache at an instant, in order of receivers: renewed ones as they are by then, those that
// have expired left out.
func (d *Directory) Tickets(now simtime.Time, from topology.ServerID) []Ticket {
	var out []Ticket
	for to := range d.servers[from].tickets {
		t := d.renewed(now, from, topology.ServerID(to), d.servers[from].tickets[to])
		if t.expires == 0 || !d.good(now, from, t) {
			continue
		}
		out = append(out, Ticket{from, topology.ServerID(to), t.expires.Add(-d.lifetime()), t.expires, t.offset})
	}
	return out
}

// currentTicket is the ticket that a handshake uses: the cached one, or a new one where that is used up. Nothing is cached by asking.
//
// S1-6: it takes a domain controller that can be reached, but not before the old ticket has expired: what stops tickets is felt up
// to ten hours later (FW-21).
func (d *Directory) currentTicket(now simtime.Time, from, to topology.ServerID) (ticket, Auth) {
	if cached := d.servers[from].tickets; cached != nil && cached[to].expires > 0 {
		if t := d.renewed(now, from, to, cached[to]); d.good(now, from, t) {
			return t, AuthOK
		}
	}
	return d.issue(now, from, to)
}

// issue is what a sender gets from a domain controller at an instant: a ticket for a receiver, or why it gets none.
//
// F5: the name is missing, or the sender's own secret is wrong, as that domain controller sees it; under a name that is there twice the
// ticket may be sealed for the wrong account.
func (d *Directory) issue(at simtime.Time, from, to topology.ServerID) (ticket, Auth) {
	dc := d.issuer(from)
	if dc < 0 {
		return ticket{}, AuthNoTicket
	}
	t := ticket{expires: at.Add(d.lifetime()), offset: d.offsetAt(at, d.dcHost(dc))}
	if !d.identities() {
		return t, AuthOK
	}
	if !d.SecretGood(dc, from) {
		return ticket{}, AuthNoLogon
	}
	t.key = d.knows(dc, secretOf, to)
	switch name := d.knows(dc, spnOf, to); {
	case name == spnMissing:
		return ticket{}, AuthNoName
	case name >= spnDuplicate && d.cfg.WrongAccount != nil:
		if d.cfg.WrongAccount(float64(name-spnDuplicate)/millionths, from, to, at) {
			t.key = wrongAccount
		}
	}
	return t, AuthOK
}

// noteName lets a domain controller log that a ticket was asked for by a name that is there twice.
func (d *Directory) noteName(now simtime.Time, from, to topology.ServerID) {
	if dc := d.issuer(from); dc >= 0 && d.identities() && d.SPNAt(dc, to) == SPNDuplicate {
		d.note(Note{At: now, Kind: NameTwice, Host: Host{Server: topology.None, DC: dc}, About: to})
	}
}

// cache keeps a ticket. A sender's cache is made at its first session.
func (d *Directory) cache(from, to topology.ServerID, t ticket) {
	s := &d.servers[from]
	if s.tickets == nil {
		s.tickets = make([]ticket, len(d.servers))
	}
	s.tickets[to] = t
}

// good tells whether a ticket has not expired, by the clock of the sender's domain controller, which a sender knows (decision).
func (d *Directory) good(now simtime.Time, from topology.ServerID, t ticket) bool {
	if d.off == 0 && t.offset == 0 {
		return now < t.expires
	}
	moved := d.offsetAt(now, d.host(Host{topology.None, d.servers[from].dc})) - t.offset
	return now.Add(moved) < t.expires
}

// renewed is what a ticket has become by the renewals since it was issued. Domain controllers and networks have been as they are now
// since the last call of renewTickets.
func (d *Directory) renewed(now simtime.Time, from, to topology.ServerID, t ticket) ticket {
	every, started := d.renewal(), d.servers[from].started
	last := now - (now-started)%simtime.Time(every)
	if last <= started || last <= t.expires.Add(-d.lifetime()) {
		return t
	}
	new, why := d.issue(last, from, to)
	if why != AuthOK {
		return t // that it fails is of no consequence yet
	}
	return new
}

// renewTickets carries out the renewals up to now, because something is about to change on which they depend: the network, or the
// clock of a domain controller.
func (d *Directory) renewTickets(now simtime.Time) {
	for from := range d.servers {
		for to, t := range d.servers[from].tickets {
			if t.expires > 0 {
				d.servers[from].tickets[to] = d.renewed(now, topology.ServerID(from), topology.ServerID(to), t)
			}
		}
	}
}

// issuer is the domain controller that gives a server tickets: the one that it is bound to or would turn to; where a filter keeps tickets
// from it, the first other that gives some (decision); None when nobody does.
//
// F4: a domain controller that answers but gives no tickets is not passed over (decision).
func (d *Directory) issuer(s topology.ServerID) topology.DCID {
	gives := func(dc topology.DCID) bool {
		return d.controllers[dc].condition == Serving && d.answers(s, dc) && d.passes(int32(s), d.dcHost(dc), KerberosPort)
	}
	dc := d.wanted(s)
	if gives(dc) {
		return dc
	}
	if d.controllers[dc].condition != WithoutKDC {
		for i := range d.org.DCs {
			if gives(topology.DCID(i)) {
				return topology.DCID(i)
			}
		}
	}
	return topology.None
}

package directory

import (
	"cmp"
	"slices"
	"time"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Auth is the outcome of the authentication of a new session between two hubs.
type Auth uint8

// The outcomes. Skew and latch look alike from outside: event 1035 at the receiver, 454 4.7.0 at the sender, and so does a wrong key but
// for the error in the event. Without a ticket the sender does not get so far: event 2017 is its own, and the receiver logs nothing. Where the
// verbs are stripped nobody logs anything.
const (
	AuthOK       Auth = iota
	AuthSkew          // the clocks are too far apart; the pair is latched from now on
	AuthLatched       // the pair is latched, whatever the clocks say
	AuthNoTicket      // the sender has no ticket that is still good and reaches no domain controller for another
	AuthNoName        // ... nor does its domain controller know the receiver's name
	AuthNoLogon       // ... nor does its domain controller take the sender's own secret
	AuthKey           // the receiver cannot open the ticket
	AuthStripped      // the receiver's answer to EHLO has lost the verbs of ExchangeAuth on the way
	AuthApart         // the sites of the two do not replicate, and no longer trust each other (F3)
)

// String returns ok, skew, latched, no ticket, unknown name, wrong secret, wrong key, stripped or sites apart.
func (a Auth) String() string {
	return [...]string{"ok", "skew", "latched", "no ticket", "unknown name", "wrong secret", "wrong key", "stripped", "sites apart"}[a]
}

// OK tells whether the session may go on.
func (a Auth) OK() bool { return a == AuthOK }

// Ticketless tells whether the sender did not get as far as the receiver, for want of a ticket.
func (a Auth) Ticketless() bool { return a == AuthNoTicket || a == AuthNoName || a == AuthNoLogon }

// Kerberos is how sessions between hubs are authenticated. The zero value is the usual one.
type Kerberos struct {
	// ReceiverOnly is Microsoft's own account of its protocol (kerberos_model = "windows"): a sender whose clock is wrong is told
	// the right time and tries again, so that only the receiver's clock against the sender's domain controller counts. Else the
	// clocks of both hubs and of their domain controllers do (FD-1).
	ReceiverOnly bool

	// InsideSites lets sessions between hubs of one site depend on clocks too (auth_scope = "all_hub_to_hub").
	InsideSites bool

	// Lifetime is how long a ticket is good; 0 = 10 h.
	Lifetime time.Duration

	// Renewal is how often a transport service takes new tickets for those it has, counted from its start; 0 = 6 h. It is
	// tried at these instants only, and that it fails does not matter while the old ticket is good.
	Renewal time.Duration
}

// Latch is a directed pair of hubs whose authentication fails until one of them restarts its operating
// system.
//
// S1-9: authentication that failed on skew keeps failing when the clocks are right again (FW-1).
type Latch struct {
	From, To topology.ServerID
	Since    simtime.Time // the handshake that failed
}

func compareLatches(a, b Latch) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}

// Handshake judges a new session from one server to another, once, at its start. Sessions inside a site and those with an Edge do
// not depend on clocks. The order of the checks: verbs, latch, ticket, key, clocks.
//
// S1-2: mail inside a site and from it to the outside is unaffected.
//
// F1: it fails when the clocks that count are spread over more than the tolerance; that latches the pair. A spread of exactly the
// tolerance passes (FD-24, FW-3). A neighbour of the hub with the wrong clock is not touched (FW-25).
//
// FI-6: only a session looks at what is wrong: what is put right before the first one leaves no trace.
func (d *Directory) Handshake(now simtime.Time, from, to topology.ServerID) Auth {
	if !d.clocksMatter(from, to) {
		return AuthOK
	}
	if len(d.walls) > 0 && d.filter(int32(from), int32(to), SMTP) == Strip {
		return AuthStripped // F6
	}
	l := Latch{from, to, now}
	i, latched := 0, false
	if len(d.latches) > 0 {
		i, latched = slices.BinarySearchFunc(d.latches, l, compareLatches)
	}
	if latched {
		return AuthLatched
	}
	t, why := d.currentTicket(now, from, to)
	if t.expires == now.Add(d.lifetime()) {
		d.noteName(now, from, to)
	}
	d.cache(from, to, t)
	switch {
	case why != AuthOK:
		return why
	case !d.takes(to, t.key):
		d.cache(from, to, ticket{}) // F5: of no use; the next attempt asks for another
		return AuthKey
	case d.estranged(from, to): // F3: without a latch
		return AuthApart
	}
	if d.off == 0 && t.offset == 0 || d.accepts(now, from, to, t) {
		return AuthOK
	}
	d.latches = slices.Insert(d.latches, i, l)
	return AuthSkew
}

// WouldAuthenticate tells how a handshake would end, without its consequences, and how far apart the clocks are that it depends on.
func (d *Directory) WouldAuthenticate(now simtime.Time, from, to topology.ServerID) (Auth, time.Duration) {
	if !d.clocksMatter(from, to) {
		return AuthOK, 0
	}
	spread := d.spread(now, from, to)
	if len(d.walls) > 0 && d.filter(int32(from), int32(to), SMTP) == Strip {
		return AuthStripped, spread
	}
	if d.Latched(from, to) {
		return AuthLatched, spread
	}
	switch t, why := d.currentTicket(now, from, to); {
	case why != AuthOK:
		return why, spread
	case !d.takes(to, t.key):
		return AuthKey, spread
	case d.estranged(from, to):
		return AuthApart, spread
	case !d.accepts(now, from, to, t):
		return AuthSkew, spread
	}
	return AuthOK, spread
}

// clocksMatter tells whether a session between two servers is authenticated by clocks at all.
func (d *Directory) clocksMatter(from, to topology.ServerID) bool {
	if d.ideal {
		return false
	}
	if d.servers[from].island || d.servers[to].island {
		return false // its domain controllers are left out of the scenario
	}
	s, r := &d.org.Servers[from], &d.org.Servers[to]
	return (s.Site != r.Site || d.cfg.Kerberos.InsideSites && from != to) && s.Is(topology.RoleHub) && r.Is(topology.RoleHub)
}

// accepts tells whether the receiver takes a ticket: the clocks that count are close enough, and by its own clock the ticket is
// neither used up nor from the future, each with the tolerance.
func (d *Directory) accepts(now simtime.Time, from, to topology.ServerID, t ticket) bool {
	if d.spread(now, from, to) > d.cfg.MaxClockSkew {
		return false
	}
	local := now.Add(d.offsetAt(now, int32(to)))
	issued, expires := t.expires.Add(t.offset-d.lifetime()), t.expires.Add(t.offset)
	return local <= expires.Add(d.cfg.MaxClockSkew) && local >= issued.Add(-d.cfg.MaxClockSkew)
}

// spread is the distance between the fastest and the slowest of the clocks that count.
// FD-1: those of the two servers and of their domain controllers, or in Microsoft's account those of the receiver and of the sender's
// domain controller.
func (d *Directory) spread(now simtime.Time, from, to topology.ServerID) time.Duration {
	if d.off == 0 {
		return 0
	}
	n := topology.ServerID(len(d.servers))
	s, r := n+topology.ServerID(d.servers[from].dc), n+topology.ServerID(d.servers[to].dc)
	low := d.offsetAt(now, int32(to))
	high := low
	for i, h := range [...]topology.ServerID{s, from, r} {
		if i > 0 && d.cfg.Kerberos.ReceiverOnly {
			break
		}
		o := d.offsetAt(now, int32(h))
		low, high = min(low, o), max(high, o)
	}
	return high - low
}

// ApartFromDC tells whether the clocks of a server and of the domain controller that it is bound to are further apart than authentication bears. Where that
// one gives no answer nobody can tell.
func (d *Directory) ApartFromDC(now simtime.Time, s topology.ServerID) bool {
	if d.ideal || d.off == 0 || !d.Answered(s) {
		return false
	}
	return (d.offsetAt(now, int32(s)) - d.offsetAt(now, d.dcHost(d.servers[s].dc))).Abs() > d.cfg.MaxClockSkew
}

// Latches returns the latched pairs, ordered by From and To. The slice is the directory's own: read it only.
func (d *Directory) Latches() []Latch { return d.latches }

// LatchPair latches a pair from outside, without a wrong clock.
// F2: every handshake of the pair fails from now on, in this direction only.
func (d *Directory) LatchPair(now simtime.Time, from, to topology.ServerID) {
	l := Latch{from, to, now}
	if i, latched := slices.BinarySearchFunc(d.latches, l, compareLatches); !latched {
		d.latches = slices.Insert(d.latches, i, l)
	}
}

// UnlatchPair takes a pair's latch away.
func (d *Directory) UnlatchPair(from, to topology.ServerID) {
	d.latches = slices.DeleteFunc(d.latches, func(l Latch) bool { return l.From == from && l.To == to })
}

// Latched tells whether a pair is latched.
func (d *Directory) Latched(from, to topology.ServerID) bool {
	_, latched := slices.BinarySearchFunc(d.latches, Latch{From: from, To: to}, compareLatches)
	return latched
}

// ClearLatches clears every pair with this server at either end. A restart of the operating system does it by itself (HostRestarted).
//
// S1-10: a restart of the operating system of either end cures; with the clocks still wrong the next handshake latches again (S1-11,
// FW-2, FW-4).
func (d *Directory) ClearLatches(s topology.ServerID) {
	d.latches = slices.DeleteFunc(d.latches, func(l Latch) bool { return l.From == s || l.To == s })
}

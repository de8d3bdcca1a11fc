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

// The outcomes. Both failures look alike from outside: event 1035 at the receiver, 454 4.7.0 at the sender.
const (
	AuthOK      Auth = iota
	AuthSkew         // the clocks are too far apart; the pair is latched from now on
	AuthLatched      // the pair is latched, whatever the clocks say
)

// String returns ok, skew or latched.
func (a Auth) String() string { return [...]string{"ok", "skew", "latched"}[a] }

// OK tells whether the session may go on.
func (a Auth) OK() bool { return a == AuthOK }

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
// not depend on clocks.
//
// S1-2: mail inside a site and from it to the outside is unaffected.
//
// F1: it fails when the clocks of the two hubs and of their domain controllers are spread over more than the tolerance; that
// latches the pair. A spread of exactly the tolerance passes (FD-24, FW-3). A neighbour of the hub with the wrong clock is not
// touched (FW-25).
func (d *Directory) Handshake(now simtime.Time, from, to topology.ServerID) Auth {
	if d.off == 0 && len(d.latches) == 0 {
		return AuthOK
	}
	if !d.clocksMatter(from, to) {
		return AuthOK
	}
	l := Latch{from, to, now}
	i, latched := slices.BinarySearchFunc(d.latches, l, compareLatches)
	switch {
	case latched:
		return AuthLatched
	case d.spread(from, to) <= d.cfg.MaxClockSkew:
		return AuthOK
	}
	d.latches = slices.Insert(d.latches, i, l)
	return AuthSkew
}

// clocksMatter tells whether a session between two servers is authenticated by clocks at all.
func (d *Directory) clocksMatter(from, to topology.ServerID) bool {
	s, r := &d.org.Servers[from], &d.org.Servers[to]
	return !d.ideal && s.Site != r.Site && s.Is(topology.RoleHub) && r.Is(topology.RoleHub)
}

// WouldAuthenticate tells how a handshake would end, without its consequences, and how far apart the clocks are that it depends on.
func (d *Directory) WouldAuthenticate(from, to topology.ServerID) (Auth, time.Duration) {
	if !d.clocksMatter(from, to) {
		return AuthOK, 0
	}
	spread := d.spread(from, to)
	if _, latched := slices.BinarySearchFunc(d.latches, Latch{From: from, To: to}, compareLatches); latched {
		return AuthLatched, spread
	}
	if spread > d.cfg.MaxClockSkew {
		return AuthSkew, spread
	}
	return AuthOK, spread
}

// spread is the distance between the fastest and the slowest clock among two servers and their domain controllers.
func (d *Directory) spread(a, b topology.ServerID) time.Duration {
	n := topology.ServerID(len(d.servers))
	clocks := [4]topology.ServerID{a, b, n + topology.ServerID(d.servers[a].dc), n + topology.ServerID(d.servers[b].dc)}
	low, high := d.hosts[a].offset, d.hosts[a].offset
	for _, h := range clocks {
		low, high = min(low, d.hosts[h].offset), max(high, d.hosts[h].offset)
	}
	return high - low
}

// Latches returns the latched pairs, ordered by From and To. The slice is the directory's own: read it only.
func (d *Directory) Latches() []Latch { return d.latches }

// clearLatches clears every pair with this server at either end.
//
// S1-10: a restart of the operating system of either end cures; with the clocks still wrong the next handshake latches again (S1-11,
// FW-2, FW-4).
func (d *Directory) clearLatches(s topology.ServerID) {
	d.latches = slices.DeleteFunc(d.latches, func(l Latch) bool { return l.From == s || l.To == s })
}

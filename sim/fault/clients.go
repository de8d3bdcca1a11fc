package fault

import (
	"time"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// client_update (F9) and what users do about it. The engine knows that an update is out and for whom; the simulation has the clients: when
// each of them installs it, and what its user does then.

// Update is what client_update does to mail clients. Times are since t0.
type Update struct {
	Server topology.ServerID // the one server to which clients cannot hand in mail after the update
	// Release is when the update came out, before t0 as well; the fault takes hold then, or at t0.
	Release     simtime.Time
	ScanDelay   rng.Dist // seconds from the start of a machine until it looks for updates
	InstallTime rng.Dist // seconds that it takes to install them

	// Broadcast is when everybody is told to restart the mail client; Never = nobody is. With ByClock it is BroadcastClock after the first midnight
	// of the clients' site from which on that is not before the fault.
	Broadcast      simtime.Time
	ByClock        bool
	BroadcastClock time.Duration
	RestartSpread  time.Duration // within which they do so then
	ResendSpread   time.Duration // within which drafts are sent after a restart
	ResendFraction float64       // 0..1: how many of them are
}

// shift moves the update with its fault.
func (u *Update) shift(by time.Duration) {
	u.Release, u.Broadcast = u.Release.Add(by), u.Broadcast.Add(by)
}

// toClients tells the simulation of something that happens to populations of clients.
func (e *Engine) toClients(kind EffectKind, fault int, clients []int32) {
	for _, c := range clients {
		x := Effect{Kind: kind, Fault: fault, Population: c, Server: topology.None, Link: topology.None, SiteA: topology.None, SiteB: topology.None}
		if fault >= 0 {
			x.Count = e.struck[fault].number
		}
		e.effect(x)
	}
}

// restartClients is a remedy: everybody of the populations restarts the mail client, or the machine.
func (e *Engine) restartClients(t *task) {
	e.toClients(ClientsRestarted, t.fault, t.Clients)
}

// ClientsFresh tells that no client of a fault is broken any more, nor will be by it.
func (e *Engine) ClientsFresh(now simtime.Time, fault int) {
	if s := &e.struck[fault]; s.entry >= 0 {
		e.happened[s.entry].end = min(e.happened[s.entry].end, now)
	}
}

// Told notes that everybody of a population is told to restart the mail client because of a fault.
func (e *Engine) Told(now simtime.Time, fault int, population int32) {
	name := e.env.Clients[population]
	e.record(happening{fault: -1, id: e.faults[fault].ID, kind: "broadcast", label: name + " told to restart", target: name, start: now, end: now})
}

func (e *Engine) clientNames(ids []int32) []string {
	var names []string
	for _, c := range ids {
		names = append(names, e.env.Clients[c])
	}
	return names
}

// Name is what the random streams of a fault are named by: its own, or one that it shares with others.
func (f *Fault) Name() string { return f.stream() }

package sim

import (
	"slices"

	"mailsim/sim/fault"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Mailbox databases that are dismounted (F18). From 2013 on each database has a queue of its own: its connections end, and new ones are refused. Up to 2010
// the databases of a server share one queue: where some of them are mounted still, it is the single message that is put off. Mailboxes in a database that
// is dismounted hand nothing in.

// mount lets a database on a machine go down, or come up.
func (r *run) mount(e *fault.Effect) {
	c := fault.DatabaseCopy{Database: fault.Database{Server: e.Server, Index: e.Database}, On: e.To}
	p := &r.hosts[c.On]
	if e.Kind == fault.DatabaseMounted {
		r.dismounted = slices.DeleteFunc(r.dismounted, func(x fault.DatabaseCopy) bool { return x == c })
		p.dismounted--
		r.offerSite(int(p.site))
		return
	}
	r.dismounted = append(r.dismounted, c)
	p.dismounted++
	for s := range r.hosts {
		h := &r.hosts[s]
		for i := range h.sessions {
			k, conn := &h.sessions[i], transport.ConnID(i)
			switch {
			case k.state == sessionFree || k.target.Kind != route.TargetStore || !toServer(k.target, c.On) || !r.storeOff(h, conn, p):
			case k.state == sessionDialing:
				if k.code == transport.OK {
					k.code = transport.Dismounted
				}
			default:
				r.breakSession(int32(s), h, conn, transport.Dropped)
			}
		}
	}
	r.turnBack(func(f *flight) bool { return f.from == int32(c.On) && r.senderOff(p, f.m) })
}

// off tells whether a database is dismounted on a machine.
func (r *run) off(d fault.Database, on topology.ServerID) bool {
	return slices.Contains(r.dismounted, fault.DatabaseCopy{Database: d, On: on})
}

// storeOff tells whether the store of a machine refuses a connection, by what the queue of the connection is for.
func (r *run) storeOff(h *host, c transport.ConnID, p *host) bool {
	if h.hub != nil {
		if key := r.book.Key(h.hub.Queue(h.hub.ConnQueue(c)).Key); key.Type == route.SmtpDeliveryToMailbox {
			return slices.ContainsFunc(r.dismounted, func(x fault.DatabaseCopy) bool {
				return x.On == p.id && r.org.Servers[x.Server].DatabaseName(x.Index) == key.Domain
			})
		}
	}
	return r.allOff(p)
}

// allOff tells whether no database is left that is mounted on a machine, by what the machine knows of active copies.
func (r *run) allOff(p *host) bool {
	if p.dismounted == 0 {
		return false
	}
	active := r.activeOn(p)
	return len(active) > 0 && !slices.ContainsFunc(active, func(d fault.Database) bool { return !r.off(d, p.id) })
}

// activeOn lists the databases that are active on a machine, in the order of the tables.
func (r *run) activeOn(p *host) []fault.Database {
	var out []fault.Database
	view := r.dir.View(p.id)
	for s := range view.Servers {
		if !view.Servers[s].Is(topology.RoleMailbox) {
			continue
		}
		for i := range max(1, int32(len(view.Servers[s].Databases))) {
			if id := topology.ServerID(s); view.ActiveCopy(id, i) == p.id {
				out = append(out, fault.Database{Server: id, Index: i})
			}
		}
	}
	return out
}

// recipientsOff tells whether some recipient of a copy is in a database that is dismounted on a machine: then the copy waits as a whole.
func (r *run) recipientsOff(m transport.MsgID, on int32) bool {
	view := r.dir.View(topology.ServerID(on))
	for _, e := range r.store.Entries(r.store.Hot[m].Set) {
		d := r.book.Destination(e.Dest)
		if d.Kind == route.Mailbox && r.off(fault.Database{Server: view.Home(d.Server), Index: d.Database}, topology.ServerID(on)) {
			return true
		}
	}
	return false
}

// senderOff tells whether a message is from a mailbox whose database is dismounted on the machine. A message knows the machine of its sender alone: which of
// the databases there it comes from is dealt out by its number, evenly.
func (r *run) senderOff(h *host, m transport.MsgID) bool {
	if h.dismounted == 0 {
		return false
	}
	active := r.activeOn(h)
	if len(active) == 0 {
		return false
	}
	n := r.store.Hot[m].Message * 0x9e3779b97f4a7c15
	return r.off(active[(n>>32)%uint64(len(active))], h.id)
}

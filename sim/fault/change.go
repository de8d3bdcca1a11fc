package fault

import (
	"slices"

	"mailsim/topology"
)

// edit writes a change of the configuration (V1: known at one domain controller at once, elsewhere by replication).
func (e *Engine) edit(t *task, c topology.Change) {
	e.env.Dir.Edit(e.now, e.editAt(t.DC, c), c)
}

// absence is what keeps a machine down that is no part of the organisation: it gives no answer, what it holds stays on its disk, and
// its operating system starts when it is added (decision).
func absence() outage { return outage{silent: true, os: true} }

// addServer makes a server part of the organisation and switches it on. Nobody adds what is there.
func (e *Engine) addServer(t *task, s topology.ServerID) {
	m := &e.machines[s]
	if !m.absent {
		return
	}
	m.absent = false
	e.edit(t, topology.Change{Kind: topology.ServerPresent, Object: int32(s), Value: 1}) // before it starts, so that it finds itself
	e.env.Dir.ServerAdded(e.now, s)
	e.start(s, absence())
}

// removeServer takes a server out of the organisation and switches it off.
func (e *Engine) removeServer(t *task, s topology.ServerID) {
	m := &e.machines[s]
	if m.absent {
		return
	}
	m.absent = true
	e.edit(t, topology.Change{Kind: topology.ServerPresent, Object: int32(s), Value: 0})
	e.stop(s, absence())
	e.env.Dir.ServerRemoved(e.now, s)
}

// moveMailboxes puts the mailboxes that are declared on a server on another one: they send from there at once, and mail reaches them
// there as soon as who routes it knows.
func (e *Engine) moveMailboxes(t *task, s topology.ServerID) {
	e.edit(t, topology.Change{Kind: topology.MailboxHome, Object: int32(s), Value: int64(t.To)})
	e.effect(Effect{Kind: MailboxesMoved, Server: s, To: t.To, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
}

// editAt is the domain controller at which an operator writes: the one named, else the first of the site that the change is about,
// else the first of all, each time of those that answer. A move of mailboxes is written where they go, so that the new site never sends
// their mail back to an old one that has heard of the move before it (decision).
func (e *Engine) editAt(dc topology.DCID, c topology.Change) topology.DCID {
	if dc >= 0 {
		return dc
	}
	o := e.env.Org
	var sites []topology.SiteID
	switch c.Kind {
	case topology.ConnectorEnabled, topology.ConnectorCost, topology.SmartHosts, topology.ConnectorPresent, topology.ConnectorCeiling:
		for _, s := range o.Connectors[c.Object].Sources {
			sites = append(sites, o.Servers[s].Site)
		}
	case topology.LinkCost, topology.LinkExchangeCost:
		sites = o.Links[c.Object].Sites
	case topology.HubSite, topology.SitePresent:
		sites = []topology.SiteID{topology.SiteID(c.Object)}
	case topology.ServerPresent:
		sites = []topology.SiteID{o.Servers[c.Object].Site}
	case topology.MailboxHome:
		sites = []topology.SiteID{o.Servers[c.Value].Site}
	}
	for _, s := range sites {
		for i := range o.DCs {
			if o.DCs[i].Site == s && e.env.Dir.Condition(topology.DCID(i)).Answers() {
				return topology.DCID(i)
			}
		}
	}
	for i := range o.DCs {
		if e.env.Dir.Condition(topology.DCID(i)).Answers() {
			return topology.DCID(i)
		}
	}
	return topology.None
}

// activate lets another copy of a database be the active one. Servers learn it from each other and not from the directory, so no replication
// keeps it back (decision). When the step covers all databases that a server declares, its mailboxes send from where they are now.
func (e *Engine) activate(t *task, d Database) {
	o := e.env.Org
	to := t.To
	if n := o.ListedDatabase(d.Server, d.Index); n != topology.None && to != topology.None {
		e.env.Dir.Announce(e.now, topology.Change{Kind: topology.ActiveDatabase, Object: n, Value: int64(to)})
	} else {
		to = d.Server
	}
	e.effect(Effect{
		Kind: CopyActivated, Server: d.Server, Database: d.Index, To: to, Missing: t.Missing, Since: t.Since,
		Link: topology.None, SiteA: topology.None, SiteB: topology.None,
	})
	whole := 0
	for _, x := range t.Databases {
		if x.Server == d.Server {
			whole++
		}
	}
	if first := t.Databases[slices.IndexFunc(t.Databases, func(x Database) bool { return x.Server == d.Server })]; first == d && whole == max(1, len(o.Servers[d.Server].Databases)) {
		e.effect(Effect{Kind: MailboxesMoved, Server: d.Server, To: to, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
}

package sim

import (
	"mailsim/sim/directory"
	"mailsim/sim/internal/calendar"
	"mailsim/sim/result"
	"mailsim/sim/transport"
)

// What servers ask of domain controllers while mail passes: the recipients of each message that a hub categorises, and the tickets with
// which mailboxes hand mail to hubs. Each server's answer is looked up when something changes, not for each message.

// watchDirectory looks which servers' domain controllers answer, because that may have changed. Mailboxes that can send again do so at the next
// minute of each message (D-4).
//
// F4: with the key service of its domain controller stopped, a mailbox server's mail stays with it.
func (r *run) watchDirectory() {
	r.unanswered = 0
	for i := range r.hosts {
		h := &r.hosts[i]
		h.unanswered = h.hub != nil && !h.edge && !r.dir.Answered(h.id)
		if h.unanswered {
			r.unanswered++
		}
		was := h.mute
		if h.mute = !r.dir.SubmitsMail(h.id); was && !h.mute {
			r.offerSite(int(h.site))
		}
	}
}

// ask lets a copy wait for the directory, which does not answer its server, before it is categorised.
// F4: it waits until the request times out; the queues that have mail already go on.
func (r *run) ask(s int32, h *host, m transport.MsgID) {
	r.at(r.now.Add(r.dir.Patience(h.id)), transport.PhaseCompletions, s, evAsked, h.epoch, uint32(m))
}

// askedEvent is when such a request has timed out: the server turns to another domain controller, by whose configuration it routes from
// now on, or puts the copy off.
func (r *run) askedEvent(s int32, ev calendar.Event) {
	h := &r.hosts[s]
	if keyGen(ev.Key) != h.epoch&genMask {
		return
	}
	r.views = r.dir.TimedOut(r.now, h.id, r.views[:0])
	r.showViews()
	r.tellNotes()
	r.watchDirectory()
	r.wakeDirectory()
	m := transport.MsgID(keyID(ev.Key))
	if h.unanswered {
		r.step(s, transport.Input{Kind: transport.Categorised, Code: transport.Deferred4xx, Msg: m})
		return
	}
	if h.agents != nil {
		r.acts = r.workSlowly(s, h, m, r.acts[:0])
		r.perform(s, h)
		return
	}
	if d := r.categoriserTime(h, m); d > 0 {
		r.at(r.now.Add(d), transport.PhaseCompletions, s, evCategorised, h.epoch, uint32(m))
		return
	}
	r.step(s, transport.Input{Kind: transport.Categorised, Msg: m})
}

// showViews gives the servers whose view changes now their new tables.
func (r *run) showViews() {
	for i := range r.views {
		v := &r.views[i]
		h := &r.hosts[v.Server]
		if h.hub != nil {
			r.rec.viewChanged(r, h, v.Changes)
			r.press(int32(v.Server), h)
			r.mix(uint64(r.now) ^ uint64(v.Server)<<1)
			h.view = v.View
			r.acts = h.hub.Reroute(r.now, r.book.Table(v.View, h.site), r.acts[:0])
			r.perform(int32(v.Server), h)
		}
		r.offerAgain(h)
	}
}

// tellController writes down what a server logs of its domain controllers. A machine that does not run logs nothing.
func (r *run) tellController(n directory.Note, e result.Event) {
	if h := &r.hosts[n.Host.Server]; h.down && (h.silent || n.Kind != directory.NobodyFound) {
		return
	}
	e.Kind = "directory.controller"
	say := func(id int, text string) {
		e.ID, e.Text = id, text
		r.rec.send(r, e)
	}
	if n.DC >= 0 {
		dc := &r.org.DCs[n.DC]
		e.Fields = []result.Field{{Key: "dc", Value: dc.Name}}
		if n.Kind == directory.Rebound {
			say(2080, "Topology discovery: "+dc.Name+" of the same site serves the configuration and as global catalog from now on.")
			return
		}
		out := " of site " + r.org.Sites[dc.Site].Name
		say(2084, "No domain controller of the local site answers; "+dc.Name+out+" is used.")
		say(2085, "No global catalog of the local site answers; "+dc.Name+out+" is used.")
		return
	}
	if n.Kind == directory.NobodyInTime {
		say(2102, "None of the domain controllers in use answers.")
		return
	}
	say(2114, "Topology discovery failed: no domain controller answers.")
}

package route

import (
	"fmt"
	"strings"

	"mailsim/topology"
)

// attempt is how one connection attempt of a trace went.
type attempt struct {
	to    Target
	ok    bool
	tried []Target // in order, the one that accepted included
	rule  string   // what is worth a note; "" when the first candidate accepted
	text  string
}

// try goes through all candidates of a sender that has made no connection before.
func (f *follower) try(t *Table, at topology.ServerID, groups []Group) attempt {
	var a attempt
	var failed failures
	answered := false
	for n, g := range groups {
		if answered && g.Backoff {
			a.rule, a.text = "R-3.17", failed.String()+": somebody answered, so there is no back-off; the mail waits in the queue of \""+
				t.view.serverName(at)+"\", status Retry"
			return a
		}
		offset := t.Offset(at, len(g.Members))
		for i := range g.Members {
			to := Order(g.Members, offset, 0, i)
			a.tried = append(a.tried, to)
			if contact := f.reach(at, to); contact.Result != Accepted {
				failed.add(t.targetName(to), contact)
				answered = answered || contact.Result == Refused
				continue
			}
			a.to, a.ok = to, true
			switch {
			case g.Backoff:
				a.rule = "R-3.15"
				a.text = failed.String() + ": backs off along the path to " + t.targetName(to) +
					" in site \"" + t.view.siteName(g.Site) + "\""
			case n > 0 && t.view.org.Servers[at].Version.New():
				a.rule = "R-3.27 step 6"
				a.text = failed.String() + ": the next in the order of the delivery group, " + t.targetName(to) +
					" in site \"" + t.view.siteName(g.Site) + "\", takes it"
			case len(failed) > 0:
				a.rule = "R-4.2"
				a.text = failed.String() + ": the next in the list, " + t.targetName(to) + ", takes it"
			}
			return a
		}
	}
	if len(failed) == 0 {
		failed.add("any server: there is none", Contact{Result: NoAnswer})
	}
	a.rule = "R-3.15"
	a.text = failed.String() + ": the mail waits in the queue of \"" + t.view.serverName(at) + "\", status Retry"
	return a
}

// failures are the candidates that did not take the mail, in order; neighbours that failed for one cause stand together.
type failures []failure

type failure struct {
	names   []string
	contact Contact
}

func (f *failures) add(name string, c Contact) {
	if n := len(*f); n > 0 && (*f)[n-1].contact == c {
		(*f)[n-1].names = append((*f)[n-1].names, name)
		return
	}
	*f = append(*f, failure{[]string{name}, c})
}

// String writes "no answer from b1, b2 (link A-B is down); refused by c1".
func (f failures) String() string {
	var parts []string
	for _, x := range f {
		words := "no answer from "
		if x.contact.Result == Refused {
			words = "refused by "
		}
		parts = append(parts, words+strings.Join(x.names, ", ")+inBrackets(x.contact.Cause))
	}
	return strings.Join(parts, "; ")
}

// inBrackets writes a cause behind what it explains; nothing when there is none.
func inBrackets(cause string) string {
	if cause == "" {
		return ""
	}
	return " (" + cause + ")"
}

// targetName names a candidate.
func (t *Table) targetName(to Target) string {
	if to.Kind == TargetRemote {
		return t.view.org.Remotes[to.ID].Name
	}
	return t.view.org.Servers[to.ID].Name
}

// submit finds the transport server that routes first: the sender itself, or whoever takes its submission. From a bare site that is a hub
// of it; never one of another site (D-4).
func (f *follower) submit() topology.ServerID {
	sender, site := f.query.Server, f.query.Site
	if sender == topology.None {
		l := list{from: topology.None}
		l.servers(site, false, f.book.Table(f.org, site).view.hubs[site])
		return f.offer(sender, l.groups, site)
	}
	s := &f.org.Servers[sender]
	submits := s.Is(topology.RoleMailbox) && (f.query.Submit || !s.Transport() || !s.Version.New())
	switch {
	case submits:
		sender = f.home(sender)
		return f.offer(sender, f.table(sender).Submission(sender, destsOf(f.all)), f.org.Servers[sender].Site)
	case f.reach(sender, serverTarget(sender)).Result == Accepted:
		return sender
	}
	f.pending(sender, fmt.Sprintf("%q does not work%s: nothing is routed", s.Name, inBrackets(f.reach(sender, serverTarget(sender)).Cause)))
	return topology.None
}

// home is the server on which the sender's mailbox is now.
func (f *follower) home(sender topology.ServerID) topology.ServerID {
	if f.query.Home == nil || f.query.Home(sender) == sender {
		return sender
	}
	now := f.query.Home(sender)
	for _, r := range f.all {
		r.notes.at = now
		r.notes.add("D-21", "the mailboxes of %q are on %q now", f.org.Servers[sender].Name, f.org.Servers[now].Name)
	}
	return now
}

// offer submits a message to the first that takes it.
func (f *follower) offer(sender topology.ServerID, groups []Group, site topology.SiteID) topology.ServerID {
	var failed failures
	for _, g := range groups {
		offset := 0
		if sender != topology.None {
			offset = f.table(sender).Offset(sender, len(g.Members))
		}
		for i := range g.Members {
			to := Order(g.Members, offset, 0, i)
			h := topology.ServerID(to.ID)
			contact := f.reach(h, to)
			if contact.Result == Accepted && sender != topology.None && f.query.Offer != nil {
				contact = f.query.Offer(sender, to)
			} else if contact.Result == Accepted && sender != topology.None {
				contact = f.reach(sender, to)
			}
			if contact.Result != Accepted {
				failed.add(f.org.Servers[h].Name, contact)
				continue
			}
			if h == sender {
				return h
			}
			rule, text := f.offered(h)
			for _, r := range f.all {
				r.notes.at = sender
				r.notes.add(rule, "%s", text)
			}
			return h
		}
	}
	text := fmt.Sprintf("no hub of site %q takes the message: it stays in the sender's mailbox store and is offered again every minute",
		f.org.Sites[site].Name)
	if len(failed) > 0 {
		text = failed.String() + ": " + text
	}
	f.pending(sender, text)
	return topology.None
}

// offered says by which rule a message came to its first transport server, which is not the sender itself. From a bare site of new
// servers it begins at one of them: only a mailbox server has a delivery group of its own, and submits past its site.
func (f *follower) offered(to topology.ServerID) (rule, text string) {
	h := &f.org.Servers[to]
	text = fmt.Sprintf("submitted to hub %q of site %q", h.Name, f.org.Sites[h.Site].Name)
	sender := f.query.Server
	if sender == topology.None {
		if h.Version.New() {
			return "R-3.32", fmt.Sprintf("begins at hub %q of site %q; a mailbox may submit straight to a server near its recipients: begin at a mailbox server to see that",
				h.Name, f.org.Sites[h.Site].Name)
		}
		return "R-4.13", text
	}
	switch s := &f.org.Servers[sender]; {
	case s.Version.New():
		return "R-3.32", text
	case len(s.SubmissionOverride) > 0:
		return "R-4.14", text + ", one of the only hubs that \"" + s.Name + "\" may use"
	case s.Is(topology.RoleHub) && f.org.DAGOf(sender) != topology.None:
		return "R-4.15", text + ": a member of a DAG uses its own hub last"
	}
	return "R-4.13", text
}

// pending leaves the message with its sender (D-4).
func (f *follower) pending(sender topology.ServerID, text string) {
	for _, r := range f.all {
		r.notes.at = sender
		r.notes.add("D-4", "%s", text)
		r.way.Fate, r.way.RestsAt = WaitsSubmission, sender
	}
}

package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mailsim/sim"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// moment is the organisation at the instant of --at; without it at the start, with everything working and seen by all.
type moment struct {
	org   *topology.Organisation // of the start: names and ids
	start time.Time
	at    time.Duration
	state *sim.State // nil without --at
	mail  bool       // mail was run up to the instant
}

// moment reads --at and brings the organisation there. When the flag is wrong it returns the moment of the start as well, so that
// the other flags can be looked at.
func (o *routeFlags) moment(ctx context.Context, cfg *sim.Config) (*moment, error) {
	m := &moment{org: cfg.Org, start: cfg.Start}
	if !o.timed {
		return m, nil
	}
	at, err := instantOf(o.at, cfg)
	switch {
	case o.at == "":
		return m, fmt.Errorf("--at is empty; %s", instantForms(cfg))
	case err != nil:
		return m, fmt.Errorf("--at %s: %w", o.at, err)
	}
	const replication = 0
	state, err := sim.StateAt(ctx, cfg, replication, simtime.Time(at))
	if err != nil {
		return nil, err
	}
	m.at, m.state = at, state
	return m, nil
}

// reach is what route.Query.Reach asks; nil: everything answers.
func (m *moment) reach() func(topology.ServerID, route.Target) route.Contact {
	if m.state == nil {
		return nil
	}
	return m.state.Contact
}

// names is what route.Query.Name asks; nil: every domain is found.
func (m *moment) names() func(topology.ServerID, string) route.Contact {
	if m.state == nil {
		return nil
	}
	return m.state.Name
}

// offer is what route.Query.Offer asks; nil: as reach.
func (m *moment) offer() func(topology.ServerID, route.Target) route.Contact {
	if m.state == nil {
		return nil
	}
	return m.state.Offer
}

// homes is what route.Query.Home asks; nil: no mailbox has moved.
func (m *moment) homes() func(topology.ServerID) topology.ServerID {
	if m.state == nil {
		return nil
	}
	return m.state.Home
}

// views is what route.Query.View asks; nil: all believe in the organisation of the start.
func (m *moment) views() func(topology.ServerID) *topology.Organisation {
	if m.state == nil {
		return nil
	}
	return m.state.View
}

// silences is what route.Query.Silence asks; nil: the directory answers everybody.
func (m *moment) silences() func(topology.ServerID) string {
	if m.state == nil {
		return nil
	}
	return m.state.Silence
}

// view is the organisation that a server believes in.
func (m *moment) view(s topology.ServerID) *topology.Organisation {
	if m.state == nil {
		return m.org
	}
	return m.state.View(s)
}

// seenFrom is the organisation that a site believes in: its first transport server, for there may be none that is the truth.
func (m *moment) seenFrom(site topology.SiteID) *topology.Organisation {
	for i := range m.org.Servers {
		s := topology.ServerID(i)
		if view := m.view(s); view.Servers[s].Site == site && view.Servers[s].Transport() && m.there(s) {
			return view
		}
	}
	if len(m.org.Servers) > 0 {
		return m.view(0)
	}
	return m.org
}

// differ tells whether some transport servers know another organisation than others. One that is down decides nothing, so what it knew
// last does not count.
func (m *moment) differ() bool {
	var first *topology.Organisation
	for i := range m.org.Servers {
		if !m.org.Servers[i].Transport() || m.state.Condition(topology.ServerID(i)) == sim.Silent {
			continue
		}
		view := m.view(topology.ServerID(i))
		if first != nil && view != first {
			return true
		}
		first = view
	}
	return false
}

// there tells whether a server is part of the organisation. One that was removed still believes in it.
func (m *moment) there(s topology.ServerID) bool {
	if m.state == nil {
		return !m.org.Servers[s].Absent
	}
	return m.state.Present(s)
}

// present complains about a sender that is declared and not there yet, or not any more.
func (m *moment) present(who string, q *route.Query) error {
	absent := m.seenFrom(q.Site).Sites[q.Site].Absent
	if q.Server != topology.None {
		sender := q.Server
		if m.state != nil {
			sender = m.state.Home(sender)
		}
		absent = !m.there(sender)
	}
	switch {
	case !absent:
		return nil
	case m.state == nil:
		return fmt.Errorf("--from %s: is declared, but not part of the organisation at the start; --at names a later instant", who)
	}
	return fmt.Errorf("--from %s: is declared, but not part of the organisation at %s; name another sender or instant", who, clock(m.at))
}

// text says what is wrong and what was done at the moment: "" without --at.
func (m *moment) text() string {
	if m.state == nil {
		return ""
	}
	var b strings.Builder
	line := func(title, text string) { fmt.Fprintf(&b, "%-13s %s\n", title, text) }
	line("at", clock(m.at)+" ("+m.start.Add(m.at).Format(time.RFC3339)+")")
	clocks, quiet := false, true
	for _, f := range m.state.Happened() {
		since := clock(time.Duration(f.StartNS).Round(time.Millisecond)) // drawn times have more digits than anybody reads
		clocks = clocks || f.Kind == "clock_skew"
		switch {
		case f.Remedy:
			line("done", f.Label+" (at "+since+")")
		case f.EndNS == nil || *f.EndNS > int64(m.at):
			line("fault", f.Label+" (since "+since+")")
			quiet = false
		}
	}
	for _, c := range []sim.Condition{sim.Silent, sim.Stopped, sim.NoListener, sim.Draining} {
		var ailing []string
		for i := range m.org.Servers {
			if s := topology.ServerID(i); m.state.Condition(s) == c && m.there(s) {
				ailing = append(ailing, m.org.Servers[i].Name)
			}
		}
		if len(ailing) > 0 {
			line("servers", strings.Join(ailing, ", ")+": "+c.String())
			quiet = false
		}
	}
	if quiet {
		line("fault", "none in force")
	}
	if clocks && !m.mail {
		line("note", "no mail is run: a pair of hubs that talked while their clocks were apart is latched (S1-9), and that is not looked at here")
	}
	b.WriteByte('\n')
	return b.String()
}

// cuts lists the neighbours between which nothing passes.
func (m *moment) cuts(org *topology.Organisation) [][2]topology.SiteID {
	if m.state == nil {
		return nil
	}
	var out [][2]topology.SiteID
	graph := topology.NewGraph(org)
	for i := range org.Sites {
		a := topology.SiteID(i)
		for _, e := range graph.Neighbours(a) {
			if a < e.To && !m.state.Reachable(a, e.To) {
				out = append(out, [2]topology.SiteID{a, e.To})
			}
		}
	}
	return out
}

// deadSites lists the sites with hubs of which none works.
func (m *moment) deadSites(org *topology.Organisation) []topology.SiteID {
	if m.state == nil {
		return nil
	}
	var out []topology.SiteID
	for i := range org.Sites {
		hubs := org.Hubs(topology.SiteID(i))
		works := slices.ContainsFunc(hubs, func(h topology.ServerID) bool { return m.state.Condition(h) == sim.Works })
		if len(hubs) > 0 && !works {
			out = append(out, topology.SiteID(i))
		}
	}
	return out
}

// clock writes a duration without the zero seconds and minutes at its end: 10h30m.
func clock(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}

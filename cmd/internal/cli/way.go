package cli

import (
	"fmt"
	"strings"

	"mailsim/topology"
	"mailsim/topology/route"
)

// answer is what route found out about one recipient of a message.
type answer struct {
	*moment
	to    string // as given, or a member of a group that was
	group string // as given, when to is a member
	way   route.Way
}

// text explains the way to people: first what happens, then why.
func (a *answer) text() string {
	w := &a.way
	var b strings.Builder
	line := func(title, format string, args ...any) {
		fmt.Fprintf(&b, "%-13s %s\n", title, fmt.Sprintf(format, args...))
	}
	if a.group == "" {
		line("to", "%s", a.to)
	} else {
		line("to", "%s, member of %s", a.to, a.group)
	}
	line("outcome", "%s", a.outcome())
	if len(w.Path) > 0 {
		cost := fmt.Sprintf("cost %d", w.Cost)
		if w.TotalCost != w.Cost {
			cost += fmt.Sprintf(", %d with the address space", w.TotalCost)
		}
		line("path", "%s (%s)", strings.Join(a.path(), " > "), cost)
	}
	if len(w.Stops) > 0 {
		line("stops", "%s", strings.Join(a.sites(w.Stops), ", "))
	}
	if w.Connector != topology.None {
		line("connector", "%s", a.org.Connectors[w.Connector].Name)
	}
	if w.NextHop != "" {
		line("next hop", "%s (%s)", w.NextHop, w.DeliveryType)
	}
	if len(w.Candidates) > 0 {
		line("tried", "%s", strings.Join(a.targets(w.Candidates), ", "))
	}
	if hops := a.hops(); len(hops) > 1 {
		line("servers", "%s", strings.Join(hops, " > "))
	}
	if len(w.Reasons) > 0 {
		b.WriteString("\nwhy\n")
	}
	at := topology.ServerID(topology.None)
	for _, r := range w.Reasons {
		if r.At != at && r.At != topology.None {
			fmt.Fprintf(&b, "  at %s%s\n", a.server(r.At), a.sees(r.At))
		}
		at = r.At
		fmt.Fprintf(&b, "    %s\n", r)
	}
	return b.String()
}

// outcome says in words what becomes of the message.
func (a *answer) outcome() string {
	w := &a.way
	switch w.Fate {
	case route.Delivered:
		return "delivered to " + a.target(w.To)
	case route.Returned:
		return fmt.Sprintf("returned to the sender by %s: NDR %s%s", a.server(w.RestsAt), w.Code, codeMeaning(w.Code))
	case route.WaitsInQueue:
		if w.Queue == "" {
			return fmt.Sprintf("goes round in a loop without end, past %s", a.server(w.RestsAt))
		}
		return fmt.Sprintf("rests at %s in queue %q (%s)", a.server(w.RestsAt), w.Queue, w.Status)
	case route.WaitsForRoute:
		return fmt.Sprintf("rests at %s in the Unreachable queue (%s)", a.server(w.RestsAt), w.Status)
	case route.WaitsDirectory:
		return fmt.Sprintf("rests at %s in the submission queue: the directory does not answer", a.server(w.RestsAt))
	}
	return "rests with its sender: no transport server takes it"
}

// codeMeaning says in brackets what an enhanced status code of a non-delivery report is about.
func codeMeaning(code string) string {
	switch code {
	case "5.3.4":
		return " (too large for the way)"
	case "5.4.4":
		return " (no way to the address)"
	case "5.4.6":
		return " (it goes round in a loop)"
	}
	return ""
}

// sees tells what a server knows that was not so at the start, where not all know the same.
func (a *answer) sees(s topology.ServerID) string {
	if a.state == nil || !a.differ() {
		return ""
	}
	if changes := a.state.Sees(s); changes != "" {
		return ", which sees " + changes
	}
	return ", which sees no change yet"
}

// hops are the servers that handle the message, and what it is delivered to.
func (a *answer) hops() []string {
	var out []string
	for _, s := range a.way.Servers {
		out = append(out, a.server(s))
	}
	if a.way.Fate == route.Delivered {
		out = append(out, a.target(a.way.To))
	}
	return out
}

func (a *answer) server(s topology.ServerID) string {
	if s == topology.None {
		return ""
	}
	return a.org.Servers[s].Name
}

func (a *answer) target(t route.Target) string {
	if t.Kind == route.TargetRemote {
		return a.org.Remotes[t.ID].Name
	}
	return a.org.Servers[t.ID].Name
}

func (a *answer) targets(list []route.Target) []string {
	out := []string{}
	for _, t := range list {
		out = append(out, a.target(t))
	}
	return out
}

func (a *answer) path() []string { return a.sites(a.way.Path) }

func (a *answer) sites(list []topology.SiteID) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, a.org.Sites[s].Name)
	}
	return out
}

// recipientJSON is the answer about one recipient for programs; docs/commands.md describes it.
type recipientJSON struct {
	To           string       `json:"to"`
	Path         []string     `json:"path"`
	Cost         int64        `json:"cost"`
	TotalCost    int64        `json:"total_cost"`
	Stops        []string     `json:"stops"`
	NextHop      string       `json:"next_hop"`
	DeliveryType string       `json:"delivery_type"`
	Connector    string       `json:"connector"`
	Candidates   []string     `json:"candidates"`
	Outcome      string       `json:"outcome"`
	RestsAt      string       `json:"rests_at"`
	Status       string       `json:"status"`
	Reasons      []reasonJSON `json:"reasons"`
}

type reasonJSON struct {
	At   string `json:"at"`
	Rule string `json:"rule"`
	Text string `json:"text"`
}

func (a *answer) json() recipientJSON {
	w := &a.way
	r := recipientJSON{
		To: a.to, Path: a.path(), Cost: w.Cost, TotalCost: w.TotalCost, Stops: a.sites(w.Stops), NextHop: w.NextHop,
		DeliveryType: w.DeliveryType, Candidates: a.targets(w.Candidates), Outcome: w.Fate.String(), RestsAt: a.server(w.RestsAt),
		Status: w.Status, Reasons: []reasonJSON{},
	}
	if w.Code != "" {
		r.Status = w.Code
	}
	if w.Connector != topology.None {
		r.Connector = a.org.Connectors[w.Connector].Name
	}
	for _, x := range w.Reasons {
		r.Reasons = append(r.Reasons, reasonJSON{a.server(x.At), x.Rule, x.Text})
	}
	return r
}

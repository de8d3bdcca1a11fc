package cli

import (
	"time"

	"mailsim/sim"
	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// explainJSON is the answer for programs; docs/commands.md describes it.
type explainJSON struct {
	At            string         `json:"at"`
	NewestVersion int            `json:"newest_version"`
	Happened      []happenedJSON `json:"happened"`
	Servers       []believerJSON `json:"servers"`
	Controllers   []believerJSON `json:"domain_controllers"`
	Refusals      []refusalJSON  `json:"refusals"`
}

type happenedJSON struct {
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Remedy bool   `json:"remedy"`
	Since  string `json:"since"`
	Until  string `json:"until"`
}

type believerJSON struct {
	Name      string     `json:"name"`
	Site      string     `json:"site"`
	Condition string     `json:"condition"`
	Clock     clockJSON  `json:"clock"`
	Reads     string     `json:"reads"`
	Meant     string     `json:"meant"`
	Answered  bool       `json:"answered"`
	Version   int        `json:"version"`
	Lacks     []lackJSON `json:"lacks"`
}

type clockJSON struct {
	OffsetNS int64  `json:"offset_ns"`
	Since    string `json:"since"`
	RightAt  string `json:"right_at"`
}

type lackJSON struct {
	Setting string `json:"setting"`
	Arrives string `json:"arrives"`
}

type refusalJSON struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Cause    string `json:"cause"`
	SpreadNS int64  `json:"spread_ns"`
	Since    string `json:"since"`
}

func (e *explanation) json() explainJSON {
	out := explainJSON{
		At: e.stamp(simtime.Time(e.at)), NewestVersion: e.beliefs.Newest,
		Happened: []happenedJSON{}, Servers: []believerJSON{}, Controllers: []believerJSON{}, Refusals: []refusalJSON{},
	}
	for _, h := range e.state.Happened() {
		x := happenedJSON{Kind: h.Kind, Text: h.Label, Remedy: h.Remedy, Since: e.stamp(simtime.Time(h.StartNS))}
		if h.EndNS != nil {
			x.Until = e.stamp(simtime.Time(*h.EndNS))
		}
		out.Happened = append(out.Happened, x)
	}
	for _, x := range e.servers() {
		o := &e.org.Servers[x.Server]
		out.Servers = append(out.Servers, believerJSON{
			Name: o.Name, Site: e.org.Sites[o.Site].Name, Condition: e.state.Condition(x.Server).String(), Clock: e.clockJSON(x.Clock), Reads: e.source(x),
			Meant: e.meant(x), Answered: !x.Silent,
			Version: x.Version, Lacks: e.lacksJSON(x.Lacks),
		})
	}
	for _, x := range e.controllers() {
		o := &e.org.DCs[x.DC]
		out.Controllers = append(out.Controllers, believerJSON{
			Name: o.Name, Site: e.org.Sites[o.Site].Name, Condition: controllerCondition(x.Condition), Clock: e.clockJSON(x.Clock), Answered: x.Condition.Answers(), Version: x.Version,
			Lacks: e.lacksJSON(x.Lacks),
		})
	}
	for _, x := range e.refusals() {
		out.Refusals = append(out.Refusals, refusalJSON{
			From: e.org.Servers[x.From].Name, To: e.org.Servers[x.To].Name, Cause: x.Cause.String(), SpreadNS: int64(x.Spread), Since: e.stamp(x.Since),
		})
	}
	return out
}

// meant names the domain controller that is meant for a server; "" where it reads none.
func (e *explanation) meant(x sim.ServerBelief) string {
	if x.Meant == topology.None {
		return ""
	}
	return e.org.DCs[x.Meant].Name
}

// controllerCondition is the condition of a domain controller for programs, in the words of servers where it works.
func controllerCondition(c directory.Condition) string {
	if c == directory.Serving {
		return sim.Works.String()
	}
	return c.String()
}

func (e *explanation) clockJSON(c sim.ClockBelief) clockJSON {
	if c.Offset == 0 {
		return clockJSON{}
	}
	return clockJSON{OffsetNS: int64(c.Offset), Since: e.stamp(c.Since), RightAt: e.stamp(c.Right)}
}

func (e *explanation) lacksJSON(lacks []sim.Missing) []lackJSON {
	out := []lackJSON{}
	for _, l := range lacks {
		out = append(out, lackJSON{l.Text, e.stamp(l.Arrives)})
	}
	return out
}

// stamp writes an instant for programs; "" for never.
func (e *explanation) stamp(t simtime.Time) string {
	if t == simtime.Never {
		return ""
	}
	return e.start.Add(time.Duration(t)).Format(time.RFC3339Nano)
}

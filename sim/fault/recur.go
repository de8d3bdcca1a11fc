package fault

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Recurrence says how often a fault happens and to which of its targets. The zero value is a fault that happens once, to all.
type Recurrence struct {
	Occurs []Occurrence // by a schedule, in order of time; nil = once, at Start, with number 1
	Random *Process     // at random, for each target by itself, counted from Start; nil = not so. It goes without Occurs

	Pick   int           // how many of the targets it strikes, drawn anew for each occurrence, for Random once a run; 0 = all
	Serial bool          // the targets are struck one after the other; needs an End
	Gap    time.Duration // Serial: between two targets; Random: between an end and the time until the next failure

	Stream string // names the random streams; "" = the fault's ID. Two faults of one stream draw the same
}

// Occurrence is one time that a fault happens by a schedule.
type Occurrence struct {
	Number int // from 1; what is skipped leaves a gap
	At     simtime.Time
}

// Process is how failures come at random: a target works for a time drawn from Up, fails for a time drawn from Down, and so on.
type Process struct {
	Up, Down rng.Dist // seconds. An Up below a second counts as one
	Ends     bool     // Down counts; false: a failure has no end of its own, and the next Up counts from its start
	// Relapse is the chance, 0..1, that the trouble is back between 1 h and 2 h after a repair, whatever Up says.
	Relapse float64
}

// occurrence is a fault at one of the times that it happens, with the targets that it is about.
type occurrence struct {
	Fault
	number int
	turn   int    // of several with one number: of serial targets and of random processes
	target string // the one target that it is about; "" = all that it names
	pairs  [][2]topology.ServerID
}

// aim is one target of a fault: a host, a link, a pair of hubs or an outside system; or all that the fault is about, which has no name.
type aim struct {
	name    string
	host    *Host
	link    topology.LinkID
	pair    *[2]topology.ServerID
	outside *Outside

	clients []int32 // one population
}

// aims lists the targets of a fault, in the order of the scenario's tables.
func (e *Engine) aims(f *Fault) []aim {
	var out []aim
	for i := range f.Hosts {
		out = append(out, aim{name: e.hostName(f.Hosts[i]), host: &f.Hosts[i], link: topology.None})
	}
	for _, l := range f.Links {
		out = append(out, aim{name: e.env.Org.Line(l).Name, link: l})
	}
	for i, c := range f.Clients {
		out = append(out, aim{name: e.env.Clients[c], clients: f.Clients[i : i+1], link: topology.None})
	}
	for _, p := range pairsOf(f) {
		out = append(out, aim{name: e.pairName(p), link: topology.None, pair: &p})
	}
	for i := range f.Outside {
		out = append(out, aim{name: e.outsideName(f.Outside[i]), link: topology.None, outside: &f.Outside[i]})
	}
	if out == nil {
		out = []aim{{link: topology.None}}
	}
	return out
}

// pairsOf lists the pairs of hubs that a fault is about: none has a session with itself.
func pairsOf(f *Fault) [][2]topology.ServerID {
	var out [][2]topology.ServerID
	for _, from := range f.From {
		for _, to := range f.To {
			if from != to {
				out = append(out, [2]topology.ServerID{from, to})
			}
		}
	}
	return out
}

func (e *Engine) pairName(p [2]topology.ServerID) string {
	return e.env.Org.Servers[p[0]].Name + " " + e.env.Org.Servers[p[1]].Name
}

// narrow restricts an occurrence to some of its targets.
func (o *occurrence) narrow(aims []aim) {
	if len(aims) == 1 && aims[0].name == "" {
		return
	}
	o.Hosts, o.Links, o.Clients, o.pairs, o.Outside = nil, nil, nil, nil, nil
	for _, a := range aims {
		switch {
		case a.host != nil:
			o.Hosts = append(o.Hosts, *a.host)
		case a.outside != nil:
			o.Outside = append(o.Outside, *a.outside)
		case a.clients != nil:
			o.Clients = append(o.Clients, a.clients...)
		case a.pair != nil:
			o.pairs = append(o.pairs, *a.pair)
		default:
			o.Links = append(o.Links, a.link)
		}
	}
}

// at moves an occurrence, its end and its remedies to the instant at which it takes hold.
func (o *occurrence) at(start simtime.Time) {
	by := start.Sub(o.Start)
	if o.Cert.NotAfter == o.Start {
		o.Cert.NotAfter = start // cert_expiry: the fault begins when the certificate ends
	}
	o.Start = start
	if by == 0 {
		return
	}
	o.Update.shift(by)
	if o.End != never {
		o.End = o.End.Add(by)
	}
	o.Remedies = slices.Clone(o.Remedies)
	for i := range o.Remedies {
		o.Remedies[i].shift(by)
	}
}

// shift moves a remedy. Where it asks for just what its copy of a database lacks, it does so at the new time, too.
func (a *Action) shift(by time.Duration) {
	just := a.Since == a.lacks()
	a.At = a.At.Add(by)
	if a.Since = a.Since.Add(by); just {
		a.Since = a.lacks()
	}
}

// lacks is the instant from which on the copy of a database that is made active lacks deliveries.
func (a *Action) lacks() simtime.Time { return max(0, a.At.Add(a.Duration).Add(-a.Missing)) }

// stream names the random streams of a fault.
func (f *Fault) stream() string { return cmp.Or(f.Stream, f.ID) }

// occurrences writes a fault out: each time that it happens within the run, unless chance is against it when the time comes. A fault that
// never happens leaves nothing, not even an instant at which it does not.
func (e *Engine) occurrences(f *Fault) []occurrence {
	if f.Probability <= 0 {
		return nil
	}
	if f.Random != nil {
		return e.failures(f)
	}
	at := f.Occurs
	if at == nil {
		at = []Occurrence{{1, f.Start}}
	}
	var out []occurrence
	for _, x := range at {
		o := occurrence{Fault: *f, number: x.Number, pairs: pairsOf(f)}
		o.at(x.At)
		aims := e.aims(f)
		if f.Pick > 0 {
			aims = e.pick(f, aims, strconv.Itoa(x.Number))
			o.narrow(aims)
		}
		if !f.Serial {
			out = append(out, o)
			continue
		}
		for turn, a := range aims {
			y := o
			y.turn, y.target = turn, a.name
			y.narrow([]aim{a})
			y.at(o.Start.Add(time.Duration(turn) * (f.End.Sub(f.Start) + f.Gap)))
			out = append(out, y)
		}
	}
	return slices.DeleteFunc(out, func(o occurrence) bool { return o.Start > e.env.End })
}

// pick chooses targets: each draws a number by its name, and the lowest ones are hit, so that who else is there does not change what a
// target draws. The order stays.
func (e *Engine) pick(f *Fault, aims []aim, number string) []aim {
	if f.Pick >= len(aims) {
		return aims
	}
	type lot struct {
		at    int
		drawn float64
	}
	lots := make([]lot, len(aims))
	for i, a := range aims {
		lots[i] = lot{i, e.env.Root.Stream("fault.pick", f.stream(), number, a.name).Float64()}
	}
	slices.SortFunc(lots, func(a, b lot) int { return cmp.Or(cmp.Compare(a.drawn, b.drawn), cmp.Compare(a.at, b.at)) })
	lots = lots[:f.Pick]
	slices.SortFunc(lots, func(a, b lot) int { return cmp.Compare(a.at, b.at) })
	out := make([]aim, 0, len(lots))
	for _, l := range lots {
		out = append(out, aims[l.at])
	}
	return out
}

// failures draws the random process of each target. Every time has a stream of its own, named by the fault's stream, the number of the
// failure at this target, and the target.
func (e *Engine) failures(f *Fault) []occurrence {
	aims := e.aims(f)
	if f.Pick > 0 {
		aims = e.pick(f, aims, "")
	}
	var out []occurrence
	for turn, a := range aims {
		last := f.Start
		for n := 1; ; n++ {
			draw := func(what string) *rng.Stream {
				return e.env.Root.Stream("fault."+what, f.stream(), strconv.Itoa(n), a.name)
			}
			up := simtime.FromSeconds(draw("up").Sample(f.Random.Up))
			if n > 1 && f.Random.Relapse > 0 {
				if s := draw("relapse"); s.Float64() < f.Random.Relapse {
					up = relapseLeast + time.Duration(float64(relapseMost-relapseLeast)*s.Float64())
				}
			}
			up = max(up, time.Second)
			if up > e.env.End.Sub(last) {
				break
			}
			o := occurrence{Fault: *f, number: n, turn: turn, target: a.name, pairs: pairsOf(f)}
			o.narrow([]aim{a})
			o.End = never
			o.at(last.Add(up))
			last = o.Start
			if f.Random.Ends {
				down := max(simtime.FromSeconds(draw("down").Sample(f.Random.Down)), 1)
				if down > e.env.End.Sub(o.Start) {
					out = append(out, o) // it lasts to the end of the run
					break
				}
				o.End = o.Start.Add(down)
				last = o.End
			}
			out = append(out, o)
			if f.Gap > e.env.End.Sub(last) {
				break
			}
			last = last.Add(f.Gap)
		}
	}
	return out
}

// When trouble that is not over shows again.
const (
	relapseLeast = time.Hour
	relapseMost  = 2 * time.Hour
)

package scenarios

import (
	"slices"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
)

// How long an operator's step takes, and how long it is until it begins: a duration, or a distribution of durations that is drawn from for each step.

// stepTime is a duration or a distribution, whose table takes at_least and at_most besides.
type stepTime struct {
	fixed  time.Duration
	spread *fault.Spread // nil: fixed
}

func (x *stepTime) bindNode(b *binder, n *node, w where) {
	if n.kind != tableNode {
		var d duration
		b.quantity(n, &d, w, "")
		x.fixed = time.Duration(d)
		return
	}
	before := len(b.rep.problems)
	var s fault.Spread
	limits := func(key string, to *time.Duration) *node {
		f := n.get(key)
		if f != nil {
			var d duration
			b.quantity(f, &d, w.dot(key), "")
			*to = time.Duration(d)
		}
		return f
	}
	least, most := limits("at_least", &s.Least), limits("at_most", &s.Most)
	rest := *n
	rest.fields = slices.DeleteFunc(slices.Clone(n.fields), func(f *node) bool { return f == least || f == most })
	s.Dist = b.dist(&rest, w, durations)
	switch {
	case len(b.rep.problems) > before:
		return
	case most != nil && s.Most == 0:
		b.errorf(most.at, w.dot("at_most"), "must be more than 0s")
	case most != nil && s.Most < s.Least:
		b.errorf(most.at, w.dot("at_most"), "%s is less than at_least, %s", duration(s.Most), duration(s.Least))
	}
	x.spread = &s
}

// taken is how long a step takes: a stepTime or "spread", as the step varies by the rules.
type taken struct {
	stepTime
	usual bool
}

const usualTime = "spread"

func (x *taken) bindNode(b *binder, n *node, w where) {
	if n.value == usualTime {
		x.usual = true
		return
	}
	x.stepTime.bindNode(b, n, w)
}

// middle is what a step or a wait is counted with before anything is drawn, and what it is drawn from.
func (x *stepTime) middle() (time.Duration, *fault.Spread) {
	if x.spread == nil {
		return x.fixed, nil
	}
	return x.spread.Middle(), x.spread
}

// takes says how long a step takes. Without a time of its own, and with "spread", it is that of the table of remedies, which is the middle.
func (t *taken) takes(a *fault.Action) {
	switch {
	case t == nil:
	case t.usual:
		if s, err := fault.UsualSpread(a.Duration); err == nil { // no step takes no time by default
			a.Takes = &s
		}
	default:
		a.Duration, a.Takes = t.middle()
	}
}

// begins says when the operator turns to a remedy: by after from the start of the fault on, by after_action from the end of the remedy before, last.
//
// F020: of what the scenario leaves open, the first remedy begins when somebody has noticed (fault.Kind.Reaction), every other one when the one before is done.
func (c *compiler) begins(r *remedyTable, f *fault.Fault, a *fault.Action, first bool, last simtime.Time, key string) {
	switch {
	case r.has("after") && r.has("after_action"):
		c.errorAt(r.at("after_action"), &r.source, key+".after_action", "give either after or after_action, not both")
		fallthrough
	case r.After != nil:
		var wait time.Duration
		if r.After != nil {
			wait, a.Wait = r.After.middle()
		}
		a.At = f.Start.Add(wait)
	case r.AfterAction != nil:
		var wait time.Duration
		wait, a.Wait = r.AfterAction.middle()
		a.At, a.Chained = last.Add(wait), true
	case first:
		a.At = f.Start.Add(f.Kind.Reaction())
	default:
		a.At, a.Chained = last, true
	}
}

// stepTimeDescription describes a stepTime, or a taken.
func stepTimeDescription(usual bool) description {
	d := distDescription(durations, "duration or distribution of durations", `"5m"`, `^\+?(`+durationPattern+`)+$`)
	either := d.schema["anyOf"].([]any)
	properties := either[1].(map[string]any)["properties"].(map[string]any)
	properties["at_least"], properties["at_most"] = map[string]any{"type": "string"}, map[string]any{"type": "string"}
	if usual {
		d.words = quote(usualTime) + ", " + d.words
		d.schema["anyOf"] = append([]any{map[string]any{"const": usualTime}}, either...)
	}
	return d
}

package scenarios

import (
	"errors"
	"maps"
	"slices"
	"time"

	"mailsim/scenarios/expect"
	"mailsim/sim/result"
)

// A ready-made group of expectations: one [[expect]] stands for the published limits of a server's performance counters, one
// expectation for each counter.

// groupOf makes the expectations that a group stands for; ids are "group/counter", with the user's id in place of the group's name. What
// is wrong is reported.
func (c *compiler) groupOf(t *expectTable) []expectation {
	for _, key := range []string{"metric", "stat", "must", "warn", "across"} {
		if f := t.node.get(key); f != nil {
			c.errorAt(f.keyAt, &t.source, key, "the group says this; remove the key, or write an [[expect]] of its own")
		}
	}
	for _, l := range t.Where.list {
		if l.key != "server" {
			c.errorAt(l.keyAt, &t.source, "where."+l.key, `a group is narrowed by server alone; write { server = "edge*" }, and leave counters out with except`)
		}
	}
	group := expect.Group(t.Group)
	if group == nil {
		return nil // reported
	}
	limits := c.ownLimits(t, group)
	id := t.ID
	if id == "" {
		id = t.Group
	}
	var out []expectation
	for _, e := range group {
		if slices.Contains(t.Except, e.ID) {
			continue
		}
		if own, ok := limits[e.ID]; ok {
			e.Must, e.Warn = own, ""
		}
		e.ID = id + "/" + e.ID
		c.tags(t, &e)
		out = append(out, e)
	}
	if len(out) == 0 {
		c.errorf(&t.source, "except", "leaves no counter of the group; remove the [[expect]], or some of the names")
	}
	return out
}

// ownLimits checks the limits that the user sets in place of the published ones (QX-10).
func (c *compiler) ownLimits(t *expectTable, group []expectation) map[string]string {
	names := make([]string, len(group))
	for i, e := range group {
		names[i] = e.ID
	}
	limits := map[string]string{}
	for _, l := range t.Limits.list {
		key := "limits." + l.key
		i := slices.Index(names, l.key)
		if i < 0 {
			c.errorAt(l.keyAt, &t.source, key, "no counter of the group has this name; %s", suggest(l.key, names, "counter"))
			continue
		}
		if slices.Contains(t.Except, l.key) {
			c.errorAt(l.keyAt, &t.source, key, "is left out by except; remove one of the two")
		}
		metric, _ := result.LookupMetric(group[i].Metric)
		var mistake *expect.MustError
		if _, err := expect.ParseMust(l.pattern, metric.UnitOf(group[i].Stat)); errors.As(err, &mistake) {
			c.errorAt(inside(l.at, l.pattern, mistake.Offset), &t.source, key, "%s: %s", quote(l.pattern), mistake.Text)
		}
		limits[l.key] = l.pattern
	}
	return limits
}

// inside is a place inside a text in quotes: so many bytes behind the first.
func inside(at Pos, text string, offset int) Pos {
	at.Column += 1 + len([]rune(text[:min(offset, len(text))]))
	return at
}

// counters has the run sample counters when it is asked to, or an expectation is about them, and reports runs that have too few samples
// for that.
func (c *compiler) counters() {
	o := &c.cfg.Output
	o.Counters = c.doc.Output.Counters
	for i := range c.doc.Expect {
		t := &c.doc.Expect[i]
		key, need := "metric", int64(1)
		switch {
		case t.Group == expect.ExchangeCounters:
			key, need = "group", 5
		case t.Metric != "counter":
			continue
		case t.Stat == result.StatMax5m:
			need = 5
		}
		o.Counters = true
		warmup := int64(c.doc.Warmup) / int64(time.Minute)
		if n := int64(c.horizon())/int64(time.Minute) - warmup; c.horizon() > 0 && n < need && c.cfg.Warmup < c.cfg.Duration {
			c.errorf(&t.source, key, "counters are looked at once a minute, %d times in this run after its warm-up, and %d are needed; write duration = %q or longer",
				max(n, 0), need, duration(time.Duration(warmup+need)*time.Minute))
		}
	}
}

// tags copies the labels of an [[expect]] into an expectation.
func (c *compiler) tags(t *expectTable, e *expectation) {
	if len(t.Where.list) == 0 {
		return
	}
	where := maps.Clone(e.Where)
	if where == nil {
		where = map[string]string{}
	}
	for _, l := range t.Where.list {
		where[l.key] = l.pattern
	}
	e.Where = where
}

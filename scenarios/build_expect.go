package scenarios

import (
	"mailsim/scenarios/expect"
	"mailsim/sim/result"
)

// expectation is a checked [[expect]].
type expectation = expect.Expectation

// expectations checks and translates [[expect]].
func (c *compiler) expectations() {
	table := map[string]int{} // by id: the table that has it; looked up only
	for i := range c.doc.Expect {
		t := &c.doc.Expect[i]
		if t.ID != "" {
			if err := validName(t.ID); err != nil {
				c.errorf(&t.source, "id", "%s", err)
			}
		}
		set := c.settings(t)
		var all []expectation
		if t.has("group") {
			all = c.groupOf(t)
			c.checkLabels(t, expectation{Metric: "counter"})
		} else {
			all = []expectation{c.single(t, i)}
		}
		for _, e := range all {
			e.Set = set
			if j, taken := table[e.ID]; taken {
				c.errorf(&t.source, "id", "%s is used already by #%d; choose another", quote(e.ID), j+1)
				break
			}
			table[e.ID] = i
			c.expects = append(c.expects, e)
		}
	}
}

// single translates an [[expect]] that is one expectation.
func (c *compiler) single(t *expectTable, i int) expectation {
	e := expectation{ID: t.ID, Metric: t.Metric, Stat: t.Stat, Must: t.Must, Warn: t.Warn, Across: t.Across}
	if e.ID == "" {
		e.ID = itemName("expect", i, t.node)
	}
	c.tags(t, &e)
	for _, f := range fieldsOf(typeOf[expectTable]()) {
		switch f.key {
		case "metric", "stat", "must":
			if !t.has(f.key) {
				c.errorf(&t.source, f.key, "required; write %s", f.example())
			}
		case "except", "limits":
			if t.has(f.key) {
				c.errorAt(t.node.get(f.key).keyAt, &t.source, f.key, "belongs to a group; write group = %q, or remove it", expect.ExchangeCounters)
			}
		}
	}
	c.checkWording(t, e)
	c.checkLabels(t, e)
	return e
}

// settings are the sweep points that an [[expect]] is about.
func (c *compiler) settings(t *expectTable) map[string]any {
	var set map[string]any
	for _, s := range t.Set.list {
		if set == nil {
			set = map[string]any{}
		}
		set[s.path] = s.value.value
		c.checkSetting(t, s)
	}
	return set
}

// checkSetting reports a setting that no point of the sweep has.
func (c *compiler) checkSetting(t *expectTable, s setting) {
	var known []string
	for _, a := range c.doc.Sweep.axes {
		known = append(known, a.path)
		if a.path != s.path {
			continue
		}
		for _, v := range a.values {
			if formatScalar(v.value) == formatScalar(s.value.value) {
				return
			}
		}
		c.errorAt(s.value.at, &t.source, "set", "%s is not among the values of the axis %s", formatScalar(s.value.value), quote(s.path))
		return
	}
	if len(c.doc.Sweep.axes) > 0 || !c.traces.swept {
		c.errorAt(s.value.keyAt, &t.source, "set", "%s is not an axis of [sweep]; %s", quote(s.path), suggest(s.path, known, "axis"))
	}
}

// checkWording reports what package expect finds, at the place of the key.
func (c *compiler) checkWording(t *expectTable, e expectation) {
	if !t.has("metric") || !t.has("stat") || !t.has("must") {
		return // what is missing has been reported
	}
	for _, p := range e.Check() {
		at := t.at(p.Key)
		text := p.Text
		for _, l := range t.Where.list {
			if p.Key == "where."+l.key {
				at = l.keyAt
			}
		}
		switch p.Key {
		case "metric":
			var known []string
			for _, m := range result.Metrics() {
				known = append(known, m.Name)
			}
			if _, ok := result.LookupMetric(e.Metric); !ok {
				text += "; " + suggest(e.Metric, known, "metric")
			}
		case "must":
			at = inside(at, e.Must, p.Offset)
			text = quote(e.Must) + ": " + text
		case "warn":
			at = inside(at, e.Warn, p.Offset)
			text = quote(e.Warn) + ": " + text
		case "across":
			continue // the table has checked it
		}
		c.errorAt(at, &t.source, p.Key, "%s", text)
	}
}

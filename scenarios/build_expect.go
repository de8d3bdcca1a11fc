package scenarios

import (
	"slices"

	"mailsim/scenarios/expect"
	"mailsim/sim/result"
)

// expectation is a checked [[expect]].
type expectation = expect.Expectation

// expectations checks and translates [[expect]].
func (c *compiler) expectations() {
	var ids []string
	for i := range c.doc.Expect {
		t := &c.doc.Expect[i]
		e := expectation{ID: t.ID, Metric: t.Metric, Stat: t.Stat, Must: t.Must, Across: t.Across}
		if e.ID == "" {
			e.ID = itemName("expect", i, t.node)
		} else if err := validName(e.ID); err != nil {
			c.errorf(&t.source, "id", "%s", err)
		}
		if j := slices.Index(ids, e.ID); j >= 0 {
			c.errorf(&t.source, "id", "%s is used already by #%d; choose another", quote(e.ID), j+1)
		}
		ids = append(ids, e.ID)
		for _, l := range t.Where.list {
			if e.Where == nil {
				e.Where = map[string]string{}
			}
			e.Where[l.key] = l.pattern
		}
		for _, s := range t.Set.list {
			if e.Set == nil {
				e.Set = map[string]any{}
			}
			e.Set[s.path] = s.value.value
			c.checkSetting(t, s)
		}
		c.checkWording(t, e)
		c.checkLabels(t, e)
		c.expects = append(c.expects, e)
	}
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
			at.Column += 1 + len([]rune(e.Must[:min(p.Offset, len(e.Must))]))
			text = quote(e.Must) + ": " + text
		case "across":
			continue // the table has checked it
		}
		c.errorAt(at, &t.source, p.Key, "%s", text)
	}
}

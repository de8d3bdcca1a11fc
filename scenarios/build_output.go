package scenarios

import (
	"slices"
	"time"

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
			text += "; " + suggest(e.Metric, known, "metric")
		case "must":
			at.Column += 1 + len([]rune(e.Must[:min(p.Offset, len(e.Must))]))
			text = quote(e.Must) + ": " + text
		case "across":
			continue // the table has checked it
		}
		c.errorAt(at, &t.source, p.Key, "%s", text)
	}
}

// output translates [output].
func (c *compiler) output() {
	t := &c.doc.Output
	o := &c.cfg.Output
	o.SampleInterval = max(time.Second, (c.horizon() / 240).Truncate(time.Second))
	if t.SampleInterval != nil {
		o.SampleInterval = time.Duration(*t.SampleInterval)
	}
	if h := c.horizon(); h > 0 && o.SampleInterval > 0 && h/o.SampleInterval > samplesMax {
		c.errorf(&t.source, "sample_interval", "%s makes %d samples; at most %d are kept: write a longer one", duration(o.SampleInterval), h/o.SampleInterval, samplesMax)
	}
	series := t.Series
	if !t.has("series") {
		series = []string{"queue", "server", "link"}
	}
	for _, s := range series {
		switch s {
		case "queue":
			o.Queues = true
		case "server":
			o.Servers = true
		case "link":
			o.Links = true
		case "site_pair":
			o.SitePairs = true
		}
	}
}

// samplesMax bounds the samples of a series.
const samplesMax = 10_000_000

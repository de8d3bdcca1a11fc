package scenarios

import (
	"slices"
	"time"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// clockSkew translates the keys of clock_skew (docs/rules/faults.md, F1).
func (c *compiler) clockSkew(t *faultTable, f *fault.Fault) {
	f.ClockMode = fault.ClockMode(c.mode(t, []string{"jump", "drift", "push", "ntp_bad"}))
	if f.ClockMode == fault.ClockDrift {
		c.drift(t, f)
	} else {
		c.clockOffset(t, f)
	}
	f.PushEvery = 10 * time.Minute
	if t.PushEvery != nil {
		f.PushEvery = time.Duration(*t.PushEvery)
	}
	if f.ClockMode != fault.ClockPush && t.has("push_every") { // F004
		c.errorAt(t.node.get("push_every").keyAt, &t.source, "push_every", `is for mode "push"; remove it`)
	}
	f.SelfCorrect = t.SelfCorrect == nil || *t.SelfCorrect
	f.RestoreStep = t.Restore == "step"
}

// clockOffset is how wrong a clock is set; every mode but drift needs it.
func (c *compiler) clockOffset(t *faultTable, f *fault.Fault) {
	switch {
	case !t.has("offset"): // F003
		mode := t.Mode
		if f.ClockMode == fault.ClockJump {
			mode = "jump"
		}
		c.errorf(&t.source, "offset", "required for kind %q mode %q", "clock_skew", mode)
	case t.Offset != nil && *t.Offset == 0:
		if s, ok := t.node.get("offset").value.(string); ok {
			if _, err := parseDuration(s); err == nil {
				c.errorf(&t.source, "offset", "must not be 0")
			}
		}
	case t.Offset != nil:
		f.Offset = time.Duration(*t.Offset)
	}
	if t.has("drift_ppm") { // F004
		c.errorAt(t.node.get("drift_ppm").keyAt, &t.source, "drift_ppm", `is for mode "drift"; remove it, or write mode = "drift"`)
	}
}

// drift is how much a clock gains.
func (c *compiler) drift(t *faultTable, f *fault.Fault) {
	const most = 100_000
	switch x := t.DriftPPM; {
	case !t.has("drift_ppm"): // F003
		c.errorf(&t.source, "drift_ppm", `required for kind "clock_skew" mode "drift"`)
	case x == nil: // reported
	case *x == 0:
		if _, text := t.node.get("drift_ppm").value.(string); text {
			return // no number, and reported
		}
		c.errorf(&t.source, "drift_ppm", "must not be 0")
	case *x < -most || *x > most:
		c.errorf(&t.source, "drift_ppm", "%s is not a clock; write -%d to %d", formatScalar(t.node.get("drift_ppm").value), most, most)
	default:
		f.DriftPPM = float64(*x)
	}
	if t.has("offset") { // F004
		c.errorAt(t.node.get("offset").keyAt, &t.source, "offset", `not used by mode "drift"; remove it`)
	}
}

// latchPairs resolves the two ends of auth_latch (F2).
func (c *compiler) latchPairs(t *faultTable, f *fault.Fault) {
	f.From, f.To = c.latchEnd(t, "from", t.From), c.latchEnd(t, "to", t.To)
	if len(f.From) == 1 && slices.Equal(f.From, f.To) {
		c.errorf(&t.source, "to", "%s is the host of from; a pair has two ends", quote(c.servers[f.To[0]].Name))
	}
	if c.doc.Model.AuthScope == "all_hub_to_hub" {
		return
	}
	for _, to := range f.To {
		for _, from := range f.From {
			if from != to && c.servers[from].Site == c.servers[to].Site {
				c.errorf(&t.source, "to", "%s is in the same site as %s; ExchangeAuth latches only between sites (auth_scope)", quote(c.servers[to].Name), quote(c.servers[from].Name))
				return
			}
		}
	}
}

// latchEnd resolves one end: hubs.
func (c *compiler) latchEnd(t *faultTable, key string, s *selector) []topology.ServerID {
	if s == nil || s.node == nil {
		if !t.has(key) {
			c.errorf(&t.source, key, `required for kind %q; write { host = "NAME" }`, t.Kind)
		}
		return nil
	}
	var out []topology.ServerID
	for _, h := range c.selectHostsAt(&t.source, key, s, fault.TargetHub, "kind "+quote(t.Kind)) {
		if !slices.Contains(out, h.Server) {
			out = append(out, h.Server)
		}
	}
	return out
}

package scenarios

import (
	"slices"
	"strings"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// faults translates [[fault]] (docs/scenario-reference.md).
func (c *compiler) faults() {
	var ids []string
	for i := range c.doc.Fault {
		t := &c.doc.Fault[i]
		id := itemName("fault", i, t.node)
		if t.has("id") && !validID(t.ID) {
			c.errorf(&t.source, "id", "%s: write 1 to 64 small letters, digits and -", quote(t.ID))
		} else if j := slices.Index(ids, id); j >= 0 { // F015
			c.errorf(&t.source, "id", "%s already used by #%d", quote(id), j+1)
		}
		ids = append(ids, id)
		kind, ok := fault.ParseKind(t.Kind)
		if !ok {
			continue // F002, reported when the key was read
		}
		f := fault.Fault{ID: id, Kind: kind, Probability: float64(t.Probability)}
		c.faultKeys(t, kind)
		c.faultTimes(t, &f)
		c.faultTarget(t, &f)
		c.faultSettings(t, &f)
		c.remedies(t, &f)
		c.faultEnd(t, &f)
		if t.Enabled {
			c.cfg.Faults = append(c.cfg.Faults, f)
		}
	}
}

func validID(id string) bool {
	return len(id) >= 1 && len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// ownKeys are the keys of each kind beside the common ones (docs/scenario-reference.md).
func ownKeys(kind fault.Kind) []string {
	switch kind {
	case fault.ClockSkew:
		return []string{"mode", "offset", "drift_ppm", "push_every", "self_correct", "restore"}
	case fault.ReplLag:
		return []string{"interval", "phase"}
	case fault.NICLateBind:
		return []string{"team_up", "dad", "start_offset", "prone", "fix", "fix_success", "delayed_start_delay", "recovery", "recovery_delay"}
	case fault.HostDown:
		return []string{"mode", "queue_db"}
	case fault.AuthLatch:
		return []string{"from", "to"}
	case fault.Partition:
		return []string{"side_a", "side_b", "direction"}
	}
	return nil
}

// faultKeys reports keys of other kinds (F004) and ramps on what is on or off (F018).
func (c *compiler) faultKeys(t *faultTable, kind fault.Kind) {
	common := []string{"id", "kind", "enabled", "start", "duration", "end", "probability", "target", "remedy", "note", "pick"}
	if kind == fault.Partition || kind == fault.AuthLatch {
		common = slices.DeleteFunc(common, func(k string) bool { return k == "target" })
	}
	for _, f := range t.node.fields {
		known := slices.ContainsFunc(fieldsOf(typeOf[faultTable]()), func(x field) bool { return x.key == f.key && !x.later })
		if known && !slices.Contains(common, f.key) && !slices.Contains(ownKeys(kind), f.key) {
			c.errorAt(f.keyAt, &t.source, f.key, "not used by kind %q", t.Kind)
		}
	}
	for _, key := range []string{"ramp_up", "ramp_down"} {
		if f := t.node.get(key); f != nil {
			if !kind.HasIntensity() {
				c.errorAt(f.keyAt, &t.source, key, "kind %q is on/off; remove it", t.Kind)
			} else {
				c.errorAt(f.keyAt, &t.source, key, "known, but not available in this version; remove it")
			}
		}
	}
}

// faultTimes translates start, duration and end (F006, F007, F008, F017).
func (c *compiler) faultTimes(t *faultTable, f *fault.Fault) {
	f.Start = c.instant(&t.source, "start", t.Start, 0)
	f.End = simtime.Never
	switch {
	case t.has("duration") && t.has("end"):
		c.errorf(&t.source, "end", "give either duration or end, not both")
	case t.Duration != nil:
		f.End = f.Start.Add(time.Duration(*t.Duration))
	case t.End != nil:
		f.End = c.instant(&t.source, "end", t.End, simtime.Never)
		if f.End <= f.Start {
			c.errorf(&t.source, "end", "%s is not after start %s", duration(f.End), duration(f.Start))
		}
	}
	if h := c.horizon(); h > 0 && time.Duration(f.Start) >= h {
		c.warnf(&t.source, "start", "%s is after the simulation end %s; fault never runs", duration(f.Start), duration(h))
	}
}

// faultEnd warns of a fault that nothing ends (F022). A late bind waits for the machine's next boot and is over after it.
func (c *compiler) faultEnd(t *faultTable, f *fault.Fault) {
	if f.End == simtime.Never && !t.has("duration") && !t.has("end") && len(t.Remedy) == 0 && !f.Heals() {
		c.rep.warnf(t.node.at, "%s: duration: none given; the fault lasts to the end of the run", t.subject)
	}
}

// faultTarget resolves what the fault hits.
func (c *compiler) faultTarget(t *faultTable, f *fault.Fault) {
	accepts := f.Kind.Accepts()
	switch {
	case f.Kind == fault.Partition:
		f.SideA, f.SideB = c.side(t, "side_a", t.SideA), c.side(t, "side_b", t.SideB)
		for _, s := range f.SideB {
			if slices.Contains(f.SideA, s) {
				c.errorf(&t.source, "side_b", "site %s is on both sides", quote(c.doc.Site[s].Name))
			}
		}
		f.Direction = fault.Direction(max(0, slices.Index([]string{"both", "to", "from"}, t.Direction)))
	case f.Kind == fault.AuthLatch:
		c.latchPairs(t, f)
	case !t.has("target") || t.Target != nil && len(t.Target.node.fields) == 0: // F013
		c.errorf(&t.source, "target", "required; name at least one host, site, role or link")
	case t.Target == nil: // no table, and reported
	case accepts&fault.TargetLink != 0:
		f.Links = c.selectLinks(&t.source, t.Target)
	default:
		f.Hosts = c.selectHosts(&t.source, t.Target, accepts, "kind "+quote(t.Kind))
	}
}

// side resolves one side of a partition: sites.
func (c *compiler) side(t *faultTable, key string, s *selector) []topology.SiteID {
	if s == nil || s.node == nil {
		if !t.has(key) {
			c.errorf(&t.source, key, "required for kind %q; write { site = [\"A\", \"B\"] }", t.Kind)
		}
		return nil
	}
	for _, f := range s.node.fields {
		if f.key != "site" {
			c.errorAt(f.keyAt, &t.source, key+"."+f.key, "partition cuts pairs of sites; select them by site")
		}
	}
	return c.selectSites(&t.source, key, s.Site)
}

// faultSettings translates the kind's own keys.
func (c *compiler) faultSettings(t *faultTable, f *fault.Fault) {
	c.withoutDCs(t, f.Kind)
	switch f.Kind {
	case fault.ClockSkew:
		c.clockSkew(t, f)
	case fault.ReplLag:
		c.replLag(t, f)
	case fault.HostDown:
		f.Mode = fault.HostDownMode(c.mode(t, []string{"crash", "service_stop", "maintenance"}))
		f.QueueLost = t.QueueDB == "lost"
		if f.QueueLost && f.Mode != fault.Crash {
			c.errorf(&t.source, "queue_db", `"lost" is for mode "crash"; a service that is stopped keeps its queues`)
		}
	case fault.NICLateBind:
		c.lateBind(t, f)
	}
}

// withoutDCs warns of faults that have nothing to act on: without domain controllers the directory is ideal.
func (c *compiler) withoutDCs(t *faultTable, kind fault.Kind) {
	if !t.Enabled || len(c.doc.DC) > 0 || c.illegible("dc") {
		return
	}
	switch kind {
	case fault.AuthLatch:
		c.warnf(&t.source, "kind", "auth_latch: without [[dc]] tables hubs are not authenticated; add a [[dc]] per site, or remove the fault")
	case fault.ClockSkew:
		c.warnf(&t.source, "kind", "clock_skew: without [[dc]] tables a wrong clock does no harm; add a [[dc]] per site, or remove the fault")
	case fault.ReplLag:
		c.warnf(&t.source, "kind", "repl_lag: without [[dc]] tables changes are seen everywhere at once; add a [[dc]] per site, or remove the fault")
	}
}

// mode reads the mode of a fault: which of the known ones it is, 0 where none is given.
func (c *compiler) mode(t *faultTable, known []string, later ...string) int {
	i := slices.Index(known, t.Mode)
	switch {
	case i >= 0 || t.Mode == "":
	case slices.Contains(later, t.Mode):
		c.errorf(&t.source, "mode", "%q is known, but not available in this version; write %s", t.Mode, orList(known))
	default:
		c.errorf(&t.source, "mode", "%s is not a mode of kind %q; write %s", quote(t.Mode), t.Kind, orList(known))
	}
	return max(i, 0)
}

func (c *compiler) replLag(t *faultTable, f *fault.Fault) {
	f.Phase = -1
	if t.Interval == nil && t.Phase == nil && !t.has("interval") && !t.has("phase") {
		c.errorf(&t.source, "interval", `required for kind "repl_lag"; write interval = "24h", phase, or both`)
	}
	if t.Interval != nil {
		f.Interval = c.interval(&t.source, "interval", *t.Interval) // F023
	}
	if t.Phase != nil {
		f.Phase = time.Duration(*t.Phase)
		for _, l := range f.Links {
			interval := f.Interval
			if interval == 0 {
				interval = c.linkValues[l].ReplicationInterval
			}
			if interval == 0 {
				interval = 180 * time.Minute
			}
			if f.Phase >= interval {
				c.errorf(&t.source, "phase", "%s is not less than the interval %s of link %s", *t.Phase, duration(interval), quote(c.links.names[l]))
				break
			}
		}
	}
}

func (c *compiler) lateBind(t *faultTable, f *fault.Fault) {
	f.TeamUp, f.DAD, f.StartOffset = rng.Constant(9), rng.Constant(3), rng.Constant(5) // F8
	for _, x := range []struct {
		from *durationDist
		to   *rng.Dist
	}{{t.TeamUp, &f.TeamUp}, {t.DAD, &f.DAD}, {t.StartOffset, &f.StartOffset}} {
		if x.from != nil {
			*x.to = x.from.Dist
		}
	}
	f.Prone, f.FixSuccess = 0.5, 1
	if t.Prone != nil {
		f.Prone = float64(*t.Prone)
	}
	if t.FixSuccess != nil {
		f.FixSuccess = float64(*t.FixSuccess)
	}
	f.Fix = fault.LateBindFix(max(0, slices.Index([]string{"none", "delayed_start", "dependency"}, t.Fix)))
	f.DelayedStartDelay, f.RecoveryDelay = 120*time.Second, 60*time.Second
	if t.DelayedStartDelay != nil {
		f.DelayedStartDelay = time.Duration(*t.DelayedStartDelay)
	}
	if t.RecoveryDelay != nil {
		f.RecoveryDelay = time.Duration(*t.RecoveryDelay)
	}
	f.Recovery = t.Recovery == "restart"
}

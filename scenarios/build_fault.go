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
		k, ok := kindOf(t.Kind)
		if !ok {
			continue // F002, reported when the key was read
		}
		f := fault.Fault{ID: id, Kind: k.kind, Probability: float64(t.Probability)}
		c.faultKeys(t, k)
		c.faultTimes(t, &f)
		c.faultRamps(t, &f)
		c.faultTarget(t, k, &f)
		c.withoutDCs(t, k)
		if k.settings != nil {
			k.settings(c, t, &f)
		}
		c.remedies(t, &f)
		c.recurrence(t, &f)
		c.faultEnd(t, &f)
		if t.Enabled {
			c.stormVolume(t, &f)
			c.cfg.Faults = append(c.cfg.Faults, f)
		}
	}
}

func validID(id string) bool {
	return len(id) >= 1 && len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// faultRamps translates ramps; what is on or off has none (F018).
func (c *compiler) faultRamps(t *faultTable, f *fault.Fault) {
	for _, x := range []struct {
		key   string
		given *duration
		to    *time.Duration
	}{{"ramp_up", t.RampUp, &f.RampUp}, {"ramp_down", t.RampDown, &f.RampDown}} {
		switch {
		case !t.has(x.key):
		case !f.Kind.HasIntensity():
			c.errorAt(t.node.get(x.key).keyAt, &t.source, x.key, "kind %q is on/off; remove it", t.Kind)
		case x.given != nil:
			*x.to = time.Duration(*x.given)
		}
	}
	switch {
	case f.RampDown > 0 && !t.has("duration") && !t.has("end") && !t.has("random"):
		c.errorf(&t.source, "ramp_down", "needs an end to ramp down to; write duration")
	case f.End > f.Start && f.End != simtime.Never && f.RampUp+f.RampDown > f.End.Sub(f.Start):
		key := "ramp_down"
		if f.RampDown == 0 {
			key = "ramp_up"
		}
		c.errorf(&t.source, key, "ramps of %s and %s do not fit into a fault of %s", duration(f.RampUp), duration(f.RampDown), duration(f.End.Sub(f.Start)))
	}
}

// faultTimes translates start, duration and end (F006, F007, F008, F017). A fault starts when its lead_in is over.
func (c *compiler) faultTimes(t *faultTable, f *fault.Fault) {
	start := c.instant(&t.source, "start", t.Start, 0)
	f.Start, f.End = start, simtime.Never
	if t.LeadIn != nil {
		f.Start = start.Add(time.Duration(*t.LeadIn))
	}
	switch {
	case t.has("duration") && t.has("end"):
		c.errorf(&t.source, "end", "give either duration or end, not both")
	case t.Duration != nil:
		f.End = f.Start.Add(time.Duration(*t.Duration))
	case t.End != nil:
		f.End = c.instant(&t.source, "end", t.End, simtime.Never)
		switch {
		case f.End <= start:
			c.errorf(&t.source, "end", "%s is not after start %s", duration(f.End), duration(start))
		case f.End <= f.Start:
			c.errorf(&t.source, "end", "%s is not after start %s and lead_in %s", duration(f.End), duration(start), *t.LeadIn)
		}
	}
	h := c.horizon()
	switch {
	case h <= 0 || time.Duration(f.Start) < h:
	case time.Duration(start) >= h:
		c.warnf(&t.source, "start", "%s is after the simulation end %s; fault never runs", duration(start), duration(h))
	default:
		c.warnf(&t.source, "lead_in", "the wait ends at %s, after the simulation end %s; fault never runs", duration(f.Start), duration(h))
	}
}

// faultEnd warns of a fault that nothing ends (F022). A late bind waits for the machine's next boot and is over after it.
func (c *compiler) faultEnd(t *faultTable, f *fault.Fault) {
	ends := f.End != simtime.Never || t.has("duration") || t.has("end") || t.has("random") && (f.Random == nil || f.Random.Ends)
	if !ends && len(t.Remedy) == 0 && !f.Heals() {
		c.rep.warnf(t.node.at, "%s: duration: none given; the fault lasts to the end of the run", t.subject)
	}
}

// faultTarget resolves what the fault hits.
func (c *compiler) faultTarget(t *faultTable, k faultKind, f *fault.Fault) {
	accepts := f.Kind.Accepts()
	switch {
	case k.target != nil:
		k.target(c, t, f)
	case accepts&fault.TargetOutside != 0:
		c.outsideTarget(t, f)
	case !t.has("target") || t.Target != nil && len(t.Target.node.fields) == 0: // F013
		c.errorf(&t.source, "target", "required; name at least one host, site, role or link")
	case t.Target == nil: // no table, and reported
	case accepts&fault.TargetClient != 0:
		f.Clients = c.selectClients(&t.source, t.Target, "kind "+quote(t.Kind))
	case accepts&fault.TargetLink != 0 && (accepts&fault.TargetDC == 0 || hitsLinks(t)):
		user := "faults of links"
		if !hitsNetworks(f.Kind) {
			user = "kind " + quote(t.Kind)
		}
		f.Links = c.selectLinks(&t.source, t.Target, user, hitsNetworks(f.Kind))
	default:
		f.Hosts = c.selectHosts(&t.source, t.Target, accepts, "kind "+quote(t.Kind))
	}
}

// partitionSides resolves the two sides of a partition and the way that is cut.
func (c *compiler) partitionSides(t *faultTable, f *fault.Fault) {
	f.SideA, f.SideB = c.side(t, "side_a", t.SideA), c.side(t, "side_b", t.SideB)
	for _, s := range f.SideB {
		if slices.Contains(f.SideA, s) {
			c.errorf(&t.source, "side_b", "site %s is on both sides", quote(c.doc.Site[s].Name))
		}
	}
	f.Direction = direction(t)
}

// side resolves one side of a partition: sites.
func (c *compiler) side(t *faultTable, key string, s *selector) []topology.SiteID {
	if s == nil || s.node == nil || len(s.node.fields) == 0 {
		if !t.has(key) || s != nil && s.node != nil {
			c.errorf(&t.source, key, "required for kind %q; write { site = [\"A\", \"B\"] }", t.Kind)
		}
		return nil
	}
	for _, f := range s.node.fields {
		if f.key != "site" && f.key != "label" {
			c.errorAt(f.keyAt, &t.source, key+"."+f.key, "partition cuts pairs of sites; select them by site or label")
		}
	}
	return c.selectSites(&t.source, key, s)
}

// hostDown translates the keys of host_down (docs/rules/faults.md, F10 and F11).
func (c *compiler) hostDown(t *faultTable, f *fault.Fault) {
	f.Mode = fault.HostDownMode(c.mode(t, []string{"crash", "service_stop", "maintenance"}))
	f.QueueLost = t.QueueDB == "lost"
	if f.QueueLost && f.Mode != fault.Crash {
		c.errorf(&t.source, "queue_db", `"lost" is for mode "crash"; a service that is stopped keeps its queues`)
	}
	c.drain(t, f)
	c.faultServices(t, f)
}

// empty reports a text that is given and says nothing; a value of another type is reported elsewhere.
func (c *compiler) empty(s *source, key, instead string) bool { return c.emptyAt(s, "", key, instead) }

func (c *compiler) emptyAt(s *source, prefix, key, instead string) bool {
	n := s.node.get(key)
	if n == nil || n.value != "" {
		return false
	}
	c.errorAt(s.at(key), s, prefix+key, "is empty; %s", instead)
	return true
}

// mode reads the mode of a fault: which of the known ones it is, 0 where none is given.
func (c *compiler) mode(t *faultTable, known []string) int {
	i := slices.Index(known, t.Mode)
	switch {
	case i >= 0 || t.Mode == "" && !c.empty(&t.source, "mode", "write "+orList(known)):
	case t.Mode == "":
	default:
		c.errorf(&t.source, "mode", "%s is not a mode of kind %q; write %s", quote(t.Mode), t.Kind, orList(known))
	}
	return max(i, 0)
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
	c.faultServices(t, f)
}

package scenarios

import (
	"slices"
	"strings"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// actions translates [[action]].
func (c *compiler) actions() {
	for i := range c.doc.Action {
		t := &c.doc.Action[i]
		kind, ok := fault.ParseAction(t.Action)
		if !ok {
			continue // reported when the key was read
		}
		noted := len(c.presences)
		a := c.operatorStep(&t.source, kind, &t.operatorKeys, nil, "")
		a.Actor = t.Actor
		c.subscribeAgain(&t.operatorKeys, &a, a.Hosts)
		startsControllers(&t.operatorKeys, &a, a.Hosts)
		t.Duration.takes(&a)
		a.At = c.instant(&t.source, "at", t.At, 0)
		c.askedSince(&t.source, &t.operatorKeys, &a, "")
		c.noteTimes(noted, &a, false)
		if h := c.horizon(); h > 0 && time.Duration(a.At) >= h {
			c.warnf(&t.source, "at", "%s is after the simulation end %s; the action never happens", duration(a.At), duration(h))
		}
		c.cfg.Actions = append(c.cfg.Actions, a)
	}
}

// remedies translates [[fault.remedy]].
func (c *compiler) remedies(t *faultTable, f *fault.Fault) {
	last := f.Start // when the remedy before was done
	var timeSet, restarted, renewed, served simtime.Time = -1, -1, -1, -1
	for i := range t.Remedy {
		r := &t.Remedy[i]
		r.subject = t.subject // docs/rules/messages.md: messages name the fault, and the remedy as a field
		key := where{field: "remedy"}.item(i).field
		kind, ok := fault.ParseAction(r.Action)
		if !ok {
			continue // F020, reported when the key was read
		}
		noted := len(c.presences)
		a := c.operatorStep(&r.source, kind, &r.operatorKeys, t, key+".")
		a.Fault = f.ID
		done := a.Hosts // to whom
		if len(done) == 0 {
			done = f.Hosts
		}
		c.subscribeAgain(&r.operatorKeys, &a, done)
		startsControllers(&r.operatorKeys, &a, done)
		r.Duration.takes(&a)
		c.begins(r, f, &a, i == 0, last, key)
		last = a.At.Add(a.Duration)
		c.askedSince(&r.source, &r.operatorKeys, &a, key+".")
		c.noteTimes(noted, &a, true)
		switch kind {
		case fault.SetTime, fault.ResyncTime:
			timeSet = max(timeSet, last)
		case fault.RestartOS:
			restarted, served = max(restarted, last), max(served, a.At)
		case fault.RestartTransport:
			served = max(served, a.At)
		case fault.RenewCert:
			renewed = max(renewed, last)
		}
		f.Remedies = append(f.Remedies, a)
	}
	if f.Kind == fault.ClockSkew && restarted >= 0 && timeSet > restarted { // F021
		c.warnf(&t.source, "remedy", "restart_os comes before set_time; the latch will return (rule 2.4)")
	}
	c.certificateOrder(t, f, renewed, served)
	c.agentOrder(t, f)
}

// certificateOrder warns of a new certificate that no service takes (F7, F021): its host is not restarted after it.
func (c *compiler) certificateOrder(t *faultTable, f *fault.Fault, renewed, served simtime.Time) {
	switch {
	case f.Kind != fault.CertExpiry || renewed < 0:
	case served < 0:
		c.warnf(&t.source, "remedy", "renew_cert is not followed by restart_transport; the old certificate stays in use")
	case served < renewed:
		c.warnf(&t.source, "remedy", "restart_transport comes before renew_cert; the old certificate stays in use")
	}
}

// subscribeAgain adds to the default time of renew_cert what it takes to subscribe an Edge again (F7).
func (c *compiler) subscribeAgain(k *operatorKeys, a *fault.Action, hosts []fault.Host) {
	const takes = 30 * time.Minute
	isEdge := func(h fault.Host) bool { return h.Server >= 0 && c.servers[h.Server].Roles&topology.RoleEdge != 0 }
	if a.Kind == fault.RenewCert && (k.Duration == nil || k.Duration.usual) && slices.ContainsFunc(hosts, isEdge) {
		a.Duration = a.Kind.DefaultDuration() + takes
	}
}

// operatorStep translates what remedies and actions share. of is the fault that is remedied, whose target it takes over; prefix
// stands before its keys in messages.
func (c *compiler) operatorStep(s *source, kind fault.ActionKind, k *operatorKeys, of *faultTable, prefix string) fault.Action {
	a := fault.Action{
		Kind: kind, Duration: kind.DefaultDuration(), Probability: float64(k.Probability), DC: topology.None, Source: topology.None,
	}
	a.DC = c.stepDC(s, prefix, "dc", k.DC)
	a.Source = c.stepDC(s, prefix, "source", k.Source)
	c.stepKeys(s, kind, k, prefix)
	if k.Free != nil {
		a.Free = int64(*k.Free)
	}
	if kind == fault.MoveMailbox {
		a.To = c.newHome(s, k, prefix)
	}
	if kind.SelectsMessages() {
		c.selectMessages(s, kind, k, prefix, &a)
	}
	user := "action " + quote(k.Action)
	accepts := kind.Accepts()
	const hosts = fault.TargetHub | fault.TargetEdge | fault.TargetMailbox | fault.TargetEPost | fault.TargetDC
	switch {
	case accepts&fault.TargetList != 0:
		c.listStep(s, k, of, prefix)
	case accepts&fault.TargetDatabase != 0:
		c.activation(s, k, &a, prefix, user)
	case accepts&fault.TargetConnector != 0, accepts&fault.TargetLink != 0, accepts&fault.TargetSite != 0:
		a.Changes = c.changes(s, kind, k, prefix, user)
	case accepts&fault.TargetClient != 0 && k.Target != nil && k.Target.node != nil:
		a.Clients = c.selectClients(s, k.Target, user)
	case accepts&fault.TargetClient != 0 && of != nil && of.Kind == fault.ClientUpdate.String(): // its own clients
	case accepts&fault.TargetClient != 0 && of != nil: // F020
		c.errorAt(s.at("action"), s, prefix+"action", `%s is for clients, and the fault hits none; add target = { host = "NAME" }`, quote(k.Action))
	case k.Target != nil && k.Target.node != nil:
		var more []string
		if accepts&fault.TargetQueue != 0 {
			more = []string{"queue"}
			if q := k.Target.Queue; q != nil && len(q.list) > 0 {
				if len(q.list) > 1 {
					c.errorAt(q.at[1], s, prefix+"target.queue", "name one queue an action")
				}
				if strings.Contains(q.list[0], "*") { // it would match nothing
					c.errorAt(q.at[0], s, prefix+"target.queue", "%s is a pattern; name one queue by its next hop or connector, or leave queue out for all of the host",
						quote(q.list[0]))
				}
				a.Queue = q.list[0]
				a.Messages.Queue = a.Queue
			}
		}
		a.Hosts = c.selectHosts(s, k.Target, accepts&hosts, user, more...)
		c.notePresence(s, kind, k, a.Hosts, nil, prefix)
	case kind == fault.UnblockPort && of != nil && of.Kind == fault.PortBlock.String(): // its own filter
	case of == nil:
		c.errorAt(s.node.at, s, prefix+"target", "required for %s; write target = { host = \"NAME\" }", user)
	case kind == fault.ReplicateNow && hitsLinks(of): // by the domain controllers of their sites
	case !hitsHosts(of.Kind) || hitsLinks(of): // F020
		c.errorAt(s.at("action"), s, prefix+"action", "%s is for hosts, and the fault hits none; add a target", quote(k.Action))
	default: // the hosts that the fault strikes: they must be such that the step can be done to
		if of.Target != nil && of.Target.node != nil && c.quiet(of, accepts&hosts) == 0 {
			c.errorAt(s.at("action"), s, prefix+"action", "%s needs %s, and the fault hits none; add a target", quote(k.Action), c.rolesText(accepts&hosts))
		}
	}
	return a
}

// hitsHosts tells whether a fault of a kind has hosts that a remedy without a target can be done to: those of its target, or the
// receivers of auth_latch.
func hitsHosts(kind string) bool {
	const hosts = fault.TargetHub | fault.TargetEdge | fault.TargetMailbox | fault.TargetDC | fault.TargetPairs
	k, ok := fault.ParseKind(kind)
	return ok && k.Accepts()&hosts != 0
}

// quiet counts the hosts of a fault that accept a step, without reporting anything.
func (c *compiler) quiet(of *faultTable, accepts fault.Target) int {
	rep := c.rep
	c.rep = &report{}
	defer func() { c.rep = rep }()
	kind, _ := fault.ParseKind(of.Kind)
	all := c.selectHosts(&of.source, of.Target, kind.Accepts(), "")
	n := 0
	for _, x := range c.candidates() {
		if slices.Contains(all, x.host) && x.roles&accepts != 0 {
			n++
		}
	}
	if len(c.rep.problems) > 0 {
		return 1 // the target itself is wrong, and reported
	}
	return n
}

// stepKeys reports keys that the action has no use for.
func (c *compiler) stepKeys(s *source, kind fault.ActionKind, k *operatorKeys, prefix string) {
	own := []string{}
	switch kind {
	case fault.SetConnector:
		own = []string{"enabled", "cost", "max_per_domain_outbound_connections"}
	case fault.SetLinkCost:
		own = []string{"cost", "exchange_cost"}
	case fault.SetHubSite:
		own = []string{"hub_site"}
	case fault.SetSmartHosts:
		own = []string{"smart_hosts", "dns"}
	case fault.MoveMailbox:
		own = []string{"to"}
	case fault.ActivateCopy:
		own = []string{"to", "missing", "since"}
	case fault.SetTime, fault.ResyncTime:
		own = []string{"dc"}
	case fault.ReplicateNow:
		own = []string{"source"}
	case fault.RemoveMessage:
		own = []string{"message", "from_address", "with_ndr"}
	case fault.SuspendMessage, fault.ResumeMessage:
		own = []string{"message", "from_address"}
	case fault.FreeDisk:
		own = []string{"free"}
	case fault.DeletePoison:
		own = []string{"with_ndr"}
	}
	if kind.Edits() {
		own = append(own, "dc")
	}
	for _, key := range []string{"enabled", "cost", "max_per_domain_outbound_connections", "exchange_cost", "hub_site", "smart_hosts", "dns", "to", "message", "from_address", "with_ndr", "free", "missing", "since", "dc", "source"} {
		if s.has(key) && !slices.Contains(own, key) {
			c.errorAt(s.node.get(key).keyAt, s, prefix+key, "not used by action %q; remove it", k.Action)
		}
	}
}

func (c *compiler) stepDC(s *source, prefix, key, name string) topology.DCID {
	if name == "" {
		c.emptyAt(s, prefix, key, "write the name of a [[dc]], or leave it out")
		return topology.None
	}
	id, ok := c.dc[name]
	if !ok {
		var known []string
		for _, d := range c.dcs {
			known = append(known, d.Name)
		}
		c.errorAt(s.at(key), s, prefix+key, "no dc is called %s; %s", quote(name), suggest(name, known, "dc"))
		return topology.None
	}
	return id
}

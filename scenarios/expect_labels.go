package scenarios

import (
	"slices"
	"strings"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/topology"
)

// What the labels of an expectation may name. A label that names nothing in the scenario would be an error after the run, when all
// the time is spent; here it is one before. Labels that only a run makes up (next hops, delivery types) are not checked.

// checkLabels reports labels that no object of the scenario has, and figures that need a series that is not recorded.
func (c *compiler) checkLabels(t *expectTable, e expectation) {
	metric, ok := result.LookupMetric(e.Metric)
	if !ok || !metric.Reported() {
		return // reported
	}
	for _, l := range t.Where.list {
		switch {
		case !metric.HasLabel(l.key): // reported
		case l.key == "site_pair":
			c.checkPair(t, l)
		case e.Metric == "throughput" && l.key == "connector":
			c.errorAt(l.keyAt, &t.source, "where.connector", "throughput by connector is known, but not reported in this version; give server or site_pair")
		default:
			kind, known, closed := c.labelValues(metric.Name, l.key)
			if closed && !slices.ContainsFunc(known, func(name string) bool { return glob(l.pattern, name) }) {
				note := ""
				if _, host := c.server[l.pattern]; host && l.key == "server" {
					note = " (it is a mailbox server without a transport role)"
				}
				c.errorAt(l.at, &t.source, "where."+l.key, "%s matches no %s%s; %s", quote(l.pattern), kind, note, suggest(l.pattern, named(known), kind))
			}
		}
	}
	need := neededSeries(e)
	if need != "" && !slices.Contains(c.doc.Output.recorded(), need) {
		have := append(slices.Clone(c.doc.Output.recorded()), need)
		c.errorAt(t.at("metric"), &t.source, "metric", `%s is known only with series %s; write [output] series = ["%s"]`,
			describeMatch(e), quote(need), strings.Join(have, `", "`))
	}
}

// labelValues lists what a label of a metric can be, and what that is called; false when only the run can tell.
func (c *compiler) labelValues(metric, label string) (kind string, known []string, closed bool) {
	switch label {
	case "client":
		return "client", c.clients.known(), !c.illegible("client")
	case "server":
		if metric == "client.error" || metric == "client.submissions" {
			for i := range c.cfg.Clients {
				for _, s := range c.cfg.Clients[i].Servers {
					if s != topology.None {
						known = append(known, c.servers[s].Name)
					}
				}
			}
		}
		if strings.HasPrefix(metric, "mailbox.") {
			return "mailbox server", c.hostsOf(mailboxServers()), !c.illegible("mailbox")
		}
		for i := range c.servers {
			if c.servers[i].Is(topology.RoleEPost) || c.servers[i].Transport() && metric != "service.up" && metric != "client.error" && metric != "client.submissions" {
				known = append(known, c.servers[i].Name)
			}
		}
		return "transport server", named(known), !c.illegible("hub") && !c.illegible("edge") && !c.illegible("mailbox")
	case "site", "from", "to":
		known = append(c.sites.known(), "internet")
		if metric == "delivery.delay" || strings.HasPrefix(metric, "messages.") {
			known = append(known, "all")
		}
		return "site", known, !c.illegible("site")
	case "link":
		return "link", c.links.known(), !c.illegible("link")
	case "connector": // "" of a queue that is not a connector's
		return "connector", append(c.connectors.known(), ""), !c.illegible("connector")
	case "fault":
		for i := range c.doc.Fault {
			known = append(known, itemName("fault", i, c.doc.Fault[i].node))
		}
		return "fault", known, !c.illegible("fault")
	case "direction":
		return "direction", []string{"up", "down"}, true
	case "counter":
		for _, x := range result.Counters() {
			known = append(known, x.Name)
		}
		return "counter", known, true
	case "class":
		known = []string{"all", "smtp_connector", "intra_org", "mailbox", "other", "unreachable"}
		if len(c.doc.EPost) > 0 {
			known = append(known, "incoming", "holding")
		}
		return "class", known, true
	case "service":
		return "service", fault.Set(fault.EPSTRS, fault.EPSTPOP3S, fault.EPSTIMAP4S, fault.EPSTDS).Names(), true
	case "state":
		return "state", []string{"all", "retry"}, true
	case "kind":
		return "kind of report", []string{"ndr"}, true
	}
	return "", nil, false
}

// checkPair reports a pair of sites, "FROM>TO", that the scenario does not have.
func (c *compiler) checkPair(t *expectTable, l expectTag) {
	if c.illegible("site") {
		return
	}
	_, known, _ := c.labelValues("throughput", "site")
	from, to, pair := strings.Cut(l.pattern, ">")
	if !pair && strings.HasSuffix(from, "*") { // "Tok*" and "*" reach over the sign
		to, pair = "*", true
	}
	if !pair {
		c.errorAt(l.at, &t.source, "where.site_pair", `%s is no pair of sites; write "FROM>TO"`, quote(l.pattern))
		return
	}
	for _, pattern := range []string{from, to} {
		if !slices.ContainsFunc(known, func(name string) bool { return glob(pattern, name) }) {
			c.errorAt(l.at, &t.source, "where.site_pair", "%s matches no site; %s", quote(pattern), suggest(pattern, known, "site"))
		}
	}
}

// neededSeries names the series without which a run does not have the entities of an expectation; "" when they are always there.
func neededSeries(e expectation) string {
	_, pair := e.Where["site_pair"]
	apart := func(label string) bool { p, ok := e.Where[label]; return ok && !glob(p, "all") }
	switch {
	case e.Metric == "delivery.copies", e.Metric == "throughput" && pair, e.Metric == "delivery.delay" && apart("from") && apart("to"):
		return "site_pair"
	case e.Metric == "drain.time":
		return "server"
	}
	return ""
}

// describeMatch says which entities of a metric need a series.
func describeMatch(e expectation) string {
	switch e.Metric {
	case "throughput":
		return e.Metric + " by site_pair"
	case "delivery.delay":
		return e.Metric + " of one site to another"
	}
	return e.Metric
}

// named leaves out the empty names of tables that could not be read.
func named(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" })
}

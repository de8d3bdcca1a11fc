package fault

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"mailsim/sim/directory"
	"mailsim/topology"
)

// label names a fault in a chart: what happened to whom. It is to the point where the sentences of events are complete.
func (e *Engine) label(i int) string {
	f := &e.faults[i]
	switch f.Kind {
	case ClockSkew:
		switch f.ClockMode {
		case ClockDrift:
			return "clock of " + e.briefly(i) + " drifts " + ppm(f.DriftPPM) + " ppm"
		case ClockPush:
			return "clock of " + e.briefly(i) + " pushed " + signed(f.Offset)
		case ClockNTP:
			return "time source of " + e.briefly(i) + " " + signed(f.Offset)
		}
		return "clock of " + e.briefly(i) + " " + signed(f.Offset)
	case AuthLatch:
		return "authentication to " + e.briefly(i) + " latched"
	case ReplLag:
		return "replication " + e.briefly(i) + " " + e.lag(f)
	case NICLateBind:
		return "late address on " + e.briefly(i)
	case HostDown:
		if f.Services != 0 {
			return f.Services.String() + " stopped on " + e.briefly(i)
		}
		return e.briefly(i) + " down (" + f.downMode() + ")"
	case PoisonMessage:
		return "poison mail on " + e.briefly(i)
	case RemoteDown:
		return e.briefly(i) + " down"
	case RemoteThrottle:
		return "throttling by " + e.briefly(i)
	case RemoteGreylist:
		return "greylisting by " + e.briefly(i)
	case DiskPressure:
		return "drive of " + e.briefly(i) + " " + f.diskText()
	case AgentStall:
		return "agents on " + e.briefly(i) + " " + f.stallText()
	case StoreDown:
		return "store of " + e.briefly(i) + " down"
	case LinkDown:
		if f.Filter.Ports != nil {
			return f.portsText() + " on " + e.linesNoun(i, false) + " " + e.briefly(i) + " blocked"
		}
		return e.linesNoun(i, true) + " " + e.briefly(i) + " down"
	case LinkDegrade:
		return e.linesNoun(i, true) + " " + e.briefly(i) + ": " + f.degradeText()
	case ClientUpdate:
		return "update of the clients " + e.briefly(i)
	case Partition:
		return "partition " + e.cut(f)
	case DCDown:
		if f.Controllers.Mode == DCWithoutKDC {
			return "KDC of " + e.briefly(i) + " stopped"
		}
		return e.briefly(i) + " down (" + f.Controllers.Mode.String() + ")"
	case ReplFail:
		return "replication of " + e.briefly(i) + " fails"
	case ConfigNotifyLost:
		return e.briefly(i) + " not told of changes"
	case SPNMissing:
		return "name of " + e.briefly(i) + " missing"
	case SPNDuplicate:
		return "name of " + e.briefly(i) + " twice"
	case MachineSecret:
		return "secret of " + e.briefly(i) + " " + [...]string{"reset", "set back", "changed"}[f.Identity.Secret]
	case PortBlock:
		return e.filterText(f) + either(f.Filter.Does == directory.Strip, "", " blocked")
	case DNSFail:
		return f.Names.dnsText() + " of " + e.briefly(i) + " " + f.Names.namesText()
	case CertExpiry:
		return f.certName() + " of " + e.briefly(i)
	case MailStorm, DuplicateStorm, Backscatter:
		return e.stormLabel(i)
	}
	return f.Kind.String() + " " + e.briefly(i)
}

// secretSentence says how a machine's secret changes.
func (f *Fault) secretSentence(target string) string {
	switch f.Identity.Secret {
	case directory.SecretSnapshot:
		return target + " is set back to a state with an old secret"
	case directory.SecretRollover:
		return target + " changes its secret in good order"
	}
	return "the account of " + target + " gets a new secret, and the machine does not know it"
}

// certName names the certificate that a fault is about.
func (f *Fault) certName() string {
	return either(f.Cert.StartTLS, "STARTTLS certificate", "internal transport certificate")
}

// downMode says how a host goes down.
func (f *Fault) downMode() string {
	how := [...]string{Crash: "crash", ServiceStop: "service stopped", Maintenance: "maintenance"}[f.Mode]
	if f.QueueLost {
		how += ", queues lost"
	}
	if f.Drain {
		how += ", drained"
	}
	return how
}

// lag says what replication lag changes of a link's replication.
func (e *Engine) lag(f *Fault) string {
	var parts []string
	if f.Interval > 0 {
		parts = append(parts, "every "+span(f.Interval))
	}
	if f.Phase >= 0 {
		parts = append(parts, "from "+span(f.Phase)+" on")
	}
	if len(f.Windows) > 0 {
		parts = append(parts, "in windows")
	}
	if len(parts) == 0 {
		return "as before"
	}
	return strings.Join(parts, " ")
}

// cut names the sides of a partition: A | B where nothing passes, A to B where only that way is cut.
func (e *Engine) cut(f *Fault) string {
	a, b := few(e.siteNames(f.SideA)), few(e.siteNames(f.SideB))
	switch f.Direction {
	case To:
		return a + " to " + b
	case From:
		return b + " to " + a
	}
	return a + " | " + b
}

// briefly names whom a fault hit, the first few of them.
func (e *Engine) briefly(i int) string {
	s := &e.struck[i]
	var names []string
	for _, h := range s.hosts {
		names = append(names, e.hostName(h))
	}
	for _, l := range s.links {
		names = append(names, e.env.Org.Line(l).Name)
	}
	names = append(names, e.outsideNames(s)...)
	return few(append(names, e.clientNames(s.clients)...))
}

// lineText names a line with what it is.
func (e *Engine) lineText(l topology.LinkID) string {
	x := e.env.Org.Line(l)
	return either(x.Network, "network ", "link ") + x.Name
}

// linesNoun is what a fault hit: links, or, where it hit nothing else, networks of pairs of sites.
func (e *Engine) linesNoun(i int, plural bool) string {
	lines := e.struck[i].links
	noun := "network"
	for _, l := range lines {
		if !e.env.Org.Line(l).Network {
			noun = "link"
		}
	}
	return noun + either(plural && len(lines) > 1, "s", "")
}

// few lists names; of more than three it counts the rest.
func few(names []string) string {
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most-1], ", "), len(names)-most+1)
	}
	return strings.Join(names, ", ")
}

// taskLabel names what an operator did in a chart.
func (e *Engine) taskLabel(t *task) string {
	if len(t.Changes) > 0 {
		var changes []string
		for _, c := range t.Changes {
			changes = append(changes, e.changeLabel(c))
		}
		return few(changes)
	}
	var names []string
	for _, h := range t.hosts {
		names = append(names, e.hostName(h))
	}
	for _, d := range t.Databases {
		names = append(names, e.env.Org.Servers[d.Server].DatabaseName(d.Index))
	}
	names = append(names, e.clientNames(t.Clients)...)
	done, on := t.did()
	if t.Kind == ActivateCopy {
		label := "copy of " + few(names) + " active"
		if t.To != topology.None {
			label += " on " + e.env.Org.Servers[t.To].Name
		}
		return label
	}
	if len(names) == 0 {
		return done
	}
	if t.Kind == MoveMailbox {
		return "mailboxes of " + few(names) + " on " + e.env.Org.Servers[t.To].Name
	}
	return done + " " + on + few(names)
}

// did says what an operator did, and the word between it and the name of the host.
func (t *task) did() (done, on string) {
	if t.Kind.SelectsMessages() {
		return t.toMessagesLabel()
	}
	queues := "queues"
	if t.Queue != "" {
		queues = "queue " + t.Queue
	}
	switch t.Kind {
	case RestartOS:
		return "restart", ""
	case RestartClient:
		return "restart clients", ""
	case RebootClient:
		return "reboot clients", ""
	case RestartTransport:
		return "restart transport", "on "
	case RejectAtRCPT:
		return "reject unknown recipients", "on "
	case AddServer:
		return "add", ""
	case RemoveServer:
		return "remove", ""
	case SetDelayedStart:
		return "delayed start", "on "
	case SetDependency:
		return "service dependency", "on "
	case RetryQueue:
		return "retry " + queues, "on "
	case ResubmitQueue:
		return "resubmit " + queues, "on "
	case SuspendQueue:
		return "suspend " + queues, "on "
	case ResumeQueue:
		return "resume " + queues, "on "
	}
	return strings.ReplaceAll(t.Kind.String(), "_", " "), "on "
}

// changeLabel says what an edit of the configuration sets: "C-A disabled".
func (e *Engine) changeLabel(c topology.Change) string {
	o := e.env.Org
	switch c.Kind {
	case topology.ConnectorEnabled:
		return o.Connectors[c.Object].Name + " " + either(c.Value != 0, "enabled", "disabled")
	case topology.ConnectorCost:
		return fmt.Sprintf("%s cost %d", o.Connectors[c.Object].Name, c.Value)
	case topology.ConnectorCeiling:
		return fmt.Sprintf("%s at most %d connection%s", o.Connectors[c.Object].Name, c.Value, either(c.Value == 1, "", "s"))
	case topology.LinkCost:
		return fmt.Sprintf("link %s cost %d", o.Links[c.Object].Name, c.Value)
	case topology.LinkExchangeCost:
		if c.Value == 0 {
			return "link " + o.Links[c.Object].Name + " without exchange cost"
		}
		return fmt.Sprintf("link %s exchange cost %d", o.Links[c.Object].Name, c.Value)
	case topology.HubSite:
		return o.Sites[c.Object].Name + " " + either(c.Value != 0, "made a hub site", "no hub site any more")
	case topology.SmartHosts:
		return o.Connectors[c.Object].Name + ": " + directory.HostList(o, c.Value)
	case topology.ConnectorPresent:
		return either(c.Value != 0, "add ", "remove ") + o.Connectors[c.Object].Name
	case topology.SitePresent:
		return either(c.Value != 0, "add ", "remove ") + "site " + o.Sites[c.Object].Name
	}
	return directory.Describe(o, c)
}

// either returns a when yes, else b.
func either(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// signed writes an offset with its sign: +7m, -5m30s.
func signed(d time.Duration) string {
	if d > 0 {
		return "+" + span(d)
	}
	return span(d)
}

// ppm writes a drift with its sign: +1000.
func ppm(x float64) string {
	s := strconv.FormatFloat(x, 'f', -1, 64)
	if x > 0 {
		return "+" + s
	}
	return s
}

// span writes a duration without the zero seconds and minutes at its end: 6h, 7m, 5m30s.
func span(d time.Duration) string {
	s := d.String()
	if short, ok := strings.CutSuffix(s, "m0s"); ok {
		s = short + "m"
	}
	if short, ok := strings.CutSuffix(s, "h0m"); ok {
		s = short + "h"
	}
	return s
}

package fault

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// happening is a fault or remedy as it came to pass.
type happening struct {
	fault  int    // index; -1 = a remedy or action
	id     string // of a remedy or action
	kind   string
	label  string
	target string
	start  simtime.Time
	end    simtime.Time // Never = it lasts
}

// Begun tells whether anything has happened yet: a fault, a remedy or an action.
func (e *Engine) Begun() bool { return len(e.happened) > 0 }

func (e *Engine) record(h happening) int {
	e.happened = append(e.happened, h)
	return len(e.happened) - 1
}

// Happened returns the faults and remedies so far as they came to pass, in the order in which they took hold. A clock fault ends when
// the last of its clocks is set right; each late bind of each machine stands for itself.
func (e *Engine) Happened() []result.TopologyFault {
	out := make([]result.TopologyFault, 0, len(e.happened))
	for _, h := range e.happened {
		x := result.TopologyFault{ID: h.id, Kind: h.kind, Label: h.label, Target: h.target, Remedy: h.fault < 0, StartNS: int64(h.start)}
		end := h.end
		if h.fault >= 0 {
			x.ID, x.Occurrence = e.faults[h.fault].ID, e.struck[h.fault].number
			if e.faults[h.fault].Kind == ClockSkew {
				end = min(end, e.corrected(h.fault, h.start))
			}
		}
		if end != never {
			ns := int64(end)
			x.EndNS = &ns
		}
		out = append(out, x)
	}
	return out
}

// corrected is when the last clock of a fault was set right: after it had jumped, or after what made it wrong was mended. A drift goes
// on through every correction.
func (e *Engine) corrected(fault int, since simtime.Time) simtime.Time {
	switch e.faults[fault].ClockMode {
	case ClockDrift:
		return never
	case ClockPush, ClockNTP:
		if since = e.struck[fault].fixed; since == never {
			return never
		}
	}
	last := since
	for _, h := range e.struck[fault].hosts {
		at := never
		if e.faults[fault].ClockMode != ClockJump && e.rightAt(h, since) {
			at = since // an operator had set it in the meantime
		}
		for _, s := range e.env.Dir.ClockSteps(h) {
			if s.Corrected && s.At >= since {
				at = s.At
				break
			}
		}
		last = max(last, at)
	}
	return last
}

// rightAt tells whether a clock shows the true time since an instant at which something was done about it.
func (e *Engine) rightAt(h Host, since simtime.Time) bool {
	offset := time.Duration(0)
	for _, s := range e.env.Dir.ClockSteps(h) {
		if s.At <= since {
			offset = s.Offset
		}
	}
	return offset == 0
}

func field(key string, value any) result.Field { return result.Field{Key: key, Value: value} }

func (e *Engine) emit(kind, server, text string, fields ...result.Field) {
	e.send(result.Event{Time: e.now, Server: server, Kind: kind, Text: text, Fields: fields})
}

// emitID emits an event that has a number in the event log.
func (e *Engine) emitID(kind string, id int, server, text string, fields ...result.Field) {
	e.send(result.Event{Time: e.now, Server: server, Kind: kind, ID: id, Text: text, Fields: fields})
}

func (e *Engine) send(ev result.Event) {
	if e.env.Emit == nil {
		return
	}
	if err := e.env.Emit(ev); err != nil && e.err == nil {
		e.err = err
	}
}

// faultFields are what an event says of a fault beside its text: which occurrence of which fault begins or ends.
func (e *Engine) faultFields(i int, state string) []result.Field {
	return []result.Field{
		field("fault", e.faults[i].ID), field("state", state), field("fault_kind", e.faults[i].Kind.String()),
		field("occurrence", int64(e.struck[i].number)),
	}
}

// number is the occurrence's number in the names of random streams.
func (e *Engine) number(i int) string { return strconv.Itoa(e.struck[i].number) }

// reportFault emits the start or end of a fault, one event a target.
func (e *Engine) reportFault(i int, state string) {
	f, s := &e.faults[i], &e.struck[i]
	one := func(server, target string) {
		e.emit("fault", server, e.sentence(f, target, state), e.faultFields(i, state)...)
	}
	for _, h := range s.hosts {
		if f.Kind == HostDown && state == "end" && h.Server >= 0 && e.machines[h.Server].halted {
			// Another outage, or a restart, still keeps it down.
			e.emit("fault", e.hostName(h), f.ID+" is over; "+e.hostName(h)+" is still down", e.faultFields(i, state)...)
			continue
		}
		one(e.hostName(h), e.hostName(h))
	}
	for _, l := range s.links {
		if f.Kind == LinkDown && f.Filter.Ports == nil && state == "end" && e.links[l] > 0 {
			e.emit("fault", "", f.ID+" is over; "+e.lineText(l)+" is still down", e.faultFields(i, state)...)
			continue
		}
		target := e.env.Org.Line(l).Name
		if f.Kind == LinkDown || f.Kind == LinkDegrade {
			target = e.lineText(l)
		}
		one("", target)
	}
	for _, name := range append(e.outsideNames(s), e.clientNames(s.clients)...) {
		one("", name)
	}
	if s.sides {
		one("", e.targets(i))
	}
}

// recordTask notes that a remedy was carried out. Which queues a server had then does not count: who asks what a run will do (StateAt) sees no mail.
func (e *Engine) recordTask(t *task) {
	e.record(happening{fault: -1, id: t.name, kind: t.Kind.String(), label: e.taskLabel(t), target: e.taskTarget(t), start: e.now, end: e.now})
}

// reportTask emits that a remedy has its effect, one event a host.
func (e *Engine) reportTask(t *task) {
	target := e.taskTarget(t)
	text := strings.TrimSpace(t.actor()+": "+t.Kind.String()+" "+target) + " done"
	one := func(server string) {
		e.emit("remedy", server, text, e.taskFields(t)...)
	}
	for _, h := range t.hosts {
		one(e.hostName(h))
	}
	if len(t.hosts) == 0 {
		one("")
	}
}

// actor is who does it.
func (t *task) actor() string { return cmp.Or(t.Actor, "operator") }

// taskFields are what an event says of a remedy or action beside its text: of a remedy also which occurrence of its fault it is for.
func (e *Engine) taskFields(t *task) []result.Field {
	fields := []result.Field{field("remedy", t.name), field("action", t.Kind.String())}
	if t.Queue != "" {
		fields = append(fields, field("queue", t.Queue))
	}
	if t.fault >= 0 {
		fields = append(fields, field("occurrence", int64(e.struck[t.fault].number)))
	}
	return fields
}

// reportFailure emits that a remedy could not be done.
func (e *Engine) reportFailure(t *task) {
	who := "no domain controller answers"
	switch {
	case t.Kind == ReplicateNow:
		if all := e.pullers(t); len(all) == 1 {
			who = e.env.Org.DCs[all[0]].Name + " does not answer"
		}
	case t.DC >= 0:
		who = e.env.Org.DCs[t.DC].Name + " does not answer"
	}
	e.emit("remedy", "", strings.TrimSpace(t.actor()+": "+t.Kind.String()+" "+e.taskTarget(t))+" failed: "+who,
		append(e.taskFields(t), field("failed", true))...)
}

func (e *Engine) taskTarget(t *task) string {
	var names []string
	for _, h := range t.hosts {
		names = append(names, e.hostName(h))
	}
	for _, c := range t.Changes {
		names = append(names, directory.Describe(e.env.Org, c))
	}
	names = append(names, e.clientNames(t.Clients)...)
	for _, d := range t.Databases {
		names = append(names, e.env.Org.Servers[d.Server].DatabaseName(d.Index))
	}
	if t.Kind == ActivateCopy && t.To != topology.None {
		return strings.Join(names, ", ") + " on " + e.env.Org.Servers[t.To].Name
	}
	if t.Kind == MoveMailbox {
		return strings.Join(names, ", ") + " to " + e.env.Org.Servers[t.To].Name
	}
	return t.queueOn(names)
}

func (e *Engine) hostName(h Host) string {
	if h.Server >= 0 {
		return e.env.Org.Servers[h.Server].Name
	}
	return e.env.Org.DCs[h.DC].Name
}

// targets names whom a fault hit.
func (e *Engine) targets(i int) string {
	f, s := &e.faults[i], &e.struck[i]
	var names []string
	for _, h := range s.hosts {
		names = append(names, e.hostName(h))
	}
	for _, l := range s.links {
		names = append(names, e.env.Org.Line(l).Name)
	}
	names = append(names, e.outsideNames(s)...)
	names = append(names, e.clientNames(s.clients)...)
	switch {
	case s.sides && f.Kind == PortBlock:
		names = append(names, e.filterText(f))
	case s.sides && f.Kind == MailStorm:
		names = append(names, fmt.Sprintf("a list of %d", f.Storm.Members()))
	case s.sides:
		names = append(names, strings.Join(e.siteNames(f.SideA), ", ")+" | "+strings.Join(e.siteNames(f.SideB), ", "))
	}
	return strings.Join(names, ", ")
}

func (e *Engine) siteNames(ids []topology.SiteID) []string {
	var names []string
	for _, s := range ids {
		names = append(names, e.env.Org.Sites[s].Name)
	}
	return names
}

// skewSentence says how the clock of a target goes wrong.
func (f *Fault) skewSentence(target string) string {
	if f.RampUp > 0 {
		x := *f
		x.RampUp = 0
		return x.skewSentence(target) + ", growing over " + span(f.RampUp)
	}
	switch f.ClockMode {
	case ClockDrift:
		return fmt.Sprintf("the clock of %s drifts by %s ppm", target, ppm(f.DriftPPM))
	case ClockPush:
		return fmt.Sprintf("the clock of %s is pushed to %s every %s", target, signed(f.Offset), span(f.PushEvery))
	case ClockNTP:
		return fmt.Sprintf("%s takes over a wrong time, %s, from its source", target, signed(f.Offset))
	}
	return fmt.Sprintf("the clock of %s jumps by %s", target, signed(f.Offset))
}

// sentence says what a fault does to a target.
func (e *Engine) sentence(f *Fault, target, state string) string {
	start := state == "start"
	switch f.Kind {
	case ClockSkew:
		return either(start, f.skewSentence(target), "the clock fault of "+target+" ends")
	case AuthLatch:
		return either(start, "sessions to "+target+" fail to authenticate from now on", "sessions to "+target+" may authenticate again")
	case ReplLag:
		return either(start, "replication over "+target+" lags", "replication over "+target+" is normal again")
	case NICLateBind:
		return either(start, target+" gets its address late at a boot from now on", target+" gets its address in time again")
	case HostDown:
		if f.Services != 0 {
			return either(start, target+": "+f.Services.String()+" stopped", target+": "+f.Services.String()+" runs again, as far as nothing else stops it")
		}
		return either(start, target+": "+f.downMode(), target+" returns")
	case PoisonMessage:
		return either(start, plural(f.Count, "message comes", "messages come")+" to "+target+" that the transport service does not survive", "messages stop the transport service of "+target+" no more")
	case RemoteDown:
		return either(start, target+" gives no answer", target+" answers again, as far as nothing else keeps it from it")
	case RemoteThrottle:
		return either(start, target+" takes "+f.Throttle.text(), target+" takes what it took before")
	case RemoteGreylist:
		return either(start, target+" puts mail off that it does not know, for "+span(f.Greylist.Delay), target+" takes mail at once again")
	case DiskPressure:
		return either(start, "the drive of "+target+" ("+f.Disk.Drive.String()+") "+f.diskText(), "nothing fills the drive of "+target+" any more ("+f.Disk.Drive.String()+")")
	case AgentStall:
		return either(start, "agents on "+target+" "+f.stallText(), "agents on "+target+" work as before")
	case StoreDown:
		return either(start, "databases dismounted on "+target+": "+e.copyNames(f, target), "databases mounted on "+target+", as far as nothing else keeps them down: "+e.copyNames(f, target))
	case LinkDown:
		if f.Filter.Ports != nil {
			return target + ": " + f.portsText() + f.filterVerb(start)
		}
		return either(start, target+" breaks", target+" works again")
	case LinkDegrade:
		return either(start, target+" is degraded: "+f.degradeText(), target+" is as before, as far as nothing else degrades it")
	case ClientUpdate:
		return either(start, "an update comes out for the mail clients "+target, "the update of the mail clients "+target+" is taken back")
	case Partition:
		return either(start, "sites are cut off: "+target, "sites are joined again: "+target)
	case DCDown:
		return either(start, target+": "+f.Controllers.Mode.String(), target+" works again")
	case ReplFail:
		return either(start, "replication fails: "+target+e.bridgeheads(f), "replication works again: "+target+e.bridgeheads(f))
	case ConfigNotifyLost:
		return either(start, target+" is not told of changes from now on", target+" is told of changes again")
	case SPNMissing:
		return either(start, "the name SMTPSVC/"+target+" is removed from the directory", "the name SMTPSVC/"+target+" is in the directory again")
	case SPNDuplicate:
		return either(start, "the name SMTPSVC/"+target+" is given to a second account", "the name SMTPSVC/"+target+" belongs to one account again")
	case MachineSecret:
		return either(start, f.secretSentence(target), target+" and its account agree on a secret again")
	case MailStorm, DuplicateStorm, Backscatter:
		return f.stormSentence(target, start)
	case PortBlock:
		return target + f.filterVerb(start)
	case DNSFail:
		return either(start, f.Names.dnsText()+" "+f.Names.namesText()+" for "+target, f.Names.dnsText()+" works again for "+target)
	case CertExpiry:
		until := e.env.Start.Add(time.Duration(f.Cert.NotAfter)).Format("2006-01-02 15:04:05")
		return either(start, "the "+f.certName()+" of "+target+" is good until "+until, "the "+f.certName()+" of "+target+" is a new one")
	}
	return target
}

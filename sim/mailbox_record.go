package sim

import (
	"slices"

	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/topology"
)

// taken is what the mailboxes of a machine took and dropped, by the databases that were mounted there then: recipients. What they dropped has been through
// transport like what they took, and no user sees it.
type taken struct{ deliveries, duplicates counted }

// sentTwice tells whether senders of a run may send a mailbox a message twice, by their loads or because a storm has struck. That servers may is not looked at.
func (r *run) sentTwice() bool {
	return slices.ContainsFunc(r.storms, func(x storm) bool { return x.kind == fault.DuplicateStorm }) ||
		slices.ContainsFunc(r.cfg.Loads, func(s load.Source) bool { return s.Repeats() })
}

// leftOut tells whether there is nothing to report of a probe. A storm that does not come leaves no trace.
func (r *run) leftOut(p *probe) bool {
	return p.seldom && p.max == 0 || p.total && !r.sentTwice()
}

// mailboxProbes adds the series of mailbox servers, where there may be second copies.
func (b *board) mailboxProbes(r *run) {
	if !r.sentTwice() && !slices.ContainsFunc(r.cfg.Faults, func(f fault.Fault) bool { return f.Kind == fault.DuplicateStorm }) {
		return
	}
	for i := range r.hosts {
		s := &r.org.Servers[i]
		if !s.Is(topology.RoleMailbox) {
			continue
		}
		h := &r.hosts[i]
		for _, x := range []struct {
			metric string
			count  *counted
		}{{"mailbox.deliveries", &h.taken.deliveries}, {"mailbox.duplicates", &h.taken.duplicates}} {
			b.probes = append(b.probes, probe{kind: probeCount, count: x.count, total: true, series: r.cfg.Output.Servers,
				out: result.Series{Metric: x.metric, Labels: result.Labels{{Key: "server", Value: s.Name}}}})
		}
	}
}

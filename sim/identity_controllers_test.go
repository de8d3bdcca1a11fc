package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/topology"
)

// drawController draws a fault of domain controllers, of replication or of notifications; false when the kind is another one, or there is
// nothing that it could strike.
func (x *randomScenario) drawController(f *fault.Fault, kind fault.Kind) bool {
	if x.dcs == 0 {
		return false
	}
	switch kind {
	case fault.DCDown:
		f.Controllers.Mode = fault.DCDownMode(x.some("dc mode", 0, 2))
		for dc := range x.dcs {
			if dc == 0 || x.flag("this dc too") {
				f.Hosts = append(f.Hosts, fault.Host{Server: topology.None, DC: topology.DCID(dc)})
			}
		}
	case fault.ReplFail:
		f.Controllers.BreaksAuth = x.flag("breaks authentication")
		if x.links > 0 && x.flag("of a link") {
			f.Links = []topology.LinkID{topology.LinkID(x.some("link", 0, x.links-1))}
		} else {
			f.Hosts = []fault.Host{{Server: topology.None, DC: topology.DCID(x.some("dc", 0, x.dcs-1))}}
		}
	case fault.ConfigNotifyLost:
		f.Hosts = []fault.Host{x.anyServer("host")}
	default:
		return false
	}
	f.Kind = kind
	return true
}

// With true clocks and instant replication a run with domain controllers is the run without: the cores are told and do the same.
func TestV1_TrueClocksAndInstantReplicationLeaveNoTrace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := &randomScenario{}
		cfg := drawInto(t, x)
		if len(cfg.Org.DCs) == 0 {
			t.Skip("no domain controllers")
		}
		kept := cfg.Faults[:0]
		for _, f := range cfg.Faults {
			switch f.Kind {
			case fault.HostDown, fault.NICLateBind, fault.ReplLag: // a link that is cut keeps servers from domain controllers of other sites
				kept = append(kept, f)
			}
		}
		cfg.Faults = kept
		for i := range cfg.Faults {
			cfg.Faults[i].Remedies = nil
		}
		cfg.Model.InstantReplication = true
		ideal := *cfg
		ideal.Org = withoutDCs(cfg.Org)
		ideal.Actions = nil
		for _, a := range cfg.Actions {
			a.DC = topology.None
			if a.Kind != fault.ReplicateNow {
				ideal.Actions = append(ideal.Actions, a)
			}
		}
		require.Equal(t, fingerprintOf(t, &ideal), fingerprintOf(t, cfg))
	})
}

// withoutDCs is the same organisation with an ideal directory.
func withoutDCs(o *topology.Organisation) *topology.Organisation {
	same := *o
	same.DCs = nil
	return &same
}

func fingerprintOf(t *rapid.T, cfg *sim.Config) uint64 {
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, m))
	return m.Run().Summary.Fingerprint
}

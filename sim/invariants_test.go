package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// spoilt runs a lab with a message every 10 s in which something happens at instants that must not, and returns what the run says.
func spoilt(t *testing.T, at []simtime.Time, spoil ...sim.Spoiler) error {
	t.Helper()
	l := newLab()
	l.every("mail", 1, 10, 1800)
	org, err := l.build()
	require.NoError(t, err)
	l.cfg.Org = org
	return sim.RunSpoiled(t.Context(), &l.cfg, result.NewMemory(0, 0), at, spoil)
}

// build makes the organisation of a lab as it is usual.
func (l *lab) build() (*topology.Organisation, error) {
	sources := []topology.ServerID{l.b.Server(l.servers[0])}
	l.b.Connector(topology.Connector{
		Name: "to-cloud", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}}, Sources: sources, SmartHosts: []topology.RemoteID{l.remote},
	})
	return l.b.Build()
}

// The laws notice what breaks them: here something happens that the run was not told of. The last of each row is the control: the same
// without what is wrong.
func TestLawsThatAreBroken(t *testing.T) {
	t.Parallel()
	minute := func(m float64) simtime.Time { return seconds(60 * m) }
	for name, c := range map[string]struct {
		at    []simtime.Time
		spoil []sim.Spoiler
		says  string
	}{
		"nothing":               {nil, nil, ""},
		"FI-1":                  {[]simtime.Time{minute(5)}, []sim.Spoiler{sim.Miscount}, "conservation: 180 is not 181"},
		"FI-2":                  {[]simtime.Time{minute(5)}, []sim.Spoiler{sim.CutOff}, `FI-2: at 5m1s: server e1, queue "cloud" goes to Retry (421 4.4.1 Connection timed out), and no fault has begun`},
		"FI-2, but it is known": {[]simtime.Time{minute(5), minute(5)}, []sim.Spoiler{sim.Admit, sim.CutOff}, ""},
		"FI-2, a report":        {[]simtime.Time{seconds(302)}, []sim.Spoiler{sim.Report(transport.Withdrawn)}, "FI-2: at 5m2s: server e1: message 31 is reported (5.0.0)"},
		"FI-3":                  {[]simtime.Time{minute(5)}, []sim.Spoiler{sim.Log(1035)}, "FI-3: at 1h0m0s: 1 events 1035 of 0 sessions"},
		"FI-5": {
			[]simtime.Time{minute(5), minute(5), minute(5.5)}, []sim.Spoiler{sim.Admit, sim.CutOff, sim.TryNow},
			`FI-5: at 5m30s: server e1, queue "cloud" tries again before 6m1s, 1 failures after it went to Retry`,
		},
		"FI-5, but an operator asks": {
			[]simtime.Time{minute(5), minute(5), minute(5.5), minute(5.5)}, []sim.Spoiler{sim.Admit, sim.CutOff, sim.Ask, sim.TryNow}, "",
		},
		"FI-9, late":                        {[]simtime.Time{seconds(302)}, []sim.Spoiler{sim.Report(transport.Delayed)}, "FI-9: at 5m2s: server e1: message 31 is reported (4.4.7) after 1s; it has 4h0m0s"},
		"FI-9, expiry":                      {[]simtime.Time{seconds(302)}, []sim.Spoiler{sim.Report(transport.Expired)}, "FI-9: at 5m2s: server e1: message 31 is reported (4.4.7) after 1s; it has 48h0m0s"},
		"FI-9, not for what a mailbox says": {[]simtime.Time{seconds(302)}, []sim.Spoiler{sim.Report(transport.NoRecipient)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := spoilt(t, c.at, c.spoil...)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, sim.ErrInvariant)
			require.ErrorContains(t, err, c.says)
		})
	}
}

package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/load"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// TestQ10_5_ShadowCopiesAreRefused: a server under back pressure takes no shadow copies. The others take their mail without one (HAREDIRECTFAIL)
// or, when so set, not before the pressure is over.
func TestQ10_5_ShadowCopiesAreRefused(t *testing.T) {
	t.Parallel()
	story := func(refuse bool) *couple {
		x := newCouple(topology.V2016, "09:01:00").mail("09:02:30", 6, true)
		x.cfg.Loads[0].From[0].Server = x.q // Q's mailboxes: half of it is on Q for a minute
		x.mail("09:02:40", 1, true)
		x.cfg.Loads[1].From = []load.Party{{Kind: load.PartyMailbox, Server: x.p, Weight: 1}}
		x.cfg.Model.Submitted.Base = time.Minute
		x.b.SubmissionStaysInSite(true)
		p := &x.cfg.Servers[x.q].Pressure.Settings
		*p = transport.DefaultPressure(topology.V2016, transport.Machine{})
		rule := &p.Rules[transport.SubmissionLength]
		rule.Levels = transport.Levels{LowToMedium: 2, MediumToHigh: 1000, HighToMedium: 900, MediumToLow: 1}
		rule.Tarpit, rule.Lasting, rule.Medium = false, 0, 0
		if refuse {
			rule.Medium = transport.RefuseShadow
		}
		x.cfg.Servers[x.p].Profile.CategoriserWorkers = 1000
		return x
	}
	failed := func(x *couple) (out []string) {
		for _, e := range x.run(t).Events {
			if e.Kind == "shadow.failed" {
				out = append(out, e.Time.String()+" "+e.Server+" "+e.Text)
			}
		}
		return out
	}
	require.Empty(t, failed(story(false)))
	require.Equal(t, []string{"1m40s P HAREDIRECTFAIL: No suitable shadow servers"}, failed(story(true)), "Q is at Medium since the poll of 1m32s")

	only := func(x *couple) *couple { // the last message alone counts: those before are Q's own
		x.cfg.Warmup = 95 * time.Second
		return x
	}
	require.InDelta(t, 60, delay(t, only(story(true)).run(t)), 0.1, "without a copy it takes no more time")
	x := story(true)
	x.cfg.Servers[x.p].Shadow.Reject = true
	r := x.run(t)
	require.Equal(t, [4]float64{7, 0, 0, 0}, counts(t, r))
	require.InDelta(t, 120, delay(t, r), 0.1, "offered again a minute later, when Q has passed its own mail on")
}

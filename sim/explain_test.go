package sim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// What is believed is what the run has at that instant, latches and all; and what is foretold comes to pass, then and not before.
func TestExplainForetellsTheRun(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawScenario(t)
		for i := range cfg.Servers {
			cfg.Servers[i].Pressure = sim.Pressure{} // it comes of mail, which what is believed leaves out
		}
		at := simtime.Time(rapid.Int64Range(0, int64(cfg.Duration)).Draw(t, "at"))
		if len(cfg.Actions) > 0 && rapid.Bool().Draw(t, "after an action") {
			at = min(cfg.Actions[0].At+simtime.Time(time.Minute), simtime.Time(cfg.Duration))
		}
		b, err := sim.Explain(t.Context(), cfg, 1, at)
		require.NoError(t, err)
		run, err := sim.StateOfRun(t.Context(), cfg, 1, at)
		require.NoError(t, err)
		require.Equal(t, run.Happened(), b.State.Happened())
		quiet := *cfg // what is to come is what comes without mail, where mail has changed nothing yet (sim.Explain)
		quiet.Loads, quiet.Warmup = nil, 0
		without, err := sim.Explain(t.Context(), &quiet, 1, at)
		require.NoError(t, err)
		if sim.SameDirectory(b.State, without.State) {
			cfg = &quiet
		}
		refused := map[[2]topology.ServerID]bool{}
		for _, x := range b.Refusals {
			refused[[2]topology.ServerID{x.From, x.To}] = true
		}
		for _, x := range b.Servers {
			require.Equal(t, run.View(x.Server), b.State.View(x.Server))
			for _, y := range b.Servers {
				to := route.Target{Kind: route.TargetServer, ID: int32(y.Server)}
				contact := run.Contact(x.Server, to)
				require.Equal(t, contact, b.State.Contact(x.Server, to))
				// Certificates and pressure refuse too, and are no matter of belief.
				unproven := contact.Result == route.Refused && strings.HasPrefix(contact.Cause, "authentication fails")
				require.False(t, unproven && !refused[[2]topology.ServerID{x.Server, y.Server}])
			}
			for _, l := range x.Lacks {
				edits := func(a fault.Action) bool { // what is newest is something else from then on
					done := a.At.Add(a.Duration)
					return a.Kind.Edits() && done > at && done <= l.Arrives
				}
				if l.Arrives > simtime.Time(cfg.Duration) || slices.ContainsFunc(cfg.Actions, edits) {
					continue
				}
				if y := belief(t, cfg, x.Server, l.Arrives); y.Server < 0 || y.DC != x.DC { // removed, or mail made it turn to another one
					continue
				}
				require.Greater(t, l.Arrives, at, l.Text)
				require.True(t, lacks(t, cfg, x.Server, l.Arrives-1, l.Text), "%s is known before %s", l.Text, l.Arrives)
				if lacks(t, cfg, x.Server, l.Arrives, l.Text) { // the value that came is another one than the newest: an older one of several
					several := slices.DeleteFunc(slices.Clone(cfg.Actions), func(a fault.Action) bool { return !a.Kind.Edits() })
					require.Greater(t, len(several), 1, "%s is unknown at %s", l.Text, l.Arrives)
					require.NotEqual(t, belief(t, cfg, x.Server, l.Arrives-1).Version, belief(t, cfg, x.Server, l.Arrives).Version, "%s is unknown at %s", l.Text, l.Arrives)
				}
			}
			if r := x.Clock.Right; r != at && r <= simtime.Time(cfg.Duration) && belief(t, cfg, x.Server, r).Server >= 0 {
				require.NotZero(t, offset(t, cfg, x.Server, r-1))
				require.Zero(t, offset(t, cfg, x.Server, r))
			}
		}
	})
}

// lacks tells whether a server lacks a setting, as the words say it, or has again what it had.
func lacks(t *rapid.T, cfg *sim.Config, s topology.ServerID, at simtime.Time, text string) bool {
	for _, l := range belief(t, cfg, s, at).Lacks {
		if l.Text == text {
			return true
		}
	}
	return false
}

func offset(t *rapid.T, cfg *sim.Config, s topology.ServerID, at simtime.Time) time.Duration {
	return belief(t, cfg, s, at).Clock.Offset
}

func belief(t *rapid.T, cfg *sim.Config, s topology.ServerID, at simtime.Time) sim.ServerBelief {
	b, err := sim.Explain(t.Context(), cfg, 1, at)
	require.NoError(t, err)
	for _, x := range b.Servers {
		if x.Server == s {
			return x
		}
	}
	return sim.ServerBelief{Server: topology.None} // it has been removed
}

// Three sites in a row whose hubs learn of a change one after the other, the last long after the end of the run; and a clock that a
// fault makes jump and nobody repairs in time.
func TestExplainPastTheEnd(t *testing.T) {
	t.Parallel()
	cfg := ailing(t)
	cfg.Duration = 2 * time.Hour
	cfg.Model.NotifyDelay = 5 * time.Second
	cfg.Faults = []fault.Fault{{
		ID: "fast", Kind: fault.ClockSkew, Hosts: []fault.Host{{Server: 2, DC: topology.None}}, Offset: 7 * time.Minute, SelfCorrect: true,
		Start: simtime.Time(time.Hour), End: simtime.Never, Probability: 1,
	}}
	cfg.Actions = []fault.Action{{At: simtime.Time(30 * time.Minute), Kind: fault.SetHubSite, Probability: 1, DC: 0, Changes: []topology.Change{{Kind: topology.HubSite, Object: 1, Value: 1}}}}
	at := simtime.Time(90 * time.Minute)
	b, err := sim.Explain(t.Context(), cfg, 0, at)
	require.NoError(t, err)
	require.Equal(t, 1, b.Newest)
	lack := func(h, m, s int) []sim.Missing {
		return []sim.Missing{{Text: `site "B": hub site`, Arrives: simtime.Time(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second)}}
	}
	right := sim.ClockBelief{Right: at}
	// Replication every 180 minutes from midnight: 03:00 to B, and from there 06:00 to C; 5 s of transfer, 5 s until a server knows.
	// The clock of hC was right at every poll until the one at 119 min 28 s (1024 s, then 2, 4 times as long); it is watched for 900 s.
	require.Equal(t, []sim.ServerBelief{
		{Server: 0, DC: 0, Hub: topology.None, Clock: right, Version: 1},
		{Server: 1, DC: 1, Meant: 1, Hub: topology.None, Clock: right, Lacks: lack(3, 0, 10)},
		{
			Server: 2, DC: 2, Meant: 2, Hub: topology.None, Lacks: lack(6, 0, 10),
			Clock: sim.ClockBelief{Offset: 7 * time.Minute, Since: simtime.Time(time.Hour), Right: simtime.Time(7*1024*time.Second + 900*time.Second)},
		},
		{Server: 3, DC: 0, Hub: topology.None, Clock: right, Version: 1},
	}, b.Servers)
	require.Equal(t, []sim.DCBelief{
		{DC: 0, Clock: right, Version: 1},
		{DC: 1, Clock: right, Lacks: lack(3, 0, 5)},
		{DC: 2, Clock: right, Lacks: lack(6, 0, 5)},
	}, b.Controllers)
	skew := func(from, to topology.ServerID) sim.Refusal {
		return sim.Refusal{From: from, To: to, Cause: directory.AuthSkew, Spread: 7 * time.Minute, Since: simtime.Never}
	}
	require.Equal(t, []sim.Refusal{skew(0, 2), skew(1, 2), skew(2, 0), skew(2, 1)}, b.Refusals)
}

// A clock that is slewed is right at an instant of its own, between all events: the first at which nothing is left of the error.
func TestExplainASlewedClock(t *testing.T) {
	t.Parallel()
	cfg := ailing(t)
	cfg.Actions = nil
	cfg.Faults = []fault.Fault{{
		ID: "fast", Kind: fault.ClockSkew, Hosts: []fault.Host{{Server: 2, DC: topology.None}}, Offset: 100 * time.Millisecond, SelfCorrect: true,
		Start: 0, End: simtime.Never, Probability: 1,
	}}
	clock := func(at simtime.Time) sim.ClockBelief {
		b, err := sim.Explain(t.Context(), cfg, 0, at)
		require.NoError(t, err)
		return b.Servers[2].Clock
	}
	right := clock(0).Right
	require.Less(t, right, simtime.Time(cfg.Duration))
	require.NotZero(t, clock(right-1).Offset)
	require.Zero(t, clock(right).Offset)
}

func TestExplainAtItsBounds(t *testing.T) {
	t.Parallel()
	cfg := ailing(t)
	for _, at := range []simtime.Time{-1, simtime.Time(cfg.Duration) + 1} {
		_, err := sim.Explain(t.Context(), cfg, 0, at)
		require.ErrorContains(t, err, "is not between 0s and the end of the run, 10h0m0s")
	}
	b, err := sim.Explain(t.Context(), cfg, 0, simtime.Time(cfg.Duration))
	require.NoError(t, err)
	require.Len(t, b.Servers, 4)
}

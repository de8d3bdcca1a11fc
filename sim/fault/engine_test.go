package fault_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// The order of the fault tables changes nothing: faults of one instant are ordered by id, and draws are named.
func TestEngineIgnoresTableOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		instant := func(what string, from simtime.Time) simtime.Time {
			return from.Add(time.Duration(rapid.IntRange(1, 20).Draw(r, what)) * time.Minute)
		}
		var faults []fault.Fault
		for i := range rapid.IntRange(2, 6).Draw(r, "faults") {
			f := lateBind(nil)
			f.ID, f.Kind, f.Prone = string(rune('a'+i)), fault.Kind(rapid.IntRange(0, 5).Draw(r, "kind")), 0.5
			f.Start = instant("start", 0)
			f.End = instant("end", f.Start)
			f.Probability = rapid.SampledFrom([]float64{0.3, 0.7, 1}).Draw(r, "p")
			f.Hosts, f.Offset = nil, 7*time.Minute
			switch f.Kind {
			case fault.ReplLag, fault.LinkDown:
				f.Links = []topology.LinkID{linkAB, linkBC}
			case fault.Partition:
				f.SideA, f.SideB = []topology.SiteID{siteA}, []topology.SiteID{siteC}
			default:
				f.Hosts = hosts(a1, b1)
			}
			if f.Kind == fault.ClockSkew {
				a := act(fault.RestartOS, "00:00:00", time.Minute)
				a.At, a.Probability = instant("remedy", f.Start), 0.5
				f.Remedies = []fault.Action{a}
			}
			faults = append(faults, f)
		}
		straight := newBench(t, faults, nil).until(at("23:00:00"))
		mixed := newBench(t, rapid.Permutation(faults).Draw(r, "order"), nil).until(at("23:00:00"))
		require.Equal(r, straight.log, mixed.log)
		require.Equal(r, straight.events, mixed.events)
		require.Equal(r, straight.engine.Happened(), mixed.engine.Happened())
	})
}

// A fault with probability 0, and one after the end of the run, leave no trace; nor do their remedies.
func TestEngineWithoutEffect(t *testing.T) {
	t.Parallel()
	never := fastClock(7*time.Minute, act(fault.RestartOS, "10:30:00", time.Minute))
	never.Probability = 0
	late := down("late", "00:00:00", "00:00:01", b1)
	late.Start, late.End = at("23:59:59")*3, at("23:59:59")*4
	b := newBench(t, []fault.Fault{never, late}, nil).until(at("23:59:59") * 5)
	require.Empty(t, b.log)
	require.Empty(t, b.events)
	require.Empty(t, b.engine.Happened())
	require.Equal(t, simtime.Never, b.engine.Next())
}

// Each target has a draw of its own, and another fault does not change it.
func TestEngineDraws(t *testing.T) {
	t.Parallel()
	struck := func(rep int, more ...fault.Fault) (got []string) {
		b := newBench(t, nil, nil)
		f := down("x", "10:00:00", "11:00:00", a1)
		f.Hosts, f.Probability = hosts(a1, a2, b1), 0.5
		b.engine = fault.NewEngine(append(more, f), nil, fault.Env{Org: b.org, Dir: b.dir, Root: rng.NewRoot(3, rep), End: at("23:00:00")})
		return b.until(at("10:00:00")).log
	}
	counts := map[int]int{}
	for rep := range 100 {
		got := struck(rep)
		require.Equal(t, got, struck(rep, down("w", "12:00:00", "13:00:00", ae1)))
		counts[len(got)]++
	}
	for n := range 4 {
		require.Positive(t, counts[n], "%d of three hosts hit", n)
	}
}

// Operators edit, replicate, retry and resubmit; the effect comes when they are done.
func TestEngineActions(t *testing.T) {
	t.Parallel()
	edit := act(fault.SetConnector, "09:09:00", time.Minute)
	edit.DC, edit.Changes = ad1, []topology.Change{{Kind: topology.ConnectorEnabled, Object: 0, Value: 0}}
	site := act(fault.SetHubSite, "09:20:00", time.Minute)
	site.Changes = []topology.Change{{Kind: topology.HubSite, Object: int32(siteB), Value: 1}}
	pull := act(fault.ReplicateNow, "09:30:00", 2*time.Minute, fault.Host{Server: topology.None, DC: bd1})
	pull.Source = ad1
	retry := act(fault.RetryQueue, "09:40:00", 10*time.Second, hosts(a1)...)
	retry.Queue = "B"
	resubmit := act(fault.ResubmitQueue, "09:40:00", 10*time.Second, hosts(a2)...)
	b := newBench(t, nil, []fault.Action{edit, site, pull, retry, resubmit}).until(at("09:59:59"))
	require.Equal(t, []string{
		`09:10:05 A1 sees connector "C-A": disabled`, `09:10:05 A2 sees connector "C-A": disabled`,
		`09:21:05 B1 sees site "B": hub site`, // written at the domain controller of the site
		`09:32:10 B1 sees connector "C-A": disabled`,
		"09:40:10 retry A1 B", "09:40:10 resubmit A2",
	}, b.log)
	require.Equal(t, result.Event{Time: at("09:10:00"), Kind: "remedy", Text: `operator: set_connector connector "C-A": disabled done`,
		Fields: []result.Field{{Key: "remedy", Value: "action-1"}, {Key: "action", Value: "set_connector"}}}, b.events[0])
	require.Equal(t, "A1", b.events[3].Server)
}

// FW-6 and FW-12, what the views show of them: an edit at A is seen there after 5 s, at B after the next pull.
func TestFW12_Views(t *testing.T) {
	t.Parallel()
	set := func(when string, value int64) fault.Action {
		a := act(fault.SetConnector, when, time.Minute)
		a.DC, a.Changes = ad1, []topology.Change{{Kind: topology.ConnectorEnabled, Object: 0, Value: value}}
		return a
	}
	b := newBench(t, nil, []fault.Action{set("14:29:00", 0), set("16:04:00", 1)}).until(at("23:00:00"))
	require.Equal(t, []string{`14:30:05 A1 sees connector "C-A": disabled`, `16:05:05 A1 sees connector "C-A": enabled`}, b.of("A1"))
	require.Equal(t, []string{`15:00:10 B1 sees connector "C-A": disabled`, `18:00:10 B1 sees connector "C-A": enabled`}, b.of("B1"))

	t.Run("FW-6", func(t *testing.T) {
		dear := act(fault.SetConnector, "09:09:00", time.Minute)
		dear.DC, dear.Changes = ad1, []topology.Change{{Kind: topology.ConnectorCost, Object: 0, Value: 100}}
		cure := act(fault.ReplicateNow, "10:00:00", 2*time.Minute, fault.Host{Server: topology.None, DC: bd1})
		require.Equal(t, []string{`12:00:10 B1 sees connector "C-A": cost 100`}, newBench(t, nil, []fault.Action{dear}).until(at("23:00:00")).of("B1"))
		require.Equal(t, []string{`10:02:10 B1 sees connector "C-A": cost 100`}, newBench(t, nil, []fault.Action{dear, cure}).until(at("23:00:00")).of("B1"))
	})
}

// A queue of a machine that is down is not retried.
func TestEngineRetryOfADeadHost(t *testing.T) {
	t.Parallel()
	b := newBench(t, []fault.Fault{down("x", "09:00:00", "10:00:00", a1)}, []fault.Action{act(fault.RetryQueue, "09:30:00", 0, hosts(a1)...)}).until(at("11:00:00"))
	require.Equal(t, []string{"09:00:00 halted A1 silent", "10:00:00 booted A1"}, b.log)
}

// Forced pulls that name no domain controller are about the links of their fault.
func TestV6_RemedyOfLag(t *testing.T) {
	t.Parallel()
	edit := act(fault.SetConnector, "09:09:00", time.Minute)
	edit.Changes = []topology.Change{{Kind: topology.ConnectorEnabled, Object: 0, Value: 0}}
	lag := fault.Fault{ID: "lag", Kind: fault.ReplLag, End: simtime.Never, Probability: 1, Links: []topology.LinkID{linkAB}, Interval: 24 * time.Hour, Phase: -1,
		Remedies: []fault.Action{act(fault.ReplicateNow, "09:28:00", 2*time.Minute)}}
	b := newBench(t, []fault.Fault{lag}, []fault.Action{edit}).until(at("10:00:00"))
	require.Equal(t, []string{`09:30:10 B1 sees connector "C-A": disabled`}, b.of("B1"))
}

func TestEngineEvents(t *testing.T) {
	t.Parallel()
	b := newBench(t, []fault.Fault{down("x", "09:00:00", "10:00:00", a1)}, nil).until(at("11:00:00"))
	require.Equal(t, []result.Event{
		{Time: at("09:00:00"), Server: "A1", Kind: "fault", Text: "A1: crash",
			Fields: []result.Field{{Key: "fault", Value: "x"}, {Key: "state", Value: "start"}, {Key: "fault_kind", Value: "host_down"}, {Key: "occurrence", Value: int64(1)}}},
		{Time: at("10:00:00"), Server: "A1", Kind: "fault", Text: "A1 returns",
			Fields: []result.Field{{Key: "fault", Value: "x"}, {Key: "state", Value: "end"}, {Key: "fault_kind", Value: "host_down"}, {Key: "occurrence", Value: int64(1)}}},
	}, b.events)
	full := errors.New("disk full")
	e := fault.NewEngine([]fault.Fault{down("x", "09:00:00", "10:00:00", a1)}, nil, fault.Env{Org: b.org, Dir: b.dir, Root: rng.NewRoot(1, 0), End: at("23:00:00"),
		Emit: func(result.Event) error { return full }})
	e.Fire(e.Next(), nil)
	require.ErrorIs(t, e.Err(), full)
}

// The tables that a scenario loader reads agree with the constants.
func TestNames(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"clock_skew", "repl_lag", "nic_late_bind", "host_down", "link_down", "partition", "auth_latch", "spn_missing", "spn_duplicate", "machine_secret", "port_block",
		"cert_expiry",
		"dc_down", "repl_fail", "config_notify_lost", "poison_message", "store_down", "agent_stall", "disk_pressure", "remote_down", "client_update", "dns_fail", "link_degrade", "remote_throttle", "remote_greylist", "mail_storm", "duplicate_storm", "backscatter"}, fault.KindNames())
	for i, n := range fault.KindNames() {
		k, ok := fault.ParseKind(n)
		require.True(t, ok)
		require.Equal(t, fault.Kind(i), k)
		require.Equal(t, n, k.String())
		require.NotZero(t, k.Accepts())
	}
	for i, n := range fault.ActionNames() {
		k, ok := fault.ParseAction(n)
		require.True(t, ok)
		require.Equal(t, fault.ActionKind(i), k)
		require.Equal(t, n, k.String())
		require.Positive(t, k.DefaultDuration())
		require.NotZero(t, k.Accepts())
	}
	_, ok := fault.ParseKind("clock_scew")
	require.False(t, ok)
	_, ok = fault.ParseAction("restart_oss")
	require.False(t, ok)
	require.Len(t, fault.ActionNames(), int(fault.RejectAtRCPT)+1)
	require.Equal(t, 8*time.Minute, fault.RestartOS.DefaultDuration())
	require.Equal(t, 2*time.Minute, fault.ReplicateNow.DefaultDuration())
	require.True(t, fault.ClockSkew.HasIntensity())
	require.False(t, fault.HostDown.HasIntensity())
	require.True(t, fault.MailStorm.HasIntensity() && fault.DuplicateStorm.HasIntensity() && fault.Backscatter.HasIntensity())
	require.Equal(t, fault.TargetHub|fault.TargetMailbox, fault.Role(topology.RoleHub|topology.RoleMailbox))
	require.Zero(t, fault.HostDown.Accepts()&fault.TargetDC)
	require.NotZero(t, fault.ClockSkew.Accepts()&fault.TargetDC)
	require.True(t, (&fault.Fault{Kind: fault.ClockSkew, SelfCorrect: true}).Heals())
	require.False(t, (&fault.Fault{Kind: fault.ClockSkew, SelfCorrect: true, ClockMode: fault.ClockPush}).Heals())
	require.False(t, (&fault.Fault{Kind: fault.LinkDown}).Heals())
}

package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// labels runs faults and actions for a day and returns what charts write about them.
func labels(t *testing.T, f []fault.Fault, a []fault.Action) []string {
	var got []string
	for _, h := range newBench(t, f, a).until(at("23:00:00")).engine.Happened() {
		got = append(got, h.Label)
	}
	return got
}

// A label says what happened to whom, so that nobody has to look the fault up in the scenario.
func TestLabelsOfFaultsNameWhatAndWhom(t *testing.T) {
	t.Parallel()
	links := []topology.LinkID{linkAB, linkBC}
	for _, c := range []struct {
		want  string
		fault fault.Fault
	}{
		{"AE1 down (crash)", fault.Fault{Kind: fault.HostDown, Hosts: hosts(ae1)}},
		{"AE1 down (crash, queues lost)", fault.Fault{Kind: fault.HostDown, Hosts: hosts(ae1), QueueLost: true}},
		{"A1, B1 down (service stopped)", fault.Fault{Kind: fault.HostDown, Hosts: hosts(a1, b1), Mode: fault.ServiceStop}},
		{"A1, A2 and 2 more down (maintenance)", fault.Fault{Kind: fault.HostDown, Hosts: hosts(a1, a2, ae1, b1), Mode: fault.Maintenance}},
		{"link A-B down", fault.Fault{Kind: fault.LinkDown, Links: links[:1]}},
		{"links A-B, B-C down", fault.Fault{Kind: fault.LinkDown, Links: links}},
		{"partition A, B | C", fault.Fault{Kind: fault.Partition, SideA: []topology.SiteID{siteA, siteB}, SideB: []topology.SiteID{siteC}}},
		{"partition A to C", fault.Fault{Kind: fault.Partition, SideA: []topology.SiteID{siteA}, SideB: []topology.SiteID{siteC}, Direction: fault.To}},
		{"partition C to A", fault.Fault{Kind: fault.Partition, SideA: []topology.SiteID{siteA}, SideB: []topology.SiteID{siteC}, Direction: fault.From}},
		{"clock of B1 +7m", fault.Fault{Kind: fault.ClockSkew, Hosts: hosts(b1), Offset: 7 * time.Minute}},
		{"clock of B1 -5m30s", fault.Fault{Kind: fault.ClockSkew, Hosts: hosts(b1), Offset: -330 * time.Second}},
		{"clock of BD1 +1h", fault.Fault{Kind: fault.ClockSkew, Hosts: []fault.Host{{Server: topology.None, DC: bd1}}, Offset: time.Hour}},
		{"replication A-B every 6h", fault.Fault{Kind: fault.ReplLag, Links: links[:1], Interval: 6 * time.Hour, Phase: -1}},
		{"replication A-B every 6h from 30m on", fault.Fault{Kind: fault.ReplLag, Links: links[:1], Interval: 6 * time.Hour, Phase: 30 * time.Minute}},
	} {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			c.fault.ID, c.fault.Probability, c.fault.Start, c.fault.End = "f", 1, at("10:00:00"), simtime.Never
			require.Equal(t, []string{c.want}, labels(t, []fault.Fault{c.fault}, nil))
		})
	}
}

// What an operator does is named with its target, a change of the configuration by what it sets.
func TestLabelsOfRemediesNameWhatAndWhom(t *testing.T) {
	t.Parallel()
	change := func(kind fault.ActionKind, changes ...topology.Change) fault.Action {
		a := act(kind, "10:00:00", time.Minute)
		a.Changes = changes
		return a
	}
	queue := act(fault.RetryQueue, "10:00:00", time.Minute, hosts(b1)...)
	queue.Queue = "C"
	for _, c := range []struct {
		want   string
		action fault.Action
	}{
		{"set time on B1", act(fault.SetTime, "10:00:00", time.Minute, hosts(b1)...)},
		{"restart B1", act(fault.RestartOS, "10:00:00", time.Minute, hosts(b1)...)},
		{"restart transport on A1, A2 and 2 more", act(fault.RestartTransport, "10:00:00", time.Minute, hosts(a1, a2, ae1, b1)...)},
		{"start service on B1", act(fault.StartService, "10:00:00", time.Minute, hosts(b1)...)},
		{"delayed start on B1", act(fault.SetDelayedStart, "10:00:00", time.Minute, hosts(b1)...)},
		{"service dependency on B1", act(fault.SetDependency, "10:00:00", time.Minute, hosts(b1)...)},
		{"replicate now on BD1", act(fault.ReplicateNow, "10:00:00", time.Minute, fault.Host{Server: topology.None, DC: bd1})},
		{"replicate now", act(fault.ReplicateNow, "10:00:00", time.Minute)},
		{"retry queue C on B1", queue},
		{"resubmit queues on B1", act(fault.ResubmitQueue, "10:00:00", time.Minute, hosts(b1)...)},
		{"C-A disabled", change(fault.SetConnector, topology.Change{Kind: topology.ConnectorEnabled})},
		{"C-A enabled, C-A cost 5", change(fault.SetConnector, topology.Change{Kind: topology.ConnectorEnabled, Value: 1}, topology.Change{Kind: topology.ConnectorCost, Value: 5})},
		{"link B-C cost 7", change(fault.SetLinkCost, topology.Change{Kind: topology.LinkCost, Object: int32(linkBC), Value: 7})},
		{"link A-B exchange cost 9", change(fault.SetLinkCost, topology.Change{Kind: topology.LinkExchangeCost, Value: 9})},
		{"link A-B without exchange cost", change(fault.SetLinkCost, topology.Change{Kind: topology.LinkExchangeCost})},
		{"B made a hub site", change(fault.SetHubSite, topology.Change{Kind: topology.HubSite, Object: int32(siteB), Value: 1})},
		{"B no hub site any more", change(fault.SetHubSite, topology.Change{Kind: topology.HubSite, Object: int32(siteB)})},
	} {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, []string{c.want}, labels(t, nil, []fault.Action{c.action}))
		})
	}
}

// A remedy without a target of its own names the hosts that the fault struck.
func TestLabelOfALateBindAndItsRemedy(t *testing.T) {
	t.Parallel()
	byHand := act(fault.StartService, "04:00:00", time.Minute)
	byHand.Fault = "late"
	f := lateBind(func(f *fault.Fault) { f.Remedies = []fault.Action{byHand} })
	require.Equal(t, []string{"restart B1", "late address on B1", "start service on B1"}, labels(t, []fault.Fault{f}, []fault.Action{reboot()}))
}

// The events of a fault keep their sentences.
func TestEventsOfAFaultAreSentences(t *testing.T) {
	t.Parallel()
	b := newBench(t, []fault.Fault{down("f", "10:00:00", "11:00:00", b1)}, nil).until(at("12:00:00"))
	var texts []string
	for _, e := range b.events {
		texts = append(texts, e.Text)
	}
	require.Equal(t, []string{"B1: crash", "B1 returns"}, texts)
	require.Equal(t, "fault", b.events[0].Kind)
	require.Contains(t, b.events[0].Fields, result.Field{Key: "state", Value: "start"})
}

// TestEndOfAnOutageThatIsHeld: the end of a fault says so when another still keeps the machine down.
func TestEndOfAnOutageThatIsHeld(t *testing.T) {
	t.Parallel()
	b := newBench(t, []fault.Fault{down("f", "10:00:00", "11:00:00", b1), down("g", "10:30:00", "11:30:00", b1)}, nil).until(at("12:00:00"))
	var texts []string
	for _, e := range b.events {
		texts = append(texts, e.Text)
	}
	require.Equal(t, []string{"B1: crash", "B1: crash", "f is over; B1 is still down", "B1 returns"}, texts)
}

package fault_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// TestF15_StrictIsTold: whom a fault makes strict, and when no longer, is told one by one, each occurrence for itself.
func TestF15_StrictIsTold(t *testing.T) {
	t.Parallel()
	relay, con, connector := fault.Outside{Remote: 0}, fault.Outside{Remote: topology.None, Domain: "contoso.com"}, fault.Outside{Remote: topology.None, Connector: 1}
	throttle := fault.Fault{
		ID: "t", Kind: fault.RemoteThrottle, Probability: 1, Start: at("10:00:00"), End: at("11:00:00"), Outside: []fault.Outside{relay, connector},
		Throttle: fault.Throttle{MaxConnections: 50, MaxMessages: 20},
	}
	grey := fault.Fault{
		ID: "g", Kind: fault.RemoteGreylist, Probability: 1, Start: at("10:30:00"), End: simtime.Never, Outside: []fault.Outside{con}, Greylist: fault.Greylist{Delay: 5 * time.Minute},
	}
	b := newBench(t, []fault.Fault{throttle, grey}, nil)
	type effect struct {
		at      string
		kind    fault.EffectKind
		fault   int
		outside fault.Outside
	}
	var got []effect
	for next := b.engine.Next(); next <= at("23:00:00"); next = b.engine.Next() {
		for _, x := range b.engine.Fire(next, nil) {
			got = append(got, effect{clock(next), x.Kind, x.Fault, x.Outside})
		}
	}
	require.Equal(t, []effect{
		{"10:00:00", fault.OutsideTightens, 1, relay}, {"10:00:00", fault.OutsideTightens, 1, connector},
		{"10:30:00", fault.OutsideTightens, 0, con},
		{"11:00:00", fault.OutsideRelents, 1, relay}, {"11:00:00", fault.OutsideRelents, 1, connector},
	}, got)
	var said []string
	for _, e := range b.events {
		said = append(said, e.Text)
	}
	require.Equal(t, []string{
		"relay takes at most 50 connections from an address and 20 messages on each", "C-B takes at most 50 connections from an address and 20 messages on each",
		"contoso.com puts mail off that it does not know, for 5m", "relay takes what it took before", "C-B takes what it took before",
	}, said)
	var names []string
	for _, h := range b.engine.Happened() {
		names = append(names, h.Label)
	}
	require.Equal(t, []string{"throttling by relay, C-B", "greylisting by contoso.com"}, names)
}

// The remedy is an edit of a connector, which servers see when it comes to them (V1), an Edge by way of its subscription.
func TestF15_RemedyIsAnEdit(t *testing.T) {
	t.Parallel()
	lower := act(fault.SetConnector, "10:00:00", time.Minute)
	lower.Changes = []topology.Change{{Kind: topology.ConnectorCeiling, Object: 1, Value: 16}}
	b := newBench(t, nil, []fault.Action{lower}).until(at("23:00:00"))
	const sees = `sees connector "C-B": at most 16 connections`
	require.Contains(t, b.log, "10:01:05 B1 "+sees, "five seconds after it is done at its domain controller")
	late := 0
	for _, l := range b.log {
		if strings.HasSuffix(l, sees) && !strings.HasPrefix(l, "10:01:05") {
			late++
		}
	}
	require.Positive(t, late, "the other site sees it after a replication")
	require.Equal(t, []string{"C-B at most 16 connections"}, labels(t, nil, []fault.Action{lower}))
}

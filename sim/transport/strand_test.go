package transport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestR6_10_AtTheNextAttempt: with ResubmitAtAttempt the mail of a queue whose connector is gone waits for the attempt that it would have
// made, and is routed anew in its place.
func TestR6_10_AtTheNextAttempt(t *testing.T) {
	t.Parallel()
	late := func(t *testing.T, messages, connections int) *bench {
		p := transport.DefaultProfile(topology.V2010, false)
		p.ResubmitAtAttempt, p.MaxPerDomainConnections = true, connections
		x := newBench(t, p)
		x.watch, x.check = nil, nil
		for range messages {
			x.submit(0, x.to(toQ1)...)
		}
		return x
	}
	off := func(x *bench) {
		x.org = x.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: 1})
		x.reroute(x.org)
	}
	noR1 := func(_ simtime.Time, to route.Target) transport.Code {
		if to.ID == 1 && to.Kind == route.TargetRemote {
			return transport.Unreachable
		}
		return transport.OK
	}
	t.Run("in Retry", func(t *testing.T) {
		t.Parallel()
		x := late(t, 3, 20)
		x.up = noR1
		x.at(sec(30), transport.PhaseDirectory, func() { off(x) })
		x.run(sec(59))
		require.EqualValues(t, 3, x.queueOf("r1").Length)
		attempts := len(x.attempts)
		x.run(sec(60))
		require.Zero(t, x.queueOf("r1").Length, "when its first retry is due")
		require.Len(t, x.attempts, attempts+1, "that of the new queue, and none of the old one")
		x.run(sec(70))
		require.Equal(t, []uint64{1, 2, 3}, x.order, "by the other connector, in order")
		require.Zero(t, x.queueOf("r1").Retries)
	})
	t.Run("with an open connection", func(t *testing.T) {
		t.Parallel()
		x := late(t, 30, 1)
		x.at(sec(3), transport.PhaseDirectory, func() { off(x) })
		x.run(sec(41))
		require.Len(t, x.order, 19, "it carries its 20 messages")
		x.run(sec(42))
		require.Zero(t, x.queueOf("r1").Length, "where the next connection would open")
		require.EqualValues(t, 10, x.queueOf("r0").Length)
	})
	t.Run("not while resubmission is paused", func(t *testing.T) {
		t.Parallel()
		x := late(t, 3, 20)
		x.up = noR1
		press := func(m transport.Measures) func() {
			return func() { x.step(transport.Input{Kind: transport.Press, Msg: transport.MsgID(m)}) }
		}
		x.at(sec(30), transport.PhaseDirectory, func() { off(x) })
		x.at(sec(40), transport.PhaseDirectory, press(transport.PauseResubmission))
		x.at(sec(90), transport.PhaseDirectory, press(0))
		x.run(sec(89))
		require.EqualValues(t, 3, x.queueOf("r1").Length)
		require.Len(t, x.attempts, 1, "nor is the connector tried that is gone")
		x.run(sec(91))
		require.Zero(t, x.queueOf("r1").Length)
	})
}

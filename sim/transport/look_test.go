package transport_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// seen lists the messages of a queue with their states.
func (d *driver) seen(i int) []string {
	var out []string
	d.hub.EachQueued(i, func(m transport.MsgID, s transport.Status, deferred bool) {
		text := fmt.Sprint(d.store.Hot[m].Message, " ", s)
		if deferred {
			text += " deferred"
		}
		out = append(out, text)
	})
	return out
}

// A message that the other side put off shows as Retry in a queue that is not; what waits in a queue in Retry shows as Retry, until it goes.
func TestLookAtMessages(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2016, false, 1)
	d.answer = func(m uint64) transport.Code {
		if m == 1 {
			return transport.Deferred4xx
		}
		return transport.OK
	}
	for range 3 {
		d.submit(0, d.dest[0])
	}
	d.run(sec(5))
	require.Equal(t, []string{"2 Active", "3 Ready", "1 Retry deferred"}, d.seen(0))
	l := d.hub.Look(0, d.now)
	require.Equal(t, transport.StatusActive, l.Status)
	require.EqualValues(t, 3, l.ByPriority[transport.PriorityNormal])
	require.EqualValues(t, 1, l.DeferredByPriority[transport.PriorityNormal])
	d.run(sec(30))
	l = d.hub.Look(0, d.now)
	require.Equal(t, transport.StatusReady, l.Status, "nothing is under way")
	require.False(t, l.Removed, "a message is put off in it")
}

// The last error is that of the last attempt, with the target that was tried last; a session that works ends it, and so does a stop of the service.
func TestLookAtErrors(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2016, false, 1)
	d.fails = sec(1).Sub(0)
	d.up = func(now simtime.Time, _ route.Target) transport.Code {
		if now < sec(90) {
			return transport.Unreachable
		}
		return transport.OK
	}
	d.submit(0, d.dest[0])
	d.run(sec(30))
	l := d.hub.Look(0, d.now)
	require.True(t, l.Failed)
	require.Equal(t, sec(1), l.FailedAt)
	require.Equal(t, route.Target{Kind: route.TargetRemote, ID: 0}, l.Target)
	require.Equal(t, []string{"1 Retry"}, d.seen(0))

	d.run(sec(61.5)) // the retry is under way
	l = d.hub.Look(0, d.now)
	require.Equal(t, transport.StatusConnecting, l.Status)
	require.Zero(t, l.Retries)
	require.True(t, l.Failed)

	d.run(sec(124)) // and the next works
	l = d.hub.Look(0, d.now)
	require.Equal(t, transport.StatusActive, l.Status)
	require.False(t, l.Failed)

	broken := alone(t, topology.V2016, false, 1)
	broken.submit(0, broken.dest[0])
	broken.run(sec(3))
	broken.hub.Step(broken.now, transport.Input{Kind: transport.Broken, Code: transport.Dropped, Conn: 1}, nil)
	l = broken.hub.Look(0, broken.now)
	require.Equal(t, transport.StatusRetry, l.Status)
	require.True(t, l.Failed)
	require.Equal(t, broken.now, l.FailedAt)
	require.Equal(t, transport.Dropped, l.LastError)
	require.Equal(t, route.Target{Kind: route.TargetRemote, ID: 0}, l.Target)

	gone := alone(t, topology.V2016, false, 1)
	gone.up = func(simtime.Time, route.Target) transport.Code { return transport.Unreachable }
	gone.submit(0, gone.dest[0])
	gone.run(sec(10))
	require.True(t, gone.hub.Look(0, gone.now).Failed)
	gone.hub.Step(gone.now, transport.Input{Kind: transport.Halt}, nil)
	gone.hub.Step(gone.now, transport.Input{Kind: transport.Boot}, nil)
	require.False(t, gone.hub.Look(0, gone.now).Failed, "nothing has been tried since the start")
}

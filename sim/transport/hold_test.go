package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// held is a server that keeps idle connections for a time; a set-up takes 2 s, as does a message.
func held(t testing.TB, hold time.Duration, domains int) *driver {
	d := alone(t, topology.V2010, false, domains)
	d.hub.Profile().IdleHold = hold
	return d
}

// TestQ4_11_IdleHold: a connection without mail stays for the hold and takes the next message without a set-up.
func TestQ4_11_IdleHold(t *testing.T) {
	t.Parallel()
	d := held(t, 10*time.Second, 1)
	d.submit(0, d.dest[0])        // 2 s of set-up, 2 s: done at 4
	d.submit(sec(9), d.dest[0])   // the connection rests: done at 11
	d.submit(sec(21), d.dest[0])  // the hold is over at 21, before arrivals: a new session, done at 25
	d.submit(sec(30), d.dest[0])  // done at 32
	d.submit(sec(100), d.dest[0]) // closed at 42
	d.run(sec(41.9))
	require.EqualValues(t, 1, d.hub.Queue(0).Open)
	d.run(sec(42))
	require.Zero(t, d.hub.Queue(0).Open)
	d.run(sec(200))
	require.Equal(t, []simtime.Time{0, sec(21), sec(100)}, d.attempts)
	require.Equal(t, []simtime.Time{sec(4), sec(11), sec(25), sec(32), sec(104)}, d.delivered)
	require.EqualValues(t, 3, d.hub.QueueStats(0).Sessions)
}

// TestQ4_10_HoldKeepsTheLimit: a rest does not begin the count of messages anew, and a connection that has carried all that it may does not
// rest.
func TestQ4_10_HoldKeepsTheLimit(t *testing.T) {
	t.Parallel()
	d := held(t, time.Minute, 1)
	d.hub.Profile().MaxMessagesPerConnection = 2
	d.submit(0, d.dest[0])
	d.submit(sec(10), d.dest[0])
	d.run(sec(12))
	require.Zero(t, d.hub.Queue(0).Open)
	d.submit(sec(20), d.dest[0])
	d.run(sec(30))
	require.Equal(t, []simtime.Time{0, sec(20)}, d.attempts)
}

// TestQD2_TheLastUsedFirst: of several connections at rest the one that was used last takes the mail, so the others come to their end; and
// mail for all of them finds all of them, without a new set-up.
func TestQD2_TheLastUsedFirst(t *testing.T) {
	t.Parallel()
	d := held(t, 10*time.Second, 1)
	d.hub.Profile().Threshold[route.ClassSmtpConnector] = 1
	for range 3 {
		d.submit(0, d.dest[0])
	}
	d.run(sec(4))
	require.EqualValues(t, 3, d.hub.Queue(0).Open)
	for range 3 {
		d.submit(sec(6), d.dest[0])
	}
	for i := range 4 {
		d.submit(sec(12+4*float64(i)), d.dest[0])
	}
	d.run(sec(8))
	require.Len(t, d.delivered, 6)
	require.Len(t, d.attempts, 3, "three at once took all three")
	d.run(sec(17.9))
	require.EqualValues(t, 3, d.hub.Queue(0).Open)
	d.run(sec(18))
	require.EqualValues(t, 1, d.hub.Queue(0).Open, "two have rested since 8")
	d.run(sec(60))
	require.Len(t, d.attempts, 3)
}

// TestQ4_7_HoldMakesRoom: a connection at rest counts for the ceiling of the server, and the one that has rested longest makes room for a queue
// that needs it.
func TestQ4_7_HoldMakesRoom(t *testing.T) {
	t.Parallel()
	d := held(t, time.Minute, 3)
	d.hub.Profile().MaxOutboundConnections = 2
	d.submit(0, d.dest[0])
	d.submit(sec(1), d.dest[1])
	d.submit(sec(10), d.dest[2])
	d.run(sec(9))
	require.EqualValues(t, 1, d.hub.Queue(0).Open)
	require.EqualValues(t, 1, d.hub.Queue(1).Open)
	d.run(sec(10))
	require.Zero(t, d.hub.Queue(0).Open, "its connection had rested longest")
	require.EqualValues(t, 1, d.hub.Queue(1).Open)
	require.EqualValues(t, 1, d.hub.Queue(2).Open)
	d.run(sec(14))
	require.Equal(t, []simtime.Time{sec(4), sec(5), sec(14)}, d.delivered)
}

// TestQ4_7_HoldMakesRoomAtOnce: a queue that waits for the server's ceiling gets the room of a connection at the instant at which that begins to rest.
func TestQ4_7_HoldMakesRoomAtOnce(t *testing.T) {
	t.Parallel()
	d := held(t, time.Minute, 2)
	d.hub.Profile().MaxOutboundConnections = 1
	d.submit(0, d.dest[0])
	d.submit(sec(1), d.dest[1])
	d.run(sec(60))
	require.Equal(t, []simtime.Time{sec(4), sec(8)}, d.delivered)
}

// TestQ7_12_ARestThatBreaks: the other side ends a connection at rest. That is no failed attempt: the queue stays Active.
func TestQ7_12_ARestThatBreaks(t *testing.T) {
	t.Parallel()
	d := held(t, time.Minute, 1)
	d.submit(0, d.dest[0])
	var resting []transport.ConnID
	d.watch = func(a transport.Action) {
		if a.Kind == transport.Rest {
			resting = append(resting, a.Conn)
		}
	}
	d.run(sec(5))
	require.Len(t, resting, 1)
	d.step(transport.Input{Kind: transport.Broken, Code: transport.Dropped, Conn: resting[0]})
	require.NoError(t, d.hub.Check())
	require.Zero(t, d.hub.Queue(0).Open)
	require.Equal(t, transport.Active, d.hub.Queue(0).State)
	require.Empty(t, d.retries)
	d.submit(sec(6), d.dest[0])
	d.run(sec(10))
	require.Equal(t, []simtime.Time{sec(4), sec(10)}, d.delivered)
}

// TestQ2_12_AHaltEndsRests: a server that stops has no connections.
func TestQ2_12_AHaltEndsRests(t *testing.T) {
	t.Parallel()
	d := held(t, time.Minute, 1)
	d.submit(0, d.dest[0])
	d.run(sec(5))
	d.halt(transport.OK)
	require.NoError(t, d.hub.Check())
	require.Zero(t, d.hub.Queue(0).Open)
	d.step(transport.Input{Kind: transport.Boot})
	d.submit(sec(6), d.dest[0])
	d.run(sec(200))
	require.Equal(t, []simtime.Time{sec(4), sec(10)}, d.delivered)
	require.Zero(t, d.hub.Queue(0).Open)
}

// TestQD2_NeverIdleWhileMailWaits: whatever comes, no connection rests while mail of its queue waits, none rests longer than the hold,
// ceilings hold, and in the end all mail is through and no connection is left.
func TestQD2_NeverIdleWhileMailWaits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		domains := rapid.IntRange(1, 4).Draw(rt, "domains")
		hold := time.Duration(rapid.IntRange(1, 30).Draw(rt, "hold")) * time.Second
		d := held(t, hold, domains)
		p := d.hub.Profile()
		p.Threshold[route.ClassSmtpConnector] = rapid.IntRange(1, 4).Draw(rt, "threshold")
		p.MaxOutboundConnections = rapid.IntRange(1, 4).Draw(rt, "server")
		p.MaxPerDomainConnections = rapid.IntRange(1, p.MaxOutboundConnections).Draw(rt, "queue")
		p.MaxMessagesPerConnection = rapid.IntRange(0, 5).Draw(rt, "messages")
		n := rapid.IntRange(1, 60).Draw(rt, "mails")
		for range n {
			d.submit(sec(float64(rapid.IntRange(0, 100).Draw(rt, "at"))), d.dest[rapid.IntRange(0, domains-1).Draw(rt, "to")])
		}
		breaks := rapid.IntRange(0, 10).Draw(rt, "one in so many breaks")
		broken := 0
		d.refuse = func(simtime.Time) bool {
			if breaks < 2 || len(d.delivered)%breaks != breaks-1 || broken == 3 {
				return false
			}
			broken++
			return true
		}
		since := map[transport.ConnID]simtime.Time{}
		d.watch = func(a transport.Action) {
			switch a.Kind {
			case transport.Rest:
				since[a.Conn] = d.now
			case transport.Send, transport.Close, transport.Dial:
				delete(since, a.Conn)
			}
		}
		d.check = func() {
			if d.hub.Due() || len(d.events) > 0 && d.events[0].at == d.now {
				return // the instant is not over
			}
			for c, at := range since {
				q := d.hub.Queue(d.hub.ConnQueue(c))
				require.LessOrEqual(rt, d.now.Sub(at), hold)
				require.LessOrEqual(rt, q.Length, q.Open, "connection %d rests while mail waits", c)
			}
		}
		d.run(sec(4000))
		require.Empty(rt, since)
		require.Len(rt, d.delivered, n)
		for i := range d.hub.Queues() {
			require.Zero(rt, d.hub.Queue(i).Open)
		}
	})
}

// TestQ2_4_AConnectionAtRestIsLive: an attempt that fails while a connection of the queue rests does not put the queue into Retry.
func TestQ2_4_AConnectionAtRestIsLive(t *testing.T) {
	t.Parallel()
	d := alone(t, topology.V2010, false, 1)
	d.hub.Profile().IdleHold = time.Minute
	d.hub.Profile().Threshold = [4]int{1, 1, 1, 1}
	d.fails = 21 * time.Second
	d.up = func(now simtime.Time, _ route.Target) transport.Code {
		return map[bool]transport.Code{true: transport.Unreachable}[now >= sec(3)]
	}
	for _, at := range []float64{0, 3, 3} {
		d.submit(sec(at), d.dest[0])
	}
	d.run(sec(30))
	require.Equal(t, []simtime.Time{sec(4), sec(6), sec(8)}, d.delivered)
	require.Empty(t, d.retries)
	require.Equal(t, transport.Active, d.hub.Queue(0).State)
}

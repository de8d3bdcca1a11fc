package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// at asks for snapshots at seconds.
func (l *lab) snapshots(at ...float64) *lab {
	for _, s := range at {
		l.cfg.Snapshots = append(l.cfg.Snapshots, seconds(s))
	}
	return l
}

// queueOf finds a queue of a snapshot by its identity.
func queueOf(s *result.Snapshot, identity string) *result.Queue {
	for i := range s.Queues {
		if s.Queues[i].Identity == identity {
			return &s.Queues[i]
		}
	}
	return nil
}

// TestQ2_1_IdleQueuesAreRemoved: a queue is there from its first message until it has been empty for 3 minutes; Submission always is, Unreachable only
// while it holds something.
func TestQ2_1_IdleQueuesAreRemoved(t *testing.T) {
	t.Parallel()
	l := newLab().snapshots(9, 10, 12, 14, 193.9, 194)
	l.burst("b", 10, 1) // set-up to 12, taken at 14
	r := l.run(t)
	require.Len(t, r.Snapshots, 6)
	var seen []string
	for i := range r.Snapshots {
		s := &r.Snapshots[i]
		require.NotNil(t, queueOf(s, `e1\Submission`))
		require.Nil(t, queueOf(s, `e1\Unreachable`))
		state := "none"
		if q := queueOf(s, `e1\1`); q != nil {
			state = fmt.Sprint(q.Status, " ", q.MessageCount)
		}
		seen = append(seen, state)
	}
	require.Equal(t, []string{"none", "Connecting 1", "Active 1", "Ready 0", "Ready 0", "none"}, seen)
}

// TestQ2_4_StateInASnapshot: a queue with a live connection is Active though the other side refuses more; one that all refuse is in Retry, and its retry
// shows as Connecting.
func TestQ2_4_StateInASnapshot(t *testing.T) {
	t.Parallel()
	l := newLab().snapshots(3, 61, 121, 123)
	l.edge("e2")
	l.nat = "192.0.2.1"
	l.cfg.Remotes[0].MaxConnectionsPerSource = 1
	l.burst("b", 0, 60) // 30 to each in turn; e1 gets the connection, from 0 to 42 s and from 42 to 64 s
	r := l.run(t)
	at := func(i int, identity string) *result.Queue { return queueOf(&r.Snapshots[i], identity) }
	live := at(0, `e1\1`)
	require.Equal(t, "Active", live.Status)
	require.Contains(t, live.LastError, "421 4.3.2", "more connections were refused")
	require.Nil(t, live.Retry)

	require.Equal(t, "Retry", at(0, `e2\1`).Status)
	require.Equal(t, result.Retry{Count: 0, First: 0, Last: 0, Next: seconds(60)}, *at(0, `e2\1`).Retry)
	require.Equal(t, int64(30), at(0, `e2\1`).MessageCount)
	for _, m := range r.Snapshots[0].Messages {
		if m.Queue == `e2\1` {
			require.Equal(t, "Retry", m.Status, "Q-7.11")
		}
	}
	require.Equal(t, result.Retry{Count: 1, First: 0, Last: seconds(60), Next: seconds(120)}, *at(1, `e2\1`).Retry)
	require.Equal(t, "Connecting", at(2, `e2\1`).Status)
	require.Equal(t, result.Retry{Count: 1, First: 0, Last: seconds(60), Next: simtime.Never}, *at(2, `e2\1`).Retry, "the retry under way has not failed")
	require.Equal(t, "Active", at(3, `e2\1`).Status)
	require.Nil(t, at(3, `e2\1`).Retry)
	require.Contains(t, at(3, `e2\1`).LastError, "421 4.3.2", "its second connection is refused")
}

// TestQ2_6_RatesOfARun: arrivals and departures of the last minute, the minute's first instant left out.
func TestQ2_6_RatesOfARun(t *testing.T) {
	t.Parallel()
	l := newLab().snapshots(0, 30, 60, 90, 600)
	l.every("e", 0, 1, 120) // at 0, 1, 2, ... s
	r := l.run(t)
	var in []float64
	for i := range r.Snapshots[:4] {
		in = append(in, queueOf(&r.Snapshots[i], `e1\1`).Incoming*60)
	}
	require.InDeltaSlice(t, []float64{1, 31, 61, 60}, in, 1e-9, "before the start nothing had come; at 90 s those of 31 to 90 s count")
	require.InDelta(t, 60, queueOf(&r.Snapshots[3], `e1\Submission`).Incoming*60, 1e-9)
	last := r.Snapshots[3]
	q := queueOf(&last, `e1\1`)
	require.Positive(t, q.Outgoing)
	require.Negative(t, q.Outgoing-q.Incoming, "the queue grows")
	require.Zero(t, queueOf(&r.Snapshots[4], `e1\Submission`).Incoming)
}

// TestSnapshotsDisturbNothing: the run is the same with and without them.
func TestSnapshotsDisturbNothing(t *testing.T) {
	t.Parallel()
	cfg := tenSites(t, 5_000, true)
	plain := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, plain))
	for s := range 200 {
		cfg.Snapshots = append(cfg.Snapshots, simtime.Time(cfg.Duration)/200*simtime.Time(s))
	}
	watched := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), cfg, 0, watched))
	a, b := plain.Run(), watched.Run()
	require.Len(t, b.Snapshots, 200)
	require.Equal(t, a.Summary.Fingerprint, b.Summary.Fingerprint)
	require.Equal(t, a.Summary.Metrics, b.Summary.Metrics)
	require.Equal(t, a.Events, b.Events)
	require.Equal(t, a.Series, b.Series)
	held := 0
	for i := range b.Snapshots {
		held += len(b.Snapshots[i].Messages)
	}
	require.Positive(t, held)
}

// TestManyMessages: of a server with very many messages the listing has the first 100,000 and says how many more there are; the counts of the queues
// are whole.
func TestManyMessages(t *testing.T) {
	t.Parallel()
	const most = 100_000
	l := newLab().snapshots(1)
	l.cfg.Duration = second
	l.burst("b", 0, most+7)
	s := l.run(t).Snapshots[0]
	require.EqualValues(t, most+7, queueOf(&s, `e1\1`).MessageCount)
	require.Len(t, s.Messages, most)
	require.Equal(t, []string{"e1: 7 more messages; the first 100000 are listed."}, s.Notes)
}

// noSnapshots is a sink that takes none.
type noSnapshots struct{ result.Sink }

func TestSnapshotsThatCannotBeTaken(t *testing.T) {
	t.Parallel()
	cfg := tenSites(t, 10, false)
	cfg.Snapshots = []simtime.Time{1}
	require.ErrorContains(t, sim.Run(t.Context(), cfg, 0, noSnapshots{result.NewMemory(0, 0)}), "its sink takes none")
	for _, wrong := range [][]simtime.Time{{-1}, {2, 1}, {simtime.Time(cfg.Duration) + 1}} {
		cfg.Snapshots = wrong
		require.ErrorContains(t, sim.Run(t.Context(), cfg, 0, result.NewMemory(0, 0)), "give instants from 0s to")
	}
}

// TestSnapshotCounts: in random runs every queue has as many messages as it says, by priority too, each in the place that its identity names, and what is
// in Retry says when it goes on.
func TestSnapshotCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := newLab()
		for i := range rapid.IntRange(0, 2).Draw(rt, "more edges") {
			l.edge(fmt.Sprintf("e%d", i+2))
		}
		l.nat = "192.0.2.1"
		l.cfg.Duration = 10 * time.Minute
		l.cfg.Remotes[0].MaxConnectionsPerSource = rapid.IntRange(0, 4).Draw(rt, "limit")
		l.cfg.Model.Submitted.Base = time.Duration(rapid.IntRange(0, 400).Draw(rt, "categoriser, ms")) * time.Millisecond
		for s := range l.servers {
			l.profile(topology.ServerID(s)).Threshold[0] = rapid.IntRange(1, 30).Draw(rt, "threshold")
		}
		for i := range rapid.IntRange(1, 3).Draw(rt, "bursts") {
			l.burst(fmt.Sprint("b", i), float64(rapid.IntRange(0, 300).Draw(rt, "at")), int64(rapid.IntRange(1, 80).Draw(rt, "count")))
		}
		var at []simtime.Time
		for range 20 {
			at = append(at, simtime.Time(rapid.IntRange(0, 600_000).Draw(rt, "snapshot, ms"))*simtime.Time(time.Millisecond))
		}
		slices.Sort(at)
		l.cfg.Snapshots = slices.Compact(at)
		r := l.run(t)
		require.Len(rt, r.Snapshots, len(l.cfg.Snapshots))
		for i := range r.Snapshots {
			checkSnapshot(rt, &r.Snapshots[i])
		}
	})
}

func checkSnapshot(t require.TestingT, s *result.Snapshot) {
	rows := map[string]int64{}
	for _, m := range s.Messages {
		rows[m.Queue]++
		require.True(t, strings.HasPrefix(m.Identity, m.Queue+`\`), m.Identity)
		require.LessOrEqual(t, m.Received, s.Time)
		require.Greater(t, m.Expires, s.Time)
		require.GreaterOrEqual(t, m.Age, s.Time.Sub(m.Received))
	}
	for i := range s.Queues {
		q := &s.Queues[i]
		require.Equal(t, q.MessageCount, rows[q.Identity], "%s at %s", q.Identity, s.Time)
		require.Equal(t, q.MessageCount, q.ByPriority.Total())
		require.Equal(t, q.Deferred, q.DeferredBy.Total())
		delete(rows, q.Identity)
		switch q.Status {
		case "Retry":
			require.NotNil(t, q.Retry)
			require.LessOrEqual(t, q.Retry.First, q.Retry.Last)
			require.LessOrEqual(t, q.Retry.Last, s.Time)
			require.GreaterOrEqual(t, q.Retry.Next, s.Time)
			require.NotEmpty(t, q.LastError)
		case "Active", "Connecting":
			require.Positive(t, q.MessageCount)
		default:
			require.Equal(t, "Ready", q.Status)
		}
	}
	require.Empty(t, rows, "messages of queues that are not listed")
}

package sim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// digestLines writes a digest in short.
func digestLines(s *result.Snapshot) (out []string) {
	for _, g := range s.Digest {
		line := g.NextHopDomain
		for _, q := range g.Queues {
			line += fmt.Sprintf(" %s=%d", q.Identity, q.MessageCount)
		}
		out = append(out, line)
	}
	return out
}

// TestQ2_7_Digest: queues of 10 messages and more, of all servers for a next hop together, as they were at the second last whole minute.
func TestQ2_7_Digest(t *testing.T) {
	t.Parallel()
	c := inbound(t, transport.ReceiveLimits{})
	c.cut("AB", 0, 3000)
	c.burst("first", "Am", 30, 19, "Bm") // 10 at A1, 9 at A2
	c.burst("more", "Am", 70, 2, "Bm")   // 11 and 10
	c.down("A2", fault.ServiceStop, 170, 250)
	for _, s := range []float64{59, 60, 119, 120, 179.5, 180, 290, 400} {
		c.cfg.Snapshots = append(c.cfg.Snapshots, seconds(s))
	}
	r := c.run()
	for i, want := range []struct {
		at   simtime.Time
		rows []string
	}{
		{simtime.Never, nil},
		{0, nil},
		{0, nil},
		{seconds(60), []string{`B A1\1=10`}}, // A2 has 9
		{seconds(60), []string{`B A1\1=10`}},
		{seconds(120), []string{`B A1\1=11 A2\1=10`}},
		{seconds(180), []string{`B A1\1=11`}}, // A2 did not answer
		{seconds(300), []string{`B A1\1=11 A2\1=10`}},
	} {
		s := &r.Snapshots[i]
		require.Equal(t, want.at, s.DigestAt, s.Time)
		require.Equal(t, want.rows, digestLines(s), s.Time)
	}
	q := r.Snapshots[3].Digest[0].Queues[0]
	require.InDelta(t, 10.0/60, q.Incoming, 1e-9, "the minute before the state that is shown")
	require.Equal(t, "Retry", q.Status)
	require.InDelta(t, 1.0/60, r.Snapshots[5].Digest[0].Queues[0].Incoming, 1e-9)
}

// TestQ2_7_NeverEdges: the queues of Edges are no part of a digest, however long.
func TestQ2_7_NeverEdges(t *testing.T) {
	t.Parallel()
	l := newLab().snapshots(180)
	l.cfg.Remotes[0].MaxConnectionsPerSource = 1
	l.burst("b", 10, 400)
	s := l.run(t).Snapshots[0]
	require.Greater(t, queueOf(&s, `e1\1`).MessageCount, int64(100))
	require.Equal(t, seconds(120), s.DigestAt)
	require.Empty(t, s.Digest)
}

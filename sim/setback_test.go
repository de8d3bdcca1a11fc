package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// messagesIn are the messages of one queue of a snapshot.
func messagesIn(s *result.Snapshot, queue string) []result.Message {
	var out []result.Message
	for _, m := range s.Messages {
		if m.Queue == queue {
			out = append(out, m)
		}
	}
	return out
}

// TestQ7_10_LastErrorOfAMessage: a message that the other side put off says so in a listing, with what it was told and how often; when it is tried again it is
// not deferred any more, and still says it.
func TestQ7_10_LastErrorOfAMessage(t *testing.T) {
	t.Parallel()
	c := inbound(t, transport.ReceiveLimits{MessageRate: 2})
	c.mail("m", "Am", 0, 8, "Bm") // 4 for each hub, every other second; the rate takes 2 a minute
	c.cfg.Snapshots = append(c.cfg.Snapshots, seconds(20), seconds(906.5), seconds(907.5))
	r := c.run()
	const said = "450 4.7.0 message rate limit exceeded"
	deferred := messagesIn(&r.Snapshots[0], `A1\1`)
	require.Len(t, deferred, 2)
	for _, m := range deferred {
		require.Equal(t, "Retry", m.Status)
		require.Equal(t, said, m.LastError)
		require.EqualValues(t, 1, m.Retries)
		require.Equal(t, "TransientFailure", m.Deferral)
	}
	require.EqualValues(t, 2, queueOf(&r.Snapshots[0], `A1\1`).Deferred)
	again := 0
	for i := range r.Snapshots[1:] {
		for _, m := range r.Snapshots[1+i].Messages {
			if m.Status == "Active" {
				again++
				require.Equal(t, said, m.LastError)
				require.EqualValues(t, 1, m.Retries)
				require.Empty(t, m.Deferral)
			}
		}
	}
	require.Positive(t, again)
}

// TestQ2_5_SuspendedInAListing: a suspended message is in its queue and not put off; one in transmission is pending. Resumed, it goes at once.
func TestQ2_5_SuspendedInAListing(t *testing.T) {
	t.Parallel()
	c := inbound(t, transport.ReceiveLimits{})
	c.burst("m", "Am", 10, 3, "Bm") // two of them at A1: set-up to 11 s, taken at 12 and 13 s
	step := func(kind fault.ActionKind, at float64) {
		c.cfg.Actions = append(c.cfg.Actions, fault.Action{Kind: kind, At: seconds(at), Probability: 1, DC: topology.None, Hosts: []fault.Host{{Server: c.servers["A1"], DC: topology.None}}})
	}
	step(fault.SuspendMessage, 11.5)
	step(fault.ResumeMessage, 100)
	c.cfg.Snapshots = append(c.cfg.Snapshots, seconds(11.5), seconds(60))
	r := c.run()
	var states []string
	for i := range r.Snapshots {
		for _, m := range messagesIn(&r.Snapshots[i], `A1\1`) {
			states = append(states, m.Status)
			require.Empty(t, m.Deferral)
		}
		q := queueOf(&r.Snapshots[i], `A1\1`)
		require.Zero(t, q.Deferred)
		checkSnapshot(t, &r.Snapshots[i])
	}
	require.Equal(t, []string{"PendingSuspend", "Suspended", "Suspended"}, states)
	require.Equal(t, "Ready", queueOf(&r.Snapshots[1], `A1\1`).Status)
	require.Equal(t, 3.0, stat(t, r, "messages.delivered", "site=all", "total"))
	require.InDelta(t, 90+2, stat(t, r, "delivery.delay", "from=all,to=all", "max"), 1.1)
}

package transport_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawScript draws a script that is as crowded as the rules allow: few distinct instants, low ceilings, outages.
func drawScript(t *rapid.T) *script {
	n := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	s := &script{servers: n("servers", 1, 2), memory: rapid.Bool().Draw(t, "memory"), serverCap: n("server ceiling", 1, 8), putOff: map[int]bool{}}
	for range n("remotes", 1, 3) {
		r := remoteSpec{limit: n("limit", 0, 4), perConn: n("remote messages", 0, 4), setUp: n("set-up", 0, 2), fail: n("failing", 0, 2), each: n("each", 0, 3)}
		r.downFrom = n("down from", 0, 20)
		r.downUntil = r.downFrom + n("down for", 0, 30)
		r.downFrom2 = r.downUntil + n("up for", 1, 10)
		r.downUntil2 = r.downFrom2 + n("down for again", 0, 10)
		s.remotes = append(s.remotes, r)
	}
	for range n("queues", 1, 4) {
		q := queueSpec{threshold: n("threshold", 1, 4), ceiling: n("ceiling", 1, 5), perConn: n("messages", 1, 5)}
		q.remotes = rapid.SliceOfNDistinct(rapid.IntRange(0, len(s.remotes)-1), 1, len(s.remotes), rapid.ID[int]).Draw(t, "smart hosts")
		s.queues = append(s.queues, q)
	}
	for range n("bursts", 1, 12) {
		a := arrivalSpec{n("at", 0, 30) + 60*max(0, n("minutes later", -6, 2)), n("server", 0, s.servers-1), n("queue", 0, len(s.queues)-1)}
		for range n("burst", 1, 8) {
			s.arrivals = append(s.arrivals, a)
		}
	}
	for range n("put off", 0, 4) {
		s.putOff[n("message", 0, len(s.arrivals)-1)] = true
	}
	for range n("breaks", 0, 3) {
		s.breaks = append(s.breaks, breakSpec{n("break at", 0, 40), n("remote", 0, len(s.remotes)-1)})
	}
	if n("outage", 0, 3) == 0 {
		p := powerSpec{at: n("halt", 0, 30), server: n("server", 0, s.servers-1)}
		p.until = p.at + n("off for", 0, 10)
		s.power = append(s.power, p)
	}
	for range n("retries", 0, 2) {
		s.retryNow = append(s.retryNow, operatorSpec{n("retry at", 0, 40), n("server", 0, s.servers-1)})
	}
	for range n("resubmissions", 0, 1) {
		s.resubmit = append(s.resubmit, operatorSpec{n("resubmit at", 0, 40), n("server", 0, s.servers-1)})
	}
	return s
}

// TestQ4_12_MarkingEqualsTheRuleTakenLiterally compares the Hub, which marks few queues, with a server that evaluates all that the rule
// names: every dial, transmission, reply and close, and every way into and out of Retry, at the same instants and in the same order.
func TestQ4_12_MarkingEqualsTheRuleTakenLiterally(t *testing.T) {
	t.Parallel()
	for part := range 20 {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				s := drawScript(t)
				plain, hubs := newStage(s), newStage(s)
				newLiterals(plain)
				newHubs(t, hubs)
				plain.run(t)
				hubs.run(t)
				require.Equal(t, plain.trace, hubs.trace)
				require.Equal(t, hubs.accepted, hubs.taken, "nothing is left behind")
			})
		})
	}
}

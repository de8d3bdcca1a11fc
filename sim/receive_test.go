package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// inbound is two hubs of site A that send to the one hub of site B, whose receiving side has limits. Set-up 1 s, 1 s a message.
func inbound(t *testing.T, limits transport.ReceiveLimits, address ...string) *campus {
	c := newCampus(t, topology.V2010RTM, "AB")
	if len(address) > 0 {
		c.nat = map[string]string{"A1": address[0], "A2": address[0]}
	}
	c.server("A1", hubRole)
	c.server("A2", hubRole)
	c.server("Am", boxRole)
	c.server("B1", hubRole)
	c.server("Bm", boxRole)
	c.cfg.Servers[c.servers["B1"]].Receive = limits
	c.cfg.Model.Session = sim.SessionCost{Setup: rng.Constant(1), PerMessage: rng.Constant(1)}
	c.cfg.Output.Queues = true
	return c
}

func queueLabels(server, hop string) string {
	return "server=" + server + ",next_hop=" + hop + ",delivery_type=SmtpRelayToRemoteAdSite,connector="
}

// TestQ5_1_InboundLimitsInARun: a hub takes no more connections from one source, or in all, than its receiving side allows; what is refused is
// tried again as at an outside system, and connections that end make room.
func TestQ5_1_InboundLimitsInARun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		limits transport.ReceiveLimits
		nat    string
		want   [2]float64 // connections of A1 and A2
	}{
		{"none", transport.ReceiveLimits{}, "", [2]float64{5, 5}},
		{"per source", transport.ReceiveLimits{MaxPerSource: 3}, "", [2]float64{3, 3}},
		{"per source, one address", transport.ReceiveLimits{MaxPerSource: 4}, "gate", [2]float64{2, 2}},
		{"in total", transport.ReceiveLimits{MaxConnections: 6}, "", [2]float64{3, 3}},
		{"percentage of what is left", transport.ReceiveLimits{MaxConnections: 20, PercentPerSource: 20}, "", [2]float64{3, 3}}, // 20% of 20, 18, ..., 14: 2.8
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := inbound(t, c.limits, c.nat)
			b.burst("burst", "Am", 10, 200, "Bm") // 100 for each hub: five connections
			r := b.run()
			refused := stat(t, r, "refusals", "server=A1,next_hop=B", "total") > 0
			require.Equal(t, c.name != "none", refused)
			for i, server := range []string{"A1", "A2"} { // while all of them send; one more attempt may be on its way to a refusal
				open := level(t, r, "queue.connections", queueLabels(server, "B"), 15)
				require.GreaterOrEqual(t, open, c.want[i])
				require.LessOrEqual(t, open, c.want[i]+float64(b2i(refused)))
			}
			require.Equal(t, 200.0, stat(t, r, "messages.delivered", "site=all", "total"))
		})
	}
}

// TestQ5_3_MessageRateInARun: the third message of a minute from one source is put off for the sender's MessageRetryInterval and costs a round trip only;
// the connection and the queue go on.
func TestQ5_3_MessageRateInARun(t *testing.T) {
	t.Parallel()
	c := inbound(t, transport.ReceiveLimits{MessageRate: 2})
	c.mail("m", "Am", 0, 8, "Bm") // 4 for each hub, every other second
	r := c.run()
	require.Equal(t, 8.0, stat(t, r, "messages.delivered", "site=all", "total"))
	require.Equal(t, 0.0, stat(t, r, "retries", "server=A1,next_hop=B", "total"))
	require.Equal(t, 4.0, level(t, r, "server.queue_length", "server=A1,class=all,state=all", 600)+level(t, r, "server.queue_length", "server=A2,class=all,state=all", 600))
	require.Equal(t, 4.0, stat(t, r, "deferrals", "server=A1,next_hop=B", "total")+stat(t, r, "deferrals", "server=A2,next_hop=B", "total"))
	told := 0
	for _, e := range r.Events {
		if e.Kind == "queue.deferred" {
			told++
		}
	}
	require.Equal(t, 2, told, "once a queue")
	require.InDelta(t, 900+3, stat(t, r, "delivery.delay", "from=all,to=all", "max"), 3, "15 min later")
}

// TestQ5_4_ConnectionRateInARun: with three connections a minute the fourth is not refused: its accept waits until the first is a minute old (Q-5.4a).
func TestQ5_4_ConnectionRateInARun(t *testing.T) {
	t.Parallel()
	c := inbound(t, transport.ReceiveLimits{ConnectionRate: 3})
	c.burst("burst", "Am", 10, 200, "Bm")
	r := c.run()
	require.Zero(t, stat(t, r, "refusals", "server=A1,next_hop=B", "total"))
	require.Equal(t, 200.0, stat(t, r, "messages.delivered", "site=all", "total"))
	// Three sessions begin at 10 s; each carries 20 messages, 1 s each. Ten sessions are needed, three a minute: the last begins at 190 s.
	require.InDelta(t, 190+1+20-10, stat(t, r, "delivery.delay", "from=all,to=all", "max"), 1)
}

// TestReceiverForgetsConnectionsOfACrash: connections that broke with the server, or with their sender, do not count any more.
func TestReceiverForgetsConnectionsOfACrash(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"B1", "A1"} {
		c := inbound(t, transport.ReceiveLimits{MaxPerSource: 3})
		c.burst("burst", "Am", 10, 200, "Bm")
		c.down(who, fault.Crash, 15, 60)
		c.cut("AB", 100, 130)
		c.cfg.Duration = 2 * time.Hour
		r := c.run()
		require.Equal(t, 200.0, stat(t, r, "messages.delivered", "site=all", "total"), who)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

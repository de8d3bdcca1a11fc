package sim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const cloud = "server=e1,next_hop=cloud"

// TestQ4_1_Drains is QG-5: a queue of q0 messages, all there at t=0.
func TestQ4_1_Drains(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		q0            int64
		n, ceiling, k int
		peak, opened  float64
		last, mean    float64
	}{
		{21, 20, 20, 20, 2, 2, 24, 13.524},
		{25, 20, 20, 20, 2, 2, 28, 15.520},
		{100, 20, 20, 20, 5, 5, 42, 23},
		{100, 5, 20, 20, 20, 20, 12, 8},
		{400, 20, 20, 20, 20, 20, 42, 23},
		{400, 20, 50, 20, 20, 20, 42, 23},
		{400, 5, 50, 20, 50, 50, 18, 11},
		{400, 2, 40, 20, 40, 40, 22, 13},
		{1000, 20, 20, 20, 20, 50, 126, 56.6},
		{1000, 20, 50, 20, 50, 50, 42, 23},
		{1000, 20, 20, 50, 20, 20, 102, 53},
	} {
		t.Run(fmt.Sprintf("QG-5 q0=%d N=%d ceiling=%d k=%d", c.q0, c.n, c.ceiling, c.k), func(t *testing.T) {
			t.Parallel()
			l := newLab()
			p := l.profile(0)
			p.Threshold[0], p.MaxPerDomainConnections, p.MaxMessagesPerConnection = c.n, c.ceiling, c.k
			l.burst("b", 0, c.q0)
			r := l.run(t)
			require.Equal(t, c.peak, stat(t, r, "server.connections", "server=e1", "max"), "peak")
			require.Equal(t, c.opened, stat(t, r, "sessions", cloud, "total"), "connections opened")
			require.Equal(t, c.last, stat(t, r, "delivery.delay", "from=all,to=all", "max"), "last delivery")
			require.InDelta(t, c.mean, stat(t, r, "delivery.delay", "from=all,to=all", "mean"), 0.0005, "mean delay")
		})
	}
}

package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestQX13_DefaultsByVersion is the table of a server's settings as installed, by version and role. QX-13: an Edge's second stage is 10 minutes, whatever
// else one page prints; QX-16: it comes after the first, not at once.
func TestQX13_DefaultsByVersion(t *testing.T) {
	t.Parallel()
	for v := topology.V2007RTM; v <= topology.VSE; v++ {
		for _, edge := range []bool{false, true} {
			p := transport.DefaultProfile(v, edge)
			deliveries, transient, outbound := 20, 5*time.Minute, 10*time.Minute
			if v <= topology.V2007 {
				deliveries = 30
			}
			if edge {
				transient, outbound = 10*time.Minute, 30*time.Minute
			}
			require.Equal(t, deliveries, p.MaxMailboxDeliveries, v)
			require.Equal(t, deliveries, p.MaxMailboxSubmissions, v)
			require.Equal(t, 4, p.GlitchRetryCount)
			require.Equal(t, time.Minute, p.GlitchRetryInterval)
			require.Equal(t, 6, p.TransientRetryCount)
			require.Equal(t, transient, p.TransientRetryInterval)
			require.Equal(t, outbound, p.OutboundRetryInterval)
			require.Equal(t, 5*time.Minute, p.MailboxRetryInterval)
			require.Equal(t, 12*time.Hour, p.MaxIdleBeforeResubmit)
			require.Equal(t, 30*time.Minute, p.ResolverRetryInterval)
			require.Equal(t, 3*time.Minute, p.QueueMaxIdleTime)
			require.Equal(t, 2, p.PoisonThreshold)
			require.Equal(t, 8, p.CategoriserWorkers)
			require.Zero(t, p.IdleHold)
			require.Equal(t, transport.Timeouts{Delay: 4 * time.Hour, Expiry: 48 * time.Hour}, p.Reports.Timeouts)
			require.False(t, p.Reports.PriorityQueueing)
			require.Equal(t, [transport.NumPriorities]transport.Timeouts{
				transport.PriorityHigh: {Delay: 30 * time.Minute, Expiry: 8 * time.Hour}, transport.PriorityNormal: {Delay: 4 * time.Hour, Expiry: 48 * time.Hour},
				transport.PriorityLow: {Delay: 8 * time.Hour, Expiry: 48 * time.Hour},
			}, p.Reports.ByPriority)
			require.Equal(t, transport.PriorityConnections{transport.PriorityHigh: 3, transport.PriorityNormal: 15, transport.PriorityLow: 2}, p.Priorities)
			require.EqualValues(t, 250*1024, p.Reports.MaxHighSize)
			for i := 1; i <= 4; i++ { // QX-16
				require.Equal(t, time.Minute, transport.RetryWait(&p, route.ClassIntraOrg, i))
			}
			require.Equal(t, transient, transport.RetryWait(&p, route.ClassIntraOrg, 5))
		}
	}
}

// TestQ8_5_EveryTwelveHoursOfRetry: resubmissions stand at whole times of 12 h after the first failure, also when the queue was empty at one of them and
// mail came before it was removed.
func TestQ8_5_EveryTwelveHoursOfRetry(t *testing.T) {
	t.Parallel()
	const hour = 60 * minute
	d := alone(t, topology.V2010, false, 1)
	d.up, d.null = downUntil(simtime.Never), true
	d.hub.Profile().Reports.Expiry = 12*time.Hour - time.Minute
	var categorised []simtime.Time
	d.watch = func(a transport.Action) {
		if a.Kind == transport.Categorise {
			categorised = append(categorised, d.now)
		}
	}
	d.submit(0, d.dest[0])
	d.run(12 * hour)
	require.Equal(t, []transport.Code{transport.Expired}, d.bounced, "empty one minute before")
	d.hub.Profile().Reports.Expiry = 90 * 24 * time.Hour
	d.submit(12*hour+minute, d.dest[0])
	d.run(37 * hour)
	require.Equal(t, []simtime.Time{0, 12*hour + minute, 24 * hour, 36 * hour}, categorised)
}

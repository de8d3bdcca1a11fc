package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// keeping lets every server of a couple keep what it has passed on, for a time.
func (x *couple) keeping(v topology.Version, hold time.Duration) *couple {
	for i := range x.cfg.Servers {
		x.cfg.Servers[i].SafetyNet = transport.DefaultSafetyNet(v)
		if hold > 0 {
			x.cfg.Servers[i].SafetyNet = x.cfg.Servers[i].SafetyNet.WithHold(hold)
		}
	}
	return x
}

// kept are the largest and the last number of messages and bytes that a server keeps, and how many came and left.
func kept(t *testing.T, r *result.Run, server string) [6]float64 {
	e := "server=" + server
	return [6]float64{
		stat(t, r, "safety_net.items", e, "max"), stat(t, r, "safety_net.bytes", e, "max"), stat(t, r, "safety_net.items", e, "last"), stat(t, r, "safety_net.bytes", e, "last"),
		stat(t, r, "safety_net.inserts", e, "total"), stat(t, r, "safety_net.deletes", e, "total"),
	}
}

// TestQ11_6_ServersKeepWhatTheyPassOn: P and Q take six messages of 1,000 bytes, half each, and keep them, each its own and the copies of the
// other's. A server that restarts has them; one whose disk is lost has not.
func TestQ11_6_ServersKeepWhatTheyPassOn(t *testing.T) {
	t.Parallel()
	story := func(v topology.Version) *couple { return newCouple(v, "09:01:00").mail("09:59:30", 6, true) }
	r := story(topology.V2016).keeping(topology.V2016, 0).run(t)
	require.Equal(t, [6]float64{6, 6000, 6, 6000, 6, 0}, kept(t, r, "P"))
	require.Equal(t, [6]float64{6, 6000, 6, 6000, 6, 0}, kept(t, r, "Q"))
	r = story(topology.V2016).keeping(topology.V2016, 0).without().run(t)
	require.Equal(t, [6]float64{3, 3000, 3, 3000, 3, 0}, kept(t, r, "P"), "without shadow copies on one server")
	r = story(topology.V2016).keeping(topology.V2016, 0).crash(0, "11:00:00", "11:10:00", false).run(t)
	require.Equal(t, [6]float64{6, 6000, 6, 6000, 6, 0}, kept(t, r, "P"))
	r = story(topology.V2016).keeping(topology.V2016, 0).crash(0, "11:00:00", "11:10:00", true).run(t)
	require.Equal(t, [6]float64{6, 6000, 0, 0, 6, 6}, kept(t, r, "P"))

	// What comes at 10:00:30 is there to the end of its grain, a second, and the hold time; the copies are known at 10:01.
	r = story(topology.V2016).keeping(topology.V2016, 15*time.Second).run(t)
	require.Equal(t, [6]float64{3, 3000, 0, 0, 6, 6}, kept(t, r, "P"))
	mean := stat(t, r, "safety_net.items", "server=P", "mean")
	require.InDelta(t, 3*2*16./36000, mean, 1e-6, "exact, whenever somebody looks")

	// The trajectory is another's business.
	off := story(topology.V2016).run(t)
	require.Equal(t, off.Summary.Fingerprint, r.Summary.Fingerprint)
	for _, m := range off.Summary.Metrics {
		require.NotContains(t, m.Metric, "safety_net")
	}
}

// TestQ11_6_TheDumpsterIsOfTheHub: before 2013 a hub keeps what it delivered into mailboxes, database by database, up to a size.
func TestQ11_6_TheDumpsterIsOfTheHub(t *testing.T) {
	t.Parallel()
	r := failover(topology.V2010, "10m", "10:55:00").run(t)
	require.Equal(t, [6]float64{65, 65000, 65, 65000, 65, 0}, kept(t, r, "H"))
	x := failover(topology.V2010, "10m", "10:55:00")
	x.cfg.Servers[2].SafetyNet.MaxBytes = 10_000
	r = x.run(t)
	require.Equal(t, [6]float64{10, 10000, 10, 10000, 65, 55}, kept(t, r, "H"))
}

// TestQ10_9_SafetyNetIsOnTheDrive: what has been passed on still fills the drive, and leaves it again.
func TestQ10_9_SafetyNetIsOnTheDrive(t *testing.T) {
	t.Parallel()
	story := func(hold time.Duration) *couple {
		x := newCouple(topology.V2016, "09:01:00").mail("09:59:30", 60, true)
		x.keeping(topology.V2016, hold)
		p := &x.cfg.Servers[x.p].Pressure
		*p = sim.Pressure{Settings: transport.DefaultPressure(topology.V2016, transport.Machine{}), Drive: 1_000_000, DriveUsed: 910_000}
		return x
	}
	// P's mail and its copies of Q's are 60,000 bytes, 97 %: Medium. P's own half goes at 1h30m, when its minute and the hold time are over,
	// but 94 % is not below 94. The copies of Q's were known to be passed on at 1h: they go a minute later, and the poll of that instant sees it.
	require.Equal(t, []string{"58m32s P 15004 Medium 97", "1h31m0s P 15005 Low 91"}, pressureEvents(story(30*time.Minute).run(t)))
	require.Equal(t, []string{"58m32s P 15004 Medium 97"}, pressureEvents(story(0).run(t)))
}

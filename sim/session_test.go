package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// roundTrips are b and d of the session profiles (docs/rules/queueing.md): of the set-up, of a message with one recipient, and of each further
// recipient.
var roundTrips = map[string][3]float64{
	"smtp-plain": {3, 4, 1}, "esmtp-pipelining": {3, 3, 0}, "esmtp-pipelining-max": {3, 2, 0}, "esmtp-chunking": {3, 2, 0},
	"starttls-chunking": {7, 2, 0}, "exchange-auth": {8, 2, 0},
}

// sessionTime runs n messages of 76,800 bytes through one session from a hub to one in the next site and returns how long the session
// lasted, in seconds.
func sessionTime(t *testing.T, profile string, rtt time.Duration, bandwidth, n, recipients int64, change ...func(*sim.Config)) float64 {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	sites := []topology.SiteID{b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "B"})}
	b.Link(topology.Link{Name: "A-B", Sites: sites, Cost: 1, RTT: rtt, Up: bandwidth, Down: bandwidth})
	trips := roundTrips[profile]
	cfg := sim.Config{
		Name: "session", Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Duration: time.Hour, Seed: 1,
		Model: sim.Model{
			Session:     sim.SessionCost{RoundTrips: trips[0], PerMessageRoundTrips: trips[1], PerRecipientRoundTrips: trips[2]},
			NotifyDelay: 5 * second, MaxClockSkew: 5 * time.Minute,
		},
		Output: sim.Output{SampleInterval: second, Servers: true},
	}
	var servers []topology.ServerID
	for i, s := range sites {
		servers = append(servers, b.Server(topology.Server{
			Name: fmt.Sprintf("h%d", i), Site: s, Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010, DC: topology.None, Mailboxes: 10,
		}))
		cfg.Servers = append(cfg.Servers, sim.Server{Profile: transport.DefaultProfile(topology.V2010, false)})
	}
	cfg.Loads = []load.Source{{
		ID: "b", Kind: load.Burst, End: simtime.Never, Count: n, Size: rng.Constant(76800), Recipients: rng.Constant(float64(recipients)),
		From: []load.Party{{Kind: load.PartyMailbox, Server: servers[0], Weight: 1}}, To: []load.Party{{Kind: load.PartyMailbox, Server: servers[1], Weight: 1}},
	}}
	org, err := b.Build()
	require.NoError(t, err)
	cfg.Org = org
	for _, c := range change {
		c(&cfg)
	}
	m := result.NewMemory(0, 0)
	require.NoError(t, sim.Run(t.Context(), &cfg, 0, m))
	require.Equal(t, 1.0, stat(t, m.Run(), "sessions", "server=h0,next_hop=B", "total"), "one session")
	return stat(t, m.Run(), "server.connections", "server=h0", "mean") * cfg.Duration.Seconds()
}

// TestQ6_1_SessionTime is QG-27 and QG-28: T = a + b*R + n * (c + d*R + bytes*8/bandwidth), with a = c = 0.
func TestQ6_1_SessionTime(t *testing.T) {
	t.Parallel()
	for profile, want := range map[string]float64{
		"smtp-plain": 2.2114, "esmtp-pipelining": 1.7114, "esmtp-pipelining-max": 1.2114, "esmtp-chunking": 1.2114, "starttls-chunking": 1.4114,
		"exchange-auth": 1.4614,
	} {
		t.Run("QG-27 "+profile, func(t *testing.T) {
			t.Parallel()
			require.InDelta(t, want, sessionTime(t, profile, 50*time.Millisecond, 100e6, 10, 1), 0.00005)
		})
	}
	profiles := []string{"smtp-plain", "esmtp-pipelining", "esmtp-chunking", "starttls-chunking", "exchange-auth"}
	for _, c := range []struct {
		rtt       time.Duration
		bandwidth int64
		want      [5]float64
		tolerance float64 // half of the last digit given
	}{
		{time.Millisecond, 1e9, [5]float64{0.0953, 0.0753, 0.0553, 0.0593, 0.0603}, 0.00005},
		{50 * time.Millisecond, 100e6, [5]float64{4.2729, 3.2729, 2.2729, 2.4729, 2.5229}, 0.00005},
		{100 * time.Millisecond, 10e6, [5]float64{9.5288, 7.5288, 5.5288, 5.9288, 6.0288}, 0.00005},
		{300 * time.Millisecond, 2e6, [5]float64{31.044, 25.044, 19.044, 20.244, 20.544}, 0.0005},
	} {
		for i, profile := range profiles {
			t.Run(fmt.Sprintf("QG-28 %s %s", profile, c.rtt), func(t *testing.T) {
				t.Parallel()
				require.InDelta(t, c.want[i], sessionTime(t, profile, c.rtt, c.bandwidth, 20, 1), c.tolerance)
			})
		}
	}
	t.Run("without pipelining each recipient takes a round trip", func(t *testing.T) {
		t.Parallel()
		plain := sessionTime(t, "smtp-plain", 50*time.Millisecond, 100e6, 10, 3)
		require.InDelta(t, 0.15+10*(6*0.05+0.006144), plain, 1e-9)
		require.InDelta(t, 1.7114, sessionTime(t, "esmtp-pipelining", 50*time.Millisecond, 100e6, 10, 3), 0.00005)
	})
}

// TestQ5_8_NoLimitBetweenHubs: a hub takes as many connections from one other hub as the sender's own ceiling allows.
func TestQ5_8_NoLimitBetweenHubs(t *testing.T) {
	t.Parallel()
	for _, ceiling := range []int{20, 200} {
		r := seedSites(t, 200, func(p *transport.Profile) { p.Threshold[1], p.MaxPerDomainConnections = 1, ceiling })
		require.Equal(t, float64(ceiling), stat(t, r, "server.connections", "server=hA1", "max"))
	}
}

// TestQ4_9_ReceiverTimeout: five seconds after it was connected the receiver ends a connection. What ends at that very instant counts; a
// message that is still in transmission is cut, returns to its queue, and the break counts as a failed attempt. Over a line that
// transmissions share it is the same.
func TestQ4_9_ReceiverTimeout(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		timeout float64
		line    int64 // bit/s; 0 = none
		left    [4]float64
	}{
		// Ready at 2, messages end at 4 and 6; the third would end at 8, is cut at 7 and goes at 67 + 2 + 2.
		{"cut", 5, 0, [4]float64{4, 6, 71, 73}},
		// The limit is the end of the second message: the connection closes, the third takes a new one at once. (On the line each body takes 8 ns.)
		{"to the instant", 4, 0, [4]float64{4, 6, 10, 12}},
		{"cut on a shared line", 5, 1e12, [4]float64{4, 6, 71, 73}},
		{"to the instant on a shared line", 4.000000016, 1e12, [4]float64{4, 6, 10, 12}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLab()
			l.cfg.Remotes[0].ConnectionTimeout = simtime.FromSeconds(c.timeout)
			l.cfg.Remotes[0].Bandwidth = c.line
			l.burst("b", 0, 4)
			r := l.run(t)
			const q = "server=e1,next_hop=cloud,delivery_type=SmartHostConnectorDelivery,connector=to-cloud"
			for i, at := range c.left {
				require.Equal(t, float64(4-i), level(t, r, "queue.length", q, at-1), "before the end of message %d", i+1)
				require.LessOrEqual(t, level(t, r, "queue.length", q, at+1), float64(3-i), "after the end of message %d", i+1)
			}
		})
	}
}

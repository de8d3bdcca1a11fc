package scenarios

import (
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// configOf translates a scenario that builds on the small organisation.
func configOf(t *testing.T, src string) *sim.Config {
	t.Helper()
	org, err := os.ReadFile("testdata/good/org.toml")
	require.NoError(t, err)
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte("base = \"org.toml\"\n" + src)}, "org.toml": {Data: org}}, "x.toml")
	require.NoError(t, err)
	return firstConfig(t, s)
}

func TestQ3_4_CategoriserPresets(t *testing.T) {
	t.Parallel()
	ms := time.Millisecond
	for src, want := range map[string]sim.CategoriserCost{
		``:                             {Base: 40 * ms, PerRecipient: ms, PerKB: 100 * time.Microsecond},
		`categoriser = "default"`:      {Base: 40 * ms, PerRecipient: ms, PerKB: 100 * time.Microsecond},
		`categoriser = "heavy-agents"`: {Base: 1600 * ms, PerRecipient: 40 * ms, PerKB: 4 * ms},
		`categoriser = "off"`:          {},
		`categoriser = { base = "2s", per_recipient = "5ms" }`:     {Base: 2000 * ms, PerRecipient: 5 * ms, PerKB: 100 * time.Microsecond},
		`categoriser = { base = "0s", per_kb = "0s", workers = 2}`: {PerRecipient: ms},
	} {
		cfg := configOf(t, "[model]\n"+src+"\n")
		require.Equal(t, want, cfg.Model.Submitted, src)
		require.Equal(t, want, cfg.Model.Relayed, src)
	}
	require.Equal(t, 2, configOf(t, "[model]\ncategoriser = { workers = 2 }\n").Servers[0].Profile.CategoriserWorkers)
	require.Equal(t, 8, configOf(t, "").Servers[0].Profile.CategoriserWorkers)
}

func trips(b, d float64) sim.SessionCost {
	return sim.SessionCost{RoundTrips: b, PerMessageRoundTrips: d}
}

func TestQ6_1_SessionDefaultsByVersion(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2007rtm", "2007", "2010rtm", "2010"} {
		cfg := configOf(t, "[model]\nversion = \""+version+"\"\n")
		require.Equal(t, trips(8, 2), cfg.Model.Session, version)
		require.Equal(t, trips(9, 2), *cfg.Model.Session2010, "between servers of 2010, whatever the model's version is: TestQ6_1_SessionsByServerVersion")
		require.Equal(t, trips(7, 2), cfg.Model.ToEdge, version)
		require.Equal(t, trips(7, 2), cfg.Remotes[0].Session, version)
		require.Equal(t, 30*time.Millisecond, cfg.Remotes[0].RTT)
	}
	for _, version := range []string{"2013", "2016", "2019", "se"} { // which have no hubs
		s, err := Load(fstest.MapFS{"x.toml": {Data: []byte("duration = \"1h\"\n[model]\nversion = \"" + version + "\"\n[[site]]\nname = \"A\"\n[[mailbox]]\nname = \"m\"\nsite = \"A\"\n")}}, "x.toml")
		require.NoError(t, err)
		cfg := firstConfig(t, s)
		require.Equal(t, trips(8, 2), cfg.Model.Session, version)
		require.Equal(t, trips(7, 2), cfg.Model.ToEdge, version)
	}
	cfg := configOf(t, "[model]\nsession = { setup = \"1s\", per_message = \"2s\" }\n")
	require.Equal(t, sim.SessionCost{Setup: rng.Constant(1), PerMessage: rng.Constant(2)}, cfg.Model.Session)
	require.Equal(t, cfg.Model.Session, cfg.Model.ToEdge)
	require.Nil(t, cfg.Model.Session2010, "a session of one's own is the same everywhere")
	cfg = configOf(t, "[model]\nsession = { setup_work = \"1s\", message_work = \"2s\", round_trips = 3, per_message_round_trips = 4 }\n")
	require.Equal(t, sim.SessionCost{Setup: rng.Constant(1), RoundTrips: 3, PerMessage: rng.Constant(2), PerMessageRoundTrips: 4}, cfg.Model.Session)
}

func TestSessionProfiles(t *testing.T) {
	t.Parallel()
	plain := trips(3, 4)
	plain.PerRecipientRoundTrips = 1
	for name, want := range map[string]sim.SessionCost{
		"smtp-plain": plain, "esmtp-pipelining": trips(3, 3), "esmtp-pipelining-max": trips(3, 2), "esmtp-chunking": trips(3, 2),
		"esmtp-chunking-max": trips(3, 1), "starttls-chunking": trips(7, 2), "exchange-auth": trips(8, 2), "exchange-auth-2010": trips(9, 2),
		"exchange-auth-gssapi": trips(5, 2),
	} {
		require.Equal(t, want, configOf(t, "[model]\nsession = { profile = \""+name+"\" }\n").Model.Session, name)
	}
}

func TestQ6_9_EopPresets(t *testing.T) {
	t.Parallel()
	for name, seconds := range map[string][2]float64{"eop-2015": {2, 2}, "eop-2025": {0.5, 0.3}} {
		r := configOf(t, "[[remote]]\nname = \"cloud\"\npreset = \""+name+"\"\n").Remotes[0]
		want := trips(7, 2)
		want.Setup, want.PerMessage = rng.Constant(seconds[0]), rng.Constant(seconds[1])
		require.Equal(t, want, r.Session, name)
	}
}

func TestQ5_5_EopLimits(t *testing.T) {
	t.Parallel()
	r := configOf(t, "[[remote]]\nname = \"cloud\"\npreset = \"eop-2025\"\n").Remotes[0]
	require.Equal(t, []int{50, 50}, []int{r.MaxConnectionsPerSource, r.MaxMessagesPerConnection})
	r = configOf(t, "[[remote]]\nname = \"cloud\"\npreset = \"eop-2025\"\nmax_connections_per_source = 25\nmax_messages_per_connection = 0\n").Remotes[0]
	require.Equal(t, []int{25, 0}, []int{r.MaxConnectionsPerSource, r.MaxMessagesPerConnection})
	r = configOf(t, "").Remotes[0]
	require.Equal(t, []int{0, 0}, []int{r.MaxConnectionsPerSource, r.MaxMessagesPerConnection})
}

func TestReferenceProfile(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, "[model]\nversion = \"2007\"\nprofile = \"reference\"\n")
	second := sim.SessionCost{PerMessage: rng.Constant(1)}
	require.Equal(t, sim.CategoriserCost{}, cfg.Model.Submitted)
	require.Equal(t, sim.CategoriserCost{Base: time.Second}, cfg.Model.Relayed)
	require.Equal(t, []sim.SessionCost{second, second, second}, []sim.SessionCost{cfg.Model.Session, cfg.Model.ToEdge, cfg.Remotes[0].Session})
	require.Zero(t, cfg.Model.FailedConnect)
	require.Zero(t, cfg.Servers[0].Profile.MaxMessagesPerConnection)
	cfg = configOf(t, "[model]\nversion = \"2007\"\nprofile = \"reference\"\nfailed_connect = \"21s\"\ncategoriser = \"off\"\n[[hub]]\nname = \"a1\"\nmax_messages_per_connection = 20\n")
	require.Equal(t, 21*time.Second, cfg.Model.FailedConnect)
	require.Equal(t, sim.CategoriserCost{}, cfg.Model.Relayed)
	require.Equal(t, 20, cfg.Servers[0].Profile.MaxMessagesPerConnection)
}

func TestDefaultsByVersion(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, "[[edge]]\nname = \"x\"\nsubscribed_site = \"B\"\nversion = \"se\"\n")
	x, ok := cfg.Org.ServerByName("x")
	require.True(t, ok)
	p := cfg.Servers[x].Profile
	require.True(t, p.Edge)
	require.Equal(t, topology.VSE, p.Version)
	require.Equal(t, []int{5, 20}, []int{p.Threshold[route.ClassSmtpConnector], p.Threshold[route.ClassIntraOrg]})
	require.Equal(t, 40, p.MaxPerDomainConnections)
	require.Equal(t, 30*time.Minute, p.OutboundRetryInterval)
	require.Equal(t, 20, cfg.Servers[0].Profile.MaxPerDomainConnections)
	require.EqualValues(t, 10<<20, cfg.Org.Connectors[0].MaxMessageSize)
}

func TestR6_1_EdgeSubscriptionMakesAConnector(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, "[[edge]]\nname = \"be1\"\nsubscribed_site = \"B\"\n[[edge]]\nname = \"be2\"\nsubscribed_site = \"B\"\n")
	id, ok := cfg.Org.ConnectorByName("EdgeSync - B to Internet")
	require.True(t, ok)
	k := cfg.Org.Connectors[id]
	be1, _ := cfg.Org.ServerByName("be1")
	require.Equal(t, []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 100}}, k.AddressSpaces)
	require.Equal(t, []topology.ServerID{be1, be1 + 1}, k.Sources) // the second edge of the site joins it
	require.True(t, k.DNS)
	require.Equal(t, "internet", cfg.Org.Remotes[1].Name)
	require.Equal(t, trips(7, 2), cfg.Remotes[1].Session)
	_, ok = cfg.Org.ConnectorByName("EdgeSync - A to Internet") // ae1 is the source of a connector of its own
	require.False(t, ok)
	cfg = configOf(t, "[[edge]]\nname = \"be1\"\nsubscribed_site = \"B\"\nauto_connectors = false\n[[edge]]\nname = \"ae1\"\nauto_connectors = true\n")
	_, ok = cfg.Org.ConnectorByName("EdgeSync - B to Internet")
	require.False(t, ok)
	_, ok = cfg.Org.ConnectorByName("EdgeSync - A to Internet")
	require.True(t, ok)
}

func TestR5_2_AddressSpaces(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, "[[connector]]\nname = \"k\"\naddress_spaces = [\"*\", \"Example.COM;7\", \"smtp:*.x.org;100\", \"FAX:*;2\"]\nsource_servers = [\"a1\"]\n")
	require.Equal(t, []topology.AddressSpace{
		{Type: "SMTP", Space: "*", Cost: 1}, {Type: "SMTP", Space: "example.com", Cost: 7}, {Type: "SMTP", Space: "*.x.org", Cost: 100}, {Type: "FAX", Space: "*", Cost: 2},
	}, cfg.Org.Connectors[1].AddressSpaces)
	require.True(t, cfg.Org.Connectors[1].DNS)
}

func TestTwoRolesOfOneMachine(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, "[[mailbox]]\nname = \"b1\"\nsite = \"B\"\nmailboxes = 7\ndatabases = [\"x\", \"y\"]\n")
	b1, _ := cfg.Org.ServerByName("b1")
	s := cfg.Org.Servers[b1]
	require.Equal(t, topology.RoleHub|topology.RoleMailbox, s.Roles)
	require.Equal(t, 7, s.Mailboxes)
	require.Equal(t, []string{"x", "y"}, s.Databases)
	require.Len(t, cfg.Org.Servers, len(cfg.Servers))
}

func TestMailboxServerOf2016CarriesMail(t *testing.T) {
	t.Parallel()
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte("duration = \"1h\"\n[model]\nversion = \"2016\"\n[[site]]\nname = \"A\"\n[[mailbox]]\nname = \"m\"\nsite = \"A\"\nconnection_threshold = 3\n")}}, "x.toml")
	require.NoError(t, err)
	cfg := firstConfig(t, s)
	require.Equal(t, topology.RoleHub|topology.RoleMailbox, cfg.Org.Servers[0].Roles)
	require.Equal(t, 3, cfg.Servers[0].Profile.Threshold[route.ClassOther])
	require.Equal(t, "mailbox", s.Topology().Servers[0].Role)
}

func TestLoadsAreTranslated(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `start = 2026-03-02T08:00:00+09:00
[[site]]
name = "A"
timezone = "Europe/Berlin"
[[load]]
id = "d"
kind = "diurnal"
from = "site:A"
to = { "site:B" = 3, "internet" = 1 }
per_day = 86400
profile = "day.flat"
start = "1h"
end = 2026-03-02T10:00:00+09:00
[[load]]
id = "r"
kind = "regular"
from = "mailbox:am1"
to = "domain:Example.com"
first = "30s"
every = "10s"
until = "50s"
[[load]]
id = "b"
kind = "burst"
from = "internet"
to = "site:*"
at = "5m"
count = 9
over = "1m"
`)
	d, r, b := cfg.Loads[1], cfg.Loads[2], cfg.Loads[3]
	require.Equal(t, load.Diurnal, d.Kind)
	require.InDelta(t, 1, d.Rate, 1e-12)
	require.Equal(t, "day.flat", d.Profile)
	require.Equal(t, "Europe/Berlin", d.Location.String())
	require.Equal(t, []simtime.Time{simtime.Time(time.Hour), simtime.Time(2 * time.Hour)}, []simtime.Time{d.Start, d.End})
	require.Equal(t, []load.Party{
		{Kind: load.PartyInternet, Site: topology.None, Server: topology.None, Weight: 1}, {Kind: load.PartySite, Site: 1, Server: topology.None, Weight: 3},
	}, d.To)
	require.Equal(t, []simtime.Time{simtime.Time(30 * time.Second), simtime.Time(50*time.Second + 1)}, []simtime.Time{r.First, r.End})
	require.Equal(t, 10*time.Second, r.Every)
	require.Equal(t, "example.com", r.To[0].Domain)
	require.Equal(t, load.PartyMailbox, r.From[0].Kind)
	require.Equal(t, []any{simtime.Time(5 * time.Minute), int64(9), time.Minute}, []any{b.Start, b.Count, b.Over})
	require.Equal(t, load.PartyAnySite, b.To[0].Kind)
}

func TestFaultsAreTranslated(t *testing.T) {
	t.Parallel()
	cfg := configOf(t, `start = 2026-03-02T08:00:00Z
[[fault]]
id = "skew"
kind = "clock_skew"
start = "10h"
target = { host = ["a*", "bd1"], role = ["hub", "dc"] }
offset = "-330s"
self_correct = false
restore = "step"
duration = "1h"
probability = 0.5
  [[fault.remedy]]
  action = "set_time"
  after = "44m"
  [[fault.remedy]]
  action = "restart_os"
  after_action = "5m"
  target = { host = "a1" }
[[fault]]
kind = "repl_lag"
target = { site = "C" }
interval = "6h"
end = 2026-03-02T10:00:00Z
[[fault]]
kind = "nic_late_bind"
target = { host = "a1" }
prone = true
team_up = { dist = "uniform", min = "5s", max = "15s" }
fix = "delayed_start"
recovery = "restart"
[[fault]]
kind = "host_down"
enabled = false
target = { role = "edge" }
duration = "1h"
[[fault]]
kind = "host_down"
target = { role = "edge" }
mode = "crash"
queue_db = "lost"
duration = "1h"
[[fault]]
kind = "partition"
side_a = { site = "A" }
side_b = { site = ["B", "C"] }
direction = "from"
duration = "1h"
[[action]]
at = "2h"
action = "set_connector"
target = { connector = "out" }
enabled = false
cost = 9
dc = "bd1"
[[action]]
at = "3h"
action = "retry_queue"
target = { host = "a*", queue = "B" }
duration = "0s"
`)
	require.Len(t, cfg.Faults, 5)
	hub := func(s topology.ServerID) fault.Host { return fault.Host{Server: s, DC: topology.None} }
	dc := func(d topology.DCID) fault.Host { return fault.Host{Server: topology.None, DC: d} }
	skew := cfg.Faults[0]
	require.Equal(t, []fault.Host{hub(0), hub(1), dc(0), dc(1)}, skew.Hosts)
	require.Equal(t, []any{-330 * time.Second, false, true, 0.5}, []any{skew.Offset, skew.SelfCorrect, skew.RestoreStep, skew.Probability})
	require.Equal(t, []simtime.Time{simtime.Time(10 * time.Hour), simtime.Time(11 * time.Hour)}, []simtime.Time{skew.Start, skew.End})
	require.Equal(t, []simtime.Time{simtime.Time(10*time.Hour + 44*time.Minute), simtime.Time(10*time.Hour + 50*time.Minute)},
		[]simtime.Time{skew.Remedies[0].At, skew.Remedies[1].At})
	require.Empty(t, skew.Remedies[0].Hosts, "a remedy without a target is for the hosts that the fault strikes")
	require.Equal(t, []fault.Host{hub(0)}, skew.Remedies[1].Hosts)
	require.Equal(t, 8*time.Minute, skew.Remedies[1].Duration)

	lag := cfg.Faults[1]
	require.Equal(t, []topology.LinkID{1}, lag.Links)
	require.Equal(t, []any{6 * time.Hour, time.Duration(-1), simtime.Time(2 * time.Hour)}, []any{lag.Interval, lag.Phase, lag.End})

	late := cfg.Faults[2]
	require.InDelta(t, 10, late.TeamUp.Mean(), 1e-12)
	require.Equal(t, []any{1.0, fault.DelayedStart, true, 2 * time.Minute, time.Minute, rng.Constant(3)},
		[]any{late.Prone, late.Fix, late.Recovery, late.DelayedStartDelay, late.RecoveryDelay, late.DAD})

	require.True(t, cfg.Faults[3].QueueLost)
	require.Equal(t, "host_down-5", cfg.Faults[3].ID)
	require.Equal(t, []any{[]topology.SiteID{0}, []topology.SiteID{1, 2}, fault.From}, []any{cfg.Faults[4].SideA, cfg.Faults[4].SideB, cfg.Faults[4].Direction})

	set := cfg.Actions[0]
	require.Equal(t, []topology.Change{{Kind: topology.ConnectorEnabled, Value: 0}, {Kind: topology.ConnectorCost, Value: 9}}, set.Changes)
	require.Equal(t, []any{topology.DCID(1), time.Minute, simtime.Time(2 * time.Hour)}, []any{set.DC, set.Duration, set.At})
	retry := cfg.Actions[1]
	require.Equal(t, []fault.Host{hub(0), hub(1), hub(6)}, retry.Hosts)
	require.Equal(t, []any{"B", time.Duration(0)}, []any{retry.Queue, retry.Duration})
}

func TestTopologyForCharts(t *testing.T) {
	t.Parallel()
	s := loadGood(t, "design.toml")
	top := s.Topology()
	require.Equal(t, "Tokyo", top.Sites[0].Name)
	require.InDelta(t, 35.68, *top.Sites[0].Latitude, 0)
	require.Nil(t, top.Sites[1].Latitude)
	require.EqualValues(t, 5, top.Links[0].Cost)
	roles := map[string]string{}
	for _, x := range top.Servers {
		roles[x.Name] = x.Role
	}
	require.Equal(t, map[string]string{
		"tyo-hub1": "hub", "osa-mbx1": "hub", "tyo-mbx1": "mailbox", "tyo-edge1": "edge", "tyo-edge2": "edge", "osa-edge1": "edge", "tyo-dc1": "dc",
		"cloud": "remote", "internet": "remote",
	}, roles)
	require.Equal(t, []string{"tyo-edge1", "tyo-edge2"}, top.Connectors[0].Sources)
	require.Empty(t, top.Faults)
}

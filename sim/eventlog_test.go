package sim

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/result"
	"mailsim/topology"
)

// TestFD4_EventLog: an event with a number has a source and, where it is known, a level; others have neither.
func TestFD4_EventLog(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind          string
		id            int
		source, level string // "": none
	}{
		{"auth.failed", 1035, "MSExchangeTransport", "warning"},
		{"auth.no_ticket", 2017, "MSExchangeTransport", "warning"},
		{"auth.kerberos", 4, "Kerberos", "error"},
		{"auth.kdc", 11, "KDC", "error"},
		{"clock.unsynchronised", 36, "W32Time", "warning"},
		{"clock.peer", 47, "W32Time", "warning"},
		{"cert.expired", 12015, "MSExchangeTransport", "error"},
		{"cert.expired", 12016, "MSExchangeTransport", "error"},
		{"cert.expires", 12017, "MSExchangeTransport", "warning"},
		{"cert.expires", 12018, "MSExchangeTransport", "warning"},
		{"cert.remote", 12019, "MSExchangeTransport", "error"},
		{"directory.controller", 2080, "MSExchange ADAccess", "information"},
		{"directory.controller", 2084, "MSExchange ADAccess", "warning"},
		{"directory.controller", 2085, "MSExchange ADAccess", "warning"},
		{"directory.controller", 2102, "MSExchange ADAccess", "error"},
		{"directory.controller", 2114, "MSExchange ADAccess", "error"},
		{"service", 2114, "MSExchange ADAccess", "error"},
		{"directory.replication", 1864, "NTDS Replication", "warning"},
		{"directory.replication", 2042, "NTDS Replication", "error"},
		{"pressure", 15004, "MSExchangeTransport", "error"},
		{"pressure", 15005, "MSExchangeTransport", "information"},
		{"pressure", 15006, "MSExchangeTransport", "error"},
		{"pressure", 15007, "MSExchangeTransport", "error"},
		{"poison.count", 10002, "MSExchangeTransport", "information"},
		{"poison.queue", 10001, "MSExchangeTransport", "warning"},
		{"agent.engine", 5300, "FIPFS", "error"},
		{"agent.engine", 1106, "FIPFS", "error"},
		{"agent.slow", 1050, "MSExchange Extensibility", "warning"},
		{"store.refused", 5003, "MSExchangeIS", "error"},
		{"service", 7023, "Service Control Manager", "error"},
		{"service", 7036, "Service Control Manager", "information"},
		{"queue.unreachable", 5006, "MSExchangeTransport", ""},
		{"fault", 0, "", ""},
	} {
		var fields []result.Field
		if c.source != "" {
			fields = append(fields, result.Field{Key: "source", Value: c.source})
		}
		if c.level != "" {
			fields = append(fields, result.Field{Key: "level", Value: c.level})
		}
		require.Equal(t, fields, catalogued(result.Event{Kind: c.kind, ID: c.id}).Fields, "%s %d", c.kind, c.id)
	}
	own := result.Event{ID: 2017, Fields: []result.Field{{Key: "to", Value: "B1"}}}
	require.Equal(t, []string{"to", "source", "level"}, keysOf(catalogued(own)))
	require.Len(t, own.Fields, 1)
}

func keysOf(e result.Event) []string {
	var out []string
	for _, f := range e.Fields {
		out = append(out, f.Key)
	}
	return out
}

// TestS1_4_Event1035: at the receiver, with the address of the sender; the error is another for clocks and for keys, and in later builds. What
// else is logged, and where, is that of the cause.
func TestS1_4_Event1035(t *testing.T) {
	t.Parallel()
	b := topology.NewBuilder(topology.V2010)
	b.Site(topology.Site{Name: "A"})
	b.Server(topology.Server{Name: "old", Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None})
	b.Server(topology.Server{Name: "new", Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2016, DC: topology.None})
	org, err := b.Build()
	require.NoError(t, err)
	for _, c := range []struct {
		auth     directory.Auth
		from, to int
		logged   []string
	}{
		{directory.AuthSkew, 1, 0, []string{"old 1035 UnexpectedExchangeAuthBlob"}},
		{directory.AuthLatched, 1, 0, []string{"old 1035 UnexpectedExchangeAuthBlob"}},
		{directory.AuthSkew, 0, 1, []string{"new 1035 UnexpectedExchangeAuthBlobCheckForClockSkew"}},
		{directory.AuthKey, 0, 1, []string{"old 4 ", "new 1035 IllegalMessage"}},
		{directory.AuthNoTicket, 0, 1, []string{"old 2017 NoAuthenticatingAuthority"}},
		{directory.AuthNoName, 0, 1, []string{"old 2017 TargetUnknown"}},
		{directory.AuthNoLogon, 1, 0, []string{"new 2017 LogonDenied"}},
		{directory.AuthStripped, 1, 0, nil},
	} {
		m := result.NewMemory(0, 0)
		r := &run{org: org, sink: m, dir: directory.New(directory.Config{Org: org}), hosts: []host{{id: 0}, {id: 1}}}
		r.rec.authFailed(r, &r.hosts[c.from], &r.hosts[c.to], c.auth)
		var logged []string
		for _, e := range m.Run().Events {
			failure := ""
			for _, f := range e.Fields {
				if f.Key == "error" {
					failure = f.Value.(string)
				}
			}
			logged = append(logged, fmt.Sprintf("%s %d %s", e.Server, e.ID, failure))
			if e.ID == 2017 {
				require.Contains(t, e.Text, "failed with error "+failure+" for Send connector Intra-Organization SMTP Send Connector")
				require.Contains(t, e.Text, "SMTPSVC/"+org.Servers[c.to].Name)
			}
			if e.ID == 1035 {
				require.Contains(t, e.Text, "failed with error "+failure+" for Receive connector")
				require.Contains(t, e.Text, "mechanism is ExchangeAuth")
				require.Contains(t, e.Text, "["+r.address(topology.ServerID(c.from))+"]")
			}
		}
		require.Equal(t, c.logged, logged, c.auth.String())
	}
}

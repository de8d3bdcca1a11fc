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
		kind   string
		id     int
		fields []result.Field
	}{
		{"auth.failed", 1035, []result.Field{{Key: "source", Value: "MSExchangeTransport"}, {Key: "level", Value: "warning"}}},
		{"auth.no_ticket", 2017, []result.Field{{Key: "source", Value: "MSExchangeTransport"}, {Key: "level", Value: "warning"}}},
		{"auth.kerberos", 4, []result.Field{{Key: "source", Value: "Kerberos"}, {Key: "level", Value: "error"}}},
		{"auth.kdc", 11, []result.Field{{Key: "source", Value: "KDC"}, {Key: "level", Value: "error"}}},
		{"clock.unsynchronised", 36, []result.Field{{Key: "source", Value: "W32Time"}, {Key: "level", Value: "warning"}}},
		{"cert.expired", 12016, []result.Field{{Key: "source", Value: "MSExchangeTransport"}, {Key: "level", Value: "error"}}},
		{"cert.expires", 12017, []result.Field{{Key: "source", Value: "MSExchangeTransport"}, {Key: "level", Value: "warning"}}},
		{"pressure", 15004, []result.Field{{Key: "source", Value: "MSExchangeTransport"}, {Key: "level", Value: "error"}}},
		{"pressure", 15005, []result.Field{{Key: "source", Value: "MSExchangeTransport"}, {Key: "level", Value: "information"}}},
		{"queue.unreachable", 5006, []result.Field{{Key: "source", Value: "MSExchangeTransport"}}},
		{"poison.queue", 10001, []result.Field{{Key: "source", Value: "MSExchangeTransport"}, {Key: "level", Value: "warning"}}},
		{"agent.slow", 1050, []result.Field{{Key: "source", Value: "MSExchange Extensibility"}, {Key: "level", Value: "warning"}}},
		{"poison.count", 10002, []result.Field{{Key: "source", Value: "MSExchangeTransport"}, {Key: "level", Value: "information"}}},
		{"fault", 0, nil},
	} {
		require.Equal(t, c.fields, catalogued(result.Event{Kind: c.kind, ID: c.id}).Fields, "%s %d", c.kind, c.id)
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
		{directory.AuthNoTicket, 0, 1, []string{"old 2017 "}},
		{directory.AuthNoName, 0, 1, []string{"old 2017 "}},
		{directory.AuthNoLogon, 1, 0, []string{"new 2017 "}},
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
			if e.ID == 1035 {
				require.Contains(t, e.Text, "failed with error "+failure+" for Receive connector")
				require.Contains(t, e.Text, "mechanism is ExchangeAuth")
				require.Contains(t, e.Text, "["+r.address(topology.ServerID(c.from))+"]")
			}
		}
		require.Equal(t, c.logged, logged, c.auth.String())
	}
}

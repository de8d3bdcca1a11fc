package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
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

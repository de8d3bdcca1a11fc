package scenarios

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/rng"
)

// enumOf returns the legal texts of a key of a table type.
func enumOf[T any](t *testing.T, key string) []string {
	t.Helper()
	for _, f := range fieldsOf(typeOf[T]()) {
		if f.key == key {
			return strings.Split(f.legal(), ",")
		}
	}
	require.Fail(t, "no key "+key)
	return nil
}

// the profiles are those that the table takes, with the round trips of the sheet's table.
func TestQ6_1_SessionProfiles(t *testing.T) {
	t.Parallel()
	var names []string
	for _, p := range sessionProfiles() {
		names = append(names, p.name)
	}
	require.Equal(t, enumOf[session](t, "profile"), names)
	for name, want := range map[string]sim.SessionCost{
		"smtp-plain":           {RoundTrips: 3, PerMessageRoundTrips: 4, PerRecipientRoundTrips: 1},
		"esmtp-pipelining":     {RoundTrips: 3, PerMessageRoundTrips: 3},
		"esmtp-pipelining-max": {RoundTrips: 3, PerMessageRoundTrips: 2},
		"esmtp-chunking":       {RoundTrips: 3, PerMessageRoundTrips: 2},
		"esmtp-chunking-max":   {RoundTrips: 3, PerMessageRoundTrips: 1},
		"starttls-chunking":    {RoundTrips: 7, PerMessageRoundTrips: 2},
		"exchange-auth":        {RoundTrips: 8, PerMessageRoundTrips: 2},
		"exchange-auth-2010":   {RoundTrips: 9, PerMessageRoundTrips: 2},
		"exchange-auth-gssapi": {RoundTrips: 5, PerMessageRoundTrips: 2},
	} {
		require.Equal(t, want, profileCost(name), name)
	}
	require.Equal(t, sim.SessionCost{}, profileCost("none"))
}

// the presets are those that the table takes: fixed work with the round trips of STARTTLS.
func TestQ6_9_PresetsAddRoundTrips(t *testing.T) {
	t.Parallel()
	var names []string
	for _, p := range eopPresets() {
		names = append(names, p.name)
	}
	require.Equal(t, enumOf[remoteTable](t, "preset"), names)
	for i, want := range [][2]float64{{2, 2}, {0.5, 0.3}} {
		var r sim.Remote
		eopPresets()[i].apply(&r)
		require.Equal(t, sim.Remote{
			Session:                 sim.SessionCost{Setup: rng.Constant(want[0]), PerMessage: rng.Constant(want[1]), RoundTrips: 7, PerMessageRoundTrips: 2},
			MaxConnectionsPerSource: 50, MaxMessagesPerConnection: 50,
		}, r)
	}
}

// The page lists what the names stand for, and every metric.
func TestReferenceLists(t *testing.T) {
	t.Parallel()
	page := string(Reference())
	for _, row := range []string{
		"| `smtp-plain` | 3 | 4 | 1 |",
		"| `starttls-chunking` | 7 | 2 | 0 |",
		"| `eop-2015` | 2 s + 7 round trips (`starttls-chunking`) | 2 s + 2 round trips | 50 | 50 |",
		"| `eop-2025` | 0.5 s + 7 round trips (`starttls-chunking`) | 0.3 s + 2 round trips | 50 | 50 |",
		"| `throughput` | msg/s | server or site_pair or connector | mean, max, last, count |",
	} {
		require.Contains(t, page, row)
	}
	for _, m := range result.Metrics() {
		require.Contains(t, page, "`"+m.Name+"`")
	}
}

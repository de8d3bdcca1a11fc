package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// coreText is letter by letter.
const coreText = `451 4.4.0 Primary target IP address responded with: "421 4.4.1 Connection timed out." Attempted failover to alternate host, but that did not succeed. ` +
	`Either there are no alternate hosts, or delivery failed to all alternate hosts.`

// TestQ2_8_LastError: one line around the reply of the other side, or what was found here; 2013 and later add the endpoint.
func TestQ2_8_LastError(t *testing.T) {
	t.Parallel()
	r, q := failing(t)
	require.Equal(t, coreText, r.lastError(0, &q, transport.Unreachable), "2010")
	require.Equal(t, coreText+" The last endpoint attempted was 198.18.0.1:25", r.lastError(1, &q, transport.Unreachable), "2016")
	q.Target = noCandidate()
	require.Equal(t, coreText, r.lastError(1, &q, transport.Unreachable), "a next hop without a candidate has no endpoint")
	q.Target = route.Target{Kind: route.TargetServer, ID: 1}
	require.Equal(t, coreText+" The last endpoint attempted was 10.0.0.2:25", r.lastError(1, &q, transport.Unreachable))
	q.Key = r.book.Table(r.org, 0).Hop(1, r.book.Dest(route.Destination{Kind: route.Mailbox, Server: 1}), 1).Key
	require.Equal(t, coreText+" The last endpoint attempted was 10.0.0.2:475", r.lastError(1, &q, transport.Unreachable), "a mailbox store")
	for code, want := range map[transport.Code]string{
		transport.AuthFailed:  "451 4.4.395 Target host responded with error. -> 454 4.7.0 Temporary authentication failure. The last endpoint attempted was 10.0.0.2:475",
		transport.NoAuthVerbs: "451 4.4.395 Target host responded with error. -> 451 5.7.3 Cannot achieve Exchange Server authentication. The last endpoint attempted was 10.0.0.2:475",
		transport.TLSFailed:   "451 4.4.395 Target host responded with error. -> 454 4.7.5 Certificate validation failure. The last endpoint attempted was 10.0.0.2:475",
	} {
		require.Equal(t, want, r.lastError(1, &q, code), "a later build writes another text around what the host answered")
	}
}

func noCandidate() route.Target { return route.Target{ID: topology.None} }

// failing is a run of a 2010 and a 2016 server, and a queue of either whose last attempt at the first outside system failed.
func failing(t *testing.T) (*run, transport.QueueInfo) {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	b.Site(topology.Site{Name: "A"})
	both := topology.RoleHub | topology.RoleMailbox
	old := b.Server(topology.Server{Name: "old", Roles: both, Version: topology.V2010, DC: topology.None})
	recent := b.Server(topology.Server{Name: "new", Roles: both, Version: topology.V2016, DC: topology.None})
	r := b.Remote(topology.Remote{Name: "mx.example"})
	all := []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}}
	b.Connector(topology.Connector{Name: "out", AddressSpaces: all, Sources: []topology.ServerID{old, recent}, SmartHosts: []topology.RemoteID{r}})
	b.Connector(topology.Connector{Name: "proxied", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "p.example", Cost: 1}},
		Sources: []topology.ServerID{old, recent}, SmartHosts: []topology.RemoteID{r}, FrontEndProxy: true})
	org, err := b.Build()
	require.NoError(t, err)
	run := &run{org: org, book: route.NewBook(), store: transport.NewStore(),
		cfg: &Config{Start: time.Date(2017, 1, 5, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))}}
	key := run.book.Table(org, 0).Hop(old, run.book.Dest(route.Destination{Kind: route.External, Domain: "x.example"}), 1).Key
	return run, transport.QueueInfo{Key: key, Target: route.Target{Kind: route.TargetRemote, ID: 0}}
}

// TestQ2_9_QueueValue: what an operator reads at a queue. From 2013 on the text stands in brackets with the time of the attempt, the target's
// name and its address; up to 2010 it is the text alone; a queue whose last attempt worked has none.
func TestQ2_9_QueueValue(t *testing.T) {
	t.Parallel()
	r, q := failing(t)
	l := transport.QueueLook{QueueInfo: q, Failed: true}
	l.LastError, l.FailedAt = transport.Unreachable, 359e9
	require.Equal(t, coreText, r.queueLastError(0, &l))
	require.Equal(t, `[{LRT=2017/01/05 12:05:59};{LED=`+coreText+` The last endpoint attempted was 198.18.0.1:25};{FQDN=mx.example};{IP=198.18.0.1}]`, r.queueLastError(1, &l))
	l.Target = noCandidate()
	require.Equal(t, `[{LRT=2017/01/05 12:05:59};{LED=`+coreText+`};{FQDN=};{IP=}]`, r.queueLastError(1, &l))
	l.Failed = false
	require.Empty(t, r.queueLastError(0, &l))
	require.Empty(t, r.queueLastError(1, &l))
}

// TestQ2_10_Replies (S1-5): the reply inside the text, by what went wrong, and what a front end puts around the whole.
func TestQ2_10_Replies(t *testing.T) {
	t.Parallel()
	r, q := failing(t)
	for code, want := range map[transport.Code]string{
		transport.Unreachable: "421 4.4.1 Connection timed out", transport.AuthFailed: "454 4.7.0 Temporary authentication failure",
		transport.Dropped: "421 4.4.2 Connection dropped", transport.Refused: "421 4.3.2 Service not available, connection limit reached",
		transport.Reset: "421 4.4.1 Connection refused", transport.NoAuthVerbs: "451 5.7.3 Cannot achieve Exchange Server authentication",
		transport.TLSFailed: "454 4.7.5 Certificate validation failure", transport.Rejected: "452 4.3.1 Insufficient system resources",
	} {
		require.Equal(t, `451 4.4.0 Primary target IP address responded with: "`+want+`." Attempted failover to alternate host, but that did not succeed. `+
			`Either there are no alternate hosts, or delivery failed to all alternate hosts.`, r.lastError(0, &q, code))
	}
	q.Key = r.book.Table(r.org, 0).Hop(0, r.book.Dest(route.Destination{Kind: route.External, Domain: "p.example"}), 1).Key
	require.Equal(t, coreText, r.lastError(0, &q, transport.Unreachable), "2010 has no front end")
	require.Equal(t, `450 4.7.0 Proxy session setup failed on Frontend with '`+coreText+` The last endpoint attempted was 198.18.0.1:25'`,
		r.lastError(1, &q, transport.Unreachable))
}

// TestQ2_11_WhyUnreachable: the text of a message in the Unreachable queue.
func TestQ2_11_WhyUnreachable(t *testing.T) {
	t.Parallel()
	r, _ := failing(t)
	copyFor := func(d route.Destination) transport.MsgID {
		return r.store.New(transport.Copy{Set: r.store.NewSet([]transport.Recipients{{Dest: r.book.Dest(d), Count: 1}})}, transport.Tail{})
	}
	id, text := r.unreachableText(copyFor(route.Destination{Kind: route.External, Domain: "nowhere.example"}))
	require.Equal(t, "A matching connector cannot be found to route the external recipient", text)
	require.Zero(t, id)
	id, text = r.unreachableText(copyFor(route.Destination{Kind: route.Mailbox, Server: 1}))
	require.Equal(t, "No route to mailbox server new", text)
	require.Equal(t, 5006, id)
}

// TestAddressesDiffer: made-up addresses of servers and outside systems are never the same.
func TestAddressesDiffer(t *testing.T) {
	t.Parallel()
	r := &run{org: &topology.Organisation{Servers: make([]topology.Server, maxServer), Remotes: make([]topology.Remote, 70_000)}}
	seen := map[string]bool{}
	for i := range r.org.Servers {
		seen[r.address(topology.ServerID(i))] = true
	}
	for i := range r.org.Remotes {
		_, ip := r.endpoint(route.Target{Kind: route.TargetRemote, ID: int32(i)})
		seen[ip] = true
	}
	require.Len(t, seen, maxServer+70_000)
}

// TestQ2_6_Rates: averages of one minute; velocity is what goes less what comes. The published examples, and what leaves by another way than
// the next hop.
func TestQ2_6_Rates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before, now    count
		came, went, by float64 // by = velocity
	}{
		{count{}, count{}, 0, 0, 0},
		{count{gone: 500, length: 100}, count{gone: 1100, length: 3100}, 60, 10, -50},
		{count{gone: 0, length: 10}, count{gone: 9, length: 61}, 1, 0.15, -0.85},
		{count{gone: 7, length: 600}, count{gone: 607, length: 0}, 0, 10, 10},
		{count{gone: 7, length: 60}, count{gone: 7, length: 0}, 0, 1, 1},    // resubmitted
		{count{gone: 60, length: 0}, count{gone: 0, length: 60}, 1, 0, -1},  // came back to the submission queue
		{count{gone: 30, length: 30}, count{gone: 30, length: 30}, 0, 0, 0}, // idle
	} {
		came, went := c.now.since(c.before)
		require.InDelta(t, c.came, came, 1e-12, c)
		require.InDelta(t, c.went, went, 1e-12, c)
		require.InDelta(t, c.by, went-came, 1e-12, c)
	}
}

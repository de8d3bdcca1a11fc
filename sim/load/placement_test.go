package load

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

func smallSites(t testing.TB) *Lookup {
	t.Helper()
	mailboxes, err := ReadLookup(bytes.NewReader(readFile(t, "testdata/trace/mailboxes.csv")),
		LookupSpec{Name: "mailboxes.csv", Key: "mailbox", Value: "department"})
	require.NoError(t, err)
	departments, err := ReadLookup(bytes.NewReader(readFile(t, "testdata/trace/sites.csv")),
		LookupSpec{Name: "sites.csv", Key: "departments", Value: "site", Separator: " "})
	require.NoError(t, err)
	sites, err := mailboxes.Then(departments)
	require.NoError(t, err)
	return sites
}

// smallOrg has two mailbox servers in North, the second with two databases, and one in South.
func smallOrg(t testing.TB) *topology.Organisation {
	b := topology.NewBuilder(topology.V2010)
	north, south := b.Site(topology.Site{Name: "North"}), b.Site(topology.Site{Name: "South"})
	b.Server(topology.Server{Name: "n1", Site: north, Roles: topology.RoleMailbox, Mailboxes: 1})
	b.Server(topology.Server{Name: "n2", Site: north, Roles: topology.RoleMailbox, Mailboxes: 2, Databases: []string{"x", "y"}})
	b.Server(topology.Server{Name: "n3", Site: north, Roles: topology.RoleMailbox})
	b.Server(topology.Server{Name: "s1", Site: south, Roles: topology.RoleMailbox})
	b.Site(topology.Site{Name: "Empty"})
	org, err := b.Build()
	require.NoError(t, err)
	return org
}

func TestLookupsAreJoined(t *testing.T) {
	t.Parallel()
	sites := smallSites(t)
	for mailbox, want := range map[string]string{"ann": "North", "cid": "North", "dan": "South", "eve": "South"} {
		got, ok := sites.Get(mailbox)
		require.True(t, ok)
		require.Equal(t, want, got, mailbox)
	}
	_, ok := sites.Get("sales")
	require.False(t, ok)
	require.Equal(t, 6, sites.Len())

	a, err := ReadLookup(strings.NewReader("m,d\nann,sales\nbob,moon\n"), LookupSpec{Name: "a.csv", Key: "m", Value: "d"})
	require.NoError(t, err)
	b, err := ReadLookup(strings.NewReader("d,s\nsales,North\n"), LookupSpec{Name: "b.csv", Key: "d", Value: "s"})
	require.NoError(t, err)
	_, err = a.Then(b)
	require.EqualError(t, err, `a.csv:3:5: "moon" is not in b.csv; add it there`)
}

func TestPlaceDealsMailboxesOut(t *testing.T) {
	t.Parallel()
	org := smallOrg(t)
	n1, n2, s1 := topology.ServerID(0), topology.ServerID(1), topology.ServerID(3)
	got, err := Placement{Name: "messages.csv", Sites: smallSites(t), Org: org}.Place(readSmallTrace(t))
	require.NoError(t, err)
	at := func(s topology.ServerID, db int32) Party {
		return Party{Kind: PartyMailbox, Server: s, Database: db, Weight: 1}
	}
	ann, bob, cid, dan := at(n1, 1), at(n2, 1), at(n1, 1), at(s1, 1) // n3 has no mailboxes while others of the site have
	require.Equal(t, TraceMessage{From: ann, To: []Party{bob, cid}, Size: 2048}, got[0])
	require.Equal(t, TraceMessage{At: seconds(61.25)[0], From: Party{Kind: PartyInternet, Domain: "contoso.com", Weight: 1}, To: []Party{ann, bob}, Size: 70000}, got[6])
	require.Equal(t, TraceMessage{At: seconds(90)[0], From: ann, To: []Party{bob, dan}, Size: 300}, got[7])

	// The fourth mailbox of North is on the second database of n2.
	four, err := ReadLookup(strings.NewReader("m,s\na,North\nb,North\nc,north\nd,North\n"), LookupSpec{Name: "four.csv", Key: "m", Value: "s"})
	require.NoError(t, err)
	got, err = Placement{Name: "x", Sites: four, Org: org}.Place([]Raw{{Sender: "c", Recipients: []string{"a", "b", "c", "d"}}})
	require.NoError(t, err)
	require.Equal(t, []Party{at(n1, 1), at(n2, 1), at(n1, 1), at(n2, 2)}, got[0].To)
}

func TestPlaceErrors(t *testing.T) {
	t.Parallel()
	raws, err := ReadTrace(strings.NewReader("when,who,whom,bytes,id\n1,ann,zoe moon,,\n2,zoe,ann empty,,\n3,typo@a.example,x@b.example,,\n"), smallSpec())
	require.NoError(t, err)
	sites, err := ReadLookup(strings.NewReader("m,s\nann,North\nempty,Empty\nmoon,Moon\nann@a.example,North\n"),
		LookupSpec{Name: "m.csv", Key: "m", Value: "s"})
	require.NoError(t, err)
	_, err = Placement{Name: "t.csv", Sites: sites, Org: smallOrg(t)}.Place(raws)
	require.EqualError(t, err, strings.Join([]string{
		`t.csv:2:7: mailbox "zoe" is not in m.csv; add it there`,
		`t.csv:2:7: mailbox "moon" is at site "Moon" (m.csv:4:6), which is not declared; add a [[site]], or correct the name`,
		`t.csv:3:7: mailbox "empty" is at site "Empty" (m.csv:3:7), which has no mailbox server; add a [[mailbox]] there`,
		`t.csv:4:3: mailbox "typo@a.example" is not in m.csv; add it there`,
	}, "\n"))
}

func TestPlaceByServerNames(t *testing.T) {
	t.Parallel()
	org := smallOrg(t)
	got, err := Placement{Name: "t.csv", Org: org}.Place([]Raw{{Sender: "N1", Recipients: []string{"s1", "a@b.example"}}})
	require.NoError(t, err)
	require.Equal(t, []TraceMessage{{
		From: Party{Kind: PartyMailbox, Server: 0, Weight: 1},
		To:   []Party{{Kind: PartyMailbox, Server: 3, Weight: 1}, {Kind: PartyInternet, Domain: "b.example", Weight: 1}},
	}}, got)
	_, err = Placement{Name: "t.csv", Org: org}.Place([]Raw{{Sender: "ann", Recipients: []string{"s1"}, Line: 2, SenderColumn: 3}})
	require.EqualError(t, err, `t.csv:2:3: mailbox "ann" is no mailbox server; name one, or say by mailboxes = { file, mailbox, site } which site it is at`)
}

// pairs counts deliveries and copies by pair of sites.
type pairs struct{ deliveries, copies map[[2]string]int }

func newPairs() pairs { return pairs{make(map[[2]string]int), make(map[[2]string]int)} }

// playedPairs plays a trace out and counts.
func playedPairs(t *testing.T, list []TraceMessage, org *topology.Organisation) pairs {
	t.Helper()
	in := newNumbers()
	s := Source{ID: "replay", Kind: Replay, Trace: list, End: simtime.Never}
	g, err := NewGenerator(0, &s, org, in, rng.NewRoot(1, 0), t0(), simtime.Never)
	require.NoError(t, err)
	out := newPairs()
	n := 0
	for m, ok := g.Next(); ok; m, ok = g.Next() {
		n++
		from := org.Sites[org.Servers[m.From].Site].Name
		var seen []string
		for _, r := range m.Recipients {
			to := org.Sites[org.Servers[in.list[r.Dest].Server].Site].Name
			out.deliveries[[2]string{from, to}] += int(r.Count)
			if !slices.Contains(seen, to) {
				seen = append(seen, to)
				out.copies[[2]string{from, to}]++
			}
		}
	}
	require.Len(t, list, n)
	return out
}

func TestReplayOfTheSmallTrace(t *testing.T) {
	t.Parallel()
	org := smallOrg(t)
	list, err := Placement{Name: "messages.csv", Sites: smallSites(t), Org: org}.Place(readSmallTrace(t))
	require.NoError(t, err)
	inside := slices.DeleteFunc(list, func(m TraceMessage) bool {
		return m.From.Kind == PartyInternet || m.To[0].Kind == PartyInternet
	})
	nn, ns, ss := [2]string{"North", "North"}, [2]string{"North", "South"}, [2]string{"South", "South"}
	require.Equal(t, pairs{
		deliveries: map[[2]string]int{nn: 2 + 1 + 2 + 1, ns: 2 + 1, ss: 1 + 1}, // m1, m2, m3, m8; m3, m8; m4, m7
		copies:     map[[2]string]int{nn: 1 + 1 + 1 + 1, ns: 1 + 1, ss: 1 + 1},
	}, playedPairs(t, inside, org))
}

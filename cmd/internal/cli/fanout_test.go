package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
	"mailsim/topology/route"
)

// grouped is two sites with a hub and a mailbox server each; a server of B is called as a site, a group as a server, another has no
// members, and "far" is expanded by the hub of B alone.
func grouped(t *testing.T) *moment {
	t.Helper()
	b := topology.NewBuilder(topology.V2010)
	for _, name := range []string{"A", "B"} {
		s := b.Site(topology.Site{Name: name})
		b.Server(topology.Server{Name: "h" + name, Site: s, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None})
		b.Server(topology.Server{Name: "m" + name, Site: s, Roles: topology.RoleMailbox, Version: topology.V2010, Mailboxes: 1, DC: topology.None})
	}
	b.Link(topology.Link{Name: "A-B", Sites: []topology.SiteID{0, 1}, Cost: 10})
	cloud := b.Remote(topology.Remote{Name: "cloud"})
	b.Connector(topology.Connector{
		Name: "out", Sources: []topology.ServerID{2}, SmartHosts: []topology.RemoteID{cloud},
		AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}, {Type: "FAX", Space: "*", Cost: 1}},
	})
	members := []topology.Recipient{{Server: 1}, {Server: 3}, {Server: topology.None, Domain: "x.example"}, {Server: topology.None, Type: "FAX", Domain: "123"}}
	b.Group(topology.Group{Name: "all", Members: members, ExpansionServer: topology.None})
	b.Group(topology.Group{Name: "mA", Members: members[:1], ExpansionServer: topology.None})
	b.Group(topology.Group{Name: "nobody", ExpansionServer: topology.None})
	b.Group(topology.Group{Name: "far", Members: members[:2], ExpansionServer: 2})
	o, err := b.Build()
	require.NoError(t, err)
	return &moment{org: o}
}

// ask answers for a message from the hub of A to a list of recipients.
func ask(t *testing.T, m *moment, to string, reach func(topology.ServerID, route.Target) route.Contact) (*answers, *route.Book) {
	t.Helper()
	book := route.NewBook()
	o := routeFlags{from: "hA", to: to, size: "1KB"}
	q, dests, err := o.query(book, m)
	require.NoError(t, err)
	q.Reach = reach
	ways, copies := route.FollowTogether(book, m.org, q, dests)
	return newAnswer(m, book, asked{recipientNames(to), dests}, ways, copies), book
}

// A group answers for each member, by a name that --to takes; copies name what they carry: the group until it is expanded.
func TestGroupsAnswerForEachMember(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"all":                 "mA mB domain:x.example FAX:123",
		"group:ALL":           "mA mB domain:x.example FAX:123",
		"mB,all,anna@x.com":   "mB mA mB domain:x.example FAX:123 anna@x.com",
		"group:mA":            "mA",
		"mA":                  "mA", // the server: it comes before the group
		"far,B":               "mA mB B",
		"group:far,group:far": "mA mB mA mB",
	} {
		a, _ := ask(t, grouped(t), to, nil)
		var got []string
		for _, r := range a.json().Recipients {
			got = append(got, r.To)
			require.Equal(t, "delivered", r.Outcome)
			require.NotEmpty(t, r.Reasons)
		}
		require.Equal(t, want, strings.Join(got, " "), to)
		for _, name := range got {
			_, err := parseRecipient(a.org, name)
			require.NoError(t, err)
		}
	}

	a, _ := ask(t, grouped(t), "far,B", nil)
	require.Equal(t, []copyJSON{
		{"hA", "hB", []string{"far", "B"}}, {"hB", "hA", []string{"mA"}},
	}, a.copies)
	require.Contains(t, a.text(), "to            mA, member of far\noutcome       delivered to mA\n")
	require.Contains(t, a.text(), "to            B\n")

	a, _ = ask(t, grouped(t), "all", nil)
	require.Equal(t, []copyJSON{{"hA", "hB", []string{"mB", "domain:x.example", "FAX:123"}}}, a.copies[:1])
}

// A group that does not get as far as its expansion server is one recipient.
func TestGroupsThatAreNotExpanded(t *testing.T) {
	t.Parallel()
	a, book := ask(t, grouped(t), "group:far", func(from topology.ServerID, to route.Target) route.Contact {
		if from == 0 && to.ID == 2 {
			return route.Contact{Result: route.NoAnswer, Cause: "down"}
		}
		return route.Contact{}
	})
	r := a.json().Recipients
	require.Len(t, r, 1)
	require.Equal(t, "group:far queued hA Retry", strings.Join([]string{r[0].To, r[0].Outcome, r[0].RestsAt, r[0].Status}, " "))
	require.Contains(t, a.text(), `rests at hA in queue "B" (Retry)`)
	m := a.picture(book, "hA", 0)
	require.Equal(t, "From hA to group:far", m.Title)
	require.Equal(t, "group:far: A > B (cost 10), rests at hA (Retry)", m.Ways[0].Label)
	require.Equal(t, 1, m.Ways[0].Done)
}

// The drawing names a group once in its title and every member in the legend.
func TestDrawingOfAGroup(t *testing.T) {
	t.Parallel()
	a, book := ask(t, grouped(t), "all,anna@x.com", nil)
	m := a.picture(book, "hA", 0)
	require.Equal(t, "From hA to all, anna@x.com", m.Title)
	var labels []string
	for _, w := range m.Ways {
		labels = append(labels, w.Label)
	}
	require.Equal(t, []string{"mA: A (cost 0), delivered", "mB, domain:x.example, FAX:123, anna@x.com: A > B (cost 10), delivered"}, labels)
}

// The legend tells how mail without a path ended, as it does for mail with one.
func TestDrawingOfMailWithoutAPath(t *testing.T) {
	t.Parallel()
	a, book := ask(t, grouped(t), "TELEX:1", nil)
	require.Equal(t, "TELEX:1: no path, NDR 5.4.4 by hA", a.picture(book, "hA", 0).Ways[0].Label)
}

// With loop_limit = 0 mail may go round for ever; it is in no queue to stay.
func TestOutcomeOfALoopWithoutEnd(t *testing.T) {
	t.Parallel()
	a, _ := ask(t, grouped(t), "mB", nil)
	x := a.each[0]
	x.way.Fate, x.way.RestsAt, x.way.Queue, x.way.Status = route.WaitsInQueue, 0, "", "Active"
	require.Equal(t, "goes round in a loop without end, past hA", x.outcome())
}

func TestWrongGroups(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"nobody":      `--to nobody: group "nobody" has no members: nobody receives the message`,
		"group:al":    `--to group:al: no group is called "al"; known are all, mA, nobody, far`,
		"group:alk":   `--to group:alk: no group is called "alk"; did you mean all?`,
		"group:":      `--to group:: no name stands after the colon`,
		"nobodi":      `--to nobodi: no site, mailbox server or group is called "nobodi"; did you mean nobody?`,
		"mailbox:all": `--to mailbox:all: no mailbox server is called "all"; known are mA, mB`,
	} {
		_, err := parseRecipient(grouped(t).org, to)
		require.EqualError(t, err, want)
	}
}

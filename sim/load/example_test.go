package load_test

import (
	"fmt"
	"strings"
	"time"

	"mailsim/sim/load"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// A recorded day is replayed: who is at which site comes from two files, joined by the department.
func ExampleReadTrace() {
	const messages = "time,from,to\n2,ann,bob cid\n0.5,cid,ann\n"
	const mailboxes = "mailbox,department\nann,sales\nbob,sales\ncid,plant\n"
	const departments = "site,departments\nOsaka,plant stores\nTokyo,sales\n"

	b := topology.NewBuilder(topology.V2010)
	for _, name := range []string{"Tokyo", "Osaka"} {
		s := b.Site(topology.Site{Name: name})
		b.Server(topology.Server{Name: "mbx-" + name, Site: s, Roles: topology.RoleMailbox})
	}
	org, err := b.Build()
	check(err)

	raws, err := load.ReadTrace(strings.NewReader(messages), load.TraceSpec{
		Name:    "messages.csv",
		Columns: load.Columns{Time: "time", Sender: "from", Recipients: "to"},
	})
	check(err)
	toDepartment, err := load.ReadLookup(strings.NewReader(mailboxes),
		load.LookupSpec{Name: "mailboxes.csv", Key: "mailbox", Value: "department"})
	check(err)
	toSite, err := load.ReadLookup(strings.NewReader(departments),
		load.LookupSpec{Name: "sites.csv", Key: "departments", Value: "site", Separator: " "})
	check(err)
	sites, err := toDepartment.Then(toSite)
	check(err)
	trace, err := load.Placement{Name: "messages.csv", Sites: sites, Org: org}.Place(raws)
	check(err)

	source := load.Source{ID: "recorded", Kind: load.Replay, Trace: trace, Size: rng.Constant(10_240), End: simtime.Never}
	book := route.NewBook()
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	g, err := load.NewGenerator(0, &source, org, book, rng.NewRoot(42, 0), start, simtime.Time(time.Hour))
	check(err)
	for m, ok := g.Next(); ok; m, ok = g.Next() {
		fmt.Printf("%v: %d bytes from %s to", m.At, m.Size, org.Servers[m.From].Name)
		for _, r := range m.Recipients {
			fmt.Printf(" %s (%d)", org.Servers[book.Destination(r.Dest).Server].Name, r.Count)
		}
		fmt.Println()
	}
	// Output:
	// 500ms: 10240 bytes from mbx-Osaka to mbx-Tokyo (1)
	// 2s: 10240 bytes from mbx-Tokyo to mbx-Tokyo (1) mbx-Osaka (1)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

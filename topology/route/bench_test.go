package route

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// largeOrganisation has a ring of sites with random links across, a hub and a mailbox server in each, every tenth a hub site.
func largeOrganisation(tb testing.TB, sites, links int) *topology.Organisation {
	rng := rand.New(rand.NewPCG(1, 2))
	b := topology.NewBuilder(topology.V2010)
	for i := range sites {
		b.Site(topology.Site{Name: fmt.Sprintf("site %04d", i), HubSite: i%10 == 0})
	}
	for i := range links {
		x, y := topology.SiteID(i%sites), topology.SiteID((i+1)%sites)
		for i >= sites && (y == x || y == (x+1)%topology.SiteID(sites)) {
			y = topology.SiteID(rng.IntN(sites))
		}
		b.Link(topology.Link{Name: fmt.Sprint("link ", i), Sites: []topology.SiteID{x, y}, Cost: 1 + rng.Int64N(20)})
	}
	for i := range sites {
		b.Server(topology.Server{Name: fmt.Sprint("h", i), Site: topology.SiteID(i), Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010})
	}
	o, err := b.Build()
	require.NoError(tb, err)
	return o
}

// BenchmarkTables builds the tables of all sites of a view: what a change of one link cost takes at most. Twice the sites and links may
// take four times as long, and a little more for the logarithm: (V + E) log V for each of V sites.
func BenchmarkTables(b *testing.B) {
	for _, size := range [][2]int{{250, 750}, {500, 1500}, {1000, 3000}} {
		b.Run(fmt.Sprintf("%d sites, %d links", size[0], size[1]), func(b *testing.B) {
			o := largeOrganisation(b, size[0], size[1])
			b.ReportAllocs()
			cpu := cpuTime()
			for b.Loop() {
				book := NewBook()
				for s := range o.Sites {
					book.Table(o, topology.SiteID(s))
				}
			}
			b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkHop asks for a decision that is already known.
func BenchmarkHop(b *testing.B) {
	o := largeOrganisation(b, 200, 600)
	book := NewBook()
	var dests []DestID
	for i := range o.Servers {
		dests = append(dests, book.Dest(Destination{Kind: Mailbox, Server: topology.ServerID(i)}))
	}
	table := book.Table(o, 0)
	for _, d := range dests {
		table.Hop(0, d, 1)
	}
	b.ReportAllocs()
	var sum KeyID
	i := 0
	for b.Loop() {
		sum += table.Hop(0, dests[i%128], 20000).Key
		i++
	}
	require.NotZero(b, sum)
}

// BenchmarkHopFirst decides for a mailbox for the first time.
func BenchmarkHopFirst(b *testing.B) {
	o := largeOrganisation(b, 200, 600)
	book := NewBook()
	d := book.Dest(Destination{Kind: Mailbox, Server: 150})
	table := book.Table(o, 0)
	b.ReportAllocs()
	for b.Loop() {
		table.cells[0] = table.cells[0][:0]
		table.Hop(0, d, 1)
	}
}

// BenchmarkGroups asks for candidates that are already known.
func BenchmarkGroups(b *testing.B) {
	o := largeOrganisation(b, 200, 600)
	book := NewBook()
	table := book.Table(o, 0)
	key := table.Hop(0, book.Dest(Destination{Kind: Mailbox, Server: 150}), 1).Key
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n += len(table.Groups(0, key))
	}
	require.NotZero(b, n)
}

// BenchmarkFollow answers one route question on built tables.
func BenchmarkFollow(b *testing.B) {
	o := largeOrganisation(b, 200, 600)
	book := NewBook()
	d := book.Dest(Destination{Kind: Mailbox, Server: 150})
	b.ReportAllocs()
	for b.Loop() {
		Follow(book, o, Query{Server: 0, Dest: d})
	}
}

// BenchmarkRebuild changes one link cost of a large organisation, and builds the tables of all sites anew: under 2 s of CPU is asked
// for. It reports what one view holds in memory.
func BenchmarkRebuild(b *testing.B) {
	o := largeOrganisation(b, 1000, 3000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	book := NewBook()
	build := func(o *topology.Organisation) {
		for s := range o.Sites {
			book.Table(o, topology.SiteID(s))
		}
	}
	build(o)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(book)
	cost := int64(0)
	cpu := cpuTime()
	for b.Loop() {
		cost++
		book = NewBook()
		build(o.With(topology.Change{Kind: topology.LinkCost, Object: 17, Value: 1 + cost%20}))
	}
	b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(b.N), "cpu-ns/op")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB/view")
}

// BenchmarkHops routes a message to 100 recipients whose decisions are known.
func BenchmarkHops(b *testing.B) {
	o := largeOrganisation(b, 200, 600)
	book := NewBook()
	var dests []DestID
	for i := range 100 {
		dests = append(dests, book.Dest(Destination{Kind: Mailbox, Server: topology.ServerID(2 * i)}))
	}
	table := book.Table(o, 0)
	hops := table.Hops(0, dests, 1, nil)
	b.ReportAllocs()
	for b.Loop() {
		hops = table.Hops(0, dests, 1, hops[:0])
	}
}

// A rebuild after a change of one link cost, at the size that is asked for, in far less than the 2 s of CPU that are allowed.
func TestRebuildIsFast(t *testing.T) { // not parallel: it takes the time
	if testing.Short() {
		t.Skip("takes the time of a rebuild")
	}
	o := largeOrganisation(t, 1000, 3000).With(topology.Change{Kind: topology.LinkCost, Object: 17, Value: 3})
	book := NewBook()
	start := time.Now()
	for s := range o.Sites {
		book.Table(o, topology.SiteID(s))
	}
	require.Less(t, time.Since(start), 10*time.Second, "see BenchmarkRebuild")
}

// BenchmarkCompare compares all pairs of two large organisations that differ in the cost of one link.
func BenchmarkCompare(b *testing.B) {
	for _, size := range [][2]int{{200, 600}, {1000, 3000}} {
		b.Run(fmt.Sprintf("%d sites, %d links", size[0], size[1]), func(b *testing.B) {
			o := largeOrganisation(b, size[0], size[1])
			changed := o.With(topology.Change{Kind: topology.LinkCost, Object: 0, Value: 99999})
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = len(Compare(o, changed, 1).Changes)
			}
			b.ReportMetric(float64(n), "changes")
		})
	}
}

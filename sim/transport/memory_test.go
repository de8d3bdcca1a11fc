package transport_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

var (
	forgetful = []topology.Version{topology.V2007RTM, topology.V2007, topology.V2010RTM}
	mindful   = []topology.Version{topology.V2010, topology.V2013, topology.V2016, topology.VSE}
)

// smartHosts makes a driver of one hub with a connector to n smart hosts, of which down do not answer for the second that an attempt takes.
// Each message that is submitted alone goes as one connection.
func smartHosts(t testing.TB, v topology.Version, n int, down map[int32]transport.Code) *driver {
	org := withSmartHosts(t, v, n)
	d := newDriver(t, org, 0, transport.DefaultProfile(v, false))
	d.dest = append(d.dest, d.book.Dest(route.Destination{Kind: route.External, Domain: "a.example"}))
	d.fails = time.Second
	d.up = func(_ simtime.Time, to route.Target) transport.Code { return down[to.ID] }
	return d
}

func withSmartHosts(t testing.TB, v topology.Version, n int) *topology.Organisation {
	b := topology.NewBuilder(v)
	site := b.Site(topology.Site{Name: "S"})
	id := b.Server(topology.Server{Name: "h", Site: site, Roles: topology.RoleHub | topology.RoleMailbox, Version: v, DC: topology.None})
	var hosts []topology.RemoteID
	for i := range n {
		hosts = append(hosts, b.Remote(topology.Remote{Name: fmt.Sprintf("s%d", i+1)}))
	}
	b.Connector(topology.Connector{Name: "out", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}}, Sources: []topology.ServerID{id}, SmartHosts: hosts})
	org, err := b.Build()
	require.NoError(t, err)
	return org
}

// singly lets a message come every so many seconds, one connection each, and returns what every connection tried, smart hosts counted from 1.
func (d *driver) singly(from, every float64, n int) [][]int32 {
	var lists [][]int32
	for i := range n {
		start := sec(from + float64(i)*every)
		d.submit(start, d.dest[0])
		d.run(start - 1)
		before := len(d.tried)
		d.run(start + sec(every) - 1)
		var list []int32
		for _, to := range d.tried[before:] {
			list = append(list, to.ID+1)
		}
		lists = append(lists, list)
	}
	return lists
}

// served counts the connections that each smart host got: the last that a connection tried.
func served(lists [][]int32) map[int32]int {
	n := map[int32]int{}
	for _, l := range lists {
		n[l[len(l)-1]]++
	}
	return n
}

func TestR4_7_OthersShareEvenly(t *testing.T) {
	t.Parallel()
	t.Run("G-45", func(t *testing.T) {
		t.Parallel()
		for _, v := range forgetful {
			lists := smartHosts(t, v, 3, map[int32]transport.Code{0: transport.Unreachable}).singly(0, 10, 12)
			require.Equal(t, map[int32]int{2: 8, 3: 4}, served(lists), v)
			require.Equal(t, []int32{1, 2}, lists[9])
		}
		for _, v := range mindful {
			d := smartHosts(t, v, 3, map[int32]transport.Code{0: transport.Unreachable})
			lists := d.singly(0, 10, 12)
			require.Equal(t, map[int32]int{2: 6, 3: 6}, served(lists), v)
			require.Equal(t, [][]int32{{1, 2}, {3}, {2}, {3}, {2}, {3}, {2}, {1, 3}, {2}, {3}, {2}, {3}}, lists, "probed once, a minute later")
			require.Empty(t, d.retries)
		}
	})
	t.Run("G-63", func(t *testing.T) {
		t.Parallel()
		for _, v := range forgetful {
			lists := smartHosts(t, v, 3, map[int32]transport.Code{1: transport.Unreachable}).singly(0, 10, 3)
			require.Equal(t, [][]int32{{1}, {2, 3}, {3}}, lists, v)
		}
		for _, v := range mindful {
			lists := smartHosts(t, v, 3, map[int32]transport.Code{1: transport.Unreachable}).singly(0, 10, 3)
			require.Equal(t, [][]int32{{1}, {2, 3}, {1}}, lists, v)
		}
	})
}

// Every way to fail counts but a refusal by a limit: that host works, and stays where it is.
func TestR4_7_WhatIsAFailure(t *testing.T) {
	t.Parallel()
	for code, want := range map[transport.Code][][]int32{
		transport.Unreachable: {{1, 2}, {3}, {2}, {3}},
		transport.Reset:       {{1, 2}, {3}, {2}, {3}},
		transport.AuthFailed:  {{1, 2}, {3}, {2}, {3}},
		transport.Refused:     {{1, 2}, {3}, {1, 2}, {3}},
	} {
		require.Equal(t, want, smartHosts(t, topology.V2016, 3, map[int32]transport.Code{0: code}).singly(0, 10, 4), code)
	}
}

// The probes of a host that stays down, by the connections of a queue that is never empty for long: each is made by the first connection
// after it is due, and an interval runs from the probe before. When the host answers, its probe carries mail like any connection.
func TestD12_ProbesByTheNextConnection(t *testing.T) {
	t.Parallel()
	down := map[int32]transport.Code{0: transport.Unreachable}
	d := smartHosts(t, topology.V2010, 3, down)
	var probes []int
	for i, l := range d.singly(0, 15, 4*70) {
		if l[0] == 1 {
			probes = append(probes, i)
		}
	}
	// Quarters of a minute. The first failure is known a second late, so a probe is due a second after the message of that quarter.
	require.Equal(t, []int{0, 5, 9, 13, 17, 37, 57, 77, 97, 117, 137, 177, 217, 257}, probes)
	delete(down, 0)
	var first int
	lists := d.singly(70*60, 15, 40)
	for i, l := range lists {
		if l[0] == 1 {
			first = i
			break
		}
	}
	require.Equal(t, 297-280, first)
	require.Equal(t, []int32{1}, lists[first], "its probe is the connection")
	turn := func(i int) int32 { return lists[first+i][0] }
	require.Equal(t, []int32{1, turn(1), turn(2), 1, turn(1), turn(2), 1}, []int32{turn(0), turn(1), turn(2), turn(3), turn(4), turn(5), turn(6)}, "at the end of the order")
	require.NotEqual(t, turn(1), turn(2))
}

// A queue without mail probes nobody, and makes up for nothing afterwards.
func TestD12_NoMailNoProbe(t *testing.T) {
	t.Parallel()
	d := smartHosts(t, topology.V2010, 3, map[int32]transport.Code{0: transport.Unreachable})
	require.Equal(t, [][]int32{{1, 2}}, d.singly(0, 10, 1))
	at, _ := d.hub.Deadline()
	require.Equal(t, simtime.Never, at)
	d.run(sec(7200))
	require.Len(t, d.tried, 2)
	require.Equal(t, [][]int32{{1, 3}, {2}, {3}}, d.singly(7200, 10, 3))
}

// When nobody works a connection tries all, in base order, and one that answers is used until the others do.
func TestD12_NobodyWorks(t *testing.T) {
	t.Parallel()
	down := map[int32]transport.Code{0: transport.Unreachable, 1: transport.Unreachable, 2: transport.Unreachable}
	d := smartHosts(t, topology.V2010, 3, down)
	d.submit(0, d.dest[0])
	d.run(sec(150))
	require.Len(t, d.retries, 3)
	var ids []int32
	for _, to := range d.tried {
		ids = append(ids, to.ID+1)
	}
	require.Equal(t, []int32{1, 2, 3, 1, 2, 3, 1, 2, 3}, ids)
	delete(down, 1)
	d.run(sec(199))
	require.Len(t, d.delivered, 1)
	delete(down, 0)
	require.Equal(t, [][]int32{{1}, {3, 2}, {1}, {2}}, d.singly(200, 10, 4), "what was due meanwhile is probed at once")
	down[0], down[1] = transport.Unreachable, transport.Unreachable
	require.Equal(t, [][]int32{{3, 1, 2}}, d.singly(400, 10, 1), "nobody twice")
}

// hubsOfB is an organisation of a hub in site A and n in site B; all have a mailbox. They are servers 0 to n.
func hubsOfB(t testing.TB, n int) *topology.Organisation {
	b := topology.NewBuilder(topology.V2010)
	sites := []topology.SiteID{b.Site(topology.Site{Name: "A"}), b.Site(topology.Site{Name: "B"})}
	b.Link(topology.Link{Name: "A-B", Sites: sites, Cost: 10})
	for i := range n + 1 {
		b.Server(topology.Server{
			Name: fmt.Sprintf("h%d", i), Site: sites[min(i, 1)], Roles: topology.RoleHub | topology.RoleMailbox, Version: topology.V2010, DC: topology.None,
		})
	}
	org, err := b.Build()
	require.NoError(t, err)
	return org
}

// TestR4_7_MemoryAndViews: a new view with the same targets changes nothing; with others the memory begins anew. Servers of B are counted
// from 2 here.
func TestR4_7_MemoryAndViews(t *testing.T) {
	t.Parallel()
	down := map[int32]transport.Code{1: transport.Unreachable}
	d := newDriver(t, hubsOfB(t, 3), 0, transport.DefaultProfile(topology.V2010, false))
	d.dest = append(d.dest, d.book.Dest(route.Destination{Kind: route.Mailbox, Server: 1}))
	d.fails = time.Second
	d.up = func(_ simtime.Time, to route.Target) transport.Code { return down[to.ID] }
	require.Equal(t, [][]int32{{2, 3}, {4}}, d.singly(0, 10, 2))
	d.reroute(hubsOfB(t, 3))
	require.Equal(t, [][]int32{{3}, {4}}, d.singly(20, 10, 2))
	d.reroute(hubsOfB(t, 4))
	require.Equal(t, [][]int32{{2, 3}, {4}, {5}, {3}}, d.singly(40, 10, 4), "as the plain rotation: the fifth connection begins with the first")

	// An attempt under way when its list changes goes on with the new one from its beginning, and what it finds says nothing of that one.
	d.fails, d.each = 5*time.Second, 100*time.Millisecond
	d.submit(sec(104), d.dest[0]) // begins with a probe
	d.run(sec(105))
	require.Len(t, d.tried, 11)
	require.EqualValues(t, 1, d.tried[10].ID)
	delete(down, 1)
	d.reroute(hubsOfB(t, 3))
	for range 21 {
		d.submit(sec(106), d.dest[0]) // a second connection: the new list is made
	}
	d.run(sec(107))
	require.Equal(t, 1, d.hub.Queues())
	require.Len(t, d.tried, 12)
	d.run(sec(109))
	require.Len(t, d.tried, 13)
	require.NotEqual(t, d.tried[11], d.tried[12])
	d.run(sec(119))
	require.Len(t, d.delivered, 8+22)
	require.Len(t, served(d.singly(120, 10, 3)), 3, "the first is in the order of the new list")

	d.reroute(hubsOfB(t, 1)) // no memory any more
	require.Equal(t, [][]int32{{2}, {2}}, d.singly(150, 10, 2))
	require.NoError(t, d.hub.Check())
}

// TestR4_7_TheListChangesUnderAnAttempt: both connections try every hub of the new view, whatever the first has tried of the old one.
func TestR4_7_TheListChangesUnderAnAttempt(t *testing.T) {
	t.Parallel()
	d := newDriver(t, hubsOfB(t, 2), 0, transport.DefaultProfile(topology.V2010, false))
	d.dest = append(d.dest, d.book.Dest(route.Destination{Kind: route.Mailbox, Server: 1}))
	d.fails = time.Second
	d.up = downUntil(simtime.Never)
	d.submit(0, d.dest[0])
	d.run(sec(0.2))
	d.reroute(hubsOfB(t, 70))
	for range 21 {
		d.submit(sec(0.5), d.dest[0])
	}
	d.run(sec(100))
	require.Len(t, d.tried, 1+2*70)
}

// TestR4_7_AStopForgets: what is remembered is not on disk.
func TestR4_7_AStopForgets(t *testing.T) {
	t.Parallel()
	d := smartHosts(t, topology.V2010, 3, map[int32]transport.Code{0: transport.Unreachable})
	require.Equal(t, [][]int32{{1, 2}, {3}, {2}}, d.singly(0, 10, 3))
	d.at(sec(30), transport.PhaseFaults, func() { d.halt(transport.OK) })
	d.at(sec(31), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Boot}) })
	d.run(sec(32))
	require.Equal(t, [][]int32{{1, 2}, {3}, {2}}, d.singly(40, 10, 3))
}

// TestR4_7_OneTargetHasNoMemory: for a next hop of one target all versions do the same.
func TestR4_7_OneTargetHasNoMemory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := drawScript(t)
		for i := range s.queues {
			s.queues[i].remotes = s.queues[i].remotes[:1]
		}
		var traces [2][]string
		for i := range traces {
			s.memory = i == 1
			g := newStage(s)
			newHubs(t, g)
			g.run(t)
			traces[i] = g.trace
		}
		require.Equal(t, traces[0], traces[1])
	})
}

// TestR4_7_MemoryAllocatesNothing: connections to a next hop of many targets, some of which fail, cost no allocation once each slot has
// been used.
func TestR4_7_MemoryAllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	for _, n := range []int{3, 100} {
		down := func(to route.Target) bool { return to.ID < 2 || to.ID == 70 }
		d := smartHosts(t, topology.V2016, n, nil)
		set := d.store.NewSet([]transport.Recipients{{Dest: d.dest[0], Count: 1}})
		now, dials, serial := simtime.Time(0), 0, uint64(0)
		var acts []transport.Action
		perform := func() {
			for i := 0; i < len(acts); i++ {
				switch a := acts[i]; a.Kind {
				case transport.Categorise:
					acts = d.hub.Step(now, transport.Input{Kind: transport.Categorised, Msg: a.Msg}, acts)
				case transport.Dial:
					dials++
					code := transport.OK
					if down(d.hub.Target(a.Conn)) {
						code = transport.Unreachable
					}
					acts = d.hub.Step(now, transport.Input{Kind: transport.Dialed, Code: code, Conn: a.Conn}, acts)
				case transport.Send:
					acts = d.hub.Step(now, transport.Input{Kind: transport.Replied, Conn: a.Conn}, acts)
				case transport.Left:
					d.store.Free(a.Msg)
				}
			}
		}
		cycle := func() {
			now, serial = now+minute/4, serial+1
			m := d.store.New(transport.Copy{Message: serial, Accepted: now, Created: now, Size: 1000, Set: d.store.Ref(set)}, transport.Tail{Sender: topology.None})
			acts = d.hub.Step(now, transport.Input{Kind: transport.Submitted, Msg: m}, acts[:0])
			perform()
			for d.hub.Due() {
				acts, _ = d.hub.Settle(now, acts[:0])
				perform()
			}
		}
		for range 500 {
			cycle()
		}
		before := dials
		require.Zero(t, testing.AllocsPerRun(2000, cycle))
		require.Greater(t, dials, before+2000, "some are probes")
	}
}

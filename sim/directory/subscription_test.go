package directory_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

func presence(s topology.ServerID, value int64) topology.Change {
	return topology.Change{Kind: topology.ServerPresent, Object: int32(s), Value: value}
}

// The hubs that a site has when an Edge is subscribed take part; the first leads, the next when it is removed. One that is added later
// does not, even when nobody else is left.
func TestR6_4_WhoTakesPartInEdgeSync(t *testing.T) {
	t.Parallel()
	const a3 topology.ServerID = 6
	start := func() *world {
		return ref3(t, func(p *parts) {
			p.servers = append(p.servers, topology.Server{Name: "A3", Site: siteA, Roles: topology.RoleHub, DC: ad1, Absent: true})
		})
	}
	add := func(w *world, when string, s topology.ServerID) {
		w.until(at(when), nil)
		w.dir.Edit(at(when), ad1, presence(s, 1))
		w.dir.ServerAdded(at(when), s)
	}
	remove := func(w *world, when string, s topology.ServerID) {
		w.until(at(when), nil)
		w.dir.Edit(at(when), ad1, presence(s, 0))
		w.dir.ServerRemoved(at(when), s)
	}

	w, seen := start(), map[string][]string{}
	w.dir.Edit(at("09:00:00"), ad1, disable(connA))
	w.until(at("09:09:00"), seen)
	require.Equal(t, []string{`09:03:00 connector "C-A": disabled`}, seen["AE1"], "A1 leads, which sees it at 09:00:05")
	require.Empty(t, seen["A3"], "what is not there sees nothing")

	// A2 sees the change 21 s after A1: 15 s until its domain controller is notified, 1 s of transfer, 5 s more.
	w, seen = start(), map[string][]string{}
	remove(w, "09:00:00", a1)
	w.until(at("09:02:45"), seen)
	w.dir.Edit(at("09:02:45"), ad1, disable(connA))
	w.until(at("09:20:00"), seen)
	require.Equal(t, []string{`09:03:00 server "A1": removed`, `09:06:00 connector "C-A": disabled`}, seen["AE1"], "A2 leads on")
	require.Empty(t, seen["A1"])

	w, seen = start(), map[string][]string{}
	add(w, "09:00:00", a3)
	remove(w, "09:10:00", a1)
	remove(w, "09:20:00", a2)
	w.until(at("09:30:00"), seen)
	require.Empty(t, seen["AE1"], "nobody of the subscription is left")
	require.Equal(t, []string{`09:20:05 server "A2": removed`}, seen["A3"])

	// An Edge that is added is subscribed with the hubs of that time, and begins with the whole configuration.
	w, seen = start(), map[string][]string{}
	remove(w, "09:00:00", ae1)
	add(w, "09:10:00", a3)
	add(w, "09:20:00", ae1)
	remove(w, "09:30:00", a1)
	remove(w, "09:40:00", a2)
	w.until(at("09:45:00"), seen)
	require.Equal(t, []string{`09:42:00 server "A2": removed`}, seen["AE1"], "A3 leads: it was there")
	require.False(t, w.dir.View(ae1).Servers[a3].Absent)
}

// Everything that an action can set is seen in words, and taking it back shows what was at first.
func TestChangesAreSeenInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change topology.Change
		want   string
		back   topology.Change
		again  string
	}{
		{topology.Change{Kind: topology.SmartHosts, Object: 0, Value: 0}, `connector "C-A": smart hosts r1, r2`, topology.Change{Kind: topology.SmartHosts, Object: 0, Value: topology.None}, `connector "C-A": DNS routing`},
		{topology.Change{Kind: topology.ConnectorPresent, Object: 0}, `connector "C-A": removed`, topology.Change{Kind: topology.ConnectorPresent, Object: 0, Value: 1}, `connector "C-A": added`},
		{presence(b1, 0), `server "B1": removed`, presence(b1, 1), `server "B1": added`},
		{topology.Change{Kind: topology.SitePresent, Object: int32(siteC)}, `site "C": removed`, topology.Change{Kind: topology.SitePresent, Object: int32(siteC), Value: 1}, `site "C": added`},
		{topology.Change{Kind: topology.MailboxHome, Object: int32(b1), Value: int64(c1)}, `mailboxes of "B1": on "C1"`, topology.Change{Kind: topology.MailboxHome, Object: int32(b1), Value: int64(b1)}, `mailboxes of "B1": on "B1"`},
	} {
		w, seen := ref3(t, func(p *parts) { p.lists = true }), map[string][]string{}
		original := w.dir.View(a1)
		w.dir.Edit(at("09:00:00"), ad1, c.change)
		w.until(at("09:00:05"), seen)
		w.dir.Edit(at("09:01:00"), ad1, c.back)
		w.until(at("09:01:05"), seen)
		require.Equal(t, []string{"09:00:05 " + c.want, "09:01:05 " + c.again}, seen["A1"])
		require.Same(t, original, w.dir.View(a1), "nothing differs any more")
	}
}

// A list that no change refers to is told as what it was.
func TestSmartHostsAsAtFirst(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.lists = true })
	w.dir.Edit(at("09:00:00"), ad1, topology.Change{Kind: topology.SmartHosts, Object: int32(connR), Value: 0})
	seen := map[string][]string{}
	w.until(at("09:03:00"), seen)
	require.Equal(t, []string{`09:00:05 connector "C-R": smart hosts r1, r2`}, seen["A1"])
	require.Equal(t, []string{`09:03:00 connector "C-R": smart hosts r1, r2`}, seen["AE1"])
	// A1 is removed; A2, which has not heard of the change, leads and shows the Edge what it knows.
	w = ref3(t, func(p *parts) { p.lists = true })
	w.dir.Edit(at("09:02:50"), ad1, topology.Change{Kind: topology.SmartHosts, Object: int32(connR), Value: 0})
	seen = map[string][]string{}
	w.until(at("09:03:00"), seen)
	require.Equal(t, []string{`09:03:00 connector "C-R": smart hosts r1, r2`}, seen["AE1"])
	w.dir.ServerRemoved(at("09:03:00"), a1)
	w.until(at("09:03:00"), seen)
	require.Equal(t, `09:03:00 connector "C-R": smart hosts as at first`, seen["AE1"][1])
}

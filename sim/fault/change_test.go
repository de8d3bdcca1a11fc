package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/topology"
)

const c1 topology.ServerID = 4 // not part of the organisation at first

// A server that is no part of the organisation is down until it is added, whatever else takes it down or would start it; the edit is
// written before it starts, at the domain controller of its site, and it reads its configuration when it starts.
func TestServersComeAndGo(t *testing.T) {
	t.Parallel()
	add := act(fault.AddServer, "10:00:00", time.Minute, hosts(c1)...)
	remove := act(fault.RemoveServer, "12:00:00", 0, hosts(c1)...)
	b := newBench(t, []fault.Fault{down("before", "09:00:00", "09:30:00", c1)}, []fault.Action{add, remove}).until(at("12:29:59"))
	require.Equal(t, []string{
		"10:01:00 booted C1", `10:01:00 C1 sees server "C1": added`,
		`10:30:10 B1 sees server "C1": added`, // the link's schedule, 5 s transfer, 5 s notification
		"12:00:00 halted C1 silent",
		`12:00:10 A1 sees server "C1": added`, `12:00:10 A2 sees server "C1": added`,
	}, b.log, "it sees nothing of its own removal, and the others not yet")
	require.Equal(t, "operator: add_server C1 done", b.events[2].Text)
	require.Equal(t, "C1", b.events[2].Server)

	b = newBench(t, []fault.Fault{down("over", "09:59:00", "11:00:00", c1)}, []fault.Action{add, remove}).until(at("12:00:00"))
	require.Equal(t, []string{"11:00:00 booted C1", "12:00:00 halted C1 silent"}, effects(b.of("C1")))

	// Steps that change nothing are none: no edit, nothing counted twice.
	twice := act(fault.AddServer, "10:30:00", 0, hosts(c1)...)
	again := act(fault.RemoveServer, "12:30:00", 0, hosts(c1)...)
	back := act(fault.AddServer, "13:00:00", 0, hosts(c1)...)
	b = newBench(t, nil, []fault.Action{add, twice, remove, again, back}).until(at("13:00:00"))
	require.Equal(t, []string{"10:01:00 booted C1", "12:00:00 halted C1 silent", "13:00:00 booted C1"}, effects(b.of("C1")))
	restart := act(fault.RestartOS, "10:00:00", 0, hosts(c1)...)
	require.Empty(t, newBench(t, nil, []fault.Action{restart}).until(at("13:00:00")).log, "a restart does not start what is not there")
}

// effects leaves out what servers see.
func effects(log []string) []string {
	var out []string
	for _, l := range log {
		if len(l) > 9 && (l[9] == 'b' || l[9] == 'h') {
			out = append(out, l)
		}
	}
	return out
}

// Each edit is written at the first domain controller of the site that it is about, or at the one that is named.
func TestV1_WhereEditsAreWritten(t *testing.T) {
	t.Parallel()
	edit := func(kind fault.ActionKind, c topology.Change) fault.Action {
		a := act(kind, "10:00:00", 0)
		a.Changes = []topology.Change{c}
		return a
	}
	move := act(fault.MoveMailbox, "10:00:00", 0, hosts(b1)...)
	move.To = b1
	away := move
	away.To = a1
	elsewhere := act(fault.AddServer, "10:00:00", 0, hosts(c1)...)
	elsewhere.DC = ad1
	for name, c := range map[string]struct {
		action fault.Action
		at     topology.DCID
	}{
		"smart hosts":        {edit(fault.SetSmartHosts, topology.Change{Kind: topology.SmartHosts, Object: 1, Value: 0}), bd1},
		"connector":          {edit(fault.RemoveConnector, topology.Change{Kind: topology.ConnectorPresent, Object: 1}), bd1},
		"connector of A":     {edit(fault.RemoveConnector, topology.Change{Kind: topology.ConnectorPresent}), ad1},
		"site":               {edit(fault.RemoveSite, topology.Change{Kind: topology.SitePresent, Object: int32(siteB)}), bd1},
		"server":             {act(fault.AddServer, "10:00:00", 0, hosts(c1)...), cd1},
		"server, named":      {elsewhere, ad1},
		"mailboxes":          {away, ad1},
		"server that leaves": {act(fault.RemoveServer, "10:00:00", 0, hosts(b1)...), bd1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, nil, []fault.Action{c.action})
			b.engine.Fire(b.engine.Next(), nil)
			for d := range b.org.DCs {
				require.Equal(t, topology.DCID(d) == c.at, b.dir.Holds(topology.DCID(d)) != b.org, b.org.DCs[d].Name)
			}
		})
	}
	b := newBench(t, nil, []fault.Action{move})
	require.Equal(t, []fault.Effect{{Kind: fault.MailboxesMoved, Server: b1, To: b1, Link: topology.None, SiteA: topology.None, SiteB: topology.None}},
		b.engine.Fire(b.engine.Next(), nil), "back where they are: nobody sees a change")
	require.Same(t, b.org, b.dir.Holds(bd1))
	require.Equal(t, "operator: move_mailbox B1 to B1 done", b.events[0].Text)
}

func TestLabelsOfChanges(t *testing.T) {
	t.Parallel()
	change := func(kind fault.ActionKind, c topology.Change) fault.Action {
		a := act(kind, "10:00:00", time.Minute)
		a.Changes = []topology.Change{c}
		return a
	}
	move := act(fault.MoveMailbox, "10:00:00", 0, hosts(b1)...)
	move.To = b1
	for _, c := range []struct {
		want, describe string
		action         fault.Action
	}{
		{"add C1", "", act(fault.AddServer, "10:00:00", 0, hosts(c1)...)},
		{"remove B1", "", act(fault.RemoveServer, "10:00:00", 0, hosts(b1)...)},
		{"mailboxes of B1 on B1", "", move},
		{"C-A: smart hosts relay", `connector "C-A": smart hosts relay`, change(fault.SetSmartHosts, topology.Change{Kind: topology.SmartHosts})},
		{"C-A: DNS routing", `connector "C-A": DNS routing`, change(fault.SetSmartHosts, topology.Change{Kind: topology.SmartHosts, Value: topology.None})},
		{"add C-A", `connector "C-A": added`, change(fault.AddConnector, topology.Change{Kind: topology.ConnectorPresent, Value: 1})},
		{"remove C-A", `connector "C-A": removed`, change(fault.RemoveConnector, topology.Change{Kind: topology.ConnectorPresent})},
		{"add site B", `site "B": added`, change(fault.AddSite, topology.Change{Kind: topology.SitePresent, Object: int32(siteB), Value: 1})},
		{"remove site B", `site "B": removed`, change(fault.RemoveSite, topology.Change{Kind: topology.SitePresent, Object: int32(siteB)})},
	} {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, []string{c.want}, labels(t, nil, []fault.Action{c.action}))
			for _, x := range c.action.Changes {
				require.Equal(t, c.describe, directory.Describe(organisation(t), x))
			}
		})
	}
}

// TestQ11_5_ActivatingACopy: the world hears which copy is active and what it lacks; a database without copies comes up where it was. When all
// of a server's databases go, its mailboxes do.
func TestQ11_5_ActivatingACopy(t *testing.T) {
	t.Parallel()
	a := act(fault.ActivateCopy, "10:00:00", 0)
	a.To, a.Databases, a.Missing, a.Since = a1, []fault.Database{{Server: b1}}, time.Minute, 7
	b := newBench(t, nil, []fault.Action{a})
	none := topology.LinkID(topology.None)
	require.Equal(t, []fault.Effect{
		{Kind: fault.CopyActivated, Server: b1, To: b1, Link: none, SiteA: topology.None, SiteB: topology.None, Missing: time.Minute, Since: 7},
		{Kind: fault.MailboxesMoved, Server: b1, To: b1, Link: none, SiteA: topology.None, SiteB: topology.None},
	}, b.engine.Fire(b.engine.Next(), nil))
	require.Equal(t, "operator: activate_copy B1 on A1 done", b.events[0].Text)
	require.Equal(t, "copy of B1 active on A1", b.engine.Happened()[0].Label)
}

package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

func dcs(ids ...topology.DCID) []fault.Host {
	var out []fault.Host
	for _, dc := range ids {
		out = append(out, fault.Host{Server: topology.None, DC: dc})
	}
	return out
}

// dcFault is a fault of domain controllers from one time of day to another; "" = without end.
func dcFault(id string, mode fault.DCDownMode, start, end string, ids ...topology.DCID) fault.Fault {
	f := fault.Fault{ID: id, Kind: fault.DCDown, Start: at(start), End: simtime.Never, Probability: 1, Hosts: dcs(ids...), Controllers: fault.Controllers{Mode: mode}}
	if end != "" {
		f.End = at(end)
	}
	return f
}

// conditions lists the condition of a domain controller at times of day.
func (b *bench) conditions(dc topology.DCID, times ...string) []string {
	var out []string
	for _, when := range times {
		b.until(at(when))
		out = append(out, b.dir.Condition(dc).String())
	}
	return out
}

// F4: the modes; a domain controller starts in the last five minutes of an outage; of outages that overlap the worst shows.
func TestF4_Modes(t *testing.T) {
	t.Parallel()
	times := []string{"08:59:59", "09:00:00", "09:54:59", "09:55:00", "09:59:59", "10:00:00"}
	b := newBench(t, []fault.Fault{dcFault("x", fault.DCCrash, "09:00:00", "10:00:00", ad1)}, nil)
	require.Equal(t, []string{"up", "down", "down", "starting", "starting", "up"}, b.conditions(ad1, times...))
	require.Equal(t, []string{"AD1: crash", "AD1 works again"}, []string{b.events[0].Text, b.events[1].Text})
	require.Equal(t, "AD1 down (crash)", b.engine.Happened()[0].Label)
	require.Equal(t, int64(at("10:00:00")), *b.engine.Happened()[0].EndNS)

	b = newBench(t, []fault.Fault{dcFault("x", fault.DCWithoutKDC, "09:00:00", "10:00:00", ad1)}, nil)
	require.Equal(t, []string{"up", "KDC stopped", "KDC stopped", "KDC stopped", "KDC stopped", "up"}, b.conditions(ad1, times...))
	require.Equal(t, bd1, newBench(t, nil, nil).dir.DC(b1))

	b = newBench(t, []fault.Fault{dcFault("x", fault.DCMaintenance, "09:00:00", "09:03:00", ad1), dcFault("y", fault.DCWithoutKDC, "08:00:00", "11:00:00", ad1)}, nil)
	require.Equal(t, []string{"KDC stopped", "starting", "starting", "KDC stopped", "up"}, b.conditions(ad1, "08:30:00", "09:00:00", "09:02:59", "09:03:00", "11:00:00"))

	b = newBench(t, []fault.Fault{dcFault("x", fault.DCCrash, "09:00:00", "10:00:00", ad1), dcFault("y", fault.DCCrash, "09:30:00", "10:31:00", ad1)}, nil)
	require.Equal(t, []string{"down", "down", "starting", "up"}, b.conditions(ad1, "09:56:00", "10:00:00", "10:26:00", "10:31:00"))
	require.Equal(t, bd1, b.dir.DC(a1), "it has turned, and comes back at the next quarter of an hour")
	b.until(at("10:45:00"))
	require.Equal(t, ad1, b.dir.DC(a1))
}

// F4: a restart takes a domain controller that works down in good order, and ends every outage of one that does not.
func TestF4_Restart(t *testing.T) {
	t.Parallel()
	restart := act(fault.RestartOS, "09:30:00", fault.ControllerStart, dcs(ad1)...)
	b := newBench(t, nil, []fault.Action{restart})
	require.Equal(t, []string{"up", "starting", "starting", "up"}, b.conditions(ad1, "09:29:59", "09:30:00", "09:34:59", "09:35:00"))
	require.Equal(t, bd1, b.dir.DC(a1), "at once: it was announced")

	for mode := range fault.DCWithoutKDC + 1 {
		b = newBench(t, []fault.Fault{dcFault("x", mode, "09:00:00", "", ad1, bd1), dcFault("y", fault.DCCrash, "09:10:00", "12:00:00", ad1)}, []fault.Action{restart})
		require.Equal(t, []string{"down", "starting", "up", "up"}, b.conditions(ad1, "09:29:59", "09:30:00", "09:35:00", "12:00:00"))
		require.NotEqual(t, "up", b.dir.Condition(bd1).String(), "the other one of the fault")
		require.Nil(t, b.engine.Happened()[0].EndNS, "x goes on at BD1")
		require.Equal(t, int64(at("09:35:00")), *b.engine.Happened()[1].EndNS, "y is over")
	}
	x := dcFault("x", fault.DCCrash, "09:00:00", "", ad1, bd1)
	x.Remedies = []fault.Action{act(fault.RestartOS, "10:00:00", fault.ControllerStart)}
	b = newBench(t, []fault.Fault{x}, nil).until(at("10:05:00"))
	require.Equal(t, "up", b.dir.Condition(ad1).String(), "a remedy without a target is done to those that the fault struck")
	require.Equal(t, "up", b.dir.Condition(bd1).String())
	require.Equal(t, int64(at("10:05:00")), *b.engine.Happened()[0].EndNS)
}

// F4: a hub that starts while no domain controller is in reach waits for one; its attempts are reset meanwhile. Edges and who runs already do
// not care.
func TestF4_ServicesWait(t *testing.T) {
	t.Parallel()
	all := dcFault("dcs", fault.DCCrash, "09:00:00", "11:00:00", ad1, bd1, cd1)
	b := newBench(t, []fault.Fault{all, down("a", "08:00:00", "09:30:00", a1), down("e", "08:00:00", "09:30:00", ae1)},
		[]fault.Action{act(fault.RestartTransport, "10:00:00", 90*time.Second, hosts(b1)...)}).until(at("12:00:00"))
	require.Equal(t, []string{"08:00:00 halted A1 silent", "11:00:00 booted A1"}, effects(b.of("A1")))
	require.Contains(t, b.of("A1"), "09:30:00 changed A1", "its system runs, its transport does not")
	require.Equal(t, []string{"08:00:00 halted AE1 silent", "09:30:00 booted AE1"}, effects(b.of("AE1")))
	require.Equal(t, []string{"10:00:00 halted B1", "11:00:00 booted B1"}, effects(b.of("B1")))
	require.Empty(t, effects(b.of("A2")), "it runs")
	var found []string
	for _, n := range b.dir.TakeNotes(nil) {
		if n.Kind == directory.NobodyFound {
			found = append(found, clock(n.At)+" "+b.org.Servers[n.Host.Server].Name)
		}
	}
	require.Equal(t, []string{"09:00:00 A1", "09:00:00 A2", "09:00:00 B1", "09:30:00 A1", "10:01:30 B1"}, found,
		"2114: they look round at the whole hour, once an outage, and at each start; that a machine is down the directory does not know")

	// The network is as good as a domain controller: C1's hub has one in reach when the link is back.
	only := dcFault("dcs", fault.DCCrash, "09:00:00", "", bd1)
	b = newBench(t, []fault.Fault{only, {ID: "l", Kind: fault.LinkDown, Start: at("09:00:00"), End: at("10:00:00"), Probability: 1, Links: []topology.LinkID{linkAB, linkBC}},
		down("b", "09:10:00", "09:20:00", b1)}, nil).until(at("11:00:00"))
	require.Equal(t, []string{"09:10:00 halted B1 silent", "10:00:00 booted B1"}, effects(b.of("B1")))
}

// F4: nobody writes at a domain controller that does not answer.
func TestF4_Edits(t *testing.T) {
	t.Parallel()
	edit := func(when string, dc topology.DCID) fault.Action {
		a := act(fault.SetConnector, when, 0)
		a.DC = dc
		a.Changes = []topology.Change{{Kind: topology.ConnectorEnabled, Object: 0, Value: 0}}
		return a
	}
	for name, c := range map[string]struct {
		down []topology.DCID
		dc   topology.DCID
		at   topology.DCID // where it is written; None = it fails
		text string
	}{
		"named":              {[]topology.DCID{ad1}, ad1, topology.None, `operator: set_connector connector "C-A": disabled failed: AD1 does not answer`},
		"another is down":    {[]topology.DCID{bd1}, ad1, ad1, `operator: set_connector connector "C-A": disabled done`},
		"of the site":        {nil, topology.None, ad1, `operator: set_connector connector "C-A": disabled done`},
		"the site's is down": {[]topology.DCID{ad1}, topology.None, bd1, `operator: set_connector connector "C-A": disabled done`},
		"nobody":             {[]topology.DCID{ad1, bd1, cd1}, topology.None, topology.None, `operator: set_connector connector "C-A": disabled failed: no domain controller answers`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var faults []fault.Fault
			if c.down != nil {
				faults = append(faults, dcFault("x", fault.DCCrash, "09:00:00", "23:00:00", c.down...))
			}
			b := newBench(t, faults, []fault.Action{edit("10:00:00", c.dc)}).until(at("10:00:00"))
			for d := range b.org.DCs {
				require.Equal(t, topology.DCID(d) == c.at, b.dir.Holds(topology.DCID(d)) != b.org, b.org.DCs[d].Name)
			}
			require.Equal(t, c.text, b.events[len(b.events)-1].Text)
		})
	}
}

// V6: a domain controller that does not answer is not told to pull.
func TestV6_PullsOfWhoIsDown(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		down []topology.DCID
		text string
	}{
		"up":              {nil, "operator: replicate_now BD1 done"},
		"down":            {[]topology.DCID{bd1}, "operator: replicate_now BD1 failed: BD1 does not answer"},
		"another is down": {[]topology.DCID{ad1}, "operator: replicate_now BD1 done"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var faults []fault.Fault
			if c.down != nil {
				faults = append(faults, dcFault("x", fault.DCCrash, "09:00:00", "23:00:00", c.down...))
			}
			pull := act(fault.ReplicateNow, "10:00:00", 0)
			pull.Hosts = []fault.Host{{Server: topology.None, DC: bd1}}
			b := newBench(t, faults, []fault.Action{pull}).until(at("10:00:00"))
			require.Equal(t, c.text, b.events[len(b.events)-1].Text)
		})
	}
}

// F3: the faults of replication and of notifications, as events and in the directory; those that overlap are counted.
func TestF3_Faults(t *testing.T) {
	t.Parallel()
	fail := func(id, start, end string, immediate bool) fault.Fault {
		return fault.Fault{ID: id, Kind: fault.ReplFail, Start: at(start), End: at(end), Probability: 1, Links: []topology.LinkID{linkAB},
			Controllers: fault.Controllers{BreaksAuth: immediate}}
	}
	edit := act(fault.SetConnector, "09:10:00", 0)
	edit.Changes = []topology.Change{{Kind: topology.ConnectorEnabled, Object: 0, Value: 0}}
	b := newBench(t, []fault.Fault{fail("x", "09:00:00", "13:00:00", true), fail("y", "10:00:00", "16:00:00", false)}, []fault.Action{edit})
	b.until(at("10:00:00"))
	require.Equal(t, directory.AuthApart, b.dir.Handshake(at("10:00:00"), a1, b1))
	b.until(at("17:59:59"))
	require.Empty(t, b.of("B1"))
	require.Equal(t, directory.AuthApart, b.dir.Handshake(at("17:59:59"), a1, b1), "until a pull works")
	b.until(at("18:00:05"))
	require.Equal(t, directory.AuthOK, b.dir.Handshake(at("18:00:05"), a1, b1))
	b.until(at("20:00:00"))
	require.Equal(t, []string{`18:00:10 B1 sees connector "C-A": disabled`}, b.of("B1"))
	require.Equal(t, "replication fails: A-B", b.events[0].Text)
	require.Equal(t, "replication of A-B fails", b.engine.Happened()[0].Label)

	lost := func(id, start, end string) fault.Fault {
		return fault.Fault{ID: id, Kind: fault.ConfigNotifyLost, Start: at(start), End: at(end), Probability: 1, Hosts: hosts(a1)}
	}
	b = newBench(t, []fault.Fault{lost("x", "09:00:00", "10:00:00"), lost("y", "09:05:00", "09:15:00")}, []fault.Action{edit}).until(at("23:00:00"))
	require.Equal(t, []string{`12:00:00 A1 sees connector "C-A": disabled`}, b.of("A1"), "6 h after the start of its service twice")
	require.Equal(t, []string{`09:10:05 A2 sees connector "C-A": disabled`}, b.of("A2"))
	restarted := lost("x", "09:00:00", "20:00:00")
	restarted.Remedies = []fault.Action{act(fault.RestartTransport, "09:30:00", 90*time.Second)}
	b = newBench(t, []fault.Fault{restarted}, []fault.Action{edit}).until(at("23:00:00"))
	require.Contains(t, b.of("A1"), `09:31:30 A1 sees connector "C-A": disabled`)
}

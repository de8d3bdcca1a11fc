package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

func down(id, from, to string, s topology.ServerID) fault.Fault {
	return fault.Fault{ID: id, Kind: fault.HostDown, Start: at(from), End: at(to), Probability: 1, Hosts: hosts(s)}
}

// F10, F11: the modes of a host that goes down, and what is lost with it.
func TestF11_Modes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		edit func(*fault.Fault)
		want string
	}{
		{"crash", func(f *fault.Fault) {}, "10:00:00 halted B1 silent"},
		{"database lost", func(f *fault.Fault) { f.QueueLost = true }, "10:00:00 halted B1 silent lost"},
		{"service stop", func(f *fault.Fault) { f.Mode = fault.ServiceStop }, "10:00:00 halted B1"},
		{"maintenance", func(f *fault.Fault) { f.Mode = fault.Maintenance }, "10:00:00 halted B1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := down("x", "10:00:00", "11:00:00", b1)
			c.edit(&f)
			b := newBench(t, []fault.Fault{f}, nil).until(at("23:00:00"))
			require.Equal(t, []string{c.want, "11:00:00 booted B1"}, b.log)
		})
	}
}

// F10: what happens to a host that is down for two reasons is reported where it differs.
func TestF10_Overlap(t *testing.T) {
	t.Parallel()
	stopped := down("stop", "10:00:00", "12:00:00", ae1)
	stopped.Mode = fault.ServiceStop
	crash := down("crash", "10:30:00", "11:00:00", ae1)
	crash.QueueLost = true
	b := newBench(t, []fault.Fault{stopped, crash}, nil).until(at("23:00:00"))
	require.Equal(t, []string{"10:00:00 halted AE1", "10:30:00 changed AE1 silent lost", "11:00:00 changed AE1", "12:00:00 booted AE1"}, b.log)

	crash.Start, crash.End = at("10:30:00"), at("12:30:00")
	b = newBench(t, []fault.Fault{down("first", "10:00:00", "11:00:00", ae1), crash}, nil).until(at("23:00:00"))
	require.Equal(t, []string{"10:00:00 halted AE1 silent", "10:30:00 changed AE1 silent lost", "12:30:00 booted AE1"}, b.log)
}

// S1-10: a crash ends with a restart of the operating system and clears latches; a service that was stopped does not.
func TestS1_10_WhatClears(t *testing.T) {
	t.Parallel()
	for mode, want := range map[fault.HostDownMode]directory.Auth{fault.Crash: directory.AuthOK, fault.ServiceStop: directory.AuthLatched, fault.Maintenance: directory.AuthLatched} {
		f := down("x", "11:00:00", "11:05:00", b1)
		f.Mode = mode
		b := newBench(t, []fault.Fault{fastClock(7*time.Minute, act(fault.SetTime, "10:44:00", time.Minute)), f}, nil)
		require.Equal(t, []string{"skew"}, b.attempts("10:00:30"))
		require.Equal(t, want, b.until(at("11:05:00")).dir.Handshake(at("11:05:00"), a1, b1))
	}
	b := newBench(t, []fault.Fault{fastClock(7*time.Minute, act(fault.SetTime, "10:44:00", time.Minute), act(fault.RestartTransport, "11:00:00", 90*time.Second))}, nil)
	require.Equal(t, []string{"skew", "down", "latched"}, b.attempts("10:00:30", "11:01:00", "11:02:00"))
}

// F11: overlapping faults count: a host is down exactly while at least one of them is in force, in whatever order they stand.
func TestF11_ReferenceCount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		const n = 40
		var faults []fault.Fault
		var actions []fault.Action
		var covered [n]bool
		cover := func(from, to int) {
			for i := from; i < min(to, n); i++ {
				covered[i] = true
			}
		}
		for i := range rapid.IntRange(1, 6).Draw(r, "faults") {
			from := rapid.IntRange(0, n-2).Draw(r, "from")
			to := rapid.IntRange(from+1, n-1).Draw(r, "to")
			f := fault.Fault{ID: string(rune('a' + i)), Kind: fault.HostDown, Probability: 1, Hosts: hosts(b1), Start: simtime.Time(from), End: simtime.Time(to),
				Mode: fault.HostDownMode(rapid.IntRange(0, 2).Draw(r, "mode"))}
			cover(from, to)
			faults = append(faults, f)
		}
		if rapid.Bool().Draw(r, "restart") {
			from, length := rapid.IntRange(0, n-2).Draw(r, "restart at"), rapid.IntRange(1, n).Draw(r, "for")
			actions = append(actions, fault.Action{Kind: fault.RestartOS, At: simtime.Time(from), Duration: time.Duration(length), Probability: 1, Hosts: hosts(b1)})
			cover(from, from+length)
		}
		b := newBench(t, rapid.Permutation(faults).Draw(r, "order"), actions)
		up := true
		for now := range simtime.Time(n) {
			for _, x := range b.engine.Fire(now, nil) {
				switch x.Kind {
				case fault.HostHalted:
					require.True(r, up, "halted twice")
					up = false
				case fault.HostBooted:
					require.False(r, up, "booted twice")
					up = true
				case fault.HostChanged:
					require.False(r, up)
				default:
					r.Fatalf("unexpected effect %v", x)
				}
			}
			require.Equal(r, !covered[now], up, "at %d", now)
		}
	})
}

// V1: a service that starts reads the configuration afresh; so does a machine.
func TestV1_RestartRereads(t *testing.T) {
	t.Parallel()
	edit := act(fault.SetConnector, "09:10:00", 0)
	edit.Changes = []topology.Change{{Kind: topology.ConnectorEnabled, Object: 0, Value: 0}}
	for _, kind := range []fault.ActionKind{fault.RestartTransport, fault.RestartOS} {
		b := newBench(t, nil, []fault.Action{edit, act(kind, "09:09:00", 62*time.Second, hosts(a1)...)}).until(at("09:59:00"))
		require.Equal(t, `09:10:02 A1 sees connector "C-A": disabled`, b.of("A1")[2])
	}
}

// F12: a link that several faults hold down is mended when the last one ends; the directory's pulls stop with the mail.
func TestF12_LinkDown(t *testing.T) {
	t.Parallel()
	link := func(id, from, to string) fault.Fault {
		return fault.Fault{ID: id, Kind: fault.LinkDown, Start: at(from), End: at(to), Probability: 1, Links: []topology.LinkID{linkAB}}
	}
	edit := act(fault.SetConnector, "09:09:00", time.Minute)
	edit.DC, edit.Changes = ad1, []topology.Change{{Kind: topology.ConnectorEnabled, Object: 0, Value: 0}}
	b := newBench(t, []fault.Fault{link("x", "09:00:00", "12:30:00"), link("y", "12:00:00", "13:00:00")}, []fault.Action{edit}).until(at("23:59:59"))
	require.Equal(t, []string{"09:00:00 cut A-B", "13:00:00 mended A-B"}, b.of("A-B"))
	require.Equal(t, []string{`15:00:10 B1 sees connector "C-A": disabled`}, b.of("B1"), "the pull of 12:00 failed")
}

// F12: a partition cuts pairs of its two sides, in its direction.
func TestF12_Partition(t *testing.T) {
	t.Parallel()
	part := func(id string, d fault.Direction, from, to string) fault.Fault {
		return fault.Fault{ID: id, Kind: fault.Partition, Start: at(from), End: at(to), Probability: 1, Direction: d,
			SideA: []topology.SiteID{siteA}, SideB: []topology.SiteID{siteB, siteC}}
	}
	cut := func(f ...fault.Fault) []string { return newBench(t, f, nil).until(at("23:00:00")).log }
	require.Equal(t, []string{"10:00:00 cut A>B", "10:00:00 cut A>C", "11:00:00 mended A>B", "11:00:00 mended A>C"}, cut(part("x", fault.To, "10:00:00", "11:00:00")))
	require.Equal(t, []string{"10:00:00 cut B>A", "10:00:00 cut C>A", "11:00:00 mended B>A", "11:00:00 mended C>A"}, cut(part("x", fault.From, "10:00:00", "11:00:00")))
	require.Equal(t, []string{
		"10:00:00 cut A>B", "10:00:00 cut B>A", "10:00:00 cut A>C", "10:00:00 cut C>A",
		"11:00:00 mended B>A", "11:00:00 mended C>A", "12:00:00 mended A>B", "12:00:00 mended A>C",
	}, cut(part("x", fault.Both, "10:00:00", "11:00:00"), part("y", fault.To, "10:30:00", "12:00:00")))
}

// F12: a partition holds up replication, whichever direction it cuts; afterwards the pull comes at its next instant.
func TestF12_PartitionHoldsReplication(t *testing.T) {
	t.Parallel()
	edit := act(fault.SetConnector, "09:09:00", time.Minute)
	edit.Changes = []topology.Change{{Kind: topology.ConnectorEnabled, Object: 0, Value: 0}}
	for _, d := range []fault.Direction{fault.Both, fault.To, fault.From} {
		f := fault.Fault{ID: "x", Kind: fault.Partition, Start: at("12:00:00"), End: at("13:00:00"), Probability: 1, Direction: d,
			SideA: []topology.SiteID{siteA}, SideB: []topology.SiteID{siteB}}
		b := newBench(t, []fault.Fault{f}, []fault.Action{edit}).until(at("23:00:00"))
		require.Equal(t, []string{`15:00:10 B1 sees connector "C-A": disabled`}, b.of("B1"))
	}
}

// F3: lag overrides a link's replication while it lasts; of two the longer interval counts.
func TestF3_Lag(t *testing.T) {
	t.Parallel()
	lag := func(id, from, to string, interval time.Duration) fault.Fault {
		return fault.Fault{ID: id, Kind: fault.ReplLag, Start: at(from), End: at(to), Probability: 1, Links: []topology.LinkID{linkAB}, Interval: interval, Phase: -1}
	}
	edit := act(fault.SetConnector, "09:09:00", time.Minute)
	edit.Changes = []topology.Change{{Kind: topology.ConnectorCost, Object: 0, Value: 100}}
	sees := func(f ...fault.Fault) []string {
		return newBench(t, f, []fault.Action{edit}).until(at("23:59:59")).of("B1")
	}
	const text = ` B1 sees connector "C-A": cost 100`
	require.Equal(t, []string{"12:00:10" + text}, sees())
	require.Equal(t, []string{"18:00:10" + text}, sees(lag("x", "12:00:00", "23:00:00", 6*time.Hour), lag("y", "12:00:00", "12:00:01", 24*time.Hour))[:1])
	for _, ids := range [][2]string{{"x", "y"}, {"y", "x"}} {
		day, hour := lag(ids[0], "00:00:00", "14:00:00", 24*time.Hour), lag(ids[1], "09:00:00", "23:00:00", time.Hour)
		require.Equal(t, []string{"14:00:10" + text}, sees(day, hour))
	}
}

// F10: a server that is drained goes down when it is empty, for every fault that drains it; one whose drain ends before that never does; one
// that is down already stays down.
func TestF10_Drain(t *testing.T) {
	t.Parallel()
	drained := func(id, from, to string) fault.Fault {
		f := down(id, from, to, ae1)
		f.Mode, f.Drain = fault.Maintenance, true
		return f
	}
	two := []fault.Fault{drained("one", "10:00:00", "11:00:00"), drained("two", "10:05:00", "12:00:00")}
	b := newBench(t, two, nil).until(at("10:10:00"))
	require.Equal(t, []string{"10:00:00 drains AE1"}, b.log)
	var kinds []fault.EffectKind
	for _, x := range b.engine.Drained(at("10:10:00"), ae1, nil) {
		kinds = append(kinds, x.Kind)
	}
	require.Equal(t, []fault.EffectKind{fault.HostHalted, fault.HostAccepts}, kinds)
	require.Equal(t, "12:00:00 booted AE1", b.until(at("23:00:00")).log[1])

	b = newBench(t, two, nil).until(at("23:00:00"))
	require.Equal(t, []string{"10:00:00 drains AE1", "12:00:00 accepts AE1"}, b.log, "it was never empty")

	b = newBench(t, []fault.Fault{down("crash", "09:30:00", "10:30:00", ae1), drained("one", "10:00:00", "11:00:00")}, nil).until(at("23:00:00"))
	require.Equal(t, []string{"09:30:00 halted AE1 silent", "10:30:00 changed AE1", "11:00:00 booted AE1"}, b.log)
}

package fault_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
)

// lateBind is a machine that is prone for certain, with the sheet's times.
func lateBind(edit func(*fault.Fault)) fault.Fault {
	f := fault.Fault{ID: "late", Kind: fault.NICLateBind, End: simtime.Never, Probability: 1, Hosts: hosts(b1),
		TeamUp: rng.Constant(9), DAD: rng.Constant(3), StartOffset: rng.Constant(5), Prone: 1, FixSuccess: 1, DelayedStartDelay: 2 * time.Minute, RecoveryDelay: time.Minute}
	if edit != nil {
		edit(&f)
	}
	return f
}

// reboot is the operator's restart of the worked scenario: the service manager starts at 03:01:00.
func reboot() fault.Action { return act(fault.RestartOS, "03:00:00", time.Minute, hosts(b1)...) }

// FW-9: reboot at 03:00:00; the listeners try at 03:01:05, the address is there at 03:01:12.
func TestFW9_LateBind(t *testing.T) {
	t.Parallel()
	run := func(edit func(*fault.Fault), more ...fault.Action) *bench {
		return newBench(t, []fault.Fault{lateBind(edit)}, append([]fault.Action{reboot()}, more...)).until(at("23:00:00"))
	}
	t.Run("started by hand", func(t *testing.T) {
		b := run(nil, act(fault.StartService, "08:50:00", 30*time.Second, hosts(b1)...))
		require.Equal(t, []string{"03:00:00 halted B1 silent", "03:01:12 listener down B1", "03:01:12 booted B1", "08:50:30 listener up B1"}, b.log,
			"S0-3: starting it is enough; S0-9: what waits to be sent leaves from 03:01:12")
		h := b.engine.Happened()
		require.Len(t, h, 3)
		require.Equal(t, "restart_os", h[0].Kind)
		require.Equal(t, "nic_late_bind", h[1].Kind)
		require.EqualValues(t, at("03:01:05"), h[1].StartNS)
		require.EqualValues(t, at("08:50:30"), *h[1].EndNS)
		require.Equal(t, "start_service", h[2].Kind)
		require.Equal(t, "action-2", h[2].ID)
	})
	t.Run("nobody", func(t *testing.T) {
		b := run(nil)
		require.Equal(t, "03:01:12 listener down B1", b.log[len(b.log)-2])
		require.Nil(t, b.engine.Happened()[1].EndNS)
	})
	t.Run("delayed start", func(t *testing.T) {
		b := run(func(f *fault.Fault) { f.Fix = fault.DelayedStart })
		require.Equal(t, []string{"03:01:12 listener down B1", "03:01:12 booted B1", "03:03:30 listener up B1"}, b.log[1:])
		require.Len(t, b.engine.Happened(), 1, "no service ended")
	})
	t.Run("dependency", func(t *testing.T) {
		require.Equal(t, []string{"03:01:12 booted B1"}, run(func(f *fault.Fault) { f.Fix = fault.Dependency }).log[1:])
	})
	t.Run("not prone", func(t *testing.T) {
		require.Equal(t, []string{"03:01:00 listener down B1", "03:01:00 booted B1", "03:01:05 listener up B1"}, run(func(f *fault.Fault) { f.Prone = 0 }).log[1:])
	})
	t.Run("the address wins", func(t *testing.T) {
		b := run(func(f *fault.Fault) { f.TeamUp = rng.Constant(1) })
		require.Equal(t, []string{"03:01:04 listener down B1", "03:01:04 booted B1", "03:01:05 listener up B1"}, b.log[1:])
		b = run(func(f *fault.Fault) { f.TeamUp = rng.Constant(2) })
		require.Equal(t, []string{"03:01:05 booted B1"}, b.log[1:], "F8: at the same instant is in time")
	})
	t.Run("recovery action", func(t *testing.T) {
		b := run(func(f *fault.Fault) { f.Recovery = true })
		require.Equal(t, "03:02:05 listener up B1", b.log[len(b.log)-1])
		b = run(func(f *fault.Fault) { f.Recovery, f.RecoveryDelay = true, 2*time.Second })
		require.Equal(t, "03:01:13 listener up B1", b.log[len(b.log)-1], "the fourth restart finds the address")
		b = run(func(f *fault.Fault) { f.Recovery, f.RecoveryDelay = true, 0 })
		require.Equal(t, "03:01:12 booted B1", b.log[len(b.log)-1])
	})
	t.Run("restart of the service", func(t *testing.T) {
		b := run(nil, act(fault.RestartTransport, "08:00:00", 90*time.Second, hosts(b1)...))
		require.Equal(t, []string{"08:00:00 halted B1", "08:01:30 booted B1", "08:01:30 listener up B1"}, b.log[3:])
	})
	t.Run("too early by hand", func(t *testing.T) {
		b := run(nil, act(fault.StartService, "03:01:06", 5*time.Second, hosts(b1)...))
		require.Equal(t, "03:01:12 listener down B1", b.log[len(b.log)-2], "the address is not there yet")
	})
}

// F8: it strikes at every boot, also at the one that was to cure something else; not after its end.
func TestF8_EveryBoot(t *testing.T) {
	t.Parallel()
	b := newBench(t, []fault.Fault{
		lateBind(func(f *fault.Fault) { f.End = at("12:00:00") }),
		fastClock(7*time.Minute, act(fault.SetTime, "10:01:00", time.Minute), act(fault.RestartOS, "10:10:00", 8*time.Minute)),
	}, []fault.Action{reboot(), act(fault.StartService, "04:00:00", 0, hosts(b1)...), act(fault.RestartOS, "13:00:00", time.Minute, hosts(b1)...)})
	require.Equal(t, directory.AuthSkew, b.until(at("10:00:30")).dir.Handshake(at("10:00:30"), a1, b1))
	b.until(at("23:00:00"))
	require.Equal(t, []string{
		"03:00:00 halted B1 silent", "03:01:12 listener down B1", "03:01:12 booted B1", "04:00:00 listener up B1",
		"10:10:00 halted B1 silent", "10:18:12 listener down B1", "10:18:12 booted B1",
		"12:00:00 listener up B1", // the end of the fault starts what it keeps down
		"13:00:00 halted B1 silent", "13:01:00 booted B1",
	}, b.log)
	require.Equal(t, directory.AuthOK, b.dir.Handshake(at("23:00:00"), a1, b1))
}

// F8: a fault that begins during the run begins with a boot; while the machine restarts anyway it only lies in wait.
func TestF8_StartIsABoot(t *testing.T) {
	t.Parallel()
	late := lateBind(func(f *fault.Fault) { f.Start = at("03:00:00") })
	require.Equal(t, []string{"03:00:00 halted B1 silent", "03:08:12 listener down B1", "03:08:12 booted B1"},
		newBench(t, []fault.Fault{late}, nil).until(at("23:00:00")).log)
	crash := down("crash", "02:59:00", "03:01:00", b1)
	require.Equal(t, []string{"02:59:00 halted B1 silent", "03:01:12 listener down B1", "03:01:12 booted B1"},
		newBench(t, []fault.Fault{late, crash}, nil).until(at("23:00:00")).log)
	require.Empty(t, newBench(t, []fault.Fault{lateBind(nil)}, nil).until(at("23:00:00")).log, "from t0 on it waits for a boot")
}

// F8: a machine that goes down again before its listener gives up, or is due to start, runs the race anew.
func TestF8_DownAgain(t *testing.T) {
	t.Parallel()
	again := act(fault.RestartOS, "03:01:03", 57*time.Second, hosts(b1)...)
	b := newBench(t, []fault.Fault{lateBind(nil)}, []fault.Action{reboot(), again}).until(at("23:00:00"))
	require.Equal(t, []string{"03:00:00 halted B1 silent", "03:02:12 listener down B1", "03:02:12 booted B1"}, b.log)
	require.Len(t, b.engine.Happened(), 3)
	require.EqualValues(t, at("03:02:05"), b.engine.Happened()[2].StartNS)

	strikes := func(edit func(*fault.Fault), again fault.Action) (when []string) {
		for _, h := range newBench(t, []fault.Fault{lateBind(edit)}, []fault.Action{reboot(), again}).until(at("23:00:00")).engine.Happened() {
			if h.Kind == "nic_late_bind" {
				when = append(when, clock(simtime.Time(h.StartNS)))
			}
		}
		return when
	}
	require.Equal(t, []string{"03:01:07"}, strikes(nil, act(fault.RestartOS, "03:01:01", time.Second, hosts(b1)...)))
	require.Equal(t, []string{"03:01:05", "03:02:06"},
		strikes(func(f *fault.Fault) { f.Recovery = true }, act(fault.RestartOS, "03:02:00", time.Second, hosts(b1)...)))

	again = act(fault.RestartOS, "03:02:00", time.Minute, hosts(b1)...)
	b = newBench(t, []fault.Fault{lateBind(func(f *fault.Fault) { f.Fix = fault.DelayedStart })}, []fault.Action{reboot(), again}).until(at("23:00:00"))
	require.Equal(t, []string{"03:02:00 halted B1 silent", "03:03:12 booted B1", "03:05:30 listener up B1"}, b.log[3:])
}

// S0-10: a fix has effect at the next boot only. S0-7, S0-8: which fix.
func TestS0_10_FixAtNextBoot(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fault.ActionKind][]string{
		fault.SetDelayedStart: {"06:00:00 halted B1 silent", "06:01:12 booted B1", "06:03:30 listener up B1"}, // S0-7
		fault.SetDependency:   {"06:00:00 halted B1 silent", "06:01:12 booted B1", "06:01:12 listener up B1"}, // S0-8
	} {
		b := newBench(t, []fault.Fault{lateBind(nil)}, []fault.Action{reboot(), act(kind, "05:00:00", time.Minute, hosts(b1)...),
			act(fault.RestartOS, "06:00:00", time.Minute, hosts(b1)...)}).until(at("23:00:00"))
		require.Equal(t, want, b.log[3:])
	}
	f := lateBind(func(f *fault.Fault) { f.Fix, f.FixSuccess = fault.Dependency, 0 })
	b := newBench(t, []fault.Fault{f}, []fault.Action{reboot()}).until(at("23:00:00"))
	require.Equal(t, "03:01:12 listener down B1", b.log[len(b.log)-2], "a fix that does not work")
}

// S0-6: a machine is prone or it is not, at every boot alike, and for every fault alike.
func TestS0_6_Proneness(t *testing.T) {
	t.Parallel()
	strikes := func(root rng.Root, id string, prone float64) (n int) {
		b := newBench(t, nil, nil)
		f := lateBind(func(f *fault.Fault) { f.ID, f.Prone = id, prone })
		var boots []fault.Action
		for i := range 5 {
			a := reboot()
			a.At = a.At.Add(time.Duration(i) * time.Hour)
			boots = append(boots, a)
		}
		b.engine = fault.NewEngine([]fault.Fault{f}, boots, fault.Env{Org: b.org, Dir: b.dir, Root: root, End: at("23:59:59")})
		b.until(at("23:00:00"))
		for _, h := range b.engine.Happened() {
			if h.Kind == "nic_late_bind" {
				n++
			}
		}
		return n
	}
	prone := 0
	for rep := range 200 {
		root := rng.NewRoot(7, rep)
		n := strikes(root, "late", 0.5)
		require.Contains(t, []int{0, 5}, n)
		require.Equal(t, n, strikes(root, "other", 0.5), "a property of the machine")
		prone += n / 5
	}
	require.InDelta(t, 100, prone, 30, "about half: 4.2 standard deviations, false alarm once in 40 000")
}

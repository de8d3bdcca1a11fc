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

// later is an instant after everything.
const later = simtime.Time(60 * 24 * time.Hour)

// fastClock is the clock fault of the worked scenarios: B1 jumps at 10:00:00 and no time service mends it.
func fastClock(offset time.Duration, remedies ...fault.Action) fault.Fault {
	for i := range remedies {
		remedies[i].Fault = "fast"
	}
	return fault.Fault{ID: "fast", Kind: fault.ClockSkew, Start: at("10:00:00"), End: simtime.Never, Probability: 1, Hosts: hosts(b1), Offset: offset, Remedies: remedies}
}

// attempts tries A1 to B1 at each instant and says how it ends: ok, skew, latched, or down.
func (b *bench) attempts(instants ...string) []string {
	var got []string
	for _, i := range instants {
		b.until(at(i))
		down := false
		for _, l := range b.log {
			switch l[len("10:00:00 "):] {
			case "halted B1", "halted B1 silent":
				down = true
			case "booted B1":
				down = false
			}
		}
		if down {
			got = append(got, "down")
			continue
		}
		got = append(got, b.dir.Handshake(at(i), a1, b1).String())
	}
	return got
}

// FW-1: a clock jumps, comes right, and mail flows only after the restart: the attempts of the sender one by one.
func TestFW1_JumpLatchRestart(t *testing.T) {
	t.Parallel()
	ladder := []string{"10:00:30", "10:01:30", "10:02:30", "10:03:30", "10:04:30", "10:09:30", "10:14:30", "10:19:30", "10:24:30", "10:29:30", "10:34:30",
		"10:44:30", "10:54:30", "11:04:30", "11:14:30", "11:24:30"}
	b := newBench(t, []fault.Fault{fastClock(7*time.Minute, act(fault.SetTime, "10:44:00", time.Minute), act(fault.RestartOS, "11:10:00", 8*time.Minute))}, nil)
	got := b.attempts(ladder...)
	require.Equal(t, "skew", got[0])
	for _, g := range got[1:14] {
		require.Equal(t, "latched", g, "14 failures, two of them with perfect clocks")
	}
	require.Equal(t, []string{"down", "ok"}, got[14:])
	require.Zero(t, b.dir.Offset(later, hosts(b1)[0]))
	require.Equal(t, []string{"11:10:00 halted B1 silent", "11:18:00 booted B1"}, b.log)
	require.Equal(t, directory.AuthOK, b.dir.Handshake(at("11:24:30"), b1, a1))
}

// FW-2: the restart before the clock is set does not last.
func TestFW2_WrongOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t, []fault.Fault{fastClock(7*time.Minute, act(fault.RestartOS, "10:20:00", 8*time.Minute), act(fault.SetTime, "10:44:00", time.Minute))}, nil)
	require.Equal(t, []string{"skew", "latched", "down", "skew", "latched", "latched", "latched"},
		b.attempts("10:00:30", "10:19:30", "10:24:30", "10:29:30", "10:34:30", "10:44:30", "23:00:00"))
	require.Zero(t, b.dir.Offset(later, hosts(b1)[0]))
}

// S1-11: clock, replication, restart is the order that cures; each step left out or taken too early leaves the pair latched.
func TestS1_11_Order(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		set, off string // "" = not done
		want     string
	}{
		{"in order", "10:30:00", "11:00:00", "ok"},
		{"restart first", "11:30:00", "11:00:00", "latched"},
		{"clock only", "10:30:00", "", "latched"},
		{"restart only", "", "11:00:00", "latched"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var remedies []fault.Action
			if c.set != "" {
				remedies = append(remedies, act(fault.SetTime, c.set, time.Minute))
			}
			if c.off != "" {
				remedies = append(remedies, act(fault.RestartOS, c.off, 8*time.Minute))
			}
			b := newBench(t, []fault.Fault{fastClock(7*time.Minute, remedies...)}, nil)
			got := b.attempts("10:00:30", "11:10:00", "12:00:00")
			require.Equal(t, []string{"skew", c.want}, []string{got[0], got[2]})
		})
	}
}

// FW-3: at exactly 300 s nothing fails, one second more and everything does.
func TestFW3_Boundary(t *testing.T) {
	t.Parallel()
	for offset, want := range map[time.Duration]string{300 * time.Second: "ok", 301 * time.Second: "skew", -301 * time.Second: "skew"} {
		require.Equal(t, []string{want}, newBench(t, []fault.Fault{fastClock(offset)}, nil).attempts("10:00:30"))
	}
}

// FW-25: of two hubs of a site one is skewed; its own sessions fail, its neighbour's do not.
func TestFW25_OneOfTwoHubs(t *testing.T) {
	t.Parallel()
	f := fastClock(7 * time.Minute)
	f.Hosts = hosts(a1)
	b := newBench(t, []fault.Fault{f}, nil).until(at("10:00:00"))
	require.Equal(t, directory.AuthSkew, b.dir.Handshake(at("10:00:30"), a1, b1))
	require.Equal(t, directory.AuthOK, b.dir.Handshake(at("10:00:30"), a2, b1))
	require.Equal(t, directory.AuthSkew, b.dir.Handshake(at("10:00:30"), b1, a1))
	require.Equal(t, directory.AuthOK, b.dir.Handshake(at("10:00:30"), b1, a2))
	require.Len(t, b.dir.Latches(), 2)
}

// F1: a fault that ends steps the clock back only when told to; one without a handshake leaves no trace.
func TestF1_EndOfFault(t *testing.T) {
	t.Parallel()
	for restore, left := range map[bool]time.Duration{true: 0, false: 7 * time.Minute} {
		f := fastClock(7 * time.Minute)
		f.End, f.RestoreStep = at("11:00:00"), restore
		b := newBench(t, []fault.Fault{f}, nil).until(at("12:00:00"))
		require.Equal(t, left, b.dir.Offset(later, hosts(b1)[0]))
		require.Empty(t, b.dir.Latches())
		require.Empty(t, b.log)
		require.EqualValues(t, at("11:00:00"), *b.engine.Happened()[0].EndNS)
	}
}

// S1-12: the remedies copy what they are given: set_time a domain controller, resync_time the host's own source.
func TestS1_12_Remedies(t *testing.T) {
	t.Parallel()
	wrong := fault.Fault{ID: "dc", Kind: fault.ClockSkew, Start: at("09:00:00"), End: simtime.Never, Probability: 1, Hosts: []fault.Host{{Server: topology.None, DC: bd1}},
		Offset: time.Hour}
	copyFrom := func(dc topology.DCID) time.Duration {
		a := act(fault.SetTime, "10:30:00", time.Minute, hosts(b1)...)
		a.DC = dc
		return newBench(t, []fault.Fault{fastClock(7 * time.Minute), wrong}, []fault.Action{a}).until(at("10:31:00")).dir.Offset(later, hosts(b1)[0])
	}
	require.Equal(t, time.Hour, copyFrom(bd1))
	require.Equal(t, time.Hour, copyFrom(topology.None), "the one it is bound to")
	require.Zero(t, copyFrom(ad1))
	b := newBench(t, []fault.Fault{wrong}, []fault.Action{act(fault.ResyncTime, "10:30:00", time.Minute, fault.Host{Server: topology.None, DC: bd1})}).until(at("10:31:00"))
	require.Zero(t, b.dir.Offset(later, fault.Host{Server: topology.None, DC: bd1}))
}

// F1: in charts a clock fault lasts until its clock is right, by whatever means.
func TestF1_HappenedUntilCorrected(t *testing.T) {
	t.Parallel()
	byHand := newBench(t, []fault.Fault{fastClock(7*time.Minute, act(fault.SetTime, "10:44:00", time.Minute))}, nil).until(at("12:00:00")).engine.Happened()
	require.Len(t, byHand, 2)
	require.Equal(t, "fast", byHand[0].ID)
	require.Equal(t, "clock of B1 +7m", byHand[0].Label)
	require.Equal(t, "B1", byHand[0].Target)
	require.EqualValues(t, at("10:00:00"), byHand[0].StartNS)
	require.EqualValues(t, at("10:45:00"), *byHand[0].EndNS)
	require.True(t, byHand[1].Remedy)
	require.Equal(t, "set_time", byHand[1].Kind)
	require.Equal(t, "set time on B1", byHand[1].Label)
	require.EqualValues(t, at("10:45:00"), byHand[1].StartNS)
	require.EqualValues(t, at("10:45:00"), *byHand[1].EndNS)

	f := fastClock(7 * time.Minute)
	f.SelfCorrect = true
	itself := newBench(t, []fault.Fault{f}, nil).until(at("23:00:00")).engine.Happened()
	// The poll of 64512 s (17:55:12) sees it.
	require.EqualValues(t, at("18:10:12"), *itself[0].EndNS)
	require.Nil(t, newBench(t, []fault.Fault{fastClock(time.Hour)}, nil).until(at("23:00:00")).engine.Happened()[0].EndNS)
}

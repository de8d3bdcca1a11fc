package directory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// later is an instant after everything: clocks that nothing moves show what they were last set to.
const later = simtime.Time(60 * 24 * time.Hour)

// FW-3 at the handshake: exactly 300 s passes (FD-24), one second more or less does not.
func TestFW3_Boundary(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		offset time.Duration
		want   directory.Auth
	}{
		{300 * time.Second, directory.AuthOK}, {-300 * time.Second, directory.AuthOK},
		{301 * time.Second, directory.AuthSkew}, {-301 * time.Second, directory.AuthSkew}, {300*time.Second + 1, directory.AuthSkew},
	} {
		t.Run(c.offset.String(), func(t *testing.T) {
			w := ref3(t, nil)
			w.dir.JumpClock(at("10:00:00"), server(b1), 0, c.offset, false)
			require.Equal(t, c.want, w.dir.Handshake(at("10:00:30"), a1, b1))
			require.Equal(t, c.want, w.dir.Handshake(at("10:00:30"), b1, a1), "the reverse direction by the same rule")
		})
	}
}

// FD-24 is about the spread: two clocks that are off to different sides add up.
func TestFD24_Spread(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.JumpClock(0, server(a1), 0, -150*time.Second, false)
	w.dir.JumpClock(0, dc(bd1), 1, 150*time.Second, false)
	require.Equal(t, directory.AuthOK, w.dir.Handshake(1, a1, b1))
	w.dir.JumpClock(2, dc(bd1), 1, 1, false)
	require.Equal(t, directory.AuthSkew, w.dir.Handshake(3, a1, b1), "the domain controllers count")
	require.Equal(t, directory.AuthOK, w.dir.Handshake(3, a2, c1), "others do not")
}

// S1-2: sessions inside a site and with an Edge do not depend on clocks, and leave no latch.
func TestS1_2_OnlyBetweenSites(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.JumpClock(0, server(a1), 0, time.Hour, false)
	for _, to := range []topology.ServerID{a2, ae1, be1} {
		require.Equal(t, directory.AuthOK, w.dir.Handshake(1, a1, to))
		require.Equal(t, directory.AuthOK, w.dir.Handshake(1, to, a1))
	}
	require.Empty(t, w.dir.Latches())
	ideal := ref3(t, func(p *parts) { p.dcs = nil })
	ideal.dir.JumpClock(0, server(a1), 0, time.Hour, false)
	require.Equal(t, directory.AuthOK, ideal.dir.Handshake(1, a1, b1), "an ideal directory minds no clock")
}

// S1-9: once authentication has failed on skew it fails on, though the clock is right; S1-10: a restart of either end cures.
func TestS1_9_Latch(t *testing.T) {
	t.Parallel()
	for _, cure := range []topology.ServerID{a1, b1} {
		w := ref3(t, nil)
		w.dir.JumpClock(at("10:00:00"), server(b1), 0, 7*time.Minute, false)
		require.Equal(t, directory.AuthSkew, w.dir.Handshake(at("10:00:30"), a1, b1))
		w.dir.SetTime(at("10:45:00"), server(b1), bd1)
		require.Zero(t, w.dir.Offset(at("10:45:00"), server(b1)))
		require.Equal(t, directory.AuthLatched, w.dir.Handshake(at("10:54:30"), a1, b1))
		require.Equal(t, directory.AuthOK, w.dir.Handshake(at("10:54:30"), b1, a1), "no handshake failed this way round")
		w.dir.HostRestarted(at("11:18:00"), c1)
		require.Equal(t, directory.AuthLatched, w.dir.Handshake(at("11:18:00"), a1, b1), "somebody else's restart does nothing")
		w.dir.HostRestarted(at("11:18:00"), cure)
		require.Equal(t, directory.AuthOK, w.dir.Handshake(at("11:24:30"), a1, b1))
	}
}

// S1-10: latches against a literal reading of the state machine: a set of pairs, and a clock a host.
func TestS1_10_LatchMachine(t *testing.T) {
	t.Parallel()
	hubs := []topology.ServerID{a1, a2, b1, c1}
	rapid.Check(t, func(r *rapid.T) {
		w := ref3(t, nil)
		offset := map[directory.Host]time.Duration{}
		latched := map[[2]topology.ServerID]bool{}
		tickets := map[[2]topology.ServerID]time.Duration{} // by which they are stamped wrong
		var hosts []directory.Host
		for _, h := range hubs {
			hosts = append(hosts, server(h))
		}
		for d := ad1; d <= cd1; d++ {
			hosts = append(hosts, dc(d))
		}
		now := simtime.Time(0)
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			now++
			switch rapid.IntRange(0, 5).Draw(r, "what") {
			case 0:
				h := rapid.SampledFrom(hosts).Draw(r, "host")
				by := time.Duration(rapid.IntRange(-3, 3).Draw(r, "by")) * 100 * time.Second
				offset[h] += by
				w.dir.JumpClock(now, h, 0, by, false)
			case 1:
				h, from := rapid.SampledFrom(hosts).Draw(r, "host"), rapid.SampledFrom(hosts[4:]).Draw(r, "from")
				offset[h] = offset[from]
				w.dir.SetTime(now, h, from.DC)
			case 2:
				s := rapid.SampledFrom(hubs).Draw(r, "restart")
				w.dir.HostRestarted(now, s)
				for _, x := range hubs {
					delete(latched, [2]topology.ServerID{s, x})
					delete(tickets, [2]topology.ServerID{s, x})
					delete(latched, [2]topology.ServerID{x, s})
				}
			default:
				from, to := rapid.SampledFrom(hubs).Draw(r, "from"), rapid.SampledFrom(hubs).Draw(r, "to")
				var low, high time.Duration
				for i, h := range []directory.Host{server(from), server(to), dc(w.dir.DC(from)), dc(w.dir.DC(to))} {
					if i == 0 {
						low, high = offset[h], offset[h]
					}
					low, high = min(low, offset[h]), max(high, offset[h])
				}
				want, pair := directory.AuthOK, [2]topology.ServerID{from, to}
				switch {
				case w.org.Servers[from].Site == w.org.Servers[to].Site:
				case latched[pair]:
					want = directory.AuthLatched
				default:
					if _, has := tickets[pair]; !has {
						tickets[pair] = offset[dc(w.dir.DC(from))]
					}
					stamped, local := tickets[pair], offset[server(to)]
					if high-low <= 300*time.Second && local >= stamped-300*time.Second && local <= stamped+10*time.Hour {
						break
					}
					want, latched[pair] = directory.AuthSkew, true
				}
				require.Equal(r, want, w.dir.Handshake(now, from, to))
			}
			require.Len(r, w.dir.Latches(), len(latched))
			for _, h := range hosts {
				require.Equal(r, offset[h], w.dir.Offset(now, h))
			}
		}
	})
}

// FW-4: the PDC emulator takes a wrong time and everybody follows, one by one. The steps are set at the worked instants here, since
// the polls that lead to them are given there and not computed.
func TestFW4_BadUpstreamTime(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	seen := map[string][]string{}
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	w.until(at("11:59:59"), seen)
	w.dir.JumpClock(at("12:00:00"), dc(ad1), 0, 600*time.Second, false)
	auth := func(when string) [2]directory.Auth {
		w.until(at(when), seen)
		return [2]directory.Auth{w.dir.Handshake(at(when), a1, b1), w.dir.Handshake(at(when), b1, a1)}
	}
	follow := func(when string, h directory.Host) {
		w.until(at(when), seen)
		w.dir.SetTime(at(when), h, ad1)
	}
	require.Equal(t, [2]directory.Auth{directory.AuthSkew, directory.AuthSkew}, auth("12:00:30"))
	follow("12:25:00", dc(bd1))
	require.Empty(t, seen["BD1"], "the pull of 12:00:00 fails: fault first, then pull")
	follow("12:45:00", server(a1))
	w.dir.HostRestarted(at("13:00:00"), b1)
	require.Equal(t, [2]directory.Auth{directory.AuthSkew, directory.AuthSkew}, auth("13:00:30"), "B1 is still wrong: a restart does not last")
	follow("18:15:00", server(b1))
	require.Equal(t, []string{"15:00:05"}, seen["BD1"], "the next pull succeeds")
	require.Equal(t, 600*time.Second, w.dir.Offset(later, server(b1)))
	require.Equal(t, [2]directory.Auth{directory.AuthLatched, directory.AuthLatched}, auth("18:15:01"), "all clocks agree, all wrong")
	w.dir.HostRestarted(at("18:30:00"), a1)
	require.Equal(t, [2]directory.Auth{directory.AuthOK, directory.AuthOK}, auth("18:30:00"), "one restart clears both directions")
}

// S1-12: the operator's first step copies the time of a domain controller, right or wrong.
func TestS1_12_SetTimeCopies(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.JumpClock(0, dc(bd1), 0, 10*time.Minute, false)
	w.dir.SetTime(1, server(b1), bd1)
	require.Equal(t, 10*time.Minute, w.dir.Offset(later, server(b1)))
	w.dir.SetTime(2, server(b1), ad1)
	require.Zero(t, w.dir.Offset(later, server(b1)))
	w.dir.SetTime(3, dc(bd1), topology.None)
	require.Zero(t, w.dir.Offset(later, dc(bd1)), "its own source is the PDC emulator")
}

// F1: an unattended clock comes right by itself: seen at the next poll, stepped 900 s later, between 15 min and 9 h 21 min 8 s.
func TestF1_SelfCorrection(t *testing.T) {
	t.Parallel()
	s := func(n int64) simtime.Time { return simtime.Time(n) * simtime.Time(time.Second) }
	right := func(w *world, h directory.Host) simtime.Time {
		for now := simtime.Time(0); w.dir.Offset(now, h) != 0; {
			now = w.dir.Next()
			w.dir.Advance(now, nil)
		}
		steps := w.dir.ClockSteps(h)
		return steps[len(steps)-1].At
	}
	for _, c := range []struct {
		name string
		host directory.Host
		jump simtime.Time
		want simtime.Time
	}{
		{"member, first poll", server(b1), 0, s(1024 + 900)},
		{"member, just at a poll", server(b1), s(1024), s(1024 + 900)},
		{"member, second poll", server(b1), s(1024) + 1, s(1024 + 2048 + 900)},
		{"member, last rung", server(b1), s(31744) + 1, s(64512 + 900)},
		{"member, longest wait", server(b1), s(64512) + 1, s(64512 + 32768 + 900)},
		{"domain controller, first poll", dc(bd1), 0, s(64 + 900)},
		{"domain controller, fourth poll", dc(bd1), s(500), s(64 + 128 + 256 + 512 + 900)},
		{"domain controller, full wait", dc(bd1), s(1985), s(1984 + 1024 + 900)},
		{"PDC emulator from the world", dc(ad1), s(10), s(64 + 900)},
		{"edge alone", server(be1), 0, s(1024 + 900)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ref3(t, nil)
			w.dir.JumpClock(c.jump, c.host, 0, 7*time.Minute, true)
			require.Equal(t, c.want, right(w, c.host))
			require.LessOrEqual(t, c.want.Sub(c.jump), 9*time.Hour+21*time.Minute+8*time.Second)
			require.GreaterOrEqual(t, c.want.Sub(c.jump), 15*time.Minute)
		})
	}
	t.Run("after a spike the ladder starts again", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.JumpClock(s(40000), server(b1), 0, 7*time.Minute, true)
		first := right(w, server(b1))
		require.Equal(t, s(64512+900), first)
		w.dir.JumpClock(first+1, server(b1), 1, 7*time.Minute, true)
		require.Equal(t, first.Add(1924*time.Second), right(w, server(b1)))
	})
	t.Run("an error below 5 s is mended at the poll", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.JumpClock(0, server(b1), 0, 4*time.Second, true)
		require.Equal(t, s(1024), right(w, server(b1)))
	})
	t.Run("back before it is seen: nothing happens", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.JumpClock(0, server(b1), 0, 7*time.Minute, true)
		w.dir.SetTime(s(1000), server(b1), bd1)
		require.Equal(t, simtime.Never, w.dir.Next())
	})
	t.Run("back during the watch", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.JumpClock(0, dc(bd1), 0, 7*time.Minute, true)
		w.dir.Advance(s(64), nil) // seen
		w.dir.JumpClock(s(100), dc(bd1), 1, -7*time.Minute, true)
		require.Equal(t, s(128), w.dir.Next(), "the next poll of the watch")
		w.dir.Advance(s(128), nil)
		require.Equal(t, simtime.Never, w.dir.Next())
	})
	t.Run("self_correct off", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.JumpClock(0, server(b1), 0, 7*time.Minute, false)
		require.Equal(t, simtime.Never, w.dir.Next())
		w.dir.SetTime(1, server(b1), bd1)
		w.dir.JumpClock(2, server(b1), 1, 7*time.Minute, true)
		require.Equal(t, s(1024), w.dir.Next(), "an operator's setting brings the time service back")
	})
	t.Run("a domain controller refuses 48 h", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.JumpClock(0, dc(bd1), 0, 48*time.Hour+1, true)
		w.until(s(7*86400), nil)
		require.Equal(t, 48*time.Hour+1, w.dir.Offset(later, dc(bd1)))
		require.Equal(t, 48*time.Hour+1, w.dir.Offset(later, server(b1)), "members have no limit and follow")
		w.dir.JumpClock(s(7*86400), dc(bd1), 0, -1, true)
		w.until(s(8*86400), nil)
		require.Zero(t, w.dir.Offset(later, dc(bd1)), "exactly 48 h is corrected")
	})
}

// F1: what a host follows it follows into error: members and domain controllers take over the wrong time of their source.
func TestF1_WrongSource(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.JumpClock(at("12:00:00"), dc(ad1), 0, 600*time.Second, false)
	w.until(at("23:59:59")+at("23:59:59"), nil)
	for _, h := range []directory.Host{dc(bd1), dc(cd1), server(a1), server(b1), server(c1)} {
		require.Equal(t, 600*time.Second, w.dir.Offset(later, h))
	}
	require.Zero(t, w.dir.Offset(later, server(ae1)), "an Edge stands alone")
	step := w.dir.ClockSteps(dc(bd1))[0]
	// Polls of a domain controller since 00:00: the first not before 12:00 is 1984 s + 41 * 1024 s.
	require.Equal(t, simtime.Time(time.Duration(1984+41*1024+900)*time.Second), step.At)
	require.True(t, step.Corrected)
}

// Errors of several faults add, and each can be taken back for itself.
func TestF1_OffsetsAdd(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.JumpClock(1, server(b1), 7, 3*time.Minute, false)
	w.dir.JumpClock(2, server(b1), 8, 4*time.Minute, false)
	require.Equal(t, 7*time.Minute, w.dir.Offset(later, server(b1)))
	w.dir.EndJump(3, server(b1), 7, true)
	require.Equal(t, 4*time.Minute, w.dir.Offset(later, server(b1)), "true time plus what the other adds")
	w.dir.EndJump(4, server(b1), 8, false)
	require.Equal(t, 4*time.Minute, w.dir.Offset(later, server(b1)), "left as it is")
	require.Equal(t, simtime.Never, w.dir.Next())
}

func TestAuthString(t *testing.T) {
	t.Parallel()
	require.Equal(t, "ok skew latched no ticket", directory.AuthOK.String()+" "+directory.AuthSkew.String()+" "+directory.AuthLatched.String()+" "+directory.AuthNoTicket.String())
	require.True(t, directory.AuthOK.OK())
	require.False(t, directory.AuthLatched.OK())
}

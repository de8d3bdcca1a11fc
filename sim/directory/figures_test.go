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

// F1: the figures of the time service at their edges: the very error, and one nanosecond beside it.
func TestF1_Figures(t *testing.T) {
	t.Parallel()
	// corrected is when the time service first sets the clock of a host that jumped; Never in the time that is looked at.
	corrected := func(w *world, h directory.Host, until simtime.Time) simtime.Time {
		w.until(until, nil)
		for _, s := range w.dir.ClockSteps(h) {
			if s.Corrected {
				return s.At
			}
		}
		return simtime.Never
	}
	for _, c := range []struct {
		name   string
		host   directory.Host
		offset time.Duration
		want   simtime.Time
	}{
		{"an error of 5 s is a spike", server(b1), 5 * time.Second, sec(1924)},
		{"a smaller one is none", server(b1), 5*time.Second - 1, sec(1024)},
		{"the same slow", server(b1), -5 * time.Second, sec(1924)},
		{"an Edge mends 15 h", server(be1), 15 * time.Hour, sec(1924)},
		{"and refuses more", server(be1), 15*time.Hour + 1, simtime.Never},
		{"a domain controller mends 48 h", dc(bd1), -48 * time.Hour, sec(964)},
		{"and refuses more", dc(bd1), -48*time.Hour - 1, simtime.Never},
		{"a member refuses nothing", server(b1), 1000 * time.Hour, sec(1924)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := ref3(t, nil)
			w.dir.JumpClock(0, c.host, 0, c.offset, true)
			require.Equal(t, c.want, corrected(w, c.host, sec(10*86400)))
		})
	}
	t.Run("the fifth sample after a start is the last that is taken as it comes", func(t *testing.T) {
		t.Parallel()
		w := ref3(t, nil)
		w.dir.HostRestarted(sec(100), b1)
		w.until(sec(31843), nil)
		w.dir.JumpClock(sec(31843), server(b1), 0, 7*time.Minute, true)
		require.Equal(t, sec(31844), corrected(w, server(b1), sec(100_000)))
	})
	t.Run("from 2016 on 300 s are slewed at long intervals, more never", func(t *testing.T) {
		t.Parallel()
		for offset, slews := range map[time.Duration]bool{300 * time.Second: true, 300*time.Second + 1: false} {
			w := ref3(t, func(p *parts) { p.version = topology.V2016 })
			w.dir.HostRestarted(0, b1)
			w.until(sec(7000), nil)
			w.dir.JumpClock(sec(7000), server(b1), 0, offset, true)
			require.Equal(t, sec(7168), corrected(w, server(b1), sec(7168)), "without a watch, 4096 s after the last sample")
			require.Equal(t, slews, w.dir.Offset(sec(7168), server(b1)) != 0, "%s", offset)
		}
	})
}

// V8: tombstones live 180 days where nothing is said.
func TestV8_HowLongTombstonesLive(t *testing.T) {
	t.Parallel()
	const life = 180 * 24 * time.Hour
	for length, want := range map[time.Duration]time.Duration{life: 0, life + 1: 4 * time.Hour} {
		w := ref3(t, nil)
		from := at("10:30:00")
		w.dir.LinkState(from, linkAB, false)
		end := from.Add(length)
		w.until(end, nil)
		w.dir.LinkState(end, linkAB, true)
		w.dir.Edit(end, ad1, disable(connA))
		w.until(end.Add(want), nil)
		require.Same(t, w.org, w.dir.Holds(bd1))
		w.until(end.Add(want+3*time.Hour+5*time.Second), nil)
		require.NotSame(t, w.org, w.dir.Holds(bd1), "at the first pull after the break, and after the clean-up")
	}
}

// Asking how a session would end tells how it ends, whatever is wrong, and changes nothing.
func TestS1_6_WouldAuthenticate(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.LatchPair(0, a1, b1)
	w.dir.Block(0, directory.Block{
		From: []directory.Host{server(a1)}, To: []directory.Host{server(b1)}, TCP: true, Ports: []directory.PortRange{{Low: 25, High: 25}}, Does: directory.Strip,
	})
	auth, _ := w.dir.WouldAuthenticate(1, a1, b1)
	require.Equal(t, directory.AuthStripped, auth, "the verbs come before the latch")
	require.Equal(t, directory.AuthStripped, w.dir.Handshake(1, a1, b1))

	hubs := []topology.ServerID{a1, a2, b1, c1}
	rapid.Check(t, func(r *rapid.T) {
		w := ref3(t, nil)
		now := at("03:00:00")
		hub := func(name string) topology.ServerID { return rapid.SampledFrom(hubs).Draw(r, name) }
		host := func() directory.Host {
			return rapid.SampledFrom([]directory.Host{server(a1), server(b1), server(c1), dc(ad1), dc(bd1), dc(cd1)}).Draw(r, "host")
		}
		for k := range rapid.IntRange(1, 30).Draw(r, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(1, 200).Draw(r, "minutes")) * time.Minute)
			w.until(now, nil)
			switch rapid.IntRange(0, 8).Draw(r, "what") {
			case 0:
				w.dir.JumpClock(now, host(), k, time.Duration(rapid.IntRange(-5, 5).Draw(r, "by"))*2*time.Minute, false)
			case 1:
				w.dir.LatchPair(now, hub("from"), hub("to"))
			case 2:
				b := directory.Block{
					Fault: k, From: []directory.Host{host()}, To: []directory.Host{host()}, Both: true, TCP: true,
					Ports: []directory.PortRange{{Low: 25, High: 25}}, Does: directory.Strip,
				}
				if rapid.Bool().Draw(r, "tickets") {
					b.Ports, b.Does = []directory.PortRange{{Low: 88, High: 88}}, directory.Drop
				}
				w.dir.Block(now, b)
			case 3:
				w.dir.SetSPN(now, ad1, hub("server"), directory.SPNMissing, 0)
			case 4:
				w.dir.BreakSecret(now, bd1, hub("server"), directory.SecretSnapshot)
			case 5:
				w.dir.FailReplication(now, k, []topology.LinkID{linkAB}, nil, true)
			case 6:
				w.dir.HostRestarted(now, hub("server"))
			}
			from, to := hub("from"), hub("to")
			want, _ := w.dir.WouldAuthenticate(now, from, to)
			again, _ := w.dir.WouldAuthenticate(now, from, to)
			require.Equal(r, want, again)
			require.Equal(r, want.String(), w.dir.Handshake(now, from, to).String())
		}
	})
}

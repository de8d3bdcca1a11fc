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

// always draws the wrong one of two accounts.
func always(p *parts) {
	p.config.WrongAccount = func(chance float64, _, _ topology.ServerID, _ simtime.Time) bool { return chance > 0 }
}

func (w *world) auth(when string, from, to topology.ServerID) directory.Auth {
	w.until(at(when), nil)
	return w.dir.Handshake(at(when), from, to)
}

// TestF5_NamePerView: who asks which domain controller sees the name as that one does. It is gone at BD1 at 09:10, and so for B1; at CD1 at 09:30:05
// for C1; at AD1 at 12:00:05 for A1; it comes back the same way. Mail to others, and from the hub itself, goes on.
func TestF5_NamePerView(t *testing.T) {
	t.Parallel()
	w := ref3(t, kerberosFor(directory.Kerberos{Lifetime: time.Minute}))
	w.dir.SetSPN(at("09:10:00"), bd1, a1, directory.SPNMissing, 0)
	require.Equal(t, directory.AuthNoName, w.auth("09:10:00", b1, a1))
	require.Equal(t, directory.AuthOK, w.auth("09:10:00", b1, a2), "the name of another hub")
	require.Equal(t, directory.AuthOK, w.auth("09:10:00", a1, b1), "the other direction")
	require.Equal(t, directory.AuthOK, w.auth("09:30:04", c1, a1))
	require.Equal(t, directory.AuthNoName, w.auth("09:31:05", c1, a1))
	w.dir.FixIdentity(at("11:00:00"), cd1, a1)
	require.Equal(t, directory.AuthOK, w.auth("11:00:00", c1, a1))
	require.Equal(t, directory.AuthNoName, w.auth("11:29:59", b1, a1))
	require.Equal(t, directory.AuthOK, w.auth("11:30:05", b1, a1))
	require.Empty(t, w.dir.Latches(), "no latch")
	require.Same(t, w.org, w.dir.View(a1), "nobody routes by names")
	require.Zero(t, w.dir.NewestVersion())
}

func kerberosFor(k directory.Kerberos) func(*parts) {
	return func(p *parts) { p.config.Kerberos = k; always(p) }
}

// TestF5_CachedTicket: a ticket that is cached lasts its 10 hours, a renewal that fails is of no consequence, and one that brings a ticket for the
// wrong account is.
func TestF5_CachedTicket(t *testing.T) {
	t.Parallel()
	for is, want := range map[directory.SPN][3]directory.Auth{
		directory.SPNMissing:   {directory.AuthOK, directory.AuthOK, directory.AuthNoName},
		directory.SPNDuplicate: {directory.AuthOK, directory.AuthKey, directory.AuthKey},
	} {
		w := ref3(t, always)
		require.Equal(t, directory.AuthOK, w.auth("04:00:00", a1, b1))
		w.dir.SetSPN(at("05:00:00"), ad1, b1, is, 1)
		require.Equal(t, want, [3]directory.Auth{w.auth("05:59:59", a1, b1), w.auth("06:00:00", a1, b1), w.auth("14:00:00", a1, b1)})
		require.Equal(t, is, w.dir.SPNAt(ad1, b1))
		require.Empty(t, w.dir.Latches())
		var kinds []directory.NoteKind
		for _, n := range w.dir.TakeNotes(nil) {
			kinds = append(kinds, n.Kind)
			require.Equal(t, directory.Host{Server: topology.None, DC: ad1}, n.Host)
			require.Equal(t, b1, n.About)
		}
		if is == directory.SPNDuplicate { // of each ticket that was asked for, at 06:00 and at 14:00
			require.Equal(t, []directory.NoteKind{directory.NameTwice, directory.NameTwice}, kinds)
		} else {
			require.Empty(t, kinds)
		}
		require.False(t, w.dir.Noted())
	}
}

// TestF5_Secret: what a machine and its account know of each other.
func TestF5_Secret(t *testing.T) {
	t.Parallel()
	short := kerberosFor(directory.Kerberos{Lifetime: time.Minute})
	t.Run("reset", func(t *testing.T) {
		w := ref3(t, short)
		w.dir.BreakSecret(at("09:10:00"), bd1, b1, directory.SecretReset)
		require.False(t, w.dir.SecretGood(bd1, b1))
		require.True(t, w.dir.SecretGood(ad1, b1), "AD1 has not heard of it")
		require.Equal(t, directory.AuthOK, w.auth("09:10:00", a1, b1))
		require.Equal(t, directory.AuthNoLogon, w.auth("09:10:00", b1, a1))
		require.Equal(t, directory.AuthKey, w.auth("12:02:00", a1, b1))
		w.dir.FixIdentity(at("13:00:00"), bd1, b1)
		require.Equal(t, directory.AuthOK, w.auth("13:00:00", b1, a1))
		require.Equal(t, directory.AuthKey, w.auth("13:00:00", a1, b1), "until AD1 has heard of it")
		require.Equal(t, directory.AuthOK, w.auth("15:00:05", a1, b1))
	})
	t.Run("snapshot", func(t *testing.T) {
		w := ref3(t, nil)
		require.Equal(t, directory.AuthOK, w.auth("04:00:00", a1, b1))
		require.Equal(t, directory.AuthOK, w.auth("04:00:00", b1, a1))
		w.dir.BreakSecret(at("05:00:00"), topology.None, b1, directory.SecretSnapshot)
		require.Equal(t, directory.AuthKey, w.auth("05:00:00", a1, b1), "also with a cached ticket")
		require.Equal(t, directory.AuthOK, w.auth("13:59:59", b1, a1), "its own ticket is good to the end")
		require.Equal(t, directory.AuthNoLogon, w.auth("14:00:00", b1, a1))
	})
	t.Run("rollover", func(t *testing.T) {
		w := ref3(t, short)
		for range 3 { // replicated in between
			w.dir.BreakSecret(at("00:10:00"), bd1, b1, directory.SecretRollover)
			w.until(at("03:00:10"), nil)
			require.Equal(t, directory.AuthOK, w.auth("03:00:10", a1, b1))
			require.Equal(t, directory.AuthOK, w.auth("03:00:10", b1, a1))
			w = ref3(t, short)
		}
		w.dir.BreakSecret(at("00:10:00"), bd1, b1, directory.SecretRollover)
		require.Equal(t, directory.AuthOK, w.auth("00:10:00", a1, b1), "the key before is still taken")
		w.dir.BreakSecret(at("00:20:00"), bd1, b1, directory.SecretRollover)
		require.Equal(t, directory.AuthKey, w.auth("00:20:00", a1, b1), "but not the one before that")
		require.Equal(t, directory.AuthOK, w.auth("03:00:05", a1, b1))
	})
	t.Run("ideal", func(t *testing.T) {
		w := ref3(t, func(p *parts) {
			p.dcs = nil
			for i := range p.servers {
				p.servers[i].DC = topology.None
			}
		})
		w.dir.BreakSecret(0, topology.None, b1, directory.SecretSnapshot)
		w.dir.SetSPN(0, topology.None, b1, directory.SPNMissing, 0)
		w.dir.FixIdentity(0, topology.None, b1)
		require.Equal(t, directory.AuthOK, w.auth("01:00:00", a1, b1))
	})
}

// TestF5_TimeOfABrokenHost: a machine whose secret is wrong takes no time from its domain controller: a clock that jumped stays wrong, and 49,152 s
// after its last sample it is out of step.
func TestF5_TimeOfABrokenHost(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.config.OwnDrift = func(directory.Host) float64 { return 100 } })
	w.dir.BreakSecret(at("01:00:00"), bd1, b1, directory.SecretReset)
	w.dir.JumpClock(at("02:00:00"), server(b1), 0, 10*time.Minute, true)
	w.until(at("14:30:00"), nil)
	require.Equal(t, 10*time.Minute, w.dir.Offset(at("14:30:00"), server(b1)))
	require.True(t, w.dir.Synchronised(at("14:30:23"), server(b1)))
	w.until(at("14:30:24"), nil) // the poll of 00:51:12 was the last
	require.False(t, w.dir.Synchronised(at("14:30:24"), server(b1)))
	require.Equal(t, []directory.Note{{At: at("14:30:24"), Kind: directory.TimeLost, Host: server(b1), About: topology.None}}, w.dir.TakeNotes(nil))
	require.Equal(t, 10*time.Minute+360*time.Millisecond, w.dir.Offset(at("15:30:24"), server(b1)), "100 ppm of an hour")
	w.dir.FixIdentity(at("15:30:24"), bd1, b1)
	w.until(at("23:59:59"), nil)
	require.Zero(t, w.dir.Offset(at("23:59:59"), server(b1)), "set by its next poll, and it drifts no more")
}

// TestF5_Converges: whatever was done to a name and a secret, a fix at each domain controller in turn, with time to replicate, makes all agree.
func TestF5_Converges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := ref3(t, always)
		now := simtime.Time(0)
		for range rapid.IntRange(1, 8).Draw(r, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 300).Draw(r, "minutes")) * time.Minute)
			w.until(now, nil)
			at := topology.DCID(rapid.IntRange(0, 3).Draw(r, "dc"))
			switch what := rapid.IntRange(0, 5).Draw(r, "what"); what {
			case 0, 1:
				w.dir.SetSPN(now, at, b1, directory.SPN(what+1), 1)
			case 2:
				w.dir.FixIdentity(now, at, b1)
			default:
				w.dir.BreakSecret(now, at, b1, directory.SecretLoss(what-3))
			}
		}
		now = now.Add(24 * time.Hour)
		w.until(now, nil)
		w.dir.FixIdentity(now, ad1, b1)
		now = now.Add(24 * time.Hour)
		w.until(now, nil)
		for dc := range topology.DCID(4) {
			require.Equal(r, directory.SPNGood, w.dir.SPNAt(dc, b1))
			require.True(r, w.dir.SecretGood(dc, b1))
		}
		w.dir.HostRestarted(now, a1)
		require.Equal(r, directory.AuthOK, w.dir.Handshake(now, a1, b1))
		require.Zero(r, w.dir.NewestVersion())
	})
}

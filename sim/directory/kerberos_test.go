package directory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

func kerberos(k directory.Kerberos) func(*parts) { return func(p *parts) { p.config.Kerberos = k } }

// FD-1: in Microsoft's own account a wrong sender is harmless, and only the receiver against the sender's domain controller counts.
func TestFD1_WindowsModel(t *testing.T) {
	t.Parallel()
	t.Run("FW-3 the clock of the sender", func(t *testing.T) {
		w := ref3(t, kerberos(directory.Kerberos{ReceiverOnly: true}))
		w.dir.JumpClock(at("10:00:00"), server(a1), 0, 7*time.Minute, false)
		require.Equal(t, directory.AuthOK, w.dir.Handshake(at("10:00:30"), a1, b1))
		require.Equal(t, directory.AuthSkew, w.dir.Handshake(at("10:00:30"), b1, a1), "here it is the receiver")
	})
	t.Run("boundary", func(t *testing.T) {
		w := ref3(t, kerberos(directory.Kerberos{ReceiverOnly: true}))
		w.dir.JumpClock(0, server(b1), 0, -300*time.Second, false)
		require.Equal(t, directory.AuthOK, w.dir.Handshake(1, a1, b1))
		w.dir.JumpClock(2, server(b1), 1, -1, false)
		require.Equal(t, directory.AuthSkew, w.dir.Handshake(3, a1, b1))
	})
	t.Run("the domain controller of the receiver does not count", func(t *testing.T) {
		for windows, want := range map[bool]directory.Auth{true: directory.AuthOK, false: directory.AuthSkew} {
			w := ref3(t, kerberos(directory.Kerberos{ReceiverOnly: windows}))
			w.dir.JumpClock(0, dc(bd1), 0, time.Hour, false)
			require.Equal(t, want, w.dir.Handshake(1, a1, b1))
		}
	})
}

// S1-2: what depends on clocks is a setting; Edges never do.
func TestS1_2_Scope(t *testing.T) {
	t.Parallel()
	w := ref3(t, kerberos(directory.Kerberos{InsideSites: true}))
	w.dir.JumpClock(0, server(a1), 0, time.Hour, false)
	require.Equal(t, directory.AuthSkew, w.dir.Handshake(1, a1, a2))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(1, a1, a1), "a hub has no quarrel with itself")
	require.Equal(t, directory.AuthOK, w.dir.Handshake(1, a1, ae1))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(1, ae1, a1))
	require.Equal(t, []directory.Latch{{From: a1, To: a2, Since: 1}}, w.dir.Latches())
}

// F2: a pair may be latched with true clocks, in one direction.
func TestF2_LatchPair(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.LatchPair(5, a1, b1)
	w.dir.LatchPair(9, a1, b1)
	require.Equal(t, []directory.Latch{{From: a1, To: b1, Since: 5}}, w.dir.Latches())
	require.Equal(t, directory.AuthLatched, w.dir.Handshake(10, a1, b1))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(10, b1, a1))
	w.dir.UnlatchPair(b1, a1)
	require.True(t, w.dir.Latched(a1, b1))
	w.dir.UnlatchPair(a1, b1)
	require.Equal(t, directory.AuthOK, w.dir.Handshake(11, a1, b1))
}

// oneDC leaves site A without a domain controller: BD1 is the only one, so that a broken link A-B keeps tickets from A1 and A2. Mail from
// A to C goes on over A-C.
func oneDC(k directory.Kerberos) func(*parts) {
	return func(p *parts) {
		p.config.Kerberos = k
		p.dcs = []topology.DC{{Name: "BD1", Site: siteB, PDCEmulator: true}}
		for i := range p.servers {
			p.servers[i].DC = topology.None
		}
	}
}

// FW-21: a ticket issued at 04:00, no domain controller from 06:00 on, a session a minute: the first failure is at 14:00:00. The renewal
// at 12:00 (the service started at midnight) fails without consequence.
func TestFW21_TicketOutlivesItsIssuer(t *testing.T) {
	t.Parallel()
	w := ref3(t, oneDC(directory.Kerberos{Renewal: 12 * time.Hour}))
	fails := func(from, to simtime.Time) simtime.Time {
		for now := from; now <= to; now += simtime.Time(time.Minute) {
			if a := w.dir.Handshake(now, a1, c1); a != directory.AuthOK {
				require.Equal(t, directory.AuthNoTicket, a)
				return now
			}
		}
		return simtime.Never
	}
	require.Equal(t, simtime.Never, fails(at("04:00:00"), at("05:59:00")))
	w.dir.LinkState(at("06:00:00"), linkAB, false)
	require.Equal(t, at("14:00:00"), fails(at("06:00:00"), at("23:00:00")))
	require.Empty(t, w.dir.Latches(), "no latch")
	auth, _ := w.dir.WouldAuthenticate(at("15:00:00"), a1, c1)
	require.Equal(t, directory.AuthNoTicket, auth)
	require.Equal(t, directory.AuthNoTicket, w.dir.Handshake(at("06:00:01"), a2, c1), "who had no ticket feels it at once")
	w.dir.LinkState(at("23:30:00"), linkAB, true)
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("23:30:00"), a1, c1))
}

// S1-6: renewals every six hours from the start of the service make a ticket last while a domain controller answers.
func TestS1_6_Renewal(t *testing.T) {
	t.Parallel()
	w := ref3(t, oneDC(directory.Kerberos{}))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("04:00:00"), a1, c1))
	require.Equal(t, []directory.Ticket{{From: a1, To: c1, Issued: at("04:00:00"), Expires: at("14:00:00")}}, w.dir.Tickets(at("05:59:59"), a1))
	require.Equal(t, at("06:00:00"), w.dir.Tickets(at("06:00:00"), a1)[0].Issued, "renewed")
	w.dir.LinkState(at("13:00:00"), linkAB, false)
	require.Equal(t, at("12:00:00"), w.dir.Tickets(at("21:00:00"), a1)[0].Issued, "the renewal at 18:00 fails")
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("21:59:59"), a1, c1))
	require.Empty(t, w.dir.Tickets(at("22:00:00"), a1))
	require.Equal(t, directory.AuthNoTicket, w.dir.Handshake(at("22:00:00"), a1, c1))

	w = ref3(t, oneDC(directory.Kerberos{}))
	w.dir.Handshake(at("04:00:00"), a1, c1)
	w.dir.JumpClock(at("06:30:00"), dc(0), 0, time.Minute, false)
	w.dir.ServiceRestarted(at("06:40:00"), a1)
	require.Equal(t, []directory.Ticket{{From: a1, To: c1, Issued: at("06:00:00"), Expires: at("16:00:00")}}, w.dir.Tickets(at("07:00:00"), a1),
		"a renewal is of its own instant, whatever happens later")
	require.Equal(t, time.Minute, w.dir.Tickets(at("12:40:00"), a1)[0].Offset)
	w.dir.Handshake(at("06:40:00"), a2, c1)
	w.dir.ServiceRestarted(at("12:10:00"), a2)
	require.Equal(t, at("12:00:00"), w.dir.Tickets(at("12:20:00"), a2)[0].Issued, "renewed before the restart")

	w = ref3(t, oneDC(directory.Kerberos{Lifetime: time.Hour, Renewal: 30 * time.Minute}))
	w.dir.Handshake(at("04:00:00"), a1, c1)
	w.dir.ServiceRestarted(at("04:10:00"), a1)
	require.Equal(t, at("04:40:00"), w.dir.Tickets(at("05:00:00"), a1)[0].Issued, "counted from the start of the service")
	w.dir.HostRestarted(at("05:05:00"), a1)
	require.Empty(t, w.dir.Tickets(at("05:05:00"), a1), "a restart empties the cache")
}

// S1-6: a ticket is stamped by the clock of its issuer. A receiver on which it is used up, or from the future, refuses it though all
// clocks agree by then.
func TestS1_6_TicketAgainstTheReceiver(t *testing.T) {
	t.Parallel()
	all := []directory.Host{dc(ad1), dc(bd1), server(a1), server(b1)}
	jump := func(w *world, now simtime.Time, by time.Duration) {
		for _, h := range all {
			w.dir.JumpClock(now, h, 0, by, false)
		}
	}
	t.Run("from the future", func(t *testing.T) {
		w := ref3(t, nil)
		jump(w, 0, 301*time.Second)
		require.Equal(t, directory.AuthOK, w.dir.Handshake(10, a1, b1), "all agree")
		jump(w, 10, -301*time.Second)
		auth, spread := w.dir.WouldAuthenticate(10, a1, b1)
		require.Equal(t, directory.AuthSkew, auth)
		require.Zero(t, spread)
		auth, _ = w.dir.WouldAuthenticate(simtime.Time(time.Second)+10, a1, b1)
		require.Equal(t, directory.AuthOK, auth, "a second later it is valid")
		require.Equal(t, directory.AuthSkew, w.dir.Handshake(10, a1, b1))
	})
	t.Run("used up, and the sender knows", func(t *testing.T) {
		// The sender takes the time from its domain controller, so that it asks for a new ticket when that one has jumped.
		w := ref3(t, kerberos(directory.Kerberos{ReceiverOnly: true}))
		require.Equal(t, directory.AuthOK, w.dir.Handshake(0, a1, b1))
		jump(w, 1, 11*time.Hour)
		require.Equal(t, directory.AuthOK, w.dir.Handshake(2, a1, b1))
		require.Equal(t, 11*time.Hour, w.dir.Tickets(2, a1)[0].Offset)
	})
}

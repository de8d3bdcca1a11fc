package directory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/simtime"
)

func ports(p ...uint16) []directory.PortRange {
	var out []directory.PortRange
	for i := 0; i < len(p); i += 2 {
		out = append(out, directory.PortRange{Low: p[i], High: p[i+1]})
	}
	return out
}

func wall(fault int, from, to directory.Host, does directory.Filter, p ...uint16) directory.Block {
	return directory.Block{Fault: fault, From: []directory.Host{from}, To: []directory.Host{to}, Ports: ports(p...), TCP: true, UDP: true, Does: does}
}

// TestF6_Services: which ports stop which service.
func TestF6_Services(t *testing.T) {
	t.Parallel()
	all := []directory.Service{directory.SMTP, directory.SMTPInternal, directory.KerberosPort, directory.LDAP, directory.GlobalCatalog, directory.RPC, directory.TimePort,
		directory.EdgeSyncPort}
	for _, c := range []struct {
		name  string
		edit  func(*directory.Block)
		stops []directory.Service
	}{
		{"25", nil, all[:1]},
		{"2525", func(b *directory.Block) { b.Ports = ports(2525, 2525) }, all[1:2]},
		{"88", func(b *directory.Block) { b.Ports = ports(88, 88) }, all[2:3]},
		{"88 by UDP", func(b *directory.Block) { b.Ports, b.TCP = ports(88, 88), false }, nil},
		{"389 and 3268", func(b *directory.Block) { b.Ports = ports(389, 389, 3268, 3268) }, all[3:5]},
		{"135", func(b *directory.Block) { b.Ports = ports(135, 135) }, all[5:6]},
		{"the dynamic ports, with EdgeSync's", func(b *directory.Block) { b.Ports = ports(49152, 65535) }, []directory.Service{directory.RPC, directory.EdgeSyncPort}},
		{"some dynamic ports", func(b *directory.Block) { b.Ports = ports(49153, 65535) }, all[7:]},
		{"123", func(b *directory.Block) { b.Ports = ports(123, 123) }, all[6:7]},
		{"123 by TCP", func(b *directory.Block) { b.Ports, b.UDP = ports(123, 123), false }, nil},
		{"all", func(b *directory.Block) { b.Ports = ports(1, 65535) }, all},
		{"inspection", func(b *directory.Block) { b.Does = directory.Strip }, all[:2]},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ref3(t, nil)
			b := wall(1, server(a1), server(b1), directory.Drop, 25, 25)
			if c.edit != nil {
				c.edit(&b)
			}
			require.False(t, w.dir.Filters())
			w.dir.Block(5, b)
			var stops []directory.Service
			for _, s := range all {
				if w.dir.Filtered(server(a1), server(b1), s) != directory.Open {
					stops = append(stops, s)
				}
				require.Equal(t, directory.Open, w.dir.Filtered(server(b1), server(a1), s), "the other way")
				require.Equal(t, directory.Open, w.dir.Filtered(server(a2), server(b1), s), "another sender")
				require.Equal(t, directory.Open, w.dir.Filtered(server(a1), server(a1), s), "a machine and itself")
			}
			require.Equal(t, c.stops, stops)
			require.True(t, w.dir.Unblock(6, 1))
			require.False(t, w.dir.Unblock(7, 1))
			require.False(t, w.dir.Filters())
		})
	}
}

// TestF6_Several: filters overlap; what is harder to get through counts, and each goes by itself.
func TestF6_Several(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	for i, does := range []directory.Filter{directory.Strip, directory.Drop, directory.Reject} {
		b := wall(i, server(a1), server(b1), does, 25, 25)
		b.Both = i == 1
		w.dir.Block(0, b)
	}
	meets := func() directory.Filter { return w.dir.Filtered(server(a1), server(b1), directory.SMTP) }
	require.Equal(t, directory.Drop, meets())
	require.Equal(t, directory.Drop, w.dir.Filtered(server(b1), server(a1), directory.SMTP), "both ways")
	require.Equal(t, []int{0, 1, 2}, w.dir.BlockedBy(server(b1)))
	require.Empty(t, w.dir.BlockedBy(server(c1)))
	w.dir.Unblock(1, 1)
	require.Equal(t, directory.Reject, meets())
	w.dir.Unblock(2, 2)
	require.Equal(t, directory.Strip, meets())
	require.Equal(t, directory.AuthStripped, w.dir.Handshake(3, a1, b1))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(3, b1, a1))
	auth, _ := w.dir.WouldAuthenticate(3, a1, b1)
	require.Equal(t, directory.AuthStripped, auth)
	w.dir.Unblock(4, 0)
	require.Equal(t, directory.AuthOK, w.dir.Handshake(4, a1, b1))
}

// FW-21: port 88 between a hub and its domain controllers is blocked at 06:00: its ticket of 04:00 lasts until 14:00. The hub tries every
// domain controller, and other hubs do not notice.
func TestF6_PortOfTickets(t *testing.T) {
	t.Parallel()
	t.Run("FW-21", func(t *testing.T) {
		w := ref3(t, nil)
		require.Equal(t, directory.AuthOK, w.auth("04:00:00", a1, b1))
		b := wall(1, server(a1), dc(ad1), directory.Drop, 88, 88)
		b.To = append(b.To, dc(ad2), dc(bd1), dc(cd1))
		w.dir.Block(at("06:00:00")-1, b) // the renewal of 06:00 fails
		require.Equal(t, directory.AuthOK, w.auth("13:59:00", a1, b1))
		require.Equal(t, directory.AuthNoTicket, w.auth("14:00:00", a1, b1))
		require.Equal(t, directory.AuthOK, w.auth("14:00:00", a2, b1))
		require.Equal(t, directory.AuthOK, w.auth("14:00:00", b1, a1))
		require.Empty(t, w.dir.Latches())
		w.dir.Unblock(at("14:30:00"), 1)
		require.Equal(t, directory.AuthOK, w.auth("14:30:00", a1, b1), "at once")
	})
	t.Run("another domain controller is in reach", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.Block(0, wall(1, server(a1), dc(ad1), directory.Reject, 88, 88))
		require.Equal(t, directory.AuthOK, w.auth("01:00:00", a1, b1))
	})
}

// TestF6_Time: without port 123 a domain controller falls out of step, and with it its members in their turn; a renewed sample mends all.
func TestF6_Time(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.config.OwnDrift = func(directory.Host) float64 { return 50 } })
	w.dir.Block(0, wall(1, dc(bd1), dc(ad1), directory.Drop, 123, 123))
	lost := map[string]string{}
	w.until(at("23:00:00")+at("23:00:00"), nil)
	for _, n := range w.dir.TakeNotes(nil) {
		require.Equal(t, directory.TimeLost, n.Kind)
		if n.Host.Server >= 0 {
			lost[w.org.Servers[n.Host.Server].Name] = clock(n.At)
		} else {
			lost[w.org.DCs[n.Host.DC].Name] = clock(n.At)
		}
	}
	require.Equal(t, map[string]string{"BD1": "13:39:12", "B1": "1d 03:18:24"}, lost, "49,152 s, and as much again for who follows it")
	end := at("23:00:00") + at("23:00:00")
	require.Equal(t, time.Duration(float64(end-at("13:39:12"))*50/1e6), w.dir.Offset(end, dc(bd1)))
	w.dir.Unblock(end, 1)
	w.until(end.Add(12*time.Hour), nil)
	for _, h := range []directory.Host{dc(bd1), server(b1)} {
		require.Zero(t, w.dir.Offset(end.Add(12*time.Hour), h))
		require.True(t, w.dir.Synchronised(end.Add(12*time.Hour), h))
	}
}

// TestF6_ReplicateNow needs the ports of replication and of Kerberos (V6).
func TestF6_ReplicateNow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		port  uint16
		comes bool
	}{{135, false}, {88, false}, {25, true}} {
		w := ref3(t, nil)
		w.dir.Block(0, wall(1, dc(bd1), dc(ad1), directory.Drop, c.port, c.port))
		w.dir.Edit(at("09:10:00"), ad1, cost(connA, 20))
		w.dir.ReplicateNow(at("09:20:00"), bd1, ad1)
		w.until(at("09:30:00"), nil)
		require.Equal(t, c.comes, w.dir.Holds(bd1) == w.dir.Holds(ad1), "port %d", c.port)
	}
}

// TestF6_TimeTwice: a host that is in step again may fall out of it again, and says so again.
func TestF6_TimeTwice(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.config.OwnDrift = func(directory.Host) float64 { return 50 } })
	day := at("12:00:00") + at("12:00:00")
	for k, when := range []string{"13:39:12", "1d 07:34:24"} { // the last polls: at the start, and at 17:55:12
		w.dir.Block(day*simtime.Time(k), wall(1, server(b1), dc(bd1), directory.Drop, 123, 123))
		w.until(day*simtime.Time(k+1)-at("03:00:00"), nil)
		notes := w.dir.TakeNotes(nil)
		if k == 1 {
			w.until(day*2, nil)
			notes = append(notes, w.dir.TakeNotes(nil)...)
		}
		require.Len(t, notes, 1)
		require.Equal(t, when, clock(notes[0].At))
		w.dir.Unblock(day*simtime.Time(k+1)-at("03:00:00"), 1)
		w.until(day*simtime.Time(k+1), nil)
	}
}

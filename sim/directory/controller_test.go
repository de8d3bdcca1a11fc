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

// is sets the condition of a domain controller at a time of day, after what was due before.
func (w *world) is(when string, dc topology.DCID, c directory.Condition, seen map[string][]string) {
	w.until(at(when)-1, seen)
	w.dir.SetCondition(at(when), dc, c, false)
}

func (w *world) notes() []string {
	var out []string
	for _, n := range w.dir.TakeNotes(nil) {
		id := map[directory.NoteKind]string{
			directory.Rebound: "2080", directory.OutOfSite: "2084", directory.NobodyInTime: "2102", directory.NobodyFound: "2114",
		}[n.Kind]
		if id == "" {
			continue // of the time service
		}
		text := clock(n.At) + " " + w.org.Servers[n.Host.Server].Name + " " + id
		if n.DC >= 0 {
			text += " " + w.org.DCs[n.DC].Name
		}
		out = append(out, text)
	}
	return out
}

// FW-8: A1 sees an edit, its domain controller crashes before the other one of the site has heard of it, and A1 sees the old
// configuration again; the edit comes back with the domain controller.
func TestF4_ViewGoesBackwards(t *testing.T) {
	t.Parallel()
	t.Run("FW-8", func(t *testing.T) {
		const off, on = ` connector "C-A": disabled`, ` connector "C-A": enabled`
		w := ref3(t, nil)
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.is("09:10:08", ad1, directory.Stopped, seen)
		// A message at 09:10:30 waits for AD1 in vain until 09:11:00.
		require.Equal(t, 30*time.Second, w.dir.Patience(a1))
		require.Zero(t, w.dir.Patience(a2))
		w.until(at("09:11:00"), seen)
		changes := w.dir.TimedOut(at("09:11:00"), a1, nil)
		require.Len(t, changes, 1)
		require.Same(t, w.org, changes[0].View)
		require.Equal(t, on, " "+changes[0].Changes, "the view goes backwards")
		require.Equal(t, ad2, w.dir.DC(a1))
		require.Zero(t, w.dir.Patience(a1))
		require.Equal(t, []string{"09:11:00 A1 2080 AD2"}, w.notes())

		w.is("10:00:00", ad1, directory.Serving, seen)
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"09:10:05" + off, "10:00:21" + off}, seen["A1"])
		require.Equal(t, []string{"10:00:16"}, seen["AD2"])
		require.Equal(t, []string{"10:00:21" + off}, seen["A2"])
		require.Equal(t, []string{"12:00:05"}, seen["BD1"])
		require.Equal(t, []string{"12:00:10" + off}, seen["B1"])
		require.Equal(t, ad2, w.dir.DC(a1), "it stays where it is")
	})
}

// F4: without mail a server finds out when it looks anew, every quarter of an hour from the start of its service; when the domain
// controller stops in good order, at once; when its service starts, at once.
func TestF4_WhenServersTurn(t *testing.T) {
	t.Parallel()
	turns := func(do func(w *world)) []string {
		w := ref3(t, nil)
		do(w)
		w.until(at("23:00:00"), nil)
		return w.notes()
	}
	require.Equal(t, []string{"09:15:00 A1 2080 AD2"}, turns(func(w *world) { w.is("09:10:08", ad1, directory.Stopped, nil) }))
	require.Equal(t, []string{"09:15:00 A1 2080 AD2"}, turns(func(w *world) { w.is("09:15:00", ad1, directory.Starting, nil) }))
	require.Equal(t, []string{"09:10:08 A1 2080 AD2"}, turns(func(w *world) {
		w.until(at("09:10:08")-1, nil)
		w.dir.SetCondition(at("09:10:08"), ad1, directory.Stopped, true)
	}))
	require.Equal(t, []string{"09:12:00 A1 2080 AD2"}, turns(func(w *world) {
		w.is("09:10:08", ad1, directory.Stopped, nil)
		w.dir.ServiceRestarted(at("09:12:00"), a1)
	}))
	require.Equal(t, []string{"09:17:00 A1 2080 AD2"}, turns(func(w *world) { // 09:02 and a quarter of an hour
		w.until(at("09:02:00")-1, nil)
		w.dir.ServiceRestarted(at("09:02:00"), a1)
		w.is("09:10:08", ad1, directory.Stopped, nil)
	}))
	require.Empty(t, turns(func(w *world) {
		w.is("09:01:00", ad1, directory.Stopped, nil)
		w.is("09:14:00", ad1, directory.Serving, nil)
	}), "back before anybody noticed")
	require.Empty(t, turns(func(w *world) { w.is("09:01:00", ad1, directory.WithoutKDC, nil) }), "it answers")
}

// F4: out of the site goes to the nearest by the cost of links, and back when a domain controller of the site answers again.
func TestF4_OutOfSite(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	seen := map[string][]string{}
	w.is("09:01:00", bd1, directory.Stopped, seen)
	w.dir.Edit(at("09:01:00"), ad1, disable(connA)) // A's domain controllers know, C's does not
	w.until(at("10:00:00"), seen)
	require.Equal(t, ad1, w.dir.DC(b1), "A and C are as near; A by name")
	require.Equal(t, []string{"09:15:00 B1 2084 AD1"}, w.notes())
	require.Equal(t, []string{`09:15:00 connector "C-A": disabled`}, seen["B1"], "it sees what AD1 holds")
	w.is("10:20:00", bd1, directory.Serving, seen)
	w.until(at("23:59:59"), seen)
	require.Equal(t, []string{"10:30:00 B1 2080 BD1"}, w.notes())
	require.Equal(t, bd1, w.dir.DC(b1))
	require.Equal(t, []string{`09:15:00 connector "C-A": disabled`, `10:30:00 connector "C-A": enabled`, `12:00:10 connector "C-A": disabled`}, seen["B1"],
		"backwards and forwards again")
}

// F4: of several that answer, the one that is meant for a server comes before the first of its site.
func TestF4_TheOneThatIsMeant(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	for _, x := range []topology.DCID{ad1, ad2} {
		w.is("09:01:00", x, directory.Stopped, nil)
	}
	w.until(at("09:20:00"), nil)
	require.Equal(t, bd1, w.dir.DC(a2))
	w.is("09:21:00", ad1, directory.Serving, nil)
	w.dir.SetCondition(at("09:21:00"), ad2, directory.Serving, false)
	w.until(at("09:40:00"), nil)
	require.Equal(t, ad2, w.dir.DC(a2))
	require.Equal(t, ad2, w.dir.MeantDC(a2))

	w = ref3(t, func(p *parts) { p.servers[0].DC = cd1 }) // of another site
	require.Equal(t, cd1, w.dir.DC(a1))
	w.is("09:01:00", cd1, directory.Stopped, nil)
	w.until(at("09:20:00"), nil)
	require.Equal(t, ad1, w.dir.DC(a1), "of its own site")
	w.is("09:21:00", cd1, directory.Serving, nil)
	w.until(at("09:40:00"), nil)
	require.Equal(t, ad1, w.dir.DC(a1), "it stays in its site")
}

// F4: when nobody answers, servers say so once each way, keep what they know, and hear of nothing; the first that answers is taken.
func TestF4_NobodyAnswers(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	seen := map[string][]string{}
	all := []topology.DCID{ad1, ad2, bd1, cd1}
	for _, x := range all {
		w.is("09:01:00", x, directory.Stopped, seen)
	}
	require.False(t, w.dir.InReach(a1))
	require.True(t, w.dir.InReach(ae1), "an Edge needs none")
	w.until(at("09:10:30"), seen)
	require.Empty(t, w.dir.TimedOut(at("09:10:30"), a1, nil))
	require.Empty(t, w.dir.TimedOut(at("09:10:31"), a1, nil))
	w.until(at("20:00:00"), seen)
	require.Equal(t, []string{"09:10:30 A1 2102", "09:15:00 A1 2114", "09:15:00 A2 2114", "09:15:00 B1 2114", "09:15:00 C1 2114"}, w.notes())
	require.Empty(t, seen)
	require.Equal(t, at("22:27:12"), w.dir.Next(), "nothing polls; the time services lose step 13 h 39 min 12 s after their last sample")
	auth, _ := w.dir.WouldAuthenticate(at("20:00:00"), a1, b1)
	require.Equal(t, directory.AuthNoTicket, auth)

	w.is("20:01:00", cd1, directory.Serving, seen)
	w.until(at("23:00:00"), seen)
	require.Equal(t, []string{"20:15:00 A1 2084 CD1", "20:15:00 A2 2084 CD1", "20:15:00 B1 2084 CD1"}, w.notes())
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("23:00:00"), a1, b1))
}

// F4: what a domain controller learns and cannot tell its servers they hear when it answers them again.
func TestF4_MissedChange(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) {
		p.dcs = p.dcs[:2] // A's alone; B1 is bound to AD1
		p.servers[0].DC = topology.None
	})
	seen := map[string][]string{}
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	w.dir.LinkState(at("09:10:03"), linkAB, false)
	w.until(at("10:00:00"), seen)
	require.Equal(t, []string{`09:10:05 connector "C-A": disabled`}, seen["A1"])
	require.Empty(t, seen["B1"])
	w.dir.LinkState(at("10:00:00"), linkAB, true)
	w.until(at("23:59:59"), seen)
	require.Equal(t, []string{`10:00:05 connector "C-A": disabled`}, seen["B1"])
}

// F4: without its key service a domain controller answers and replicates; tickets last until they expire, and the mailboxes of its
// servers cannot send.
func TestF4_KDCOnly(t *testing.T) {
	t.Parallel()
	w := ref3(t, kerberos(directory.Kerberos{Renewal: 11 * time.Hour}))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("04:00:00"), a1, b1))
	w.is("06:00:00", ad1, directory.WithoutKDC, nil)
	require.Zero(t, w.dir.Patience(a1))
	require.False(t, w.dir.SubmitsMail(a1))
	require.True(t, w.dir.SubmitsMail(a2), "its domain controller is AD2")
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("13:59:59"), a1, b1))
	require.Equal(t, directory.AuthNoTicket, w.dir.Handshake(at("14:00:00"), a1, b1))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("14:00:00"), a2, b1))
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("14:00:00"), b1, a1), "the other direction")
	seen := map[string][]string{}
	w.dir.Edit(at("14:00:00"), ad1, disable(connA))
	w.until(at("15:30:00"), seen)
	require.Equal(t, []string{"14:00:16"}, seen["AD2"])
	require.Equal(t, []string{"15:00:05"}, seen["BD1"])
	w.is("16:00:00", ad1, directory.Serving, nil)
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("16:00:00"), a1, b1))
	require.True(t, w.dir.SubmitsMail(a1))
}

// F4: with the PDC emulator gone the clocks of others are not set by it, and go on; when a server turns to another domain controller it
// takes the time from there.
func TestF4_Time(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.is("09:01:00", ad1, directory.Stopped, nil)
	w.dir.JumpClock(at("09:01:00"), dc(bd1), 0, time.Minute, true)
	w.dir.JumpClock(at("09:01:00"), server(a1), 0, time.Minute, true)
	w.dir.JumpClock(at("09:01:00"), dc(ad1), 0, time.Minute, true)
	w.until(at("21:00:00"), nil)
	require.Equal(t, time.Minute, w.dir.Offset(at("21:00:00"), dc(bd1)), "nobody to set it")
	require.Equal(t, time.Minute, w.dir.Offset(at("21:00:00"), dc(ad1)), "it does not run")
	require.Zero(t, w.dir.Offset(at("21:00:00"), server(a1)), "by AD2")
	require.True(t, w.dir.Synchronised(at("21:00:00"), dc(bd1)))
	require.False(t, w.dir.Synchronised(at("22:50:00"), dc(bd1)), "13 h 39 min 12 s after the last sample")
	w.is("22:00:00", ad1, directory.Serving, nil)
	w.until(at("23:59:59"), nil)
	require.Zero(t, w.dir.Offset(at("23:59:59"), dc(ad1)))
	require.Zero(t, w.dir.Offset(at("23:59:59"), dc(bd1)))

	w = ref3(t, nil)
	w.is("09:01:00", ad2, directory.Stopped, nil)
	w.dir.JumpClock(at("09:02:00"), server(a1), 0, time.Minute, false)
	w.dir.SetTime(at("09:03:00"), server(a1), ad2)
	require.Equal(t, time.Minute, w.dir.Offset(at("09:03:00"), server(a1)), "a domain controller that is down gives no time")
}

// V7: what was on its way to or from a domain controller that stops is lost, and pulled again.
func TestV7_StopsInTransit(t *testing.T) {
	t.Parallel()
	for _, x := range []topology.DCID{ad1, bd1} {
		w := ref3(t, nil)
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.is("12:00:03", x, directory.Stopped, seen)
		w.is("12:30:00", x, directory.Serving, seen)
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"15:00:05"}, seen["BD1"])
	}
	w := ref3(t, nil) // and inside a site
	seen := map[string][]string{}
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	w.is("09:10:15", ad2, directory.Stopped, seen)
	w.is("09:20:00", ad2, directory.Serving, seen)
	w.until(at("23:59:59"), seen)
	require.Equal(t, []string{"10:00:01"}, seen["AD2"], "at the next instant of its schedule")
}

// V7: after two hours of failures another bridgehead of the site takes over, and gives way again when the first is back.
func TestV7_AnotherBridgehead(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.links[0].ReplicationInterval = 30 * time.Minute })
	seen := map[string][]string{}
	w.is("09:10:00", ad1, directory.Stopped, seen)
	w.until(at("09:20:00"), seen)
	w.dir.Edit(at("09:20:00"), ad2, disable(connA))
	w.until(at("23:00:00"), seen)
	require.Equal(t, []string{"11:30:05"}, seen["BD1"], "the pull of 09:30 fails; two hours later AD2 takes over and is pulled from")
	w.dir.Edit(at("23:00:00"), ad2, disable(connB))
	w.is("23:10:00", ad1, directory.Serving, seen)
	w.until(at("23:59:59"), seen)
	require.Equal(t, "23:30:05", seen["AD1"][len(seen["AD1"])-1], "AD2 told it at 23:00:15 in vain; its first pull is that of the link")
}

// Whatever is edited, stopped, cut and mended: a domain controller takes a change once at most and never before it was written, and when
// all run again every one has it, and every server sees the same.
func TestV3_EachChangeOnceAndNotBeforeItsCause(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := ref3(t, nil)
		now := simtime.Time(0)
		written := map[int64]simtime.Time{} // by value
		holds := map[topology.DCID]map[int64]int{}
		for i := range w.org.DCs {
			holds[topology.DCID(i)] = map[int64]int{}
		}
		value := func(dc topology.DCID) int64 { return w.dir.Holds(dc).Connectors[connA].AddressSpaces[0].Cost }
		last := make([]int64, len(w.org.DCs))
		look := func(now simtime.Time) {
			for i := range last {
				dc := topology.DCID(i)
				if v := value(dc); v != last[i] {
					if last[i] = v; v == 10 {
						continue // as at first
					}
					since, known := written[v]
					require.True(r, known && now >= since, "%s holds %d at %s, written at %s", w.org.DCs[i].Name, v, clock(now), clock(since))
					holds[dc][v]++
					require.Equal(r, 1, holds[dc][v], "%s takes %d once", w.org.DCs[i].Name, v)
				}
			}
		}
		until := func(end simtime.Time) {
			for w.dir.Next() <= end {
				at := w.dir.Next()
				w.until(at, nil)
				look(at)
			}
		}
		cut := [2]bool{}
		for k := range rapid.IntRange(1, 14).Draw(r, "steps") {
			until(now)
			x := topology.DCID(rapid.IntRange(0, 3).Draw(r, "dc"))
			switch rapid.IntRange(0, 5).Draw(r, "what") {
			case 0, 1:
				if w.dir.Condition(x).Answers() {
					written[int64(11+k)] = now
					w.dir.Edit(now, x, cost(connA, int64(11+k)))
				}
			case 2:
				w.dir.SetCondition(now, x, directory.Stopped, rapid.Bool().Draw(r, "announced"))
			case 3:
				w.dir.SetCondition(now, x, directory.Serving, false)
			case 4:
				l := rapid.IntRange(0, 1).Draw(r, "link")
				cut[l] = !cut[l]
				w.dir.LinkState(now, topology.LinkID(l), !cut[l])
			case 5:
				w.dir.FailReplication(now, k, []topology.LinkID{linkAB}, nil, true)
			}
			look(now)
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(5*time.Hour)).Draw(r, "wait")))
		}
		until(now)
		for i := range cut {
			w.dir.LinkState(now, topology.LinkID(i), true)
			w.dir.MendReplication(now, i)
		}
		for i := range 14 {
			w.dir.MendReplication(now, i)
		}
		for i := range w.org.DCs {
			w.dir.SetCondition(now, topology.DCID(i), directory.Serving, false)
		}
		until(now.Add(30 * time.Hour))
		require.Equal(r, simtime.Never, w.dir.Next())
		for i := range last {
			require.Equal(r, value(0), last[i])
		}
		for s := range w.org.Servers {
			require.Same(r, w.dir.View(a1), w.dir.View(topology.ServerID(s)))
			require.True(r, w.dir.Answered(topology.ServerID(s)))
		}
		require.Equal(r, directory.AuthOK, w.dir.Handshake(now.Add(30*time.Hour), a1, b1))
		require.Equal(r, directory.AuthOK, w.dir.Handshake(now.Add(30*time.Hour), b1, a1))
	})
}

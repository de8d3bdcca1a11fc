package directory_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// F3: a failure of replication over a link holds changes up; asked to break authentication it does so at once, in both directions between
// the two sites, without a latch, until a pull after its end is through.
func TestF3_ReplicationFails(t *testing.T) {
	t.Parallel()
	links := []topology.LinkID{linkAB}
	auth := func(w *world, when string, from, to topology.ServerID) directory.Auth {
		w.until(at(when), nil)
		return w.dir.Handshake(at(when), from, to)
	}
	t.Run("immediate", func(t *testing.T) {
		w := ref3(t, nil)
		seen := map[string][]string{}
		require.Equal(t, directory.AuthOK, auth(w, "09:00:00", a1, b1))
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("10:00:00"), seen)
		w.dir.FailReplication(at("10:00:00"), 7, links, nil, true)
		require.Equal(t, directory.AuthApart, auth(w, "10:00:00", a1, b1), "with a ticket in the cache")
		require.Equal(t, directory.AuthApart, auth(w, "10:00:00", b1, a2))
		require.Equal(t, directory.AuthOK, auth(w, "10:00:00", a1, c1), "another pair of sites")
		require.Equal(t, directory.AuthOK, auth(w, "10:00:00", b1, c1))
		would, _ := w.dir.WouldAuthenticate(at("10:00:00"), a1, b1)
		require.Equal(t, directory.AuthApart, would)
		require.Empty(t, w.dir.Latches())
		w.until(at("13:00:00"), seen)
		require.Empty(t, seen["BD1"])
		w.dir.MendReplication(at("13:00:00"), 7)
		w.until(at("15:00:04"), seen)
		require.Equal(t, directory.AuthApart, auth(w, "15:00:04", a1, b1))
		w.until(at("15:00:05"), seen)
		require.Equal(t, directory.AuthOK, auth(w, "15:00:05", a1, b1))
		require.Equal(t, directory.AuthOK, auth(w, "15:00:05", b1, a1), "a pull that brought nothing counts")
		require.Equal(t, []string{"15:00:05"}, seen["BD1"])
		w.until(at("23:59:59"), seen)
		require.Equal(t, simtime.Never, w.dir.Next())
	})
	t.Run("replicate now", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.FailReplication(at("10:00:00"), 7, links, nil, true)
		w.dir.ReplicateNow(at("10:30:00"), bd1, ad1) // in vain
		require.Equal(t, directory.AuthApart, auth(w, "10:40:00", b1, a1))
		w.dir.MendReplication(at("11:00:00"), 7)
		w.dir.ReplicateNow(at("11:02:00"), bd1, ad1)
		require.Equal(t, directory.AuthOK, auth(w, "11:02:05", b1, a1), "the sender's domain controller has pulled")
		require.Equal(t, directory.AuthApart, auth(w, "11:02:05", a1, b1), "the other one has not")
		w.dir.ReplicateNow(at("11:04:00"), ad1, bd1)
		require.Equal(t, directory.AuthOK, auth(w, "11:04:05", a1, b1))
	})
	t.Run("FD-3 a consequence", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.FailReplication(at("10:00:00"), 7, links, nil, false)
		w.dir.LinkState(at("10:00:00"), linkBC, false)
		w.dir.SetCondition(at("10:00:00"), bd1, directory.Stopped, false)
		w.dir.SetCondition(at("10:00:00"), bd1, directory.Serving, false)
		require.Equal(t, directory.AuthOK, auth(w, "10:30:00", a1, b1))
	})
	t.Run("of a domain controller", func(t *testing.T) {
		w := ref3(t, nil)
		seen := map[string][]string{}
		w.dir.FailReplication(at("09:10:00"), 7, nil, []topology.DCID{ad1}, true)
		w.dir.Edit(at("09:10:00"), ad2, disable(connA))
		w.until(at("13:59:59"), seen)
		require.Equal(t, directory.AuthApart, auth(w, "13:59:59", a1, b1))
		require.Empty(t, seen["AD1"])
		// The pull of 12:00 was the first that failed: AD2 takes over at 14:00 and is pulled from at 15:00.
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"15:00:05"}, seen["BD1"])
		require.Equal(t, directory.AuthOK, auth(w, "23:59:59", a1, b1), "it heals by another bridgehead")
		require.Empty(t, seen["AD1"])
		next := at("23:59:59") + at("09:00:01") // 09:00 of the next day
		w.dir.MendReplication(next, 7)
		w.until(next+at("03:30:00"), seen)
		require.Equal(t, []string{"1d 09:00:01"}, seen["AD1"], "its own schedule inside the site")
	})
	t.Run("instant", func(t *testing.T) {
		w := ref3(t, func(p *parts) { p.config.Instant = true })
		w.dir.FailReplication(0, 7, links, nil, true)
		require.Equal(t, directory.AuthOK, auth(w, "09:00:00", a1, b1), "there is nothing that could fail")
	})
}

// V7: the two hours run from the first pull that fails, whether there is anything to be pulled then or not: at 12:00, so that AD2 has taken
// over by the time of the edit.
func TestV7_NothingToPull(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(w *world, now simtime.Time){
		"a filter": func(w *world, now simtime.Time) {
			w.dir.Block(now, wall(1, dc(bd1), dc(ad1), directory.Drop, 135, 135))
		},
		"a stopped host": func(w *world, now simtime.Time) { w.dir.SetCondition(now, ad1, directory.Stopped, false) },
		"a wrong clock":  func(w *world, now simtime.Time) { w.dir.JumpClock(now, dc(ad1), 0, time.Hour, false) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ref3(t, nil)
			if name == "a wrong clock" { // so that AD2 does not follow the time of AD1
				w.dir.JumpClock(0, dc(ad2), 1, time.Second, false)
				w.dir.JumpClock(0, dc(bd1), 2, time.Second, false)
			}
			seen := map[string][]string{}
			w.until(at("09:05:00"), seen)
			breaks(w, at("09:05:00"))
			w.until(at("14:30:00"), seen)
			w.dir.Edit(at("14:30:00"), ad2, disable(connA))
			w.until(at("23:00:00"), seen)
			require.Equal(t, []string{"15:00:05"}, seen["BD1"])
		})
	}
}

// V8: after a break that was longer than the life of tombstones nothing is pulled until an operator has cleaned up, which takes four
// hours from the end of what stopped it.
func TestV8_Tombstones(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lifetime time.Duration
		want     string
	}{{5 * time.Hour, "21:00:05"}, {5*time.Hour + time.Minute, "21:00:05"}, {6 * time.Hour, "18:00:05"}, {0, "18:00:05"}} {
		w := ref3(t, func(p *parts) { p.config.Tombstone = c.lifetime })
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("10:30:00"), seen)
		w.dir.LinkState(at("10:30:00"), linkAB, false)
		w.until(at("16:30:00"), seen)
		w.dir.LinkState(at("16:30:00"), linkAB, true)
		w.dir.Edit(at("16:40:00"), ad1, disable(connB))
		w.dir.ReplicateNow(at("16:50:00"), bd1, ad1)
		if c.want == "18:00:05" {
			c.want = "16:50:05"
		}
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{c.want}, seen["BD1"], "%s", c.lifetime)
	}
	w := ref3(t, func(p *parts) { p.config.Tombstone = time.Hour })
	seen := map[string][]string{}
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	for _, x := range []struct {
		when string
		up   bool
	}{{"10:00:00", false}, {"12:00:00", true}, {"14:00:00", false}, {"14:30:00", true}} {
		w.until(at(x.when)-1, seen)
		w.dir.LinkState(at(x.when), linkAB, x.up)
	}
	w.until(at("23:59:59"), seen)
	require.Equal(t, []string{"21:00:05"}, seen["BD1"], "the clean-up begins anew: it is over at 18:30")
}

// F3: a server that is not told of changes reads them when its service starts, when its tickets are renewed and at each reload.
func TestF3_NotToldOfChanges(t *testing.T) {
	t.Parallel()
	const off = ` connector "C-A": disabled`
	sees := func(t *testing.T, config func(*parts), do func(w *world, seen map[string][]string)) []string {
		w := ref3(t, config)
		seen := map[string][]string{}
		w.until(at("03:00:00"), seen)
		w.dir.ServiceRestarted(at("03:00:00"), b1)
		w.until(at("09:10:00"), seen)
		w.dir.LoseNotifications(at("09:10:00"), b1, true)
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		do(w, seen)
		w.until(at("23:59:59"), seen)
		return seen["B1"]
	}
	nothing := func(*world, map[string][]string) {}
	require.Equal(t, []string{"15:00:00" + off}, sees(t, nil, nothing), "FW-5: BD1 knows at 12:00:05, renewals are at 09:00 and 15:00")
	require.Equal(t, []string{"15:00:00" + off}, sees(t, func(p *parts) { p.config.Kerberos.Renewal = 24 * time.Hour }, nothing), "reload at 03:00 and 15:00")
	require.Equal(t, []string{"13:00:00" + off}, sees(t, func(p *parts) { p.config.Reload = 5 * time.Hour }, nothing))
	require.Equal(t, []string{"13:30:00" + off}, sees(t, nil, func(w *world, seen map[string][]string) {
		w.until(at("13:30:00")-1, seen)
		w.dir.ServiceRestarted(at("13:30:00"), b1)
	}))
	require.Equal(t, []string{"15:00:00" + off}, sees(t, nil, func(w *world, seen map[string][]string) {
		w.until(at("13:30:00"), seen)
		w.dir.LoseNotifications(at("13:30:00"), b1, false)
	}), "what it has missed nobody tells it again")
	require.Equal(t, []string{`14:00:05 connector "C-A": disabled; connector "C-B": disabled`}, sees(t, nil, func(w *world, seen map[string][]string) {
		w.until(at("13:30:00"), seen)
		w.dir.LoseNotifications(at("13:30:00"), b1, false)
		w.until(at("14:00:00"), seen)
		w.dir.Edit(at("14:00:00"), bd1, disable(connB))
	}), "with the next change")
	require.Equal(t, []string{"15:00:00" + off}, sees(t, nil, func(w *world, seen map[string][]string) {
		w.dir.LoseNotifications(at("09:10:00"), b1, false)
		w.until(at("12:00:07"), seen)
		w.dir.LoseNotifications(at("12:00:07"), b1, true)
	}), "it was about to be told")
}

// F3: after a day without success the domain controllers on both sides complain of each other, and again each day; one that does not run says
// nothing. V8: what begins when tombstones have lapsed is noted once.
func TestF3_ADayWithoutReplication(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	w := ref3(t, func(p *parts) { p.config.Tombstone = 60 * time.Hour })
	from := at("10:30:00")
	notes := func(until simtime.Time) []directory.Note {
		w.until(until, nil)
		return slices.DeleteFunc(w.dir.TakeNotes(nil), func(n directory.Note) bool { return n.Kind < directory.Overdue })
	}
	late := func(now simtime.Time, kind directory.NoteKind, at, of topology.DCID) directory.Note {
		return directory.Note{At: now, Kind: kind, Host: dc(at), About: topology.None, DC: of}
	}
	w.dir.LinkState(from, linkAB, false)
	require.Empty(t, notes(from.Add(day)-1))
	require.Equal(t, []directory.Note{late(from.Add(day), directory.Overdue, bd1, ad1), late(from.Add(day), directory.Overdue, ad1, bd1)}, notes(from.Add(day)))
	w.dir.SetCondition(from.Add(day+1), bd1, directory.Stopped, false)
	require.Equal(t, []directory.Note{late(from.Add(2*day), directory.Overdue, ad1, bd1)}, notes(from.Add(2*day)), "BD1 does not run; C has been without it for less than a day")
	w.dir.SetCondition(from.Add(2*day+1), bd1, directory.Serving, false)
	w.dir.LinkState(from.Add(60*time.Hour)+1, linkAB, true)
	w.dir.LinkState(from.Add(61*time.Hour), linkAB, false)
	w.dir.LinkState(from.Add(62*time.Hour), linkAB, true)
	require.Equal(t, []directory.Note{late(from.Add(60*time.Hour)+1, directory.Parted, bd1, ad1), late(from.Add(60*time.Hour)+1, directory.Parted, ad1, bd1)},
		notes(from.Add(10*day)), "and nothing more")
	require.Equal(t, simtime.Never, w.dir.Next())
}

// F3: what is replicated by way of another bridgehead is not overdue, and its tombstones do not lapse.
func TestF3_NothingIsOverdueByAnotherWay(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.config.Tombstone = 60 * time.Hour })
	w.dir.FailReplication(at("09:30:00"), 7, []topology.LinkID{linkAB}, []topology.DCID{ad1}, false)
	w.until(at("09:30:00").Add(100*time.Hour), nil)
	w.dir.MendReplication(at("09:30:00").Add(100*time.Hour), 7)
	require.Empty(t, slices.DeleteFunc(w.dir.TakeNotes(nil), func(n directory.Note) bool { return n.Kind < directory.Overdue }))
}

// F3: replication that fails at a domain controller breaks no sessions inside its site.
func TestF3_SessionsInsideTheSite(t *testing.T) {
	t.Parallel()
	w := ref3(t, kerberos(directory.Kerberos{InsideSites: true}))
	w.dir.FailReplication(at("10:00:00"), 7, nil, []topology.DCID{ad1}, true)
	require.Equal(t, directory.AuthOK, w.dir.Handshake(at("10:00:00"), a1, a2))
	require.Equal(t, directory.AuthApart, w.dir.Handshake(at("10:00:00"), a1, b1))
}

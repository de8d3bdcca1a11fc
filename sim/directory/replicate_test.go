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

// FW-5: one edit, and the instant at which each domain controller holds it and each server sees it.
func TestFW5_ViewTimes(t *testing.T) {
	t.Parallel()
	const text = ` connector "C-A": disabled`
	w := ref3(t, nil)
	seen := map[string][]string{}
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	require.NotSame(t, w.org, w.dir.Holds(ad1), "V1: AD1 holds it at 09:10:00")
	w.until(at("23:59:59"), seen)
	require.Equal(t, map[string][]string{
		"A1":  {"09:10:05" + text},
		"AD2": {"09:10:16"}, "A2": {"09:10:21" + text},
		"AE1": {"09:12:00" + text},
		"BD1": {"12:00:05"}, "B1": {"12:00:10" + text}, "BE1": {"12:03:00" + text},
		"CD1": {"12:30:05"}, "C1": {"12:30:10" + text},
	}, seen)
	require.Equal(t, simtime.Never, w.dir.Next(), "nothing polls")
	require.Same(t, w.dir.View(a1), w.dir.View(c1), "views are shared")

	t.Run("2007", func(t *testing.T) {
		w := ref3(t, func(p *parts) { p.version = topology.V2007 })
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"10:00:00" + text}, seen["AE1"], "R-6.5: hourly ticks")
		require.Equal(t, []string{"13:00:00" + text}, seen["BE1"])
	})
	t.Run("change notification", func(t *testing.T) {
		w := ref3(t, func(p *parts) { p.links[0].ChangeNotification = true })
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"09:10:20"}, seen["BD1"])
		require.Equal(t, []string{"09:10:25" + text}, seen["B1"])
		require.Equal(t, []string{"09:30:05"}, seen["CD1"])
	})
	t.Run("second edit", func(t *testing.T) {
		w := ref3(t, nil)
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, cost(connA, 60))
		w.until(at("11:00:00"), seen)
		w.dir.Edit(at("11:00:00"), ad1, cost(connA, 70))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{`09:10:05 connector "C-A": cost 60`, `11:00:05 connector "C-A": cost 70`}, seen["A1"])
		require.Equal(t, []string{"12:00:05"}, seen["BD1"])
		require.Equal(t, []string{`12:00:10 connector "C-A": cost 70`}, seen["B1"], "B never sees the first value")
	})
	t.Run("taken back in time", func(t *testing.T) {
		w := ref3(t, nil)
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("11:00:00"), seen)
		w.dir.Edit(at("11:00:00"), ad1, topology.Change{Kind: topology.ConnectorEnabled, Object: int32(connA), Value: 1})
		w.until(at("23:59:59"), seen)
		require.Same(t, w.org, w.dir.View(a1), "the original configuration is the original pointer")
		require.Equal(t, `11:00:05 connector "C-A": enabled`, seen["A1"][1])
		require.Empty(t, seen["B1"], "state replicates, not history")
	})
}

// FW-7, what an always open schedule can show of it: over a chain of links of 4 h, 3 h and 24 h a change takes 31 h at most.
func TestFW7_Chain(t *testing.T) {
	t.Parallel()
	chain := func(t testing.TB, phases [3]time.Duration) *world {
		return ref3(t, func(p *parts) {
			p.sites = append(p.sites, topology.Site{Name: "D"})
			p.links = nil
			for i, h := range []time.Duration{4, 3, 24} {
				p.links = append(p.links, topology.Link{Name: "link" + string(rune('1'+i)), Sites: []topology.SiteID{topology.SiteID(i), topology.SiteID(i + 1)},
					Cost: 10, ReplicationInterval: h * time.Hour, ReplicationPhase: phases[i]})
			}
			p.dcs = append(p.dcs, topology.DC{Name: "DD1", Site: 3})
		})
	}
	delay := func(w *world, edit simtime.Time) time.Duration {
		w.dir.Edit(edit, ad1, disable(connA))
		for {
			now := w.dir.Next()
			w.dir.Advance(now, nil)
			if w.dir.Holds(4) != w.org {
				return now.Sub(edit)
			}
		}
	}
	const taus = 15 * time.Second
	t.Run("worst", func(t *testing.T) {
		// Every wait is one nanosecond short of the whole interval.
		w := chain(t, [3]time.Duration{0, 4*time.Hour - 3*time.Hour + 5*time.Second - 1, 7*time.Hour + 10*time.Second - 2})
		require.Equal(t, 31*time.Hour+taus-3, delay(w, 1))
	})
	rapid.Check(t, func(r *rapid.T) {
		phase := func(of int64) time.Duration {
			return time.Duration(rapid.Int64Range(0, of*int64(time.Hour)-1).Draw(r, "phase"))
		}
		d := delay(chain(t, [3]time.Duration{phase(4), phase(3), phase(24)}), simtime.Time(rapid.Int64Range(0, int64(48*time.Hour)).Draw(r, "edit")))
		require.LessOrEqual(r, d, 31*time.Hour+taus)
		require.GreaterOrEqual(r, d, taus)
	})
}

// V1: the domain controller at which an edit is written holds it at once, its servers see it after the notification delay.
func TestV1_Origin(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	w.dir.Edit(at("09:10:00"), bd1, topology.Change{Kind: topology.HubSite, Object: int32(siteB), Value: 1})
	require.True(t, w.dir.Holds(bd1).Sites[siteB].HubSite)
	require.False(t, w.dir.View(b1).Sites[siteB].HubSite)
	require.Equal(t, at("09:10:05"), w.dir.Next())
	got := w.dir.Advance(at("09:10:05"), nil)
	require.Len(t, got, 1)
	require.Equal(t, b1, got[0].Server)
	require.Equal(t, `site "B": hub site`, got[0].Changes)
	require.True(t, w.dir.View(b1).Sites[siteB].HubSite)
}

// V2: the first partner of a site is told after 15 s, each further one 3 s later; a second change inside the 15 s joins the first.
func TestV2_InsideSite(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.dcs = append(p.dcs, topology.DC{Name: "AD3", Site: siteA}) })
	seen := map[string][]string{}
	w.dir.Edit(at("09:00:00"), ad1, disable(connA))
	w.until(at("09:00:10"), seen)
	w.dir.Edit(at("09:00:10"), ad1, disable(connB))
	w.until(at("10:00:00"), seen)
	require.Equal(t, []string{"09:00:16"}, seen["AD2"], "both changes at once")
	require.Equal(t, []string{"09:00:19"}, seen["AD3"])
	require.Same(t, w.dir.Holds(ad1), w.dir.Holds(4))
}

// V3: over a link at instants of the schedule; what is held at that very instant comes along.
func TestV3_Schedule(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, edit, held string
		interval, phase  time.Duration
		start            time.Time
	}{
		{"default", "09:10:00", "12:00:05", 0, 0, t0},
		{"at the pull", "12:00:00", "12:00:05", 0, 0, t0},
		{"after the pull", "12:00:01", "15:00:05", 0, 0, t0},
		{"phase", "09:10:00", "09:45:05", time.Hour, 45 * time.Minute, t0},
		{"interval that does not divide the day", "22:00:00", "1d 04:00:05", 7 * time.Hour, 0, t0},
		{"t0 in the day of another zone", "01:00:00", "02:30:05", 3 * time.Hour, 0, time.Date(2026, 3, 2, 9, 30, 0, 0, time.FixedZone("", 9*3600))},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := ref3(t, func(p *parts) {
				p.config.Start, p.links[0].ReplicationInterval, p.links[0].ReplicationPhase = c.start, c.interval, c.phase
			})
			seen := map[string][]string{}
			w.dir.Edit(at(c.edit), ad1, disable(connA))
			w.until(at("23:59:59")+at("23:59:59"), seen)
			require.Equal(t, []string{c.held}, seen["BD1"])
		})
	}
}

// V4: replication follows the least-cost spanning tree; a path may cross a site without a domain controller.
func TestV4_Tree(t *testing.T) {
	t.Parallel()
	t.Run("the dear link is left out", func(t *testing.T) {
		w := ref3(t, func(p *parts) { p.links[2].ReplicationInterval = 15 * time.Minute })
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"12:30:05"}, seen["CD1"])
	})
	t.Run("equal costs by name", func(t *testing.T) {
		// A-B, B-C and A-C all cost 10: A-B and A-C stand first by name.
		w := ref3(t, func(p *parts) { p.links[2].Cost = 10 })
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"12:00:05"}, seen["CD1"])
	})
	t.Run("through a site without one", func(t *testing.T) {
		w := ref3(t, func(p *parts) {
			p.dcs = []topology.DC{{Name: "AD1", Site: siteA}, {Name: "CD1", Site: siteC}}
			for i := range p.servers {
				p.servers[i].DC = topology.None
			}
			p.links = p.links[:2]
		})
		require.Equal(t, topology.DCID(0), w.dir.DC(b1), "A and C are as near; A by name")
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), 0, disable(connA))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"12:00:05"}, seen["CD1"], "the longest interval on the way counts, with its phase")
		require.Equal(t, []string{`09:10:05 connector "C-A": disabled`}, seen["B1"])
	})
}

// V5: a link with change notification needs no schedule; in both directions and joined with the chain.
func TestV5_ChangeNotification(t *testing.T) {
	t.Parallel()
	w := ref3(t, func(p *parts) { p.links[1].ChangeNotification = true })
	seen := map[string][]string{}
	w.dir.Edit(at("09:10:00"), cd1, disable(connA))
	w.until(at("23:59:59"), seen)
	require.Equal(t, []string{"09:10:20"}, seen["BD1"])
	require.Equal(t, []string{"12:00:05"}, seen["AD1"])
	require.Equal(t, []string{"12:00:21"}, seen["AD2"])
}

// V6: a forced pull happens at once and brings what its source holds.
func TestV6_ReplicateNow(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	seen := map[string][]string{}
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	w.until(at("09:20:00"), seen)
	w.dir.ReplicateNow(at("09:20:00"), cd1, bd1) // too early: B knows nothing yet
	w.dir.ReplicateNow(at("09:20:00"), bd1, topology.None)
	w.until(at("09:25:00"), seen)
	w.dir.ReplicateNow(at("09:25:00"), cd1, ad1) // from any domain controller, partner or not
	w.until(at("23:59:59"), seen)
	require.Equal(t, []string{"09:20:05"}, seen["BD1"])
	require.Equal(t, []string{`09:20:10 connector "C-A": disabled`}, seen["B1"])
	require.Equal(t, []string{"09:25:05"}, seen["CD1"])
}

// V7: a pull over a link that is down, or between clocks too far apart, fails and is tried at the next scheduled instant.
func TestV7_Failure(t *testing.T) {
	t.Parallel()
	after := func(t *testing.T, fail, mend func(w *world), edit func(*parts)) []string {
		w := ref3(t, edit)
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("11:59:59"), seen)
		fail(w)
		w.until(at("13:00:00"), seen)
		require.Empty(t, seen["BD1"])
		w.until(at("16:00:00"), seen)
		require.Empty(t, seen["BD1"], "the pull of 15:00 fails as well")
		mend(w)
		w.until(at("23:59:59"), seen)
		return seen["BD1"]
	}
	link := func(up bool, when string) func(*world) {
		return func(w *world) { w.dir.LinkState(at(when), linkAB, up) }
	}
	pair := func(a, b topology.SiteID, up bool, when string) func(*world) {
		return func(w *world) { w.dir.PairState(at(when), a, b, up) }
	}
	require.Equal(t, []string{"18:00:05"}, after(t, link(false, "12:00:00"), link(true, "16:00:00"), nil))
	require.Equal(t, []string{"18:00:05"}, after(t, link(false, "12:00:00"), link(true, "16:00:00"), func(p *parts) { p.links[0].ChangeNotification = false }))
	require.Equal(t, []string{"18:00:05"}, after(t, pair(siteB, siteA, false, "12:00:00"), pair(siteB, siteA, true, "16:00:00"), nil), "F12: one direction is enough")
	skew := func(w *world) { w.dir.JumpClock(at("12:00:00"), dc(bd1), 0, 301*time.Second, false) }
	right := func(w *world) { w.dir.SetTime(at("16:00:00"), dc(bd1), ad1) }
	require.Equal(t, []string{"18:00:05"}, after(t, skew, right, nil))

	t.Run("exactly the tolerance passes", func(t *testing.T) {
		w := ref3(t, nil)
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.dir.JumpClock(at("09:10:00"), dc(bd1), 0, 300*time.Second, false)
		w.until(at("12:30:00"), seen)
		require.Equal(t, []string{"12:00:05"}, seen["BD1"])
	})
	t.Run("a notification that failed waits for the schedule", func(t *testing.T) {
		w := ref3(t, func(p *parts) { p.links[0].ChangeNotification = true })
		seen := map[string][]string{}
		w.dir.LinkState(at("09:00:00"), linkAB, false)
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("09:30:00"), seen)
		w.dir.LinkState(at("09:30:00"), linkAB, true)
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"12:00:05"}, seen["BD1"])
	})
	t.Run("inside a site the schedule is hourly", func(t *testing.T) {
		w := ref3(t, nil)
		seen := map[string][]string{}
		w.dir.JumpClock(at("09:00:00"), dc(ad2), 0, time.Hour, false)
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("09:30:00"), seen)
		require.Empty(t, seen["AD2"])
		w.dir.SetTime(at("09:30:00"), dc(ad2), ad1)
		w.until(at("10:30:00"), seen)
		require.Equal(t, []string{"10:00:01"}, seen["AD2"])
	})
	t.Run("a network of its own", func(t *testing.T) {
		w := ref3(t, func(p *parts) { p.networks = []topology.Network{{Name: "n", Sites: [2]topology.SiteID{siteB, siteA}}} })
		seen := map[string][]string{}
		w.dir.LinkState(at("09:00:00"), linkAB, false)
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("12:30:00"), seen)
		require.Equal(t, []string{"12:00:05"}, seen["BD1"])
	})
	t.Run("a chain over a site without domain controller", func(t *testing.T) {
		w := ref3(t, func(p *parts) {
			p.dcs = []topology.DC{{Name: "AD1", Site: siteA}, {Name: "CD1", Site: siteC}}
			p.links = p.links[:2]
			for i := range p.servers {
				p.servers[i].DC = topology.None
			}
		})
		seen := map[string][]string{}
		w.dir.LinkState(at("09:00:00"), linkBC, false)
		w.dir.Edit(at("09:10:00"), 0, disable(connA))
		w.until(at("12:30:00"), seen)
		require.Empty(t, seen["CD1"])
		w.dir.LinkState(at("12:30:00"), linkBC, true)
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"15:00:05"}, seen["CD1"])
	})
}

// V9: of two edits of one attribute the one with the higher version wins, then the later timestamp, then the higher domain controller.
func TestV9_Conflict(t *testing.T) {
	t.Parallel()
	value := func(w *world) int64 {
		var got int64
		for i := range w.org.DCs {
			v := w.dir.Holds(topology.DCID(i)).Connectors[connA].AddressSpaces[0].Cost
			require.True(t, i == 0 || v == got, "everybody agrees in the end")
			got = v
		}
		return got
	}
	day := 48 * at("23:00:00")
	t.Run("version", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.Edit(at("09:00:00"), bd1, cost(connA, 20))
		w.dir.Edit(at("09:01:00"), bd1, cost(connA, 21))
		w.dir.Edit(at("09:02:00"), ad1, cost(connA, 30))
		w.until(day, nil)
		require.EqualValues(t, 21, value(w))
	})
	t.Run("timestamp", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.Edit(at("09:01:00"), ad1, cost(connA, 30))
		w.dir.Edit(at("09:02:00"), bd1, cost(connA, 20))
		w.until(day, nil)
		require.EqualValues(t, 20, value(w))
	})
	t.Run("a slow clock makes the older edit win", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.JumpClock(at("08:00:00"), dc(bd1), 0, -2*time.Minute, false)
		w.dir.Edit(at("09:01:00"), ad1, cost(connA, 30))
		w.dir.Edit(at("09:02:00"), bd1, cost(connA, 20))
		w.until(day, nil)
		require.EqualValues(t, 30, value(w))
	})
	t.Run("domain controller", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.Edit(at("09:00:00"), cd1, cost(connA, 20))
		w.dir.Edit(at("09:00:00"), ad1, cost(connA, 30))
		w.until(day, nil)
		require.EqualValues(t, 20, value(w))
	})
}

// F3: replication lag overrides interval and phase; what waits goes by the new schedule, and by the old again afterwards.
func TestF3_Override(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	seen := map[string][]string{}
	w.dir.SetReplication(0, linkAB, &directory.Override{Interval: 12 * time.Hour, Phase: 6 * time.Hour})
	w.dir.Edit(at("09:10:00"), ad1, disable(connA))
	w.until(at("14:00:00"), seen)
	require.Empty(t, seen["BD1"])
	require.Equal(t, at("18:00:00"), w.dir.Next())
	w.dir.SetReplication(at("14:00:00"), linkAB, nil)
	w.until(at("23:59:59"), seen)
	require.Equal(t, []string{"15:00:05"}, seen["BD1"])

	t.Run("keeps what it does not name", func(t *testing.T) {
		w := ref3(t, nil)
		w.dir.SetReplication(0, linkBC, &directory.Override{Interval: 4 * time.Hour, Phase: -1})
		w.dir.SetReplication(0, linkAB, &directory.Override{Phase: time.Hour})
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"10:00:05"}, seen["BD1"])
		require.Equal(t, []string{"12:30:05"}, seen["CD1"])
	})
	t.Run("stops change notification", func(t *testing.T) {
		w := ref3(t, func(p *parts) { p.links[0].ChangeNotification = true })
		w.dir.SetReplication(0, linkAB, &directory.Override{Interval: time.Hour, Phase: -1})
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"10:00:05"}, seen["BD1"])
	})
}

// Whatever is edited, cut and mended: no view shows a value that no domain controller held before, and all agree when links are up.
func TestV3_Converges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := ref3(t, nil)
		now := simtime.Time(0)
		held := map[int64]bool{10: true}
		down := [2]bool{}
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			w.until(now, nil)
			switch rapid.IntRange(0, 2).Draw(r, "what") {
			case 0, 1:
				v := rapid.Int64Range(11, 99).Draw(r, "value")
				held[v] = true
				w.dir.Edit(now, topology.DCID(rapid.IntRange(0, 3).Draw(r, "dc")), cost(connA, v))
			case 2:
				l := rapid.IntRange(0, 1).Draw(r, "link")
				down[l] = !down[l]
				w.dir.LinkState(now, topology.LinkID(l), !down[l])
			}
			for s := range w.org.Servers {
				require.True(r, held[w.dir.View(topology.ServerID(s)).Connectors[connA].AddressSpaces[0].Cost])
			}
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(5*time.Hour)).Draw(r, "wait")))
		}
		for l := range down {
			w.dir.LinkState(now, topology.LinkID(l), true)
		}
		w.until(now.Add(24*time.Hour), nil)
		require.Equal(r, simtime.Never, w.dir.Next())
		for s := range w.org.Servers {
			require.Same(r, w.dir.View(a1), w.dir.View(topology.ServerID(s)))
		}
	})
}

// What servers tell each other themselves is known everywhere at once, whatever the schedules of links say; views follow as always.
func TestQ11_5_WhatServersTellEachOther(t *testing.T) {
	t.Parallel()
	w := ref3(t, nil)
	seen := map[string][]string{}
	w.dir.Announce(at("09:10:00"), disable(connA))
	for d := range w.org.DCs {
		require.NotSame(t, w.org, w.dir.Holds(topology.DCID(d)))
	}
	w.until(at("23:59:59"), seen)
	const text = `09:10:05 connector "C-A": disabled`
	for _, server := range []string{"A1", "A2", "B1", "C1"} {
		require.Equal(t, []string{text}, seen[server], server)
	}
}

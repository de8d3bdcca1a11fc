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

// daily is a window of every day, by hours.
func daily(from, to time.Duration) []topology.Window {
	var out []topology.Window
	for d := range 7 {
		day := time.Duration(d) * 24 * time.Hour
		out = append(out, topology.Window{From: day + from*time.Hour, To: day + to*time.Hour})
	}
	return out
}

// FW-7: inside a window pulls come at its beginning and every interval from there, strictly before its end.
func TestFW7_Windows(t *testing.T) {
	t.Parallel()
	window := func(p *parts) {
		p.links[0].ReplicationWindows, p.links[0].ReplicationInterval = daily(2, 4), 30*time.Minute
	}
	for _, c := range [][2]string{
		{"00:00:00", "02:00:05"}, {"02:00:00", "02:00:05"}, {"02:00:01", "02:30:05"}, {"02:59:00", "03:00:05"}, {"03:00:01", "03:30:05"},
		{"03:30:00", "03:30:05"}, {"03:30:01", "1d 02:00:05"}, {"04:00:00", "1d 02:00:05"}, {"23:00:00", "1d 02:00:05"},
	} {
		w := ref3(t, window)
		seen := map[string][]string{}
		w.dir.Edit(at(c[0]), ad1, disable(connA))
		w.until(at("23:59:59")+at("23:59:59"), seen)
		require.Equal(t, []string{c[1]}, seen["BD1"], c[0])
	}
	t.Run("a fault's window", func(t *testing.T) {
		w := ref3(t, nil)
		seen := map[string][]string{}
		w.dir.SetReplication(0, linkAB, &directory.Override{Phase: -1, Windows: daily(20, 22)})
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"20:00:05"}, seen["BD1"])
	})
	t.Run("days", func(t *testing.T) { // t0 is a Monday
		w := ref3(t, func(p *parts) {
			p.links[0].ReplicationWindows = []topology.Window{{From: 5*24*time.Hour + 6*time.Hour, To: 5*24*time.Hour + 7*time.Hour}}
		})
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), ad1, disable(connA))
		w.until(simtime.Time(20*24*time.Hour), seen)
		require.Equal(t, []string{"5d 06:00:05"}, seen["BD1"])
		w.dir.Edit(simtime.Time(6*24*time.Hour), ad1, disable(connB))
		w.until(simtime.Time(20*24*time.Hour), seen)
		require.Equal(t, "<d 06:00:05", seen["BD1"][1], "the Saturday after")
	})
	t.Run("over a site without domain controller", func(t *testing.T) {
		w := ref3(t, func(p *parts) {
			p.dcs = []topology.DC{{Name: "AD1", Site: siteA}, {Name: "CD1", Site: siteC}}
			p.links = p.links[:2]
			p.links[0].ReplicationWindows, p.links[1].ReplicationWindows = daily(2, 12), daily(11, 20)
			for i := range p.servers {
				p.servers[i].DC = topology.None
			}
		})
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), 0, disable(connA))
		w.until(at("23:59:59"), seen)
		require.Equal(t, []string{"11:00:05"}, seen["CD1"], "open from 11 to 12")
	})
	t.Run("never open together", func(t *testing.T) {
		w := ref3(t, func(p *parts) {
			p.dcs = []topology.DC{{Name: "AD1", Site: siteA}, {Name: "CD1", Site: siteC}}
			p.links = p.links[:2]
			p.links[0].ReplicationWindows, p.links[1].ReplicationWindows = daily(2, 10), daily(11, 20)
			for i := range p.servers {
				p.servers[i].DC = topology.None
			}
		})
		seen := map[string][]string{}
		w.dir.Edit(at("09:10:00"), 0, disable(connA))
		w.until(simtime.Time(30*24*time.Hour), seen)
		require.Empty(t, seen["CD1"])
	})
}

// V3: windows however they overlap, touch or go over the end of the week: a pull is at the beginning of a stretch that is open, or whole
// intervals later, and the first such instant; judged minute by minute.
func TestV3_WindowsAgainstMinutes(t *testing.T) {
	t.Parallel()
	const quarter = 15 * time.Minute
	const quarters = int(topology.Week / quarter)
	rapid.Check(t, func(r *rapid.T) {
		open := make([]bool, quarters)
		var windows []topology.Window
		for range rapid.IntRange(1, 4).Draw(r, "windows") {
			from, n := rapid.IntRange(0, quarters-1).Draw(r, "from"), rapid.IntRange(1, quarters/3).Draw(r, "length")
			windows = append(windows, topology.Window{From: time.Duration(from) * quarter, To: time.Duration(from+n) * quarter})
			for i := range n {
				open[(from+i)%quarters] = true
			}
		}
		interval := rapid.IntRange(1, 8).Draw(r, "interval")
		edit := rapid.IntRange(0, 2*quarters).Draw(r, "edit")
		want, since := -1, 0 // since the beginning of the stretch
		for q := -quarters; q < 5*quarters && want < 0; q++ {
			if !open[(q+quarters)%quarters] {
				since = 0
				continue
			}
			if q >= edit && since%interval == 0 && since >= 0 {
				want = q
			}
			since++
			if q == -quarters && open[quarters-1] { // it began before: where is unknown, so that the first stretch counts for nothing
				since = -1 << 30 / interval * interval
			}
		}
		w := ref3(t, func(p *parts) {
			p.links[0].ReplicationWindows, p.links[0].ReplicationInterval = windows, time.Duration(interval)*quarter
		})
		seen := map[string][]string{}
		w.until(simtime.Time(edit)*simtime.Time(quarter), seen)
		w.dir.Edit(simtime.Time(edit)*simtime.Time(quarter), ad1, disable(connA))
		w.until(simtime.Time(5*topology.Week), seen)
		if want < 0 { // open all the time: by the phase
			return
		}
		require.Equal(r, []string{clock(simtime.Time(want)*simtime.Time(quarter) + at("00:00:05"))}, seen["BD1"])
	})
}

package sim_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim"
	"mailsim/sim/fault"
	"mailsim/sim/load"
	"mailsim/sim/result"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// TestF15_StrictInRandomRuns: whatever strict systems take, put off and refuse, the laws of a run hold at every instant, no limit is exceeded, and all mail comes to an end.
func TestF15_StrictInRandomRuns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		l := newLab()
		number := func(name string, least, most int) int { return rapid.IntRange(least, most).Draw(r, name) }
		l.cfg.Duration = 8 * time.Hour
		l.cfg.Output.SampleInterval = time.Hour
		x := &l.cfg.Remotes[0]
		x.UnknownFraction = rapid.SampledFrom([]float64{0, 0, 0.3, 1}).Draw(r, "unknown")
		x.MaxMessagesPerConnection = rapid.SampledFrom([]int{0, 1, 7}).Draw(r, "messages")
		x.ConnectionTimeout = rapid.SampledFrom([]time.Duration{0, 0, 9 * time.Second}).Draw(r, "timeout")
		if rapid.Bool().Draw(r, "second edge") {
			l.edge("e2")
		}
		l.nat = rapid.SampledFrom([]string{"", "nat"}).Draw(r, "nat")
		for i := range number("bursts", 1, 6) {
			l.cfg.Loads = append(l.cfg.Loads, load.Source{
				ID: string(rune('a' + i)), Kind: load.Burst, Start: seconds(float64(number("at", 0, 3600))), End: simtime.Never, Count: int64(number("count", 1, 80)), Size: rng.Constant(1000),
				Recipients: rng.Constant(float64(number("recipients", 1, 9))), From: []load.Party{{Kind: load.PartyInternet, Weight: 1}},
				To: []load.Party{{Kind: load.PartyInternet, Domain: "cloud.example", Weight: 1}, {Kind: load.PartyInternet, Domain: "other.example", Weight: 1}},
			})
		}
		targets := []fault.Outside{{Remote: l.remote}, {Remote: topology.None, Domain: "cloud"}, {Remote: topology.None}}
		for i := range number("faults", 1, 4) {
			f := fault.Fault{
				ID: string(rune('a' + i)), Probability: 1, Start: seconds(float64(number("start", 0, 1800))), End: simtime.Never,
				Outside: []fault.Outside{rapid.SampledFrom(targets).Draw(r, "target")},
			}
			f.End = f.Start.Add(time.Duration(number("minutes", 1, 120)) * time.Minute)
			switch rapid.SampledFrom([]fault.Kind{fault.RemoteThrottle, fault.RemoteGreylist, fault.RemoteDown}).Draw(r, "kind") {
			case fault.RemoteThrottle:
				f.Kind = fault.RemoteThrottle
				f.Throttle = fault.Throttle{
					MaxConnections: number("connections", 1, 5), MaxMessages: number("on each", 1, 9), SurgeFactor: 1.01, DeferFraction: rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(r, "defer"),
					Penalty: time.Duration(number("penalty", 0, 60)) * time.Minute,
				}
			case fault.RemoteGreylist:
				f.Kind = fault.RemoteGreylist
				f.Greylist = fault.Greylist{Delay: time.Duration(number("delay", 0, 20)) * time.Minute, RetryWindow: time.Hour, Remember: time.Duration(number("remember", 0, 60)) * time.Minute}
			default:
				f.Kind, f.Outside[0] = fault.RemoteDown, targets[0]
			}
			l.cfg.Faults = append(l.cfg.Faults, f)
		}
		cfg := l.built(t)
		run := func() *result.Run {
			m := result.NewMemory(0, 0)
			_, err := sim.RunWatched(context.Background(), cfg, 0, m)
			require.NoError(r, err)
			return m.Run()
		}
		got := run()
		require.Zero(r, stat(t, got, "messages.held", "site=all", "total"), "faults are over by three hours, and the retries after them")
		require.Equal(r, got, run())
	})
}

package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// TestF15_Greylist: what a greylist takes, against a memory that forgets nothing.
func TestF15_Greylist(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		span := func(name string, least, most int) time.Duration {
			return time.Duration(rapid.IntRange(least, most).Draw(r, name)) * time.Minute
		}
		times := fault.Greylist{Delay: span("delay", 0, 20), RetryWindow: span("window", 21, 60), Remember: span("remember", 0, 90)}
		g := greylist{times: times, young: map[triple]acquaintance{}}
		type known struct{ first, taken simtime.Time }
		all := map[triple]*known{}
		now := simtime.Time(0)
		for range rapid.IntRange(1, 200).Draw(r, "tries") {
			now = now.Add(span("pause", 0, 15))
			x := triple{mailbox: int32(rapid.IntRange(0, 3).Draw(r, "mailbox")), address: int32(rapid.IntRange(0, 1).Draw(r, "address"))}
			k := all[x]
			want := false
			switch {
			case k != nil && k.taken >= 0 && now.Sub(k.taken) <= times.Remember:
				want = true
			case k != nil && k.taken < 0 && now.Sub(k.first) <= times.RetryWindow:
				want = now.Sub(k.first) >= times.Delay
			default:
				k = &known{now, -1}
				all[x] = k
				want = times.Delay == 0
			}
			if want {
				k.taken = now
			}
			require.Equal(r, want, g.takes(now, x), "%v at %s", x, now)
		}
	})
}

// A greylist has room for so many, and forgets those first that nobody has asked for.
func TestGreylistIsBounded(t *testing.T) {
	t.Parallel()
	g := greylist{times: fault.Greylist{Delay: time.Second, RetryWindow: time.Hour, Remember: time.Hour}, young: map[triple]acquaintance{}}
	faithful := triple{address: -1}
	g.takes(0, faithful)
	for i := range int32(3 * acquaintancesMax) {
		require.False(t, g.takes(simtime.Time(i), triple{address: i}))
		require.LessOrEqual(t, len(g.young)+len(g.old), 2*acquaintancesMax)
		if i%acquaintancesMax == 17 {
			g.takes(simtime.Time(i), faithful)
		}
	}
	now := simtime.Time(0).Add(time.Minute)
	require.True(t, g.takes(now, faithful), "asked for all the time")
	require.True(t, g.takes(now, triple{address: 3*acquaintancesMax - 1}), "the last")
	require.False(t, g.takes(now, triple{address: 5}), "forgotten")
}

// TestF15_Volume: the messages of the last hour and of the last day, against a list of all of them.
func TestF15_Volume(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var v volume
		var minutes []int64
		now := simtime.Time(0)
		for range rapid.IntRange(1, 300).Draw(r, "messages") {
			pause := rapid.SampledFrom([]time.Duration{0, time.Second, 59 * time.Second, 17 * time.Minute, 59 * time.Minute, 5 * time.Hour, 23*time.Hour + 59*time.Minute, 24 * time.Hour, 70 * time.Hour}).Draw(r, "pause")
			now = now.Add(pause)
			at := int64(time.Duration(now) / time.Minute)
			hour, day := int64(0), int64(0)
			for _, m := range minutes {
				if m > at-60 {
					hour++
				}
				if m > at-24*60 {
					day++
				}
			}
			gotHour, gotDay := v.at(now)
			require.Equal(r, [2]int64{hour, day}, [2]int64{gotHour, gotDay}, "at %s", now)
			v.add()
			minutes = append(minutes, at)
		}
	})
}

// A source is sudden by the mean of the hours that there were, and never with what fits on one connection.
func TestF15_Sudden(t *testing.T) {
	t.Parallel()
	x := throttle{limits: &fault.Throttle{MaxMessages: 50, SurgeFactor: 5}}
	hours := func(h float64) simtime.Time { return simtime.Time(simtime.FromSeconds(3600 * h)) }
	for _, c := range []struct {
		after     float64
		hour, day int64
		want      bool
	}{
		{5, 1000, 1000, false}, // all of it within the last hour: 5 times the mean, not more
		{5.01, 1000, 1000, true},
		{24, 1000, 4800, false}, // 200 an hour
		{24, 1001, 4800, true},
		{240, 1001, 4800, true},
		{240, 50, 50, false}, // after a quiet day
		{240, 51, 51, true},
		{0, 1000, 1000, false},
	} {
		require.Equal(t, c.want, x.sudden(hours(c.after), c.hour, c.day), "%+v", c)
	}
}

func TestBlockOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{"203.0.113.7": "203.0.113", "10.0.0.255": "10.0.0", "nat": "", "": "", "10.0.0.256": "", "a.b.c.d": "", "1.2.3.4.5": ""} {
		got, ok := blockOf(address)
		require.Equal(t, want, got)
		require.Equal(t, want != "", ok)
	}
}

// TestF15_WhoSends: somebody outside is one sender, and whoever sends reports another; a mailbox server with several mailboxes sends from each of them.
func TestF15_WhoSends(t *testing.T) {
	t.Parallel()
	r := mailroom(t)
	outside, mailbox := r.mailbox(r.store.New(transport.Copy{Message: 1}, transport.Tail{Sender: topology.None}))
	require.EqualValues(t, topology.None, outside)
	require.Zero(t, mailbox)
	reports, mailbox := r.mailbox(r.store.New(transport.Copy{Message: 2}, transport.Tail{Sender: topology.None, Null: true}))
	require.NotEqual(t, outside, reports)
	require.Zero(t, mailbox)
	r.org.Servers[1].Mailboxes = 3
	seen := map[int32]int{}
	for n := range uint64(300) {
		m := r.store.New(transport.Copy{Message: n}, transport.Tail{Sender: 1})
		sender, mailbox := r.mailbox(m)
		require.EqualValues(t, 1, sender)
		seen[mailbox]++
	}
	for mailbox := range int32(3) {
		require.InDelta(t, 100, seen[mailbox], 41, "five standard deviations")
	}
	require.Len(t, seen, 3)
}

package transport_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// shadowStory drives a ShadowQueue by a list of what happens, and notes what comes of it.
type shadowStory struct {
	q   *transport.ShadowQueue
	ids map[transport.MsgID]transport.ShadowID
	log []string
}

func newShadowStory(v topology.Version, phase time.Duration) *shadowStory {
	p := transport.DefaultShadow(v, false)
	return &shadowStory{transport.NewShadowQueue(&p, phase, 0, 1), map[transport.MsgID]transport.ShadowID{}, nil}
}

// until lets heartbeats come before an instant.
func (s *shadowStory) until(now simtime.Time) *shadowStory {
	for at := s.q.Deadline(); at < now; at = s.q.Deadline() {
		s.q.Fire(at)
		s.drain(at)
	}
	return s
}

func (s *shadowStory) drain(now simtime.Time) {
	for m := s.q.TakeResubmitted(); m != 0; m = s.q.TakeResubmitted() {
		s.log = append(s.log, fmt.Sprintf("%v resubmit %d", now, m))
	}
	for m := s.q.TakeDiscarded(); m != 0; m = s.q.TakeDiscarded() {
		s.log = append(s.log, fmt.Sprintf("%v discard %d", now, m))
	}
	for m := s.q.TakeExpired(now); m != 0; m = s.q.TakeExpired(now) {
		s.log = append(s.log, fmt.Sprintf("%v expire %d", now, m))
	}
}

func (s *shadowStory) hold(now simtime.Time, copies ...transport.MsgID) *shadowStory {
	s.until(now)
	for _, m := range copies {
		s.ids[m] = s.q.Hold(now, m)
	}
	return s
}

func (s *shadowStory) passedOn(now simtime.Time, copies ...transport.MsgID) *shadowStory {
	s.until(now)
	for _, m := range copies {
		s.q.Discard(now, s.ids[m])
	}
	return s
}

func (s *shadowStory) cut(now simtime.Time) *shadowStory {
	s.until(now).q.Cut(now)
	return s
}

func (s *shadowStory) mended(now simtime.Time, database uint64) *shadowStory {
	s.until(now).q.Mended(now, database)
	return s
}

func (s *shadowStory) session(now simtime.Time) *shadowStory {
	s.until(now).q.Session(now)
	s.drain(now)
	return s
}

// end runs for a week and returns what came of it all.
func (s *shadowStory) end() []string { return s.until(simtime.Time(7 * day)).log }

// TestQ11_4_ThePrimaryIsLost, to the second. t0 is 00:00:00; heartbeats of 2013 and later stand on odd minutes.
func TestQ11_4_ThePrimaryIsLost(t *testing.T) {
	t.Parallel()
	const odd = time.Minute
	story := func() *shadowStory {
		return newShadowStory(topology.V2016, odd).hold(clock(1, 9, 59)-30*simtime.Time(time.Second), 7, 8)
	}
	crash := func() *shadowStory { return story().hold(clock(1, 9, 59)+59, 9).cut(clock(1, 10, 0)) }
	for _, c := range []struct {
		name string
		s    *shadowStory
		want []string
	}{
		{"QG-31 never back", crash(), []string{"12h59m0s resubmit 7", "12h59m0s resubmit 8", "12h59m0s resubmit 9"}},
		{"QG-31 new database", crash().mended(clock(1, 10, 30), 2), []string{"10h31m0s resubmit 7", "10h31m0s resubmit 8", "10h31m0s resubmit 9"}},
		{
			"QG-31 old database, too late", crash().mended(clock(1, 14, 0), 1).passedOn(clock(1, 14, 0)+5, 7, 8, 9),
			[]string{"12h59m0s resubmit 7", "12h59m0s resubmit 8", "12h59m0s resubmit 9"},
		},
		{
			"old database in time", crash().mended(clock(1, 12, 58), 1).passedOn(clock(1, 12, 58)+1, 9, 7),
			[]string{"12h59m0s discard 9", "12h59m0s discard 7"}, // 8 is dropped when it is too old: see below
		},
		{"back at the last heartbeat", crash().mended(clock(1, 12, 59), 2), []string{"12h59m0s resubmit 7", "12h59m0s resubmit 8", "12h59m0s resubmit 9"}},
		{"lost at a heartbeat", story().cut(clock(1, 10, 1)), []string{"12h59m0s resubmit 7", "12h59m0s resubmit 8"}},
		{"lost right after a heartbeat", story().cut(clock(1, 10, 1) + 1), []string{"13h1m0s resubmit 7", "13h1m0s resubmit 8"}},
		{"lost after a session", story().session(clock(1, 10, 0)).cut(clock(1, 10, 0) + 1), []string{"13h0m0s resubmit 7", "13h0m0s resubmit 8"}},
		{
			"lost twice", crash().mended(clock(1, 12, 0), 1).cut(clock(1, 12, 10)),
			[]string{"15h9m0s resubmit 7", "15h9m0s resubmit 8", "15h9m0s resubmit 9"},
		},
		{
			"back too briefly for a heartbeat", crash().mended(clock(1, 12, 0), 2).cut(clock(1, 12, 1)),
			[]string{"12h59m0s resubmit 7", "12h59m0s resubmit 8", "12h59m0s resubmit 9"},
		},
		{
			"new mail of the new database is not resubmitted", crash().mended(clock(1, 10, 30), 2).hold(clock(1, 10, 30)+1, 10).passedOn(clock(1, 10, 30)+2, 10, 7),
			[]string{"10h31m0s resubmit 7", "10h31m0s resubmit 8", "10h31m0s resubmit 9", "10h31m0s discard 10"},
		},
		{
			"a database swapped without a stop", story().mended(clock(1, 10, 0), 2),
			[]string{"10h1m0s resubmit 7", "10h1m0s resubmit 8"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, c.s.until(clock(2, 0, 0)).log)
		})
	}
	// The time was up while nothing was held, shortly before the first heartbeat after the break: what comes later counts from its own
	// heartbeats.
	s := newShadowStory(topology.V2016, 0).hold(sec(1), 1).passedOn(sec(2), 1).session(sec(30)).cut(sec(31)).mended(clock(1, 3, 0)+sec(10), 1)
	s.hold(clock(1, 3, 5)+sec(10), 2).cut(clock(1, 3, 5) + sec(30))
	require.Equal(t, []string{"30s discard 1", "6h4m0s resubmit 2"}, s.until(clock(1, 20, 0)).log)
	require.Equal(t, []string{"12h59m0s discard 9", "12h59m0s discard 7", "105h58m30s expire 8"},
		crash().mended(clock(1, 12, 58), 1).passedOn(clock(1, 12, 58)+1, 9, 7).end(), "Q-11.5: 4 days after it came")
}

// TestQ11_4_AHubIsLostWithMail is FW-23 as the holder of the 300 copies sees it: whether each is resubmitted, and when.
func TestQ11_4_AHubIsLostWithMail(t *testing.T) {
	t.Parallel()
	crash := func() *shadowStory {
		s := newShadowStory(topology.V2013, time.Minute)
		for m := range transport.MsgID(300) {
			s.hold(clock(1, 12, 55)+simtime.Time(m)*sec(1), m+1)
		}
		return s.cut(clock(1, 13, 0))
	}
	for name, c := range map[string]struct {
		s  *shadowStory
		at string
	}{
		"FW-23 a": {crash().mended(clock(1, 13, 20), 2), "13h21m0s"},
		"FW-23 b": {crash(), "15h59m0s"},
		"FW-23 c": {crash().mended(clock(1, 17, 0), 1), "15h59m0s"}, // so what the hub has on its disk is sent a second time
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.s.until(clock(2, 0, 0)).log
			require.Len(t, got, 300)
			for i, line := range got {
				require.Equal(t, fmt.Sprintf("%s resubmit %d", c.at, i+1), line)
			}
		})
	}
}

// TestQ11_4_TheHolderStops: it asks nobody meanwhile, and waits anew when it starts; what it held is on its disk, or lost with it.
func TestQ11_4_TheHolderStops(t *testing.T) {
	t.Parallel()
	stopped := func() *shadowStory { return newShadowStory(topology.V2016, 0).hold(sec(10), 1, 2).cut(sec(60)) }
	s := stopped()
	s.q.Restart(clock(1, 10, 0))
	require.Equal(t, []string{"13h0m0s resubmit 1", "13h0m0s resubmit 2"}, s.until(clock(1, 20, 0)).log, "the primary is away, too")
	s = stopped()
	s.q.Restart(clock(1, 10, 0) + 1)
	require.Equal(t, []string{"10h2m0s discard 1"}, s.mended(clock(1, 10, 0)+1, 1).passedOn(clock(1, 10, 1), 1).until(clock(1, 20, 0)).log)
	s = stopped()
	require.EqualValues(t, []transport.MsgID{1, 2, 0}, []transport.MsgID{s.q.TakeLost(), s.q.TakeLost(), s.q.TakeLost()})
	require.Zero(t, s.q.Len())
	require.Equal(t, simtime.Never, s.q.Deadline())
}

// TestQ11_4_2010: the previous hop asks seldom and waits as long.
func TestQ11_4_2010(t *testing.T) {
	t.Parallel()
	// Heartbeats each quarter of an hour; the twelfth that fails after the last success of 09:45 is that of 12:45.
	s := newShadowStory(topology.V2010, 0).hold(clock(1, 9, 50), 1).cut(clock(1, 9, 59))
	require.Equal(t, []string{"12h45m0s resubmit 1"}, s.end())
	s = newShadowStory(topology.V2010, 0).hold(clock(1, 9, 50), 1, 2).passedOn(clock(1, 9, 51), 2)
	require.Equal(t, []string{"10h0m0s discard 2"}, s.end(), "the other is held until the next hop has passed it on")
}

// TestQ11_3_WhenADiscardIsLearned: at the next session to the primary, whatever it is for, else at the next heartbeat. Until then the copy is
// held, and goes out again if the primary is lost.
func TestQ11_3_WhenADiscardIsLearned(t *testing.T) {
	t.Parallel()
	story := func() *shadowStory {
		return newShadowStory(topology.V2013, 0).hold(sec(10), 1, 2, 3).passedOn(sec(20), 2)
	}
	require.Equal(t, []string{"2m0s discard 2"}, story().until(sec(1000)).log)
	require.Equal(t, []string{"30s discard 2"}, story().session(sec(30)).until(sec(1000)).log)
	require.Equal(t, []string{"2m0s discard 2"}, story().cut(sec(25)).session(sec(30)).mended(sec(40), 1).until(sec(1000)).log, "no session to a primary that is down")
	require.Equal(t, []string{"2m0s discard 2"}, story().passedOn(sec(20), 2).until(sec(1000)).log, "told twice")
	require.Equal(t, []string{"2m0s discard 2", "4m0s discard 1"}, story().passedOn(sec(120)+1, 1).until(sec(1000)).log)
	require.Equal(t, []string{"2m0s discard 2", "2m0s discard 1"}, story().passedOn(sec(120), 1).until(sec(1000)).log, "what the primary does at this instant comes first")
	require.Equal(t, []string{"3h0m0s resubmit 1", "3h0m0s resubmit 2", "3h0m0s resubmit 3"}, story().cut(sec(100)).until(clock(1, 4, 0)).log)
	s := story()
	require.Equal(t, sec(120), s.q.Deadline())
	require.Equal(t, 3, s.q.Len())
	s.until(sec(121))
	require.Equal(t, 2, s.q.Len())
	require.Equal(t, sec(10).Add(4*day), s.q.Deadline(), "nothing to learn: no heartbeat is an event")
	s.passedOn(sec(130), 1, 3).until(sec(1000))
	require.Equal(t, simtime.Never, s.q.Deadline())
	// Slots are used again; an old name means nobody.
	old := s.ids[1]
	s.hold(sec(1000), 4)
	s.q.Discard(sec(1001), old)
	require.Empty(t, s.until(sec(2000)).log[3:])
}

// TestQ11_3_DiscardsAreKeptTwoDays: a holder that is away for longer does not hear of what the primary passed on before.
func TestQ11_3_DiscardsAreKeptTwoDays(t *testing.T) {
	t.Parallel()
	away := func(until simtime.Time) []string {
		s := newShadowStory(topology.V2016, 0).hold(sec(10), 1, 2).cut(sec(20)) // the holder is down: it asks nobody
		s.q.Discard(sec(30), s.ids[1])
		s.q.Discard(sec(30)+simtime.Time(time.Hour), s.ids[2])
		s.q.Restart(until)
		s.q.Mended(until, 1)
		return s.end()
	}
	require.Equal(t, []string{"48h0m0s discard 1", "48h0m0s discard 2"}, away(clock(2, 23, 59)))
	require.Equal(t, []string{"48h2m0s discard 2", "96h0m10s expire 1"}, away(clock(3, 0, 1)))
	require.Equal(t, []string{"96h0m10s expire 1", "96h0m10s expire 2"}, away(clock(3, 2, 0)))
}

// naiveShadow asks at every heartbeat and looks at every copy at every instant.
type naiveShadow struct {
	interval, takeOver, life, phase simtime.Time
	keeps                           simtime.Time
	up, paused                      bool
	last                            simtime.Time
	database                        uint64
	copies                          []naiveCopy
	log                             []string
}

type naiveCopy struct {
	m        transport.MsgID
	at       simtime.Time
	database uint64
	done     bool
	doneAt   simtime.Time
}

func (n *naiveShadow) say(now simtime.Time, what string, c naiveCopy) {
	n.log = append(n.log, fmt.Sprintf("%d %s %d", now, what, c.m))
}

// contact is a session or heartbeat that succeeds.
func (n *naiveShadow) contact(now simtime.Time) {
	n.last = now
	var stay []naiveCopy
	for _, c := range n.copies {
		if c.database != n.database && !n.paused {
			n.say(now, "resubmit", c)
		} else if c.done && c.database == n.database && now-c.doneAt < n.keeps {
			n.say(now, "discard", c)
		} else {
			stay = append(stay, c)
		}
	}
	n.copies = stay
}

// timers is phase 4 of an instant.
func (n *naiveShadow) timers(now simtime.Time) {
	if n.up && (now-n.phase)%n.interval == 0 {
		n.contact(now)
	} else if now-n.last >= n.takeOver && len(n.copies) > 0 && !n.paused {
		for _, c := range n.copies {
			n.say(now, "resubmit", c)
		}
		n.copies, n.last = nil, now
	}
	for len(n.copies) > 0 && now-n.copies[0].at >= n.life {
		n.say(now, "expire", n.copies[0])
		n.copies = n.copies[1:]
	}
}

// TestQ11_4_AgainstPolling: heartbeats that are computed say what heartbeats that are made would say.
func TestQ11_4_AgainstPolling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, lo, hi int) simtime.Time { return simtime.Time(rapid.IntRange(lo, hi).Draw(t, name)) }
		n := naiveShadow{interval: draw("interval", 1, 6), life: draw("life", 10, 60), up: true, database: 1}
		n.takeOver = draw("takeOver", int(n.interval), 20)
		n.keeps = draw("keeps", 1, 30)
		n.phase = draw("phase", 0, int(n.interval)-1)
		p := transport.ShadowProfile{Heartbeat: time.Duration(n.interval), TakeOver: time.Duration(n.takeOver), CopyLife: time.Duration(n.life), DiscardsKept: time.Duration(n.keeps)}
		q := transport.NewShadowQueue(&p, time.Duration(n.phase), 0, 1)
		n.last = 0
		if n.phase > 0 {
			n.last = n.phase - n.interval
		}
		var log []string
		say := func(now simtime.Time, what string, m transport.MsgID) {
			log = append(log, fmt.Sprintf("%d %s %d", now, what, m))
		}
		drain := func(now simtime.Time) {
			for m := q.TakeResubmitted(); m != 0; m = q.TakeResubmitted() {
				say(now, "resubmit", m)
			}
			for m := q.TakeDiscarded(); m != 0; m = q.TakeDiscarded() {
				say(now, "discard", m)
			}
		}
		expire := func(now simtime.Time) {
			for m := q.TakeExpired(now); m != 0; m = q.TakeExpired(now) {
				say(now, "expire", m)
			}
		}
		ids := map[transport.MsgID]transport.ShadowID{}
		var next transport.MsgID
		for now := simtime.Time(0); now < 200; now++ {
			switch op := draw("fault", 0, 30); {
			case op == 0:
				q.Cut(now)
				n.up = false
			case op <= 2:
				n.database += uint64(draw("new database", 0, 1)) // one that was lost never comes back
				q.Mended(now, n.database)
				n.up = true
			}
			if n.up && draw("session", 0, 20) == 0 {
				q.Session(now)
				drain(now)
				n.contact(now)
			}
			if draw("hold", 0, 3) == 0 {
				next++
				ids[next] = q.Hold(now, next)
				if len(n.copies) == 0 && now-n.last >= n.takeOver {
					if !(n.up && (now-n.phase)%n.interval == 0) {
						n.last = now
					}
				}
				n.copies = append(n.copies, naiveCopy{m: next, at: now, database: n.database})
			}
			if n.up && next > 0 && draw("pass on", 0, 3) == 0 {
				m := transport.MsgID(draw("which", 1, int(next)))
				q.Discard(now, ids[m])
				for i := range n.copies {
					if n.copies[i].m == m {
						n.copies[i].done, n.copies[i].doneAt = true, now
					}
				}
			}
			require.GreaterOrEqual(t, q.Deadline(), now, "early")
			if pressed := draw("pressure", 0, 15); pressed < 2 {
				n.paused = pressed == 0
			}
			q.Pause(now, n.paused)
			for q.Deadline() <= now {
				q.Fire(now)
				drain(now)
				expire(now)
			}
			n.timers(now)
			require.ElementsMatch(t, n.log, log)
			require.Len(t, n.copies, q.Len())
		}
	})
}

// TestQ11_3_AllocatesNothing: copies that come and go, learned by heartbeat, cost no allocation.
func TestQ11_3_AllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	p := transport.DefaultShadow(topology.V2016, false)
	q := transport.NewShadowQueue(&p, 0, 0, 1)
	now, gone := simtime.Time(0), 0
	cycle := func() {
		now += sec(20)
		a, _ := q.Hold(now, 1), q.Hold(now, 2)
		q.Discard(now, a)
		for q.Deadline() <= now {
			q.Fire(now)
			for q.TakeDiscarded() != 0 {
				gone++
			}
			for q.TakeExpired(now) != 0 {
				gone++
			}
		}
	}
	for range 30000 {
		cycle()
	}
	before := gone
	require.Zero(t, testing.AllocsPerRun(6000, cycle))
	require.Greater(t, gone, before+11000)
}

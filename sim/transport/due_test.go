package transport

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/simtime"
)

// dueBench is a server's copies with their dueList.
type dueBench struct {
	s     *Store
	l     dueList
	one   SetID
	count uint64
}

func newDueBench() *dueBench {
	b := &dueBench{s: NewStore()}
	b.one = b.s.NewSet([]Recipients{{Dest: 0, Count: 1}})
	return b
}

func (b *dueBench) accept(now simtime.Time) MsgID {
	b.count++
	m := b.s.New(Copy{Message: b.count, Accepted: now, Set: b.s.Ref(b.one)}, Tail{})
	if b.l.push(b.s.links, m); b.l.idle() {
		b.l.begin(m)
	}
	return m
}

func (b *dueBench) split(from MsgID) MsgID {
	c := b.s.Hot[from]
	b.s.Ref(c.Set)
	m := b.s.New(c, Tail{})
	b.l.split(b.s.links, from, m)
	return m
}

func (b *dueBench) leave(m MsgID) {
	b.l.remove(b.s.links, m)
	b.s.Free(m)
}

func (b *dueBench) reports(now simtime.Time, wait time.Duration) (out []uint64) {
	for m := b.l.takeDelay(b.s, now, wait); m != 0; m = b.l.takeDelay(b.s, now, wait) {
		out = append(out, b.s.Hot[m].Message)
	}
	return out
}

// held counts the copies of the list, from the last one back.
func (b *dueBench) held() (n int) {
	for m := b.l.tail; m != 0; m = b.s.links[m].before {
		n++
	}
	return n
}

const hour = simtime.Time(time.Hour)

// TestQ8_1_OneReportAMessageAndServer: whatever a split made of it, and each time that the server accepts it.
func TestQ8_1_OneReportAMessageAndServer(t *testing.T) {
	t.Parallel()
	b := newDueBench()
	first := b.accept(0)
	second := b.accept(hour)
	b.split(first)
	b.split(second)
	require.Equal(t, 4*hour, b.l.nextDelay(b.s, 4*time.Hour))
	require.Empty(t, b.reports(4*hour-1, 4*time.Hour))
	require.Equal(t, []uint64{1}, b.reports(4*hour, 4*time.Hour))
	b.split(first) // reported already
	require.Empty(t, b.reports(5*hour-1, 4*time.Hour))
	require.Equal(t, []uint64{2}, b.reports(9*hour, 4*time.Hour))
	require.Equal(t, simtime.Never, b.l.nextDelay(b.s, 4*time.Hour))

	b.s.Hot[b.accept(10*hour)].Message = 2 // it comes back in a loop
	require.Equal(t, []uint64{2}, b.reports(14*hour, 4*time.Hour))
	require.Equal(t, 6, b.held())
}

// TestQ8_2_OneInTransmissionGoesOn: it is passed over at its end, and does not hold up the others.
func TestQ8_2_OneInTransmissionGoesOn(t *testing.T) {
	t.Parallel()
	b := newDueBench()
	sending, waiting, young := b.accept(0), b.accept(1), b.accept(2)
	wait := 48 * time.Hour
	require.Zero(t, b.l.takeExpiry(b.s, 48*hour-1, wait))
	require.Equal(t, sending, b.l.takeExpiry(b.s, 48*hour+1, wait))
	require.Equal(t, waiting, b.l.takeExpiry(b.s, 48*hour+1, wait))
	b.leave(waiting)
	require.Zero(t, b.l.takeExpiry(b.s, 48*hour+1, wait))
	require.Equal(t, 48*hour+2, b.l.nextExpiry(b.s, wait))
	require.Equal(t, 2, b.held())
	require.True(t, Timeouts{Expiry: wait}.Expired(b.s.Hot[sending].Accepted, 48*hour+1), "back in its queue")
	require.False(t, Timeouts{Expiry: wait}.Expired(b.s.Hot[young].Accepted, 48*hour+1))
	b.leave(sending)
	b.leave(young)
	require.Equal(t, simtime.Never, b.l.nextExpiry(b.s, wait))
	require.Zero(t, b.l.tail)
}

// held is a copy on the naive server.
type heldCopy struct {
	m                MsgID
	message          uint64
	accepted         simtime.Time
	reported, looked bool
}

// TestQD7_DueAgainstALookAtEveryCopy: the cursors say what looking at every copy at every instant says.
func TestQD7_DueAgainstALookAtEveryCopy(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		delay := time.Duration(rapid.IntRange(1, 20).Draw(t, "delay"))
		expiry := time.Duration(rapid.IntRange(1, 40).Draw(t, "expiry"))
		b := newDueBench()
		var held []heldCopy
		now := simtime.Time(0)
		pick := func() int { return rapid.IntRange(0, len(held)-1).Draw(t, "copy") }
		drop := func(i int) {
			b.leave(held[i].m)
			held = append(held[:i], held[i+1:]...)
		}
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			switch op := rapid.IntRange(0, 4).Draw(t, "op"); {
			case op == 0 || len(held) == 0:
				m := b.accept(now)
				held = append(held, heldCopy{m: m, message: b.count, accepted: now})
			case op == 1:
				i := pick()
				c := held[i]
				c.m = b.split(c.m)
				held = append(held, c)
			case op == 2:
				drop(pick())
			default:
				now += simtime.Time(rapid.IntRange(0, 6).Draw(t, "wait"))
			}
			// Reports: every message with a copy that is late and not reported, oldest first.
			var want []uint64
			next := simtime.Never
			for at := simtime.Time(0); at <= now; at++ {
				for message := uint64(1); message <= b.count; message++ {
					due := false
					for i := range held {
						if c := &held[i]; c.message == message && c.accepted == at && !c.reported {
							if c.accepted.Add(delay) <= now {
								c.reported, due = true, true
							} else {
								next = min(next, c.accepted.Add(delay))
							}
						}
					}
					if due {
						want = append(want, message)
					}
				}
			}
			require.Equal(t, want, b.reports(now, delay))
			require.Equal(t, next, b.l.nextDelay(b.s, delay))
			// Expiry: every copy, once.
			var ended, wantEnded []MsgID
			next = simtime.Never
			for i := range held {
				if c := &held[i]; !c.looked && c.accepted.Add(expiry) <= now {
					c.looked = true
					wantEnded = append(wantEnded, c.m)
				} else if !c.looked {
					next = min(next, c.accepted.Add(expiry))
				}
			}
			for m := b.l.takeExpiry(b.s, now, expiry); m != 0; m = b.l.takeExpiry(b.s, now, expiry) {
				ended = append(ended, m)
			}
			require.ElementsMatch(t, wantEnded, ended)
			require.Equal(t, next, b.l.nextExpiry(b.s, expiry))
			require.Equal(t, len(held), b.held())
			for _, m := range ended { // some are in transmission and go on
				if rapid.Bool().Draw(t, "sending") {
					continue
				}
				for i := range held {
					if held[i].m == m {
						drop(i)
						break
					}
				}
			}
			last := simtime.Never
			for m := b.l.tail; m != 0; m = b.s.links[m].before {
				require.LessOrEqual(t, b.s.Hot[m].Accepted, last)
				last = b.s.Hot[m].Accepted
			}
		}
	})
}

// TestQ8_1_DueAllocatesNothing: a copy that comes and goes costs no allocation.
func TestQ8_1_DueAllocatesNothing(t *testing.T) { // not parallel: it counts allocations
	b := newDueBench()
	now := simtime.Time(0)
	var last [4]MsgID
	cycle := func() {
		now += hour
		copy(last[:], last[1:])
		last[3] = b.accept(now)
		b.l.takeDelay(b.s, now, time.Hour)
		if last[0] != 0 {
			b.leave(last[0])
		}
	}
	for range 10 {
		cycle()
	}
	require.Zero(t, testing.AllocsPerRun(1000, cycle))
}

// BenchmarkDue is a copy that joins and leaves among a million others.
func BenchmarkDue(b *testing.B) {
	x := newDueBench()
	ids := make([]MsgID, 1<<20)
	for i := range ids {
		ids[i] = x.accept(simtime.Time(i))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		j := (i * 7919) & (1<<20 - 1)
		x.l.remove(x.s.links, ids[j])
		if x.l.push(x.s.links, ids[j]); x.l.idle() {
			x.l.begin(ids[j])
		}
	}
}

package sim

import (
	"fmt"
	"time"

	"mailsim/sim/fault"
	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// throttle is an outside system with limits for each source address (F15). It counts all the time, and acts on it while a fault is in force.
type throttle struct {
	watcher
	limits    *fault.Throttle
	together  []bool    // by server: behind the one address of shared_by; nil: none
	addresses []address // that of shared_by first, then those of the organisation
	lots      uint64    // by which the messages that are put off are drawn
}

// address is one source, as a throttle sees it.
type address struct {
	open     int32        // connections
	volume   volume       // messages that were taken
	doubtful simtime.Time // until when it is not trusted
}

func (t *throttle) address(r *run, h *host) *address {
	if t.together != nil && t.together[h.id] {
		return &t.addresses[0]
	}
	return &t.addresses[1+r.sources[h.id]]
}

// full tells whether a throttle refuses a further connection.
func (r *run) full(h *host, k *session) bool {
	for i := range r.throttles {
		t := &r.throttles[i]
		if t.on > 0 && int(t.address(r, h).open) >= t.limits.MaxConnections && r.watches(&t.watcher, k) {
			return true
		}
	}
	return false
}

// countOutside counts a connection to an outside system that is taken, or that ends.
func (r *run) countOutside(h *host, k *session, by int32) {
	r.remotes[k.target.ID].open[r.sources[h.id]] += by
	for i := range r.throttles {
		if t := &r.throttles[i]; r.watches(&t.watcher, k) {
			t.address(r, h).open += by
		}
	}
}

// mostOn is how many messages an outside system takes on a connection; 0 = any number.
func (r *run) mostOn(k *session) int {
	most := r.remotes[k.target.ID].spec.MaxMessagesPerConnection
	for i := range r.throttles {
		if t := &r.throttles[i]; t.on > 0 && (most == 0 || t.limits.MaxMessages < most) && r.watches(&t.watcher, k) {
			most = t.limits.MaxMessages
		}
	}
	return most
}

// surges tells whether a message is put off because its source sends much more than it used to. Of two throttles both count it, as it is offered to both.
func (r *run) surges(h *host, k *session, m transport.MsgID) bool {
	put := false
	for i := range r.throttles {
		t := &r.throttles[i]
		if !r.watches(&t.watcher, k) {
			continue
		}
		a := t.address(r, h)
		hour, day := a.volume.at(r.now)
		if t.on > 0 {
			if r.now >= a.doubtful && t.sudden(r.now, hour+1, day+1) {
				a.doubtful = r.now.Add(t.limits.Penalty)
				r.rec.doubted(r, h, t, a.doubtful)
			}
			if r.now < a.doubtful && lot(t.lots, r.store.Hot[m].Message, uint64(r.now)) < t.limits.DeferFraction {
				put = true
				continue
			}
		}
		a.volume.add()
	}
	return put
}

// sudden tells whether so many messages in an hour are too many, with those of a day. In a run that is younger than a day the mean is that of its hours so far, so nothing
// is sudden before it is older than SurgeFactor hours. What fits on one connection is not sudden: it would be the first message after a quiet day.
func (t *throttle) sudden(now simtime.Time, hour, day int64) bool {
	hours := min(24, time.Duration(now).Hours())
	return hour > int64(t.limits.MaxMessages) && float64(float64(hour)*hours) > float64(t.limits.SurgeFactor*float64(day))
}

// doubted tells that an outside system begins to put off mail of a source.
func (c *recorder) doubted(r *run, h *host, t *throttle, until simtime.Time) {
	name := r.outsideName(t.outside)
	c.send(r, result.Event{
		Time: r.now, Server: r.org.Servers[h.id].Name, Kind: "remote.penalty",
		Text: fmt.Sprintf("%s is sent much more than usual and puts off some of the messages until %s", name, until),
		Fields: []result.Field{
			{Key: "remote", Value: name}, {Key: "fraction", Value: t.limits.DeferFraction}, {Key: "until", Value: until.String()},
		},
	})
}

// volume counts messages of the last hour and of the last day, by whole minutes: the present one counts, with the 59 and the 1439 before it.
type volume struct {
	minutes   []int32 // a ring; nil: none has come
	minute    int64   // the present one, since t0
	hour, day int64
}

const dayMinutes = 24 * 60

// at brings the counts up to an instant, which is not before the last one.
func (v *volume) at(now simtime.Time) (hour, day int64) {
	minute := int64(now) / int64(time.Minute)
	if v.day == 0 || minute-v.minute >= dayMinutes {
		clear(v.minutes)
		v.minute, v.hour, v.day = minute, 0, 0
		return 0, 0
	}
	for v.minute < minute {
		v.minute++
		v.hour -= int64(v.minutes[(v.minute+dayMinutes-60)%dayMinutes])
		gone := &v.minutes[v.minute%dayMinutes]
		v.day -= int64(*gone)
		*gone = 0
	}
	return v.hour, v.day
}

// add counts a message at the instant that at was asked for.
func (v *volume) add() {
	if v.minutes == nil {
		v.minutes = make([]int32, dayMinutes)
	}
	v.minutes[v.minute%dayMinutes]++
	v.hour++
	v.day++
}

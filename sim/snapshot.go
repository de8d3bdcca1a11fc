package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// rateWindow is what the rates of a queue are averaged over.
const rateWindow = time.Minute

// messagesMax is the most messages that a snapshot lists of one server: what is left out is told, never dropped in silence.
const messagesMax = 100_000

// mark is how far the counts of all servers were a minute before a snapshot, by server. Rates are the difference, so no message is
// counted twice and none pays for a snapshot.
type mark []tally

// tally is what has gone through the queues of one server, and what was in them.
type tally struct {
	queues                          []count // by queue; one that is missing was not there yet
	submission, unreachable, poison count
	shadows                         []count // by shadow queue; one that is missing was not there yet
}

// count is what a queue has passed on since t0, and what is in it.
type count struct{ gone, length int64 }

// planSnapshots checks the instants of Config.Snapshots and puts them, and the beginnings of their minutes, into the calendar.
func (r *run) planSnapshots() error {
	times := r.cfg.Snapshots
	if len(times) == 0 {
		return nil
	}
	if _, ok := r.sink.(result.SnapshotSink); !ok {
		return errors.New("the run is to take snapshots, but its sink takes none")
	}
	if !slices.IsSorted(times) || times[0] < 0 || times[len(times)-1] > r.end {
		return fmt.Errorf("snapshots at %v; give instants from 0s to %s, in order", times, r.end)
	}
	r.marks = make([]mark, len(times))
	r.digests = make([]digest, len(times))
	for i, t := range times {
		if begin := t - simtime.Time(rateWindow); begin > 0 { // before the start nothing had moved
			r.at(begin, transport.PhaseSampling, -1, evSnapshot, 0, uint32(snapshotSteps*i)+markMinute)
		}
		r.at(t, transport.PhaseSampling, -1, evSnapshot, 0, uint32(snapshotSteps*i)+takeSnapshot)
		r.planDigest(i, t)
	}
	return nil
}

// The steps of a snapshot: its own, and those of the digest that belongs to it (digest.go).
const (
	markMinute uint32 = iota
	takeSnapshot
	markDigest
	takeDigest
	snapshotSteps = 4
)

// snapshotEvent begins the minute of a snapshot, or takes it. It reads and changes nothing.
func (r *run) snapshotEvent(id uint32) {
	i := id / snapshotSteps
	switch id % snapshotSteps {
	case markMinute:
		r.marks[i] = r.tallies()
		return
	case markDigest:
		r.digests[i].before = r.tallies()
		return
	case takeDigest:
		r.takeDigest(&r.digests[i])
		return
	}
	s := r.snapshot(r.marks[i])
	s.Digest, s.DigestAt = r.digests[i].groups, r.digests[i].at
	r.marks[i], r.digests[i] = nil, digest{}
	if err := r.sink.(result.SnapshotSink).Snapshot(s); err != nil && r.rec.err == nil {
		r.rec.err = err
	}
}

func (r *run) tallies() mark {
	m := make(mark, len(r.hosts))
	for s := range r.hosts {
		h := r.hosts[s].hub
		if p := r.hosts[s].post; p != nil {
			m[s] = p.tally()
		}
		if h == nil {
			continue
		}
		m[s] = submissionTally(h)
		for i := range h.Queues() {
			m[s].queues = append(m[s].queues, count{h.QueueStats(i).Sent, h.QueueStats(i).Length.Value()})
		}
		r.eachShadowQueue(int32(s), func(_ int, x *holding) { m[s].shadows = append(m[s].shadows, x.count()) })
	}
	return m
}

// submissionTally has the queues that every server keeps. What the submission queue took in is known, what it passed on follows from its
// length.
func submissionTally(h *transport.Hub) tally {
	st := h.Stats()
	return tally{
		submission:  count{st.Accepted - st.Submission.Value(), st.Submission.Value()},
		unreachable: count{0, st.Unreachable.Value()},
		poison:      count{0, st.Poison.Value()},
	}
}

// since returns the rates over the minute from a count to another: messages a second that came, and that went. What left a queue by
// another way than its next hop (resubmitted, expired) shows as what went, as far as the length tells.
func (c count) since(before count) (incoming, outgoing float64) {
	went := c.gone - before.gone
	came := went + c.length - before.length
	if went < 0 {
		went, came = 0, came-went
	}
	if came < 0 {
		went, came = went-came, 0
	}
	return float64(came) / rateWindow.Seconds(), float64(went) / rateWindow.Seconds()
}

// snapshot lists the queues and messages of all servers that answer.
func (r *run) snapshot(before mark) result.Snapshot {
	s := result.Snapshot{Time: r.now, Start: r.cfg.Start}
	for i := range r.org.Connectors {
		name := r.org.Connectors[i].Name
		s.Connectors = append(s.Connectors, result.Connector{Name: name, GUID: guid("connector", name)})
	}
	work := r.atWork()
	for i := range r.hosts {
		h := &r.hosts[i]
		switch {
		case h.post != nil:
			r.listPost(&s, int32(i), before)
			continue
		case h.hub == nil, h.down && r.dir.View(h.id).Servers[i].Absent: // no transport server, or none yet
			continue
		case h.down:
			s.Notes = append(s.Notes, fmt.Sprintf("%s: the transport service does not run, so its queues cannot be listed.", r.org.Servers[i].Name))
			continue
		}
		var t tally
		if before != nil {
			t = before[i]
		}
		v := viewer{r: r, s: int32(i), hub: h.hub, out: &s, name: r.org.Servers[i].Name, columns: columnsOf(r.org.Servers[i].Version)}
		s.Columns = max(s.Columns, v.columns)
		v.list(t, work)
		if v.omitted > 0 {
			s.Notes = append(s.Notes, fmt.Sprintf("%s: %d more messages; the first %d are listed.", v.name, v.omitted, messagesMax))
		}
	}
	return s
}

// columnsOf tells which columns the shell of a version has.
func columnsOf(v topology.Version) result.Generation {
	switch {
	case v.New():
		return result.Columns2013
	case v >= topology.V2010RTM:
		return result.Columns2010
	}
	return result.Columns2007
}

// atWork finds the copies in the categorisers of all servers: by a look at every copy, as nobody keeps a list.
func (r *run) atWork() []transport.MsgID {
	var work []transport.MsgID
	for m := range r.store.Hot {
		if m := transport.MsgID(m); r.store.InCategoriser(m) {
			work = append(work, m)
		}
	}
	return work
}

// guid makes up the GUID of something that has a name: the same for the same name, in every run and scenario (RFC 9562, version 8).
func guid(kind, name string) string {
	sum := sha256.Sum256([]byte("mailsim " + kind + " " + name))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// noGUID is the NextHopConnector of queues that lead nowhere.
const noGUID = "00000000-0000-0000-0000-000000000000"

// nextHopGUID is the NextHopConnector of a delivery queue: that of its connector, else one of its next hop.
func (r *run) nextHopGUID(k *route.Key) string {
	if k.Connector >= 0 {
		return guid("connector", r.org.Connectors[k.Connector].Name)
	}
	return guid("next hop", k.Domain)
}

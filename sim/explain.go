package sim

import (
	"context"
	"fmt"
	"sort"
	"time"

	"mailsim/sim/directory"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Beliefs is what everybody holds to be true at one instant of a replication, and what of it is not so.
type Beliefs struct {
	State *State // machines, networks, faults and remedies, as they are

	Newest      int            // version of the newest configuration; perhaps nobody has all of it yet
	Servers     []ServerBelief // those that are part of the organisation, in order of declaration
	Controllers []DCBelief     // in order of declaration
	Refusals    []Refusal      // pairs of hubs that would fail to authenticate just now, ordered by From and To
}

// ServerBelief is the knowledge of one server.
type ServerBelief struct {
	Server topology.ServerID
	Clock  ClockBelief
	DC     topology.DCID     // that it reads the configuration from; None in an ideal directory, and of an Edge that EdgeSync feeds
	Meant  topology.DCID     // that it would read from if nothing had failed; None where DC is
	Silent bool              // DC does not answer it
	Hub    topology.ServerID // whose view EdgeSync brings it; None of every other server
	// Version numbers the configurations that somebody has held: 0 is that of the start. The same number is the same view.
	Version int
	Lacks   []Missing // what differs from the newest one, ordered by kind of setting and object
}

// DCBelief is what one domain controller holds.
type DCBelief struct {
	DC        topology.DCID
	Condition directory.Condition
	Clock     ClockBelief
	Version   int // as of a server
	Lacks     []Missing
}

// ClockBelief is a host's clock.
type ClockBelief struct {
	Offset time.Duration // local time minus true time; + = fast
	Since  simtime.Time  // when it came to be wrong by so much; 0 of a clock that was never touched
	Right  simtime.Time  // when it will show true time again; the instant itself when it does; Never = not by what is to come
}

// Missing is a setting of the newest configuration that somebody does not know yet.
type Missing struct {
	Text    string       // the newest value, in words
	Arrives simtime.Time // when another value than now is seen; Never = it will not be
}

// Refusal is a directed pair of hubs of two sites whose next session fails to authenticate.
type Refusal struct {
	From, To topology.ServerID
	Cause    directory.Auth
	Spread   time.Duration // between the clocks that it depends on
	Since    simtime.Time  // of a latch: the session that failed first; Never otherwise
}

// Explain runs replication rep of cfg, mail and all, up to and including at, and says what everybody believes then. Mail matters, as only
// sessions that fail leave latches behind (S1-9). What is still to come, Missing.Arrives and ClockBelief.Right, is what the rest of the
// replication brings, with its faults and remedies but without its mail, for which a server may turn to another domain controller sooner
// than by itself; with its mail where that has done so before at; past its end, what follows when nothing else happens. It returns an error when at
// is not between 0 and the end of the run.
func Explain(ctx context.Context, cfg *Config, rep int, at simtime.Time) (*Beliefs, error) {
	if at < 0 || at > simtime.Time(cfg.Duration) {
		return nil, fmt.Errorf("the instant %s is not between 0s and the end of the run, %s", at, cfg.Duration)
	}
	unwatched := *cfg
	unwatched.Snapshots = nil
	unwatched.Output = Output{SampleInterval: max(cfg.Duration, 1)} // no samples but at the ends
	r, err := newRun(&unwatched, rep, nowhere{})
	if err != nil {
		return nil, err
	}
	if err := r.loopUntil(ctx, at); err != nil {
		return nil, err
	}
	b := &Beliefs{State: &State{r}, Newest: r.dir.NewestVersion()}
	var open []wait
	for i := range r.org.Servers {
		s := topology.ServerID(i)
		if !r.dir.Present(s) {
			continue
		}
		x := ServerBelief{Server: s, DC: r.dir.DC(s), Meant: r.dir.MeantDC(s), Silent: !r.dir.Answered(s), Hub: topology.None, Clock: clockOf(r, directory.Host{Server: s, DC: topology.None})}
		if hub, fed := r.dir.Feeder(s); fed {
			x.DC, x.Meant, x.Hub = topology.None, topology.None, hub
		}
		x.Version, x.Lacks = r.dir.ServerVersion(s), missing(r.dir.ServerLacks(s))
		b.Servers = append(b.Servers, x)
	}
	for i := range r.org.DCs {
		dc := topology.DCID(i)
		b.Controllers = append(b.Controllers, DCBelief{
			DC: dc, Condition: r.dir.Condition(dc), Clock: clockOf(r, directory.Host{Server: topology.None, DC: dc}), Version: r.dir.ControllerVersion(dc), Lacks: missing(r.dir.ControllerLacks(dc)),
		})
	}
	for i := range b.Servers {
		open = b.Servers[i].waits(r.dir, open)
	}
	for i := range b.Controllers {
		open = b.Controllers[i].waits(r.dir, open)
	}
	b.refusals(r.dir, at)
	if len(open) > 0 {
		return b, foresee(ctx, r, &unwatched, rep, open)
	}
	return b, nil
}

// clockOf is a host's clock now.
func clockOf(r *run, h directory.Host) ClockBelief {
	c := ClockBelief{Offset: r.dir.Offset(r.now, h), Right: r.now}
	if steps := r.dir.ClockSteps(h); len(steps) > 0 {
		c.Since = steps[len(steps)-1].At
	}
	if c.Offset != 0 {
		c.Right = simtime.Never
	}
	return c
}

func missing(lacks []directory.Lack) []Missing {
	var out []Missing
	for _, l := range lacks {
		out = append(out, Missing{Text: l.Text, Arrives: simtime.Never})
	}
	return out
}

// refusals asks every pair of hubs that are part of the organisation.
func (b *Beliefs) refusals(dir *directory.Directory, at simtime.Time) {
	latches := dir.Latches()
	for i := range b.Servers {
		for j := range b.Servers {
			from, to := b.Servers[i].Server, b.Servers[j].Server
			if from == to {
				continue
			}
			auth, spread := dir.WouldAuthenticate(at, from, to)
			if auth.OK() {
				continue
			}
			x := Refusal{From: from, To: to, Cause: auth, Spread: spread, Since: simtime.Never}
			for _, l := range latches {
				if l.From == from && l.To == to {
					x.Since = l.Since
				}
			}
			b.Refusals = append(b.Refusals, x)
		}
	}
}

// wait is something that is still to come: over tells when it has, at is where its instant is noted.
type wait struct {
	over  func(simtime.Time, *directory.Directory) bool
	at    *simtime.Time
	alone bool // it may be over without that anything happens: a clock is slewed
}

// waits adds what a server waits for.
func (x *ServerBelief) waits(dir *directory.Directory, open []wait) []wait {
	s := x.Server
	open = x.Clock.waits(directory.Host{Server: s, DC: topology.None}, open)
	for i, l := range dir.ServerLacks(s) {
		was, uniform := dir.ServerValue(s, l.Attribute)
		open = append(open, wait{at: &x.Lacks[i].Arrives, over: func(_ simtime.Time, d *directory.Directory) bool {
			is, now := d.ServerValue(s, l.Attribute)
			return is != was || now != uniform
		}})
	}
	return open
}

// waits adds what a domain controller waits for.
func (x *DCBelief) waits(dir *directory.Directory, open []wait) []wait {
	dc := x.DC
	open = x.Clock.waits(directory.Host{Server: topology.None, DC: dc}, open)
	for i, l := range dir.ControllerLacks(dc) {
		was, uniform := dir.ControllerValue(dc, l.Attribute)
		open = append(open, wait{at: &x.Lacks[i].Arrives, over: func(_ simtime.Time, d *directory.Directory) bool {
			is, now := d.ControllerValue(dc, l.Attribute)
			return is != was || now != uniform
		}})
	}
	return open
}

func (c *ClockBelief) waits(h directory.Host, open []wait) []wait {
	if c.Offset == 0 {
		return open
	}
	return append(open, wait{at: &c.Right, alone: true, over: func(now simtime.Time, d *directory.Directory) bool { return d.Offset(now, h) == 0 }})
}

// replay runs a replication up to and including an instant.
func replay(ctx context.Context, cfg *Config, rep int, at simtime.Time) (*run, error) {
	r, err := newRun(cfg, rep, nowhere{})
	if err != nil {
		return nil, err
	}
	return r, r.loopUntil(ctx, at)
}

// sameDirectory tells whether servers read the same domain controllers in two runs at one instant, see the same, and have the same time.
func sameDirectory(a, b *run) bool {
	same := func(h directory.Host) bool { return a.dir.Offset(a.now, h) == b.dir.Offset(b.now, h) }
	for i := range a.org.Servers {
		s := topology.ServerID(i)
		if a.dir.DC(s) != b.dir.DC(s) || a.dir.ServerVersion(s) != b.dir.ServerVersion(s) || !same(directory.Host{Server: s, DC: topology.None}) {
			return false
		}
	}
	for i := range a.org.DCs {
		if dc := topology.DCID(i); a.dir.ControllerVersion(dc) != b.dir.ControllerVersion(dc) || !same(directory.Host{Server: topology.None, DC: dc}) {
			return false
		}
	}
	return true
}

// horizon is how far past the end of a run the directory is followed: several times the longest interval of replication, a week.
const horizon = 60 * 24 * time.Hour

// foresee notes when what is awaited comes, of a run that stands at an instant. It follows the same replication without its mail, which the directory
// depends on only where a message makes a server look for a domain controller that answers; where one has, with its mail; and past the end of the
// run the directory alone.
func foresee(ctx context.Context, was *run, cfg *Config, rep int, open []wait) error {
	at := was.now
	still := *cfg
	still.Loads, still.Warmup = nil, 0
	r, err := replay(ctx, &still, rep, at)
	if err == nil && !sameDirectory(was, r) {
		r, err = replay(ctx, cfg, rep, at)
	}
	if err != nil {
		return err
	}
	since := at
	check := func(now simtime.Time) {
		left := open[:0]
		for _, w := range open {
			if w.over(now, r.dir) {
				*w.at = now
			} else {
				left = append(left, w)
			}
		}
		open, since = left, now
	}
	// alone looks at what comes by itself between two events.
	alone := func(until simtime.Time) {
		left := open[:0]
		for _, w := range open {
			if w.alone && until > since && w.over(until, r.dir) {
				*w.at = since + 1 + simtime.Time(sort.Search(int(until-since-1), func(i int) bool { return w.over(since+1+simtime.Time(i), r.dir) }))
			} else {
				left = append(left, w)
			}
		}
		open = left
	}
	end := simtime.Time(cfg.Duration)
	for ev, ok := r.cal.Peek(); ok && ev.At <= end && len(open) > 0; ev, ok = r.cal.Peek() {
		alone(ev.At - 1)
		if err := r.loopUntil(ctx, ev.At); err != nil {
			return err
		}
		check(ev.At)
	}
	last := end.Add(horizon)
	for now := r.dir.Next(); now <= last && len(open) > 0; now = r.dir.Next() {
		alone(now - 1)
		r.views = r.dir.Advance(now, r.views[:0])
		check(now)
	}
	return nil
}

package epost_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/epost"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// desk is one E-Post server and the world around it: what it dials, sends and gives back is written down.
type desk struct {
	t     require.TestingT
	store *transport.Store
	book  *route.Book
	core  *epost.Server
	now   simtime.Time
	acts  []transport.Action
	left  []transport.MsgID
	gave  []transport.Code
	lost  int
	in    int32 // recipients submitted, and reports
	out   int32 // recipients delivered, given back and lost
	open  map[transport.ConnID]bool
	sends []transport.ConnID // messages in transmission
	dials []transport.ConnID // dials under way
	last  uint64
}

func newDesk(t require.TestingT, edit func(*epost.Config)) *desk {
	b := topology.NewBuilder(topology.V2010)
	x := b.Site(topology.Site{Name: "X"})
	id := b.Server(topology.Server{Name: "ep1", Site: x, Roles: topology.RoleEPost, Domains: []string{"ep1.example", "too.example"}, DC: topology.None})
	b.Remote(topology.Remote{Name: "second", MX: []topology.MX{{Domain: "two.example", Preference: 20}}})
	b.Remote(topology.Remote{Name: "first", MX: []topology.MX{{Domain: "two.example", Preference: 10}}})
	b.Remote(topology.Remote{Name: "internet"})
	org, err := b.Build()
	require.NoError(t, err)
	d := &desk{t: t, store: transport.NewStore(), book: route.NewBook(), open: map[transport.ConnID]bool{}}
	cfg := epost.Config{ID: id, Profile: epost.DefaultProfile(), Org: org, Store: d.store, Book: d.book, SmartHost: topology.None}
	if edit != nil {
		edit(&cfg)
	}
	d.core, err = epost.New(cfg)
	require.NoError(t, err)
	return d
}

// submit writes a message into incoming, for one recipient at each domain.
func (d *desk) submit(domains ...string) transport.MsgID {
	var to []transport.Recipients
	for _, domain := range domains {
		to = append(to, transport.Recipients{Dest: d.book.Dest(route.Destination{Kind: route.External, Domain: domain}), Count: 1})
	}
	slices.SortFunc(to, func(a, b transport.Recipients) int { return int(a.Dest) - int(b.Dest) })
	d.last++
	d.in += int32(len(domains))
	m := d.store.New(transport.Copy{Message: d.last, Created: d.now, Size: 1000, Set: d.store.NewSet(to)}, transport.Tail{Sender: topology.None})
	d.step(transport.Input{Kind: transport.Submitted, Msg: m})
	return m
}

// step tells the core something and does what it says, up to where the world takes time.
func (d *desk) step(in transport.Input) {
	d.acts = d.core.Step(d.now, in, d.acts[:0])
	d.perform()
	d.settle()
}

func (d *desk) settle() {
	for d.core.Due() {
		d.acts, _ = d.core.Settle(d.now, d.acts[:0])
		d.perform()
	}
	require.NoError(d.t, d.core.Check())
}

func (d *desk) perform() {
	for _, a := range d.acts {
		switch a.Kind {
		case transport.Dial:
			d.open[a.Conn] = true
			d.dials = append(d.dials, a.Conn)
		case transport.Send:
			require.True(d.t, d.open[a.Conn])
			require.Equal(d.t, d.core.Sending(a.Conn), a.Msg)
			d.sends = append(d.sends, a.Conn)
		case transport.Close:
			require.True(d.t, d.open[a.Conn], "closed twice")
			delete(d.open, a.Conn)
			gone := func(c transport.ConnID) bool { return c == a.Conn }
			d.sends, d.dials = slices.DeleteFunc(d.sends, gone), slices.DeleteFunc(d.dials, gone)
		case transport.Created:
			d.in++
		case transport.Left:
			d.out += d.store.Recipients(a.Msg)
			d.left = append(d.left, a.Msg)
			d.store.Free(a.Msg)
		case transport.Bounced:
			d.gave = append(d.gave, a.Code)
			d.out += d.store.Recipients(a.Msg)
			d.store.Free(a.Msg)
		case transport.Lost:
			d.lost++
			d.out += d.store.Recipients(a.Msg)
			d.store.Free(a.Msg)
		}
	}
}

// dialed ends the oldest dial, replied the oldest transmission.
func (d *desk) dialed(c transport.Code) {
	conn := d.dials[0]
	d.dials = d.dials[1:]
	d.step(transport.Input{Kind: transport.Dialed, Conn: conn, Code: c})
}

func (d *desk) replied(c transport.Code) {
	conn := d.sends[0]
	d.sends = d.sends[1:]
	d.step(transport.Input{Kind: transport.Replied, Conn: conn, Code: c})
}

// until lets time pass and every attempt fail in no time; it returns the instants of the attempts at each message, in the order of first
// attempts.
func (d *desk) until(end time.Duration, why transport.Code) (attempts [][]time.Duration) {
	at := map[uint64]int{}
	for {
		for len(d.dials) > 0 {
			message := d.store.Hot[d.core.Sending(d.dials[0])].Message
			if _, known := at[message]; !known {
				at[message] = len(attempts)
				attempts = append(attempts, nil)
			}
			attempts[at[message]] = append(attempts[at[message]], time.Duration(d.now))
			if why == transport.Deferred4xx || why == transport.NoRecipient {
				d.dialed(transport.OK)
				d.replied(why)
			} else {
				d.dialed(why)
			}
		}
		t, phase := d.core.Deadline()
		require.Equal(d.t, transport.PhaseRetries, phase)
		if t > simtime.Time(end) {
			return attempts
		}
		d.now = t
		d.step(transport.Input{Kind: transport.Timer})
	}
}

func minutes(n ...int) (out []time.Duration) {
	for _, m := range n {
		out = append(out, time.Duration(m)*time.Minute)
	}
	return out
}

// EP-2, FD-23: 2, 6, 12, 30 and 60 minutes after the first failure, then every hour. EP-3: given back by what went wrong.
func TestEP2_Ladder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		why  transport.Code
		edit func(*epost.Config)
		want []time.Duration
	}{
		{"EP-3 9 attempts at 5xx", transport.NoRecipient, nil, minutes(0, 2, 6, 12, 30, 60, 120, 180, 240)},
		{"EP-3 8 h of 4xx", transport.Deferred4xx, nil, minutes(0, 2, 6, 12, 30, 60, 120, 180, 240, 300, 360, 420, 480)},
		{"EP-3 421 at the banner", transport.Refused, nil, minutes(0, 2, 6, 12, 30, 60, 120, 180, 240, 300, 360, 420, 480)},
		{"EP-3 24 h without an answer", transport.Unreachable, nil, append(minutes(0, 2, 6, 12, 30), hours(1, 24)...)},
		{"EP-3 nobody listens", transport.Reset, nil, append(minutes(0, 2, 6, 12, 30), hours(1, 24)...)},
		{"EP-2 kept interval", transport.NoRecipient, func(c *epost.Config) { c.Profile.KeepInterval = true }, minutes(0, 2, 4, 6, 8, 10, 12, 14, 16)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, c.edit)
			d.submit("one.example")
			got := d.until(30*time.Hour, c.why)
			require.Equal(t, c.want, got[0])
			require.Len(t, got, 2, "the message, and the report on it")
			require.NotEmpty(t, d.gave)
			if d.gave[0] == transport.NoRecipient {
				require.Zero(t, d.store.Live(), "the report was given back, too, and a report causes none")
			}
			if c.why == transport.NoRecipient {
				require.Equal(t, transport.NoRecipient, d.gave[0])
			} else {
				require.Equal(t, transport.Expired, d.gave[0])
			}
		})
	}
	p := epost.DefaultProfile()
	require.NoError(t, p.Check())
	for _, edit := range []func(*epost.Profile){
		func(p *epost.Profile) { p.Threads = 0 }, func(p *epost.Profile) { p.Ladder = minutes(2, 2) }, func(p *epost.Profile) { p.Ladder = minutes(0) },
		func(p *epost.Profile) { p.Tick = 0 }, func(p *epost.Profile) { p.PermanentTries = 0 },
	} {
		p := epost.DefaultProfile()
		edit(&p)
		require.Error(t, p.Check())
	}
}

func hours(from, to int) (out []time.Duration) {
	for h := from; h <= to; h++ {
		out = append(out, time.Duration(h)*time.Hour)
	}
	return out
}

// EP-2: each message has a ladder of its own; of many each is tried when it is due.
func TestEP2_ManyLadders(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t, func(c *epost.Config) { c.Profile.Threads = 1000 })
		var want [][]time.Duration
		for range rapid.IntRange(1, 30).Draw(t, "messages") {
			next := d.now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "after")) * time.Second)
			d.until(time.Duration(next), transport.Unreachable)
			d.now = next
			d.submit("one.example")
			start := time.Duration(d.now)
			want = append(want, nil)
			for _, m := range minutes(0, 2, 6, 12, 30, 60) {
				want[len(want)-1] = append(want[len(want)-1], start+m)
			}
		}
		begun := time.Duration(d.now)
		got := map[time.Duration]int{}
		for _, list := range d.until(begun+30*time.Minute, transport.Unreachable) {
			for _, at := range list {
				got[at]++
			}
		}
		expected := map[time.Duration]int{}
		for _, list := range want {
			for _, at := range list {
				if at > begun && at <= begun+30*time.Minute {
					expected[at]++
				}
			}
		}
		delete(got, begun) // what was due at the last submission itself
		require.Equal(t, expected, got)
	})
}

// EP-1: as many messages at a time as there are threads, in the order in which they came.
func TestEP1_Threads(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	var all []transport.MsgID
	for range 40 {
		all = append(all, d.submit("one.example"))
	}
	require.Len(t, d.dials, 30)
	require.EqualValues(t, 40, d.core.Stats().Incoming.Value())
	for len(d.dials) > 0 {
		d.dialed(transport.OK)
	}
	require.Len(t, d.sends, 30)
	for len(d.sends) > 0 || len(d.dials) > 0 {
		if len(d.dials) > 0 {
			d.dialed(transport.OK)
			continue
		}
		d.replied(transport.OK)
	}
	require.Equal(t, all, d.left)
	require.Zero(t, d.store.Live())
	require.Empty(t, d.open)
}

// EP-4: where mail goes: into mailboxes here, to whom DNS names in the order of preference, to the outside, to a smart host.
func TestEP4_NextHops(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	d.submit("too.example")
	require.Equal(t, route.Target{Kind: route.TargetStore, ID: 0}, d.core.Target(d.dials[0]))
	d.submit("three.example")
	require.Equal(t, route.Target{Kind: route.TargetRemote, ID: 2}, d.core.Target(d.dials[1]), "the internet")
	d = newDesk(t, nil)
	m := d.submit("two.example")
	require.Equal(t, route.Target{Kind: route.TargetRemote, ID: 1}, d.core.Target(0))
	d.dialed(transport.Unreachable)
	require.Equal(t, route.Target{Kind: route.TargetRemote, ID: 0}, d.core.Target(0), "the next preference, in the same attempt")
	require.Zero(t, d.core.Stats().Holding.Value())
	d.dialed(transport.Reset)
	require.EqualValues(t, 1, d.core.Stats().Holding.Value())
	require.Equal(t, epost.Pair{Msg: m, Tries: 1, Next: simtime.Time(2 * time.Minute)}, d.core.Parked())

	d = newDesk(t, nil)
	d.submit("ep1.example", "one.example", "two.example", "too.example")
	require.Len(t, d.dials, 3, "a message to three places takes three threads: here, the outside, two.example")
	for range 3 {
		d.dialed(transport.OK)
	}
	require.EqualValues(t, 2, d.store.Recipients(d.core.Sending(0)), "both domains here are one place")

	d = newDesk(t, func(c *epost.Config) { c.SmartHost = 0 })
	d.submit("three.example", "ep1.example")
	require.ElementsMatch(t, []route.Target{{Kind: route.TargetRemote, ID: 0}, {Kind: route.TargetStore, ID: 0}}, []route.Target{d.core.Target(0), d.core.Target(1)})

	d = newDesk(t, nil) // for Exchange mailboxes there is nobody here: the name is not found
	set := d.store.NewSet([]transport.Recipients{{Dest: d.book.Dest(route.Destination{Kind: route.Mailbox, Server: 0}), Count: 1}})
	d.step(transport.Input{Kind: transport.Submitted, Msg: d.store.New(transport.Copy{Message: 1, Set: set}, transport.Tail{Sender: 0, Null: true})})
	require.Empty(t, d.dials)
	require.EqualValues(t, 1, d.core.Stats().Holding.Value())
	d.core.SetEntrance([]route.Target{{Kind: route.TargetServer, ID: 7}, {Kind: route.TargetServer, ID: 8}})
	d.step(transport.Input{Kind: transport.RetryQueue})
	require.Equal(t, route.Target{Kind: route.TargetServer, ID: 7}, d.core.Target(0))
	require.EqualValues(t, 1, d.core.Stats().Incoming.Value(), "moved back: a new pair")
}

// EP-1, F8: a stop of EPSTDS loses nothing, and what lay in its hands is taken up first; a lost disk loses all.
func TestEP1_StopAndStart(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(c *epost.Config) { c.Profile.Threads = 2 })
	a, b, c := d.submit("one.example"), d.submit("one.example"), d.submit("one.example")
	d.dialed(transport.OK)
	d.step(transport.Input{Kind: transport.Halt})
	require.True(t, d.core.Halted())
	require.Empty(t, d.open)
	e := d.submit("one.example")
	require.Empty(t, d.dials, "what comes in waits")
	require.EqualValues(t, 4, d.core.Stats().All.Value())
	d.step(transport.Input{Kind: transport.Boot})
	for len(d.dials) > 0 {
		d.dialed(transport.OK)
		d.replied(transport.OK)
	}
	require.Equal(t, []transport.MsgID{a, b, c, e}, d.left)

	d = newDesk(t, nil)
	d.submit("one.example")
	d.dialed(transport.Unreachable)
	d.step(transport.Input{Kind: transport.Halt})
	at, _ := d.core.Deadline()
	require.Equal(t, simtime.Never, at, "what is stopped tries nothing again")
	d.now = simtime.Time(time.Hour)
	d.step(transport.Input{Kind: transport.Boot})
	require.Len(t, d.dials, 1, "the retry was due meanwhile")

	d = newDesk(t, nil)
	d.submit("one.example")
	d.dialed(transport.Unreachable)
	d.submit("one.example")
	d.step(transport.Input{Kind: transport.Halt, Code: transport.QueuesLost})
	require.Equal(t, 2, d.lost)
	require.Zero(t, d.store.Live())
	at, _ = d.core.Deadline()
	require.Equal(t, simtime.Never, at)
}

// Whatever happens, every message is delivered, given back, lost or in the folder, in one copy a recipient; reports are messages, too.
func TestEP1_NothingIsLostUnseen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t, func(c *epost.Config) { c.Profile.Threads = rapid.IntRange(1, 4).Draw(t, "threads") })
		domains := []string{"ep1.example", "one.example", "two.example", "too.example"}
		codes := []transport.Code{transport.OK, transport.OK, transport.Deferred4xx, transport.NoRecipient, transport.OKLast}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0, 1, 2:
				d.submit(domains[:rapid.IntRange(1, len(domains)).Draw(t, "recipients")]...)
			case 3, 4:
				if len(d.dials) > 0 {
					d.dialed(rapid.SampledFrom([]transport.Code{transport.OK, transport.OK, transport.Unreachable, transport.Reset, transport.Refused}).Draw(t, "dial"))
				}
			case 5, 6:
				if len(d.sends) > 0 {
					d.replied(rapid.SampledFrom(codes).Draw(t, "reply"))
				}
			case 7:
				if len(d.sends) > 0 {
					c := d.sends[0]
					d.sends = d.sends[1:]
					delete(d.open, c)
					d.step(transport.Input{Kind: transport.Broken, Conn: c, Code: transport.Dropped})
				}
			case 8:
				d.step(transport.Input{Kind: rapid.SampledFrom([]transport.InputKind{transport.Halt, transport.Boot, transport.RetryQueue}).Draw(t, "power")})
			case 9:
				if at, _ := d.core.Deadline(); at != simtime.Never {
					d.now = max(d.now, at)
					d.step(transport.Input{Kind: transport.Timer})
				}
			}
			held := int32(0)
			d.core.Each(func(p epost.Pair) { held += d.store.Recipients(p.Msg) })
			require.Equal(t, d.in, d.out+held)
		}
		d.step(transport.Input{Kind: transport.Boot})
		for len(d.dials)+len(d.sends) > 0 || d.core.Stats().Holding.Value() > 0 {
			switch {
			case len(d.dials) > 0:
				d.dialed(transport.OK)
			case len(d.sends) > 0:
				d.replied(transport.OK)
			default:
				d.now, _ = d.core.Deadline()
				d.step(transport.Input{Kind: transport.Timer})
			}
		}
		require.Zero(t, d.store.Live())
		require.Equal(t, d.in, d.out)
	})
}

// EP-3: a name that is not found ends an attempt for all targets of the domain, and is tried again for 24 h, even where DNS denies the domain.
func TestEP3_NamesAreNotFound(t *testing.T) {
	t.Parallel()
	for _, why := range []transport.Code{transport.NoName, transport.NoSuchDomain} {
		d := newDesk(t, nil)
		d.submit("two.example") // which has two hosts
		got := d.until(30*time.Hour, why)
		require.Equal(t, append(minutes(0, 2, 6, 12, 30), hours(1, 24)...), got[0], "one query an attempt")
		require.Equal(t, transport.Expired, d.gave[0])
	}
	d := newDesk(t, func(c *epost.Config) { c.SmartHost = 1 })
	d.submit("one.example")
	d.submit("ep1.example")
	for c := range 2 {
		_, asks := d.core.Asks(transport.ConnID(c))
		require.False(t, asks, "smart hosts and the server itself are known")
	}
	d = newDesk(t, nil)
	d.submit("one.example")
	domain, asks := d.core.Asks(0)
	require.True(t, asks)
	require.Equal(t, "one.example", domain)
}

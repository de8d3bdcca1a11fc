package transport_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// player turns bytes into legal inputs of one hub: whatever it does, a world could do.
type player struct {
	*bench
	work  []transport.MsgID
	dials []transport.ConnID
	sends []transport.ConnID
	off   bool
}

func newPlayer(t testing.TB, limits byte) *player {
	p := transport.DefaultProfile(topology.V2010, false)
	for c := range p.Threshold {
		p.Threshold[c] = 1 + int(limits%3)
	}
	p.MaxOutboundConnections = 1 + int(limits/3%5)
	p.MaxPerDomainConnections = 1 + int(limits/15%3)
	p.MaxMessagesPerConnection = int(limits / 45 % 4)
	p.CategoriserWorkers = 2
	x := newBench(t, p)
	x.watch = nil
	return &player{bench: x}
}

// take removes the i-th of a list, which is not empty.
func take[T any](v *[]T, i byte) T {
	k := int(i) % len(*v)
	x := (*v)[k]
	*v = append((*v)[:k], (*v)[k+1:]...)
	return x
}

// drop removes a value from a list, if it is there.
func drop[T comparable](v *[]T, x T) {
	for i := range *v {
		if (*v)[i] == x {
			*v = append((*v)[:i], (*v)[i+1:]...)
			return
		}
	}
}

func (p *player) input(in transport.Input) {
	p.follow(p.hub.Step(p.now, in, nil))
}

func (p *player) follow(acts []transport.Action) {
	for _, a := range acts {
		switch a.Kind {
		case transport.Categorise:
			p.work = append(p.work, a.Msg)
		case transport.Dial:
			p.dials = append(p.dials, a.Conn)
		case transport.Send:
			require.Equal(p.t, a.Msg, p.hub.Sending(a.Conn))
			p.sends = append(p.sends, a.Conn)
		case transport.Close:
			drop(&p.dials, a.Conn)
			drop(&p.sends, a.Conn)
		case transport.Created: // a report of a delay or of an end
			p.arrived[1] += int64(p.store.Recipients(a.Msg))
		case transport.Left, transport.Bounced, transport.Lost:
			p.gone[a.Kind%3] += int64(p.store.Recipients(a.Msg))
			p.store.Free(a.Msg)
		}
	}
	require.NoError(p.t, p.hub.Check())
}

// settle ends the instant.
func (p *player) settle() {
	for rounds := 0; p.hub.Due(); rounds++ {
		require.Less(p.t, rounds, 1000, "the instant does not end")
		acts, _ := p.hub.Settle(p.now, nil)
		p.follow(acts)
	}
}

// advance lets time pass, but not past the hub's deadline.
func (p *player) advance(d time.Duration) {
	p.settle()
	t, _ := p.hub.Deadline()
	p.now = min(p.now.Add(d), t)
	if p.now == t {
		p.input(transport.Input{Kind: transport.Timer})
	}
}

func (p *player) play(op, arg byte) {
	if p.off { // a server that is halted takes a view, an operator's resubmission, or Boot
		switch op % 4 {
		case 0:
			p.off = false
			p.input(transport.Input{Kind: transport.Boot})
		case 1:
			p.view(arg)
		case 2:
			p.input(transport.Input{Kind: transport.Resubmit, Msg: transport.AllQueues})
		default:
			p.advance(time.Duration(arg) * time.Second)
		}
		return
	}
	dialCodes := []transport.Code{transport.OK, transport.OK, transport.Unreachable, transport.Reset, transport.Refused, transport.AuthFailed}
	replies := []transport.Code{transport.OK, transport.OK, transport.OKLast, transport.Deferred4xx}
	switch op %= 16; {
	case op < 4:
		n := 1 + int(arg%3)
		var to []transport.Recipients
		for i := range n {
			to = append(to, transport.Recipients{Dest: p.dests[(int(arg/3)+i)%3+i%2], Count: 1 + int32(arg%2)})
		}
		to = merged(to)
		m := p.store.New(transport.Copy{Message: uint64(p.now) + uint64(arg), Created: p.now, Size: uint32(arg), Set: p.store.NewSet(to)}, transport.Tail{})
		p.arrived[1] += int64(p.store.Recipients(m))
		p.input(transport.Input{Kind: transport.Submitted + transport.InputKind(op%2), Msg: m})
	case op < 6:
		if len(p.work) > 0 {
			p.input(transport.Input{Kind: transport.Categorised, Msg: take(&p.work, arg)})
		}
	case op < 9:
		if len(p.dials) > 0 {
			code := dialCodes[int(arg/16)%len(dialCodes)]
			p.input(transport.Input{Kind: transport.Dialed, Code: code, Conn: take(&p.dials, arg)})
		}
	case op < 12:
		if len(p.sends) > 0 {
			p.input(transport.Input{Kind: transport.Replied, Code: replies[int(arg/16)%len(replies)], Conn: take(&p.sends, arg)})
		}
	case op == 12:
		if len(p.sends) > 0 {
			p.input(transport.Input{Kind: transport.Broken, Code: transport.Dropped, Conn: take(&p.sends, arg)})
		}
	case op == 13:
		switch arg % 8 {
		case 0, 1:
			p.off = true
			p.hub.Interrupted(p.work)
			p.work = p.work[:0]
			p.input(transport.Input{Kind: transport.Halt, Code: []transport.Code{transport.OK, transport.QueuesLost}[arg%2]})
			require.Empty(p.t, p.dials)
			require.Empty(p.t, p.sends)
		case 2, 3:
			p.input(transport.Input{Kind: transport.RetryQueue, Msg: transport.AllQueues})
		case 4, 5:
			p.input(transport.Input{Kind: transport.Resubmit, Msg: transport.AllQueues})
		default:
			p.view(arg / 8)
		}
	default:
		p.advance(time.Duration(arg) * time.Second)
	}
}

func (p *player) view(arg byte) {
	p.org = p.org.With(topology.Change{Kind: topology.ConnectorEnabled, Object: int32(arg/2) % 3, Value: int64(arg % 2)})
	p.follow(p.hub.Reroute(p.now, p.book.Table(p.org, p.org.Servers[p.hub.ID()].Site), nil))
}

// merged makes entries ascending by destination, each once.
func merged(to []transport.Recipients) []transport.Recipients {
	var out []transport.Recipients
	for d := route.DestID(0); d < 5; d++ {
		var n int32
		for _, x := range to {
			if x.Dest == d {
				n += x.Count
			}
		}
		if n > 0 {
			out = append(out, transport.Recipients{Dest: d, Count: n})
		}
	}
	return out
}

// laws are those of bench.balances, for a player's books.
func (p *player) laws() {
	p.inWork = p.work
	p.balances()
}

// drain lets everything go well until the server is empty but for its Unreachable queue.
func (p *player) drain() {
	if p.off {
		p.play(0, 0)
	}
	for range 100_000 {
		p.settle()
		switch {
		case len(p.work) > 0:
			p.input(transport.Input{Kind: transport.Categorised, Msg: take(&p.work, 0)})
		case len(p.dials) > 0:
			p.input(transport.Input{Kind: transport.Dialed, Conn: take(&p.dials, 0)})
		case len(p.sends) > 0:
			p.input(transport.Input{Kind: transport.Replied, Conn: take(&p.sends, 0)})
		default:
			if t, _ := p.hub.Deadline(); t == simtime.Never {
				return
			}
			p.advance(24 * time.Hour)
		}
	}
	require.Fail(p.t, "the server does not come to rest")
}

// FuzzHub plays any bytes as inputs that a world could give: invariants and laws hold at every step, and what is not lost is delivered in
// the end.
func FuzzHub(f *testing.F) {
	f.Add([]byte{0, 0, 0, 4, 0, 15, 0, 6, 0, 9, 0})
	f.Add([]byte{7, 1, 9, 4, 0, 15, 1, 6, 64, 6, 64, 15, 60, 6, 0, 9, 200, 15, 255, 13, 1, 0, 0})
	f.Add([]byte{200, 2, 5, 5, 0, 14, 1, 13, 0, 1, 1, 3, 4, 0, 0, 15, 15, 9, 48, 9, 49, 12, 0})
	f.Add([]byte("0\x1d0120001\r&")) // two recipients in the Unreachable queue, and the reports on them
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || len(data) > 4096 {
			return
		}
		p := newPlayer(t, data[0])
		for i := 1; i+1 < len(data); i += 2 {
			p.play(data[i], data[i+1])
			if i%16 == 1 {
				p.laws()
			}
		}
		p.laws()
		p.drain()
		p.laws()
		submission, delivery, _, _ := p.hub.Held()
		require.Zero(t, submission+delivery)
	})
}

// TestHubAllocatesNothing: a hub in steady state allocates neither in Step nor in Settle, from a copy's arrival to its end.
func TestHubAllocatesNothing(t *testing.T) {
	d := alone(t, topology.V2010, false, 3)
	d.hub.Profile().Threshold[route.ClassSmtpConnector] = 2
	var sets []transport.SetID
	for _, x := range d.dest {
		sets = append(sets, d.store.NewSet([]transport.Recipients{{Dest: x, Count: 1}}))
	}
	now := simtime.Time(0)
	acts := make([]transport.Action, 0, 64)
	var dials, sends []transport.ConnID
	perform := func() {
		for i := 0; i < len(acts); i++ {
			switch a := acts[i]; a.Kind {
			case transport.Categorise:
				acts = d.hub.Step(now, transport.Input{Kind: transport.Categorised, Msg: a.Msg}, acts)
			case transport.Dial:
				dials = append(dials, a.Conn)
			case transport.Send:
				sends = append(sends, a.Conn)
			case transport.Left:
				d.store.Free(a.Msg)
			}
		}
	}
	sent := 0
	cycle := func() {
		now += 1000
		for i, s := range sets {
			m := d.store.New(transport.Copy{Message: uint64(now), Created: now, Size: 1000, Set: d.store.Ref(s)}, transport.Tail{Sender: topology.None})
			acts = d.hub.Step(now, transport.Input{Kind: transport.Submitted, Msg: m}, acts[:0])
			perform()
			if i == 0 {
				continue
			}
			for d.hub.Due() {
				acts, _ = d.hub.Settle(now, acts[:0])
				perform()
			}
		}
		for len(dials) > 1 {
			c := dials[0]
			dials = append(dials[:0], dials[1:]...)
			acts = d.hub.Step(now, transport.Input{Kind: transport.Dialed, Conn: c}, acts[:0])
			perform()
		}
		for n := len(sends); n > 0; n-- {
			c := sends[0]
			sends = append(sends[:0], sends[1:]...)
			sent++
			acts = d.hub.Step(now, transport.Input{Kind: transport.Replied, Conn: c}, acts[:0])
			perform()
		}
	}
	for range 2000 {
		cycle()
	}
	require.Zero(t, testing.AllocsPerRun(2000, cycle))
	require.Greater(t, sent, 6000)
	require.NoError(t, d.hub.Check())
}

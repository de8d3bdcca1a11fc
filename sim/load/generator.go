package load

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// Generator makes the messages of one source in one replication. It is not safe for concurrent use.
//
// Its streams are "arrivals", "size", "recipients" (how many), "recipient" (who) and "sender", each of the source's ID. A message
// takes one uniform from each, and from "recipient" one for each recipient, so that a change of the sizes leaves times, senders and
// recipients as they were (SA-2).
type Generator struct {
	source  int
	seq     int64
	cut     int64
	size    rng.Dist
	count   rng.Dist
	times   arrivals
	replay  *replay  // Replay only
	from    *parties // not for Replay and Clients
	clients float64  // how many there are; 0 = no source of kind Clients
	to      *parties
	cc      copied
	via     topology.ConnectorID
	again   resends
	handed  int64 // messages handed out, those sent again included
	repeats bool  // Identity is wanted
	shared  uint64
	dated   bool
	date    simtime.Time
	streams struct{ size, recipients, recipient, sender *rng.Stream }

	// Scratch for the recipients of the present message; grows to the largest message and is kept.
	drawn  []route.DestID
	merged []Recipient
}

// NewGenerator checks a source against the organisation and readies it for one replication of a run of the given length. index is
// what Message.Source will say; in numbers the destinations, in order of their place in the source; start is t0, from whose clock
// daily profiles know the time of day; end is the end of the run. Every problem of the source is reported (errors.Join).
func NewGenerator(index int, s *Source, org *topology.Organisation, in Interner, root rng.Root, start time.Time,
	end simtime.Time) (*Generator, error) {
	g := &Generator{
		source: index, size: s.Size, count: s.Recipients, via: topology.None, repeats: s.Repeats(), shared: s.MessageID, dated: s.Dated, date: s.Date,
		again: resends{Resend: s.Resend, end: min(end, horizon)},
	}
	shares, err := s.check()
	errs := []error{err, s.checkLinked(org), s.checkResend()}
	if s.Linked {
		g.via, in = s.Via, linkedTo{in, s.Via}
	}
	if s.Kind == Replay {
		g.replay, err = newReplay(s, org, in, end)
		errs = append(errs, err)
	} else {
		if g.clients = s.clients(); g.clients == 0 {
			g.from, err = newParties(s.From, org, nil)
			errs = append(errs, within("from", err))
		}
		g.to, err = newParties(s.To, org, in)
		errs = append(errs, within("to", err))
		if err == nil && s.Linked {
			g.to.groups = nil // all stand for the connector, group or not
		}
		g.cc, err = newCopied(s, org, in)
		errs = append(errs, within("cc", err))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("load %q: %w", s.ID, err)
	}
	if s.Kind != Replay {
		g.times = newArrivals(s, shares, root, start, end)
	}
	g.streams.size = root.Stream("size", s.ID)
	g.streams.recipients = root.Stream("recipients", s.ID)
	g.streams.recipient = root.Stream("recipient", s.ID)
	g.streams.sender = root.Stream("sender", s.ID)
	g.drawn = make([]route.DestID, 0, 64)
	g.merged = make([]Recipient, 0, 64)
	return g, nil
}

func within(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// check tells what is wrong with the numbers of a source. It returns the daily profile of a diurnal one.
func (s *Source) check() (hours, error) {
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	var shares hours
	bad(s.ID == "", "has no id; give one, the random streams are named by it")
	bad(s.Start < 0, "start must not be before t0, is %v", s.Start)
	switch s.Kind {
	case Poisson, Diurnal:
		bad(!(s.Rate >= 0) || math.IsInf(s.Rate, 1), "rate must be at least 0 messages per second and finite, is %v", s.Rate)
		if s.Kind == Diurnal {
			var err error
			shares, err = profile(s.Profile)
			errs = append(errs, err)
		}
	case Regular:
		bad(s.First < 0, "first must not be before t0, is %v", s.First)
		bad(s.Count < 0, "count must be at least 0, is %d", s.Count)
		bad(s.Every < 0 || s.Every == 0 && s.Count != 1, "every must be longer than 0s, is %v", s.Every)
	case Burst:
		bad(s.Count < 0, "count must be at least 0, is %d", s.Count)
		bad(s.Over < 0, "over must be at least 0s, is %v", s.Over)
	case Clients:
		errs = append(errs, s.checkClients())
	case Replay:
	default:
		bad(true, "kind %d does not exist", s.Kind)
	}
	return shares, errors.Join(errs...)
}

// checkLinked tells what is wrong with a source whose mail comes in on the receive connector of a linked connector.
func (s *Source) checkLinked(org *topology.Organisation) error {
	inside := func(p Party) bool { return p.Kind != PartyInternet }
	switch {
	case !s.Linked:
		return nil
	case s.Via < 0 || int(s.Via) >= len(org.Connectors):
		return fmt.Errorf("connector %d is not declared", s.Via)
	case org.Connectors[s.Via].LinkedTo == "":
		return fmt.Errorf("connector %q is linked to no receive connector; name one that is", org.Connectors[s.Via].Name)
	case s.Kind == Replay || slices.ContainsFunc(s.From, inside):
		return errors.New("mail that comes in on a receive connector is from the internet; name no other sender")
	}
	return nil
}

// Next returns the next message; false when there is none before the end of the source and of the run. It allocates nothing once
// its scratch has the size of the largest message and, where messages are sent again, has room for all that wait for it.
func (g *Generator) Next() (m Message, ok bool) {
	ok = g.Fill(&m)
	return m, ok
}

// Fill is Next into a message that the caller keeps, for whom copying it is too dear.
func (g *Generator) Fill(m *Message) bool {
	if g.again.Times > 0 {
		return g.withResends(m)
	}
	return g.fresh(m)
}

// fresh finds the next message that has not been sent before; m is empty when there is none.
func (g *Generator) fresh(m *Message) bool {
	*m = Message{Source: g.source, Seq: g.seq, Via: g.via}
	size, cutSize := wholeSize(g.streams.size.Draw(&g.size))
	var cutCount, ok bool
	if g.replay != nil {
		ok = g.replay.next(m)
	} else if m.At, ok = g.times.next(); ok {
		if u := g.streams.sender.Float64(); g.clients > 0 {
			m.From, m.Client = topology.None, int32(u*g.clients)
		} else {
			m.From = g.from.server[g.from.pick(u)]
		}
		m.Recipients, cutCount = g.recipients()
	}
	if !ok {
		*m = Message{}
		return false
	}
	if m.Size > 0 {
		cutSize = false // recorded; its draw is not used
	} else {
		m.Size = size
	}
	if cutSize || cutCount {
		g.cut++
	}
	if g.repeats {
		m.Identity = g.identity(m.Seq, m.At)
	}
	g.seq++
	return true
}

// Cut is the number of messages so far whose size or number of recipients was drawn beyond MaxSize or MaxRecipients.
func (g *Generator) Cut() int64 { return g.cut }

func (g *Generator) recipients() ([]Recipient, bool) {
	n, cut := wholeCount(g.streams.recipients.Draw(&g.count))
	if n == 1 && len(g.cc.once) == 0 && len(g.cc.more) == 0 { // most messages: nothing to sort nor to merge
		d := g.to.dest[g.to.pick(g.streams.recipient.Float64())]
		g.merged = append(g.merged[:0], Recipient{Dest: d, Count: 1})
		return g.merged, cut
	}
	g.drawn = g.drawn[:0]
	for range n {
		g.drawn = append(g.drawn, g.to.dest[g.to.pick(g.streams.recipient.Float64())])
	}
	g.drawn = g.cc.addTo(g.drawn)
	if len(g.drawn) > 1 {
		slices.Sort(g.drawn)
	}
	g.merged = merge(g.drawn, g.merged[:0])
	once(g.merged, g.to.groups)
	return g.merged, cut
}

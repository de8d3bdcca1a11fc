package load

import (
	"errors"
	"fmt"
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology"
	"mailsim/topology/route"
)

// replay plays recorded messages. Destinations are numbered and merged when it is made, so that playing costs a copy.
type replay struct {
	messages []TraceMessage // a part of the source's trace, to be read only
	upTo     []int          // recipients[upTo[i-1]:upTo[i]] are those of messages[i]
	to       []Recipient
	at       int
}

// maxProblems is how many problems of a trace are told one by one.
const maxProblems = 20

// newReplay takes from the trace what lies in the source's window and in the run. It checks the whole.
func newReplay(s *Source, org *topology.Organisation, in Interner, end simtime.Time) (*replay, error) {
	end = min(s.End, end, horizon)
	r := &replay{}
	var drawn []route.DestID
	var merged []Recipient
	var problems problems
	last := simtime.Time(0)
	first := 0 // in the window
	for i := range s.Trace {
		m := &s.Trace[i]
		bad := func(err error) { problems.add(fmt.Errorf("trace message %d: %w", i+1, err)) }
		if m.At < last {
			bad(fmt.Errorf("comes at %v, before its predecessor at %v; sort the trace by time", m.At, last))
		}
		last = max(last, m.At)
		if m.Size < 0 || m.Size > MaxSize {
			bad(fmt.Errorf("size must be 0 (drawn) to %d bytes, is %d", MaxSize, m.Size))
		}
		if err := checkTraceParty(m.From, org); err != nil {
			bad(fmt.Errorf("from: %w", err))
		}
		if len(m.To) == 0 || int64(len(m.To)) > MaxRecipients {
			bad(fmt.Errorf("must have 1 to %d recipients, has %d", MaxRecipients, len(m.To)))
		}
		drawn = drawn[:0]
		for _, p := range m.To {
			if err := checkTraceParty(p, org); err != nil {
				bad(fmt.Errorf("to: %w", err))
			} else {
				drawn = append(drawn, traceDest(p, in))
			}
		}
		if m.At < s.Start {
			first = i + 1
		}
		if m.At < s.Start || m.At >= end {
			continue
		}
		slices.Sort(drawn)
		merged = merge(drawn, merged[:0])
		r.to = append(r.to, merged...)
		r.upTo = append(r.upTo, len(r.to))
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	r.messages = s.Trace[first : first+len(r.upTo)]
	return r, nil
}

// next fills in the next message; its size only where the trace has one.
func (r *replay) next(m *Message) bool {
	if r.at == len(r.messages) {
		return false
	}
	t, first := &r.messages[r.at], 0
	if r.at > 0 {
		first = r.upTo[r.at-1]
	}
	m.At, m.From, m.Recipients = t.At, topology.None, r.to[first:r.upTo[r.at]]
	if t.From.Kind == PartyMailbox {
		m.From = t.From.Server
	}
	if t.Size > 0 {
		m.Size = t.Size
	}
	r.at++
	return true
}

func checkTraceParty(p Party, org *topology.Organisation) error {
	switch p.Kind {
	case PartyInternet:
		return nil
	case PartyMailbox:
		return checkMailbox(p, org, false)
	}
	return errors.New("must be a mailbox server or the internet")
}

func traceDest(p Party, in Interner) route.DestID {
	if p.Kind == PartyInternet {
		return in.Dest(outside(p.Domain))
	}
	return in.Dest(mailbox(p.Server, max(0, p.Database-1)))
}

// problems collects errors and stops telling them at maxProblems.
type problems struct {
	errs []error
	more int
}

func (p *problems) add(err error) {
	if len(p.errs) < maxProblems {
		p.errs = append(p.errs, err)
	} else {
		p.more++
	}
}

func (p *problems) err() error {
	if p.more > 0 {
		return errors.Join(append(slices.Clip(p.errs), fmt.Errorf("and %d more problems", p.more))...)
	}
	return errors.Join(p.errs...)
}

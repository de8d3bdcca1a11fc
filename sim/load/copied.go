package load

import (
	"errors"
	"fmt"
	"slices"

	"mailsim/topology"
	"mailsim/topology/route"
)

// copied are the recipients that every message of a source has besides those that are drawn for it.
type copied struct {
	once []route.DestID // mailboxes and groups: there once, also when they are drawn
	more []route.DestID // others: addresses outside are different people
}

// newCopied resolves Source.Cc.
func newCopied(s *Source, org *topology.Organisation, in Interner) (copied, error) {
	var c copied
	var errs []error
	for i, e := range s.Cc {
		switch err := checkCopied(e, org); {
		case err != nil:
			errs = append(errs, fmt.Errorf("entry %d: %w", i+1, err))
		case e.Kind == PartyInternet:
			c.more = append(c.more, in.Dest(outside(e.Domain)))
		case e.Kind == PartyGroup:
			c.once = append(c.once, in.Dest(route.Destination{Kind: route.DistributionList, Group: e.Group}))
		default:
			c.once = append(c.once, in.Dest(mailbox(e.Server, max(0, e.Database-1))))
		}
	}
	if s.Linked { // all stand for the connector
		c.more, c.once = append(c.more, c.once...), nil
	}
	return c, errors.Join(errs...)
}

func checkCopied(e Party, org *topology.Organisation) error {
	switch e.Kind {
	case PartyInternet:
		return nil
	case PartyMailbox:
		return checkMailbox(e, org, false)
	case PartyGroup:
		return checkGroup(e, org)
	}
	return errors.New("must be a mailbox server, a group or the internet")
}

// addTo adds them to the destinations that are drawn for a message.
func (c *copied) addTo(drawn []route.DestID) []route.DestID {
	for _, d := range c.once {
		if !slices.Contains(drawn, d) {
			drawn = append(drawn, d)
		}
	}
	return append(drawn, c.more...)
}

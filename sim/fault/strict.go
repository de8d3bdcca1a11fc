package fault

import (
	"fmt"
	"time"

	"mailsim/topology"
)

// Outside systems that answer, and are strict with those who send to them (F15). What that means for mail is the simulation's: the engine says when.

// Throttle is what remote_throttle asks of each source address.
type Throttle struct {
	MaxConnections int // at a time, 1 or more: the one above gets a 421
	MaxMessages    int // on a connection, 1 or more: then it is closed

	SharedBy []topology.ServerID // machines behind one address; others have that of the organisation

	// A source of which more comes in an hour than SurgeFactor (above 1) times its mean of the day before is not trusted for the Penalty:
	// DeferFraction (0..1) of its messages are put off.
	SurgeFactor, DeferFraction float64
	Penalty                    time.Duration
}

// Greylist is what remote_greylist does with mail for a recipient from a sender and an address that it does not know.
type Greylist struct {
	Delay       time.Duration // it is put off until so long after the first try, 0 or more
	RetryWindow time.Duration // ... and forgotten when it is not tried again within this, above Delay
	Remember    time.Duration // how long it is known after the last mail that was taken
}

// tighten tells that a fault makes the outside systems strict that it hit, or no longer. Several faults of a system are each for themselves.
func (e *Engine) tighten(i int, on bool) {
	for _, o := range e.struck[i].outside {
		kind := OutsideRelents
		if on {
			kind = OutsideTightens
		}
		e.effect(Effect{Kind: kind, Fault: i, Outside: o, Server: topology.None, Link: topology.None, SiteA: topology.None, SiteB: topology.None})
	}
}

func (t *Throttle) text() string {
	return fmt.Sprintf("at most %d connection%s from an address and %d message%s on each", t.MaxConnections, either(t.MaxConnections == 1, "", "s"),
		t.MaxMessages, either(t.MaxMessages == 1, "", "s"))
}

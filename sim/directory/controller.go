package directory

import (
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// Condition is what works on a domain controller.
type Condition uint8

// The conditions.
const (
	Serving    Condition = iota // everything
	WithoutKDC                  // it answers, replicates and keeps time, but gives no tickets
	Starting                    // its operating system starts: nothing yet
	Stopped                     // nothing
)

// String returns what an operator would say.
func (c Condition) String() string { return [...]string{"up", "KDC stopped", "starting", "down"}[c] }

// Answers tells whether a domain controller in this condition answers at all.
func (c Condition) Answers() bool { return c <= WithoutKDC }

// Condition returns what works on a domain controller.
func (d *Directory) Condition(dc topology.DCID) Condition { return d.controllers[dc].condition }

// SetCondition says what works on a domain controller from now on. announced says that it stops in good order: the servers that it
// serves turn to another one at once, instead of waiting for it in vain.
//
// F4: what it holds stays on its disk. When it answers again it tells the others of its site as if it had learned just now what
// they lack, and pulls at the next instant of its schedules; its time service begins anew. It is the servers' business where they read
// meanwhile (binding.go), and nobody comes back to it because of its return alone (FW-8).
func (d *Directory) SetCondition(now simtime.Time, dc topology.DCID, is Condition, announced bool) {
	c := &d.controllers[dc]
	was := c.condition
	if d.ideal || is == was {
		return
	}
	d.connect(now)
	d.renewTickets(now) // by what was so until now
	c.condition = is
	if was.Answers() == is.Answers() {
		return
	}
	if is.Answers() {
		d.silent--
		d.restartTime(now, d.host(Host{topology.None, dc}))
	} else {
		d.silent++
	}
	d.networkChanged(now)
	d.review(now)
	if is.Answers() {
		d.announce(now, dc)
	}
	if announced && !is.Answers() {
		d.leave(now, dc)
	}
}

// announce lets a domain controller that has started tell its partners what they lack, where partners are told at all.
func (d *Directory) announce(now simtime.Time, dc topology.DCID) {
	c := &d.controllers[dc]
	for _, i := range c.out {
		if p := &d.partners[i]; !p.parted && d.controllers[p.dst].lacks(c.held) {
			d.agenda.cancel(pull, i)
			d.plan(i, d.whenLearned(now, p))
		}
	}
}

// leave lets the servers of a domain controller that stops in good order look for another one.
func (d *Directory) leave(now simtime.Time, dc topology.DCID) {
	for i := range d.servers {
		if d.servers[i].dc == dc {
			d.agenda.push(entry{at: now, kind: discover, who: int32(i)})
		}
	}
}

package world

// Max-min fair shares, by class. Shares are max-min fair when no body can get more without taking from one that has no more than
// it. That is so exactly when every body has its neck: its own limit, or a link of its way that is full and on which nobody is faster. The
// rates that satisfy this are unique; progressive filling finds them: raise all rates together, and whenever a link is full stop the bodies
// that cross it.
//
// When bodies come or go, only the affected classes are filled anew, in what the others leave. Affected are
//
//  1. the classes whose number of bodies changed;
//  2. with a class (or with one whose last body left), every class whose neck is a link of its way: what that link has for them changes;
//  3. every class that crosses a link which is now the neck of an affected class, and is faster there than the share that it gives.
//
// Everybody else keeps a neck that is as full as before and has nobody faster, so the whole is max-min fair again. And of 1 one kind affects
// nobody: a class that is alone at its neck divides what it had in all among its bodies, unless by that one of them becomes faster than
// somebody at a neck elsewhere on the way, or slower than somebody at its own.

// settle makes the shares fair again after bodies came or went. It costs what the affected classes and the links of their ways cost, however
// many bodies there are.
func (n *Network) settle() {
	if len(n.changed) > 0 {
		n.settleChanged()
	}
}

func (n *Network) settleChanged() {
	now := n.changedAt
	n.update++
	n.affected, n.touched, n.left = n.affected[:0], n.touched[:0], n.left[:0]
	if c := n.changed[0]; len(n.changed) > 1 || !n.settleAlone(c, now) {
		n.settleTogether(now)
	}
	n.changed = n.changed[:0]
}

// settleAlone settles the change of one class, if nobody else is affected.
func (n *Network) settleAlone(c int32, now Time) bool {
	k := &n.classes[c]
	bodies := int32(len(k.heap))
	switch {
	case bodies == k.bodies: // as many left as came, or one is to leave now
	case bodies == 0:
		n.leave(c, now)
		for _, r := range k.resources {
			if n.resources[r].necks > 0 {
				return false
			}
		}
	case k.bodies == 0:
		if !n.enter(c, bodies) {
			return false
		}
	case !n.divide(k, bodies, now):
		return false
	}
	k.changed = false
	if bodies > 0 {
		n.list(c, now)
	}
	return true
}

// settleTogether settles all changes. Classes of which the last body left go first: the others enter and divide what is then there.
func (n *Network) settleTogether(now Time) {
	for _, c := range n.changed {
		if k := &n.classes[c]; len(k.heap) == 0 {
			k.changed = false
			if k.bodies > 0 {
				n.leave(c, now)
			}
		}
	}
	for _, c := range n.changed {
		k := &n.classes[c]
		if !k.changed || n.settleAlone(c, now) {
			continue
		}
		k.changed = false
		if k.bodies == 0 {
			n.enlist(c)
		}
		n.affect(c)
		k.bodies = int32(len(k.heap))
	}
	for _, c := range n.left {
		n.touchAll(c)
	}
	for done := 0; done < len(n.affected); {
		for ; done < len(n.affected); done++ {
			n.touchAll(n.affected[done])
		}
		n.fill()
		n.outrun()
	}
	for _, c := range n.affected {
		n.commit(c, now)
	}
}

// divide gives a class that is alone at its neck its new rate, if nobody else is affected.
func (n *Network) divide(k *class, bodies int32, now Time) bool {
	if k.neck < 0 || n.resources[k.neck].necks != 1 {
		return false
	}
	rate := k.total / float64(bodies)
	if rate > k.limit {
		return false
	}
	if bodies > k.bodies {
		for _, u := range n.resources[k.neck].users {
			if y := &n.classes[u.class]; y != k && y.rate > rate {
				return false
			}
		}
	} else {
		for _, r := range k.resources {
			if r == k.neck || n.resources[r].necks == 0 {
				continue
			}
			for _, u := range n.resources[r].users {
				if y := &n.classes[u.class]; y.neck == r && y.rate < rate {
					return false
				}
			}
		}
	}
	n.advance(k, now, k.rate, k.total)
	k.rate, k.bodies = rate, bodies
	return true
}

// enter gives a class its share that has its whole way to itself.
func (n *Network) enter(c, bodies int32) bool {
	k := &n.classes[c]
	rate, neck := k.limit, ownLimit
	for _, r := range k.resources {
		x := &n.resources[r]
		if len(x.users) > 0 {
			return false
		}
		if l := x.bits / float64(bodies); l < rate {
			rate, neck = l, r
		}
	}
	n.enlist(c)
	k.bodies, k.neck, k.rate, k.total = bodies, neck, rate, float64(rate*float64(bodies))
	if neck >= 0 {
		n.resources[neck].necks++
		k.total = n.resources[neck].bits
	}
	return true
}

// leave takes a class without bodies off the network.
func (n *Network) leave(c int32, now Time) {
	k := &n.classes[c]
	n.advance(k, now, k.rate, k.total)
	n.delist(c)
	if k.neck >= 0 {
		n.resources[k.neck].necks--
	}
	k.bodies, k.neck, k.rate, k.total = 0, noNeck, 0, 0
	n.unlist(c)
	n.left = append(n.left, c)
}

// affect adds a class to those that are filled anew.
func (n *Network) affect(c int32) {
	k := &n.classes[c]
	if k.affected == n.update {
		return
	}
	k.affected = n.update
	k.was = share{k.rate, k.total, k.neck}
	n.affected = append(n.affected, c)
}

// touchAll affects the classes whose neck is a link of an affected class's way, or of the way of one that left.
func (n *Network) touchAll(c int32) {
	for _, r := range n.classes[c].resources {
		x := &n.resources[r]
		if x.touched == n.update {
			continue
		}
		x.touched = n.update
		n.touched = append(n.touched, r)
		for i, left := 0, x.necks; left > 0; i++ {
			if u := x.users[i].class; n.classes[u].neck == r {
				n.affect(u)
				left--
			}
		}
	}
}

// fill gives the affected classes their shares of what the others leave.
func (n *Network) fill() {
	n.filling++
	n.levels = n.levels[:0]
	for _, r := range n.touched {
		x := &n.resources[r]
		x.free, x.waiting, x.fastest = x.bits, 0, 0
		for _, u := range x.users {
			if k := &n.classes[u.class]; k.affected == n.update {
				x.waiting += k.bodies
			} else {
				x.free -= k.total
				x.fastest = max(x.fastest, k.rate)
			}
		}
		if x.waiting > 0 {
			n.levels = append(n.levels, level{x.level(), r})
		}
	}
	if len(n.affected) == 1 {
		n.fillOne(n.affected[0])
		return
	}
	for _, c := range n.affected {
		if k := &n.classes[c]; k.limit < noLimit {
			n.levels = append(n.levels, level{k.limit, ^c})
		}
	}
	n.levels.order()
	for waiting := len(n.affected); waiting > 0; {
		first := n.levels[0]
		if first.id < 0 {
			if c := ^first.id; n.classes[c].filled != n.filling {
				n.give(c, ownLimit, first.rate, float64(first.rate*float64(n.classes[c].bodies)))
				waiting--
			}
			n.levels.drop()
			continue
		}
		x := &n.resources[first.id]
		if x.waiting > 0 {
			// Since it was put here bodies may have stopped elsewhere, at lower rates: what is left for each of the others is more.
			if rate := x.level(); rate > first.rate {
				n.levels.raise(rate)
				continue
			}
			waiting -= n.fillUp(first.id)
		}
		n.levels.drop()
	}
}

// fillOne gives a class its share when it alone is affected: the least of what its links leave.
func (n *Network) fillOne(c int32) {
	first := level{n.classes[c].limit, ^c}
	for _, l := range n.levels {
		if l.before(first) {
			first = l
		}
	}
	if first.id < 0 {
		n.give(c, ownLimit, first.rate, float64(first.rate*float64(n.classes[c].bodies)))
		return
	}
	n.fillUp(first.id)
}

// fillUp stops the bodies that cross a link and are still being raised: the link is their neck. It returns the number of their classes.
func (n *Network) fillUp(r int32) int {
	x := &n.resources[r]
	rate, free, waiting, classes := x.level(), x.free, x.waiting, 0
	x.filled, x.rate = n.filling, rate
	for i := 0; x.waiting > 0; i++ {
		c := x.users[i].class
		k := &n.classes[c]
		if k.affected != n.update || k.filled == n.filling {
			continue
		}
		total := float64(rate * float64(k.bodies))
		if k.bodies == waiting { // alone: all that is left, whatever the division would round to
			total = max(free, 0)
		}
		n.give(c, r, rate, total)
		classes++
	}
	return classes
}

// give settles the share of a class.
func (n *Network) give(c, neck int32, rate, total float64) {
	k := &n.classes[c]
	k.filled, k.neck, k.rate, k.total = n.filling, neck, rate, total
	for _, r := range k.resources {
		x := &n.resources[r]
		x.free -= total
		x.waiting -= k.bodies
	}
}

// outrun affects the classes that are faster than the share of a link which has become the neck of others.
func (n *Network) outrun() {
	for _, r := range n.touched {
		x := &n.resources[r]
		if x.filled != n.filling || x.fastest <= x.rate {
			continue
		}
		for _, u := range x.users {
			if k := &n.classes[u.class]; k.affected != n.update && k.rate > x.rate {
				n.affect(u.class)
			}
		}
	}
}

// commit lets a class go on with its new share.
func (n *Network) commit(c int32, now Time) {
	k := &n.classes[c]
	if k.neck != k.was.neck {
		if k.was.neck >= 0 {
			n.resources[k.was.neck].necks--
		}
		if k.neck >= 0 {
			n.resources[k.neck].necks++
		}
	}
	if k.rate != k.was.rate || k.total != k.was.total {
		n.advance(k, now, k.was.rate, k.was.total)
	}
	n.list(c, now)
}

// user is a class with bodies among those that cross a resource: which, and which of its resources this is.
type user struct {
	class int32
	way   int32
}

// enlist puts a class among the users of its resources.
func (n *Network) enlist(c int32) {
	k := &n.classes[c]
	for i, r := range k.resources {
		x := &n.resources[r]
		k.places[i] = int32(len(x.users))
		x.users = append(x.users, user{c, int32(i)})
	}
}

// delist takes it off them.
func (n *Network) delist(c int32) {
	k := &n.classes[c]
	for i, r := range k.resources {
		x := &n.resources[r]
		last := len(x.users) - 1
		moved := x.users[last]
		x.users[k.places[i]] = moved
		n.classes[moved.class].places[moved.way] = k.places[i]
		x.users = x.users[:last]
	}
}

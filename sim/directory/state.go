package directory

import (
	"cmp"
	"encoding/binary"
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// stamp is the value of one attribute at one domain controller with what decides between two values of different origin. Version
// 0 is the original configuration.
type stamp struct {
	version int32
	at      simtime.Time // by the clock of the domain controller at which it was written
	dc      topology.DCID
	value   int64
}

// newer tells whether a replaces b.
// V9: the higher version wins, then the later timestamp, then the higher domain controller.
func (a stamp) newer(b stamp) bool {
	return cmp.Or(cmp.Compare(a.version, b.version), cmp.Compare(a.at, b.at), cmp.Compare(a.dc, b.dc)) > 0
}

// setting is an attribute with a value other than the original configuration's.
type setting struct {
	attribute topology.Attribute
	value     int64
}

// state is a configuration that somebody holds: the original one and what differs from it, ordered by attribute. States are
// interned: equal ones are one.
type state struct {
	settings []setting
	view     *topology.Organisation
	number   int  // how many others were made before
	held     bool // by a domain controller, now or at some time
}

// interner makes states and the attributes that stamps are kept for. It is the one place that remembers every state of a run;
// their number is bounded by the edits and the orders in which they are learned.
type interner struct {
	org        *topology.Organisation
	original   *state
	attributes []topology.Attribute // in order of the first edit; stamps are indexed alike
	known      map[string]*state    // by settings; looked up, never walked
}

func newInterner(org *topology.Organisation) interner {
	original := &state{view: org}
	return interner{org: org, original: original, known: map[string]*state{"": original}}
}

// index returns the number of an attribute, a new one at its first edit.
func (n *interner) index(a topology.Attribute) int {
	if i := slices.Index(n.attributes, a); i >= 0 {
		return i
	}
	n.attributes = append(n.attributes, a)
	return len(n.attributes) - 1
}

// state returns the one state with the values of held.
func (n *interner) state(held []stamp) *state {
	var settings []setting
	for i, s := range held {
		a := n.attributes[i]
		if isIdentity(a) {
			continue // nobody routes by it
		}
		if v, uniform := original(n.org, a); s.version > 0 && !(uniform && v == s.value) {
			settings = append(settings, setting{a, s.value})
		}
	}
	slices.SortFunc(settings, func(x, y setting) int {
		return cmp.Or(cmp.Compare(x.attribute.Kind, y.attribute.Kind), cmp.Compare(x.attribute.Object, y.attribute.Object))
	})
	var key []byte
	for _, s := range settings {
		key = append(key, byte(s.attribute.Kind))
		key = binary.LittleEndian.AppendUint32(key, uint32(s.attribute.Object))
		key = binary.LittleEndian.AppendUint64(key, uint64(s.value))
	}
	if st := n.known[string(key)]; st != nil {
		return st
	}
	changes := make([]topology.Change, len(settings))
	for i, s := range settings {
		changes[i] = topology.Change{Kind: s.attribute.Kind, Object: s.attribute.Object, Value: s.value}
	}
	st := &state{settings: settings, view: n.org.With(changes...), number: len(n.known)}
	n.known[string(key)] = st
	return st
}

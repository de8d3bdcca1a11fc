package directory

import (
	"cmp"
	"slices"

	"mailsim/topology"
)

// Lack is a setting of the newest configuration that somebody knows another value of.
type Lack struct {
	Attribute topology.Attribute
	Text      string // the newest value, in words
}

// ServerVersion returns the number of the configuration that a server sees: 0 is that of the start, and others are numbered in the order
// in which somebody first held them. Servers with the same number see the same. A change that is taken back leads back to a lower number.
func (d *Directory) ServerVersion(s topology.ServerID) int { return d.servers[s].state.number }

// ControllerVersion is ServerVersion of a domain controller.
func (d *Directory) ControllerVersion(dc topology.DCID) int { return d.controllers[dc].known.number }

// NewestVersion returns the number of the newest configuration: of every setting it has the value that all domain controllers will hold
// when no more changes are made (V9). When nobody holds all of it yet, it gets its number by this call.
func (d *Directory) NewestVersion() int { return d.newest().number }

func (d *Directory) newest() *state {
	var all controller
	for i := range d.controllers {
		all.merge(d.controllers[i].held)
	}
	return d.states.state(all.held)
}

// ServerLacks returns what a server does not know of the newest configuration, ordered by kind of setting and object; nothing when it
// sees everything as it is.
func (d *Directory) ServerLacks(s topology.ServerID) []Lack {
	return d.states.lacking(d.servers[s].state, d.newest())
}

// ControllerLacks is ServerLacks of a domain controller.
func (d *Directory) ControllerLacks(dc topology.DCID) []Lack {
	return d.states.lacking(d.controllers[dc].known, d.newest())
}

// ServerValue returns the value that a setting has for a server, as topology.Change has it; false for one that no single value stands
// for: costs or smart hosts as at first.
func (d *Directory) ServerValue(s topology.ServerID, a topology.Attribute) (int64, bool) {
	return d.states.value(d.servers[s].state, a)
}

// ControllerValue is ServerValue of a domain controller.
func (d *Directory) ControllerValue(dc topology.DCID, a topology.Attribute) (int64, bool) {
	return d.states.value(d.controllers[dc].known, a)
}

// Feeder returns the hub whose view EdgeSync brings to an Edge; None for a server that reads a domain controller, and for an Edge
// whose last hub is gone.
func (d *Directory) Feeder(s topology.ServerID) (hub topology.ServerID, fed bool) {
	return d.servers[s].hub, d.servers[s].fed
}

// value returns what a configuration says of a setting.
func (n *interner) value(st *state, a topology.Attribute) (int64, bool) {
	for _, s := range st.settings {
		if s.attribute == a {
			return s.value, true
		}
	}
	return original(n.org, a)
}

// lacking lists the settings that have another value in new than in old.
func (n *interner) lacking(old, new *state) []Lack {
	var out []Lack
	add := func(a topology.Attribute) {
		was, uniform := n.value(old, a)
		is, now := n.value(new, a)
		if was != is || uniform != now {
			out = append(out, Lack{a, n.words(new, a)})
		}
	}
	for _, s := range new.settings {
		add(s.attribute)
	}
	for _, s := range old.settings {
		if !slices.ContainsFunc(new.settings, func(x setting) bool { return x.attribute == s.attribute }) {
			add(s.attribute)
		}
	}
	slices.SortFunc(out, func(x, y Lack) int {
		return cmp.Or(cmp.Compare(x.Attribute.Kind, y.Attribute.Kind), cmp.Compare(x.Attribute.Object, y.Attribute.Object))
	})
	return out
}

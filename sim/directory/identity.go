package directory

import (
	"slices"

	"mailsim/sim/simtime"
	"mailsim/topology"
)

// What domain controllers hold of a machine's identity. It replicates like a setting (V1 to V4), but nobody routes by it, so that it is in
// no view. The kinds lie above those of the configuration.
const (
	spnOf    topology.ChangeKind = 0x80 + iota // Object = server, Value: how its service principal name stands
	secretOf                                   // Object = server, Value = number of the key that tickets for it are sealed with
)

// How a service principal name stands at a domain controller. A duplicate is any value from spnDuplicate on: the rest is the chance, in
// millionths, that a ticket is sealed for the wrong account.
const (
	spnGood int64 = iota
	spnMissing
	spnDuplicate
)

// SPN is how the name SMTPSVC/<server>, by which hubs ask for tickets, stands.
type SPN uint8

// The states of a name.
const (
	SPNGood SPN = iota
	SPNMissing
	SPNDuplicate // two accounts bear it
)

// SecretLoss is how a machine and its account come to disagree on the secret.
type SecretLoss uint8

// The ways.
const (
	// SecretReset: the account's password is reset at a domain controller, and the machine does not know.
	SecretReset SecretLoss = iota
	// SecretSnapshot: the machine is set back to a state before its last two changes; no domain controller holds what it uses now.
	SecretSnapshot
	// SecretRollover is the change that every machine makes each 30 days: it harms nobody, as the machine still takes the key before.
	SecretRollover
)

// identity is what the machines themselves know of their secrets.
type identity struct {
	secrets []secret // by server; nil until something happens to one
}

// secret is what a machine proves itself by, and opens tickets with. Keys are numbered; each has number 0 at the start.
type secret struct {
	key, before int64 // in use, and the one before, which is still taken
	last        int64 // the highest number that was given out
}

// wrongAccount is the key of a ticket that was sealed for another account of the same name. No machine has it.
const wrongAccount int64 = -1

// takes tells whether a machine can open what is sealed with a key.
// F5: the previous key counts, so that an ordinary change breaks nothing.
func (d *Directory) takes(s topology.ServerID, key int64) bool {
	if d.identity.secrets == nil {
		return key == 0
	}
	x := &d.identity.secrets[s]
	return key == x.key || key == x.before
}

func (d *Directory) secretOf(s topology.ServerID) *secret {
	if d.identity.secrets == nil {
		d.identity.secrets = make([]secret, len(d.servers))
	}
	return &d.identity.secrets[s]
}

// isIdentity tells whether an attribute is one of those that are in no view.
func isIdentity(a topology.Attribute) bool { return a.Kind >= spnOf }

// knows returns what a domain controller holds of a machine's identity.
func (d *Directory) knows(dc topology.DCID, kind topology.ChangeKind, s topology.ServerID) int64 {
	i := slices.Index(d.states.attributes, topology.Attribute{Kind: kind, Object: int32(s)})
	if i < 0 {
		return 0
	}
	return d.controllers[dc].stamp(i).value
}

// SetSPN writes at a domain controller how the name of a server stands; others hear of it by replication, and until they do they give
// tickets as before. chance, 0..1, is that a ticket under a duplicate name is sealed for the wrong account.
//
// F5: a name that is missing or twice.
func (d *Directory) SetSPN(now simtime.Time, dc topology.DCID, s topology.ServerID, is SPN, chance float64) {
	if d.ideal {
		return
	}
	value := [...]int64{SPNGood: spnGood, SPNMissing: spnMissing, SPNDuplicate: spnDuplicate}[is]
	if is == SPNDuplicate {
		value += int64(float64(chance * millionths))
	}
	d.Edit(now, dc, topology.Change{Kind: spnOf, Object: int32(s), Value: value})
}

const millionths = 1_000_000

// BreakSecret lets a machine and its account disagree, or change its key in good order. A reset and a rollover are written at a domain
// controller and spread from there; a snapshot is felt everywhere at once.
//
// F5: a machine whose secret is wrong can neither open tickets nor get any, and takes no time from a domain controller.
func (d *Directory) BreakSecret(now simtime.Time, dc topology.DCID, s topology.ServerID, how SecretLoss) {
	if d.ideal {
		return
	}
	d.renewTickets(now)
	x := d.secretOf(s)
	x.last++
	switch how {
	case SecretSnapshot:
		x.key, x.before = x.last, x.last
	case SecretRollover:
		x.before, x.key = x.key, x.last
	}
	if how != SecretSnapshot {
		d.Edit(now, dc, topology.Change{Kind: secretOf, Object: int32(s), Value: x.last})
	}
	d.networkChanged(now)
}

// FixIdentity puts right at a domain controller what is wrong there with a server's identity: its name is written anew, and where the
// controller's key is none that the machine takes, both get a new one. Whoever asks another domain controller is served when that one has
// heard of it (V1 to V4).
//
// F5: the remedy fix_spn.
func (d *Directory) FixIdentity(now simtime.Time, dc topology.DCID, s topology.ServerID) {
	if d.ideal {
		return
	}
	dc = max(dc, 0)
	d.renewTickets(now)
	if d.knows(dc, spnOf, s) != spnGood {
		d.SetSPN(now, dc, s, SPNGood, 0)
	}
	if !d.takes(s, d.knows(dc, secretOf, s)) {
		x := d.secretOf(s)
		x.last++
		x.before, x.key = x.key, x.last
		d.Edit(now, dc, topology.Change{Kind: secretOf, Object: int32(s), Value: x.last})
	}
	d.networkChanged(now)
}

// SPNAt returns how the name of a server stands for a domain controller.
func (d *Directory) SPNAt(dc topology.DCID, s topology.ServerID) SPN {
	return SPN(min(d.knows(dc, spnOf, s), spnDuplicate))
}

// SecretGood tells whether a domain controller and a server agree on the server's secret.
func (d *Directory) SecretGood(dc topology.DCID, s topology.ServerID) bool {
	return d.ideal || d.takes(s, d.knows(dc, secretOf, s))
}

// identities tells whether anything ever happened to a name or a secret: if not, no ticket can be wrong.
func (d *Directory) identities() bool {
	return d.identity.secrets != nil || slices.ContainsFunc(d.states.attributes, isIdentity)
}

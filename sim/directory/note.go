package directory

import (
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// NoteKind is an event that a machine logs because of what goes on in the directory.
type NoteKind uint8

// The notes.
const (
	TimeLost     NoteKind = iota // W32Time 36: no sample for so long that the host is out of step
	NameTwice                    // KDC 11: a ticket was asked for by a name that two accounts bear
	Rebound                      // ADAccess 2080: a server reads another domain controller of its site than before; About = which
	OutOfSite                    // ADAccess 2084 and 2085: it reads one of another site; About = which
	NobodyInTime                 // ADAccess 2102: every domain controller let a request of a server time out
	NobodyFound                  // ADAccess 2114: a server that looked for domain controllers found none
	Overdue                      // NTDS Replication 1864: a domain controller has had nothing from another one for a day; DC = which one
	PeerSilent                   // W32Time 47: the source outside that was set by hand has not answered 8 polls in a row
	Parted                       // NTDS Replication 2042: it takes nothing from one that it was out of touch with for too long; DC = which one
)

// Note is one such event.
type Note struct {
	At    simtime.Time
	Kind  NoteKind
	Host  Host              // who logs it
	About topology.ServerID // NameTwice: whose name
	DC    topology.DCID     // Rebound, OutOfSite, Overdue, Parted: which one
}

// noteAt notes what a host logs about itself.
func (d *Directory) noteAt(now simtime.Time, kind NoteKind, i int32) {
	d.note(Note{At: now, Kind: kind, Host: d.hostOf(i), About: topology.None})
}

func (d *Directory) note(n Note) { d.notes = append(d.notes, n) }

// TakeNotes appends what was noted since the last call, in order, and forgets it.
func (d *Directory) TakeNotes(out []Note) []Note {
	out = append(out, d.notes...)
	d.notes = d.notes[:0]
	return out
}

// Noted tells whether TakeNotes has something.
func (d *Directory) Noted() bool { return len(d.notes) > 0 }

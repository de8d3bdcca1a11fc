package route

import (
	"strings"

	"mailsim/topology"
)

// NoKey is the key of an outcome that leads to no queue of its own.
const NoKey KeyID = -1

// Book is the memory of one run: it numbers destinations and next-hop keys in order of first use, and keeps the routing tables
// of every view. Numbers stay valid for the life of the Book and mean the same in every table. The same calls in the same order
// give the same numbers. A Book and its tables are not safe for concurrent use.
type Book struct {
	dests   []Destination
	destIDs map[Destination]DestID
	keys    []Key
	keyIDs  map[Key]KeyID
	views   map[*topology.Organisation]*view
}

// NewBook returns an empty Book.
func NewBook() *Book {
	return &Book{
		destIDs: make(map[Destination]DestID),
		keyIDs:  make(map[Key]KeyID),
		views:   make(map[*topology.Organisation]*view),
	}
}

// Dest returns the number of a destination, a new one at first sight. Spelling does not matter: an address type is taken in
// upper case ("" is SMTP), a domain in lower case, and fields that the kind does not use are ignored.
func (b *Book) Dest(d Destination) DestID {
	switch d.Kind {
	case Mailbox:
		d = Destination{Kind: Mailbox, Server: d.Server, Database: d.Database, First: d.First}
	case DistributionList:
		d = Destination{Kind: DistributionList, Server: topology.None, Group: d.Group}
	case Linked:
		d = Destination{Kind: Linked, Server: topology.None, Connector: d.Connector}
	case Legacy:
		d = Destination{Kind: Legacy, Server: topology.None, RoutingGroup: d.RoutingGroup}
	case Nowhere:
		d = Destination{Kind: Nowhere, Server: topology.None, Domain: strings.ToLower(d.Domain)}
	case External:
		d = Destination{Kind: External, Server: topology.None, Type: strings.ToUpper(d.Type), Domain: strings.ToLower(d.Domain), First: d.First}
		if d.Type == "" {
			d.Type = smtp
		}
	}
	id, ok := b.destIDs[d]
	if !ok {
		id = DestID(len(b.dests))
		b.dests = append(b.dests, d)
		b.destIDs[d] = id
	}
	return id
}

// Destination returns what a number stands for, in the spelling that Dest made of it.
func (b *Book) Destination(id DestID) Destination { return b.dests[id] }

// NumDests is the number of destinations seen.
func (b *Book) NumDests() int { return len(b.dests) }

// Key returns the key of a number; to be read only.
func (b *Book) Key(id KeyID) *Key { return &b.keys[id] }

// NumKeys is the number of keys seen.
func (b *Book) NumKeys() int { return len(b.keys) }

// Class returns the queue class of a key.
func (b *Book) Class(id KeyID) Class { return b.keys[id].Type.Class() }

func (b *Book) keyID(k Key) KeyID {
	id, ok := b.keyIDs[k]
	if !ok {
		id = KeyID(len(b.keys))
		b.keys = append(b.keys, k)
		b.keyIDs[k] = id
	}
	return id
}

// Table returns the routing table of a site by a view. It is built at the first call for a pair of view (by identity) and site,
// in time (V + E) log V, and shared by all servers of the site; the same view gives the same table, and so does a view without a difference: nothing is rebuilt but for a change (D-13). Views of one Book must
// come from one organisation by With, so that ids mean the same in all of them. It panics when the view has no such site.
func (b *Book) Table(org *topology.Organisation, site topology.SiteID) *Table {
	v := b.views[org]
	if v == nil {
		v = newView(org)
		b.views[org] = v
	}
	if v.tables[site] == nil {
		v.tables[site] = newTable(b, v, site)
	}
	return v.tables[site]
}

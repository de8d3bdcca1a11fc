package transport

import "mailsim/topology"

// pathTable keeps, for every sequence of servers that some copy has taken, how often the last of them stands in it. Copies that
// take the same way share an entry, so a copy carries one handle instead of a list.
type pathTable struct {
	nodes []pathNode
	slots []PathID // open addressing over (parent, server)
	used  int
}

type pathNode struct {
	parent PathID
	server topology.ServerID
	visits int32 // occurrences of server in the sequence that ends here
	length int32
}

func newPathTable() pathTable {
	return pathTable{nodes: []pathNode{{server: topology.None}}, slots: make([]PathID, 64)}
}

func pathHash(parent PathID, server topology.ServerID) uint64 {
	x := uint64(parent)<<32 | uint64(uint32(server))
	x *= 0x9e3779b97f4a7c15
	return x ^ x>>29
}

// extend returns the sequence p with server added.
func (t *pathTable) extend(p PathID, server topology.ServerID) PathID {
	mask := uint64(len(t.slots) - 1)
	i := pathHash(p, server) & mask
	for t.slots[i] != 0 {
		if n := &t.nodes[t.slots[i]]; n.parent == p && n.server == server {
			return t.slots[i]
		}
		i = (i + 1) & mask
	}
	visits := int32(1)
	for q := p; q != 0; q = t.nodes[q].parent {
		if t.nodes[q].server == server {
			visits = t.nodes[q].visits + 1
			break
		}
	}
	t.nodes = append(t.nodes, pathNode{p, server, visits, t.nodes[p].length + 1})
	id := PathID(len(t.nodes) - 1)
	t.slots[i] = id
	if t.used++; t.used*2 > len(t.slots) {
		t.grow()
	}
	return id
}

func (t *pathTable) grow() {
	t.slots = make([]PathID, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for id := 1; id < len(t.nodes); id++ {
		i := pathHash(t.nodes[id].parent, t.nodes[id].server) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = PathID(id)
	}
}

// Visits returns how often the server that holds the copy has handled it, this time included.
func (s *Store) Visits(p PathID) int32 { return s.paths.nodes[p].visits }

// Handled adds a server to the path of a copy that it takes. Hubs do so themselves; this is for servers of another kind.
func (s *Store) Handled(m MsgID, by topology.ServerID) {
	s.Cold[m].Path = s.paths.extend(s.Cold[m].Path, by)
}

// Path returns the servers of a path, first to last.
func (s *Store) Path(p PathID) []topology.ServerID {
	out := make([]topology.ServerID, s.paths.nodes[p].length)
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = s.paths.nodes[p].server
		p = s.paths.nodes[p].parent
	}
	return out
}

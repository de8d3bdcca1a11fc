package route

import "mailsim/topology"

// Order returns the i-th candidate, from 0, that a sender's turn-th connection, from 0, tries out of a group's base order:
// the first connection goes through 1,2,3, the second through 2,3,1. offset is where the sender starts (D-11, Table.Offset). The
// turn is counted by the sender, for each next hop. The base must not be empty and no argument negative.
func Order(base []Target, offset, turn, i int) Target {
	return base[(offset+turn+i)%len(base)]
}

// Offset returns where the rotations of a server start in a list of n candidates (D-11): its index among the hubs of its site, or
// among the servers of its own role there, modulo n. 0 for an empty list.
func (t *Table) Offset(from topology.ServerID, n int) int {
	if n == 0 {
		return 0
	}
	return int(t.view.places[from].turn) % n
}

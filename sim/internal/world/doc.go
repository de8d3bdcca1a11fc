// Package world is the network around the servers in virtual time: which sites reach each other, how far apart they are, and how
// the message bodies under way share the links between them.
//
//	net := world.NewNetwork(org)
//	rtt := net.RTT(a, b)
//	id := net.Start(now, a, b, bits, payload)  // a body begins to cross
//	at := net.Next()                           // when the next one is through
//	done = net.Finish(at, done[:0])            // payloads of those that are through at that instant
//
// What flows in: the organisation's links, cuts and mends, bodies. What flows out: round-trip times, reachability, exact completion
// times. It imports topology and sim/simtime; it must never import the cores or the simulation.
package world

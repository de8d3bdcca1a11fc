// Package route decides where mail goes: least-cost paths between sites, hub sites, back-off, delivery groups, the choice of a
// connector, and the candidates of a queue's connections. It is a pure function of an organisation and a destination, and it can
// say why.
//
//	b := route.NewBook()
//	inOsaka := b.Dest(route.Destination{Kind: route.Mailbox, Server: mbx})
//	t := b.Table(org, tokyo)                // what the servers of one site know, by one view
//	hop := t.Hop(hub, inOsaka, size)        // the decision: an outcome and a next-hop key
//	hops = t.Hops(hub, dests, size, hops[:0]) // the same for the recipients of one message, who share copies
//	for _, g := range t.Groups(hub, hop.Key) {
//		for i := range g.Members {
//			try(route.Order(g.Members, t.Offset(hub, len(g.Members)), turn, i))
//		}
//	}
//	for _, g := range t.Submission(mbx, dests) { … } // who takes a message from a mailbox server
//	way := route.Follow(b, org, route.Query{Server: hub, Dest: inOsaka}) // the whole way, with reasons
//	d := route.Compare(org, changed, size) // which routes differ between two organisations, and why
//
// What flows in: an immutable topology.Organisation (a view) and destinations. What flows out: next-hop keys, groups of
// candidates, and explanations. A decision and its explanation come from the same functions: the explanation only listens.
//
// Rules are cited by their numbers; docs/rules/routing.md states each. Nothing here depends on load, health or time
// (R-3.1 step 4, R-3.6), except where a caller of Follow says what answers.
//
// It imports topology and the standard library. It must never import sim, scenarios, or anything that knows a clock, a file, a
// random number, or gonum's path algorithms, which choose at random among equal paths.
package route

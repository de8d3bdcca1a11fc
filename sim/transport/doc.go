// Package transport is the queueing core of one mail-transport server: queues, connections and their thresholds, retries,
// the categoriser's order, distribution groups, loops, delivery reports and expiry, priorities, poison, operators. Beside the Hub stand
// mechanisms of their own that the simulation composes with it: Receiver (inbound limits), Pressure (back pressure), ShadowQueue,
// Duplicates of a mailbox database, SafetyNet. It decides and does nothing: it opens no socket, reads no clock, starts no goroutine and draws
// no random number.
//
// Tell a Hub what happened and it appends what is to be done:
//
//	acts = hub.Step(now, transport.Input{Kind: transport.Submitted, Msg: m}, acts[:0])
//	for _, a := range acts { perform(a) }
//	// ... everything else that happens at this instant ...
//	for more := hub.Due(); more; {
//		acts, more = hub.Settle(now, acts[:0]) // one round of: at most one new connection a queue
//		// perform acts
//	}
//	wake(hub.Deadline())
//
// What flows in: Inputs (a message was submitted, a dial ended, a reply came), routing tables (Reroute). What flows out: Actions
// (dial this target, send that message, close), and Stats to be read at any time. Messages live in a Store that the driver owns and
// all hubs share; inputs and actions carry handles.
//
// It imports topology, topology/route, sim/metrics and sim/simtime. It must never import the simulation around it, so that another driver (real
// sockets and a wall clock) can use the same code.
package transport

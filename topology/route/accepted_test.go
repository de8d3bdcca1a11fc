package route

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// What becomes of an address in an accepted domain that no mailbox of the model has.
func TestD27_AcceptedDomains(t *testing.T) {
	t.Parallel()
	const links = "X-S 10"
	edge, out := "edges S: E", "connector Out: * on E"
	expect := func(name, ask, want string, clauses ...string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, version := range []string{"2007", "2010", "2016"} {
				net(t, links, append(clauses, edge, "version "+version)...).expect(ask, want)
			}
		})
	}
	authoritative, internal, external := "accepted x.com authoritative", "accepted x.com internal_relay", "accepted x.com external_relay"
	expect("authoritative at a hub", "hX1→u@x.com", "fate ndr, code 5.1.1, at hX1, connector , type ", authoritative, out)
	expect("whatever the connectors", "hX1→u@X.com", "fate ndr, code 5.1.1, at hX1", authoritative, "connector Exact: x.com on hX1")
	expect("authoritative at an Edge", "E→u@x.com", "fate ndr, code 5.1.1, at hS1, handled E hS1", authoritative, out)
	expect("internal relay at a hub", "hX1→u@x.com", "fate delivered, connector In, handled hX1 hS1, to other", internal, out, "connector In: x.com on hS1 to other")
	expect("internal relay at an Edge", "E→u@x.com", "fate delivered, handled E hS1, to other", internal, out, "connector In: x.com on hS1 to other")
	expect("external relay at a hub", "hX1→u@x.com", "fate delivered, handled hX1 hS1 E, connector Out, to internet", external, out)
	expect("external relay at an Edge", "E→u@x.com", "fate delivered, handled E, connector Out, to internet", external, out)
	expect("another domain at an Edge", "E→u@y.com", "fate delivered, handled E, connector Out, to internet", authoritative, out)
	expect("below the domain", "E→u@sub.x.com", "handled E, to internet", authoritative, out)
	expect("with all below it", "E→u@sub.x.com", "code 5.1.1, handled E hS1", "accepted *.x.com authoritative", out)
	expect("the most specific counts", "E→u@lab.x.com", "handled E, to internet", "accepted *.x.com authoritative", "accepted lab.x.com external_relay", out)
	expect("the most specific counts", "E→u@sub.lab.x.com", "code 5.1.1", "accepted *.x.com authoritative", "accepted lab.x.com external_relay", out)
	expect("whatever their order", "E→u@lab.x.com", "handled E, to internet", "accepted lab.x.com external_relay", "accepted *.x.com authoritative", out)
	expect("no address of another type", "hX1→FAX:x.com", "code 5.4.4", authoritative, out)
	// Without a connector of its own inside, mail for an internal relay domain goes out to the Edge and comes back.
	expect("internal relay without a connector", "hX1→u@x.com", "code 5.4.6", internal, out)
}

// "--" is one more candidate for the Edge: as specific as the accepted domain, at the cost of the inbound connector.
func TestR5_2_AcceptedDomainsAsAnAddressSpace(t *testing.T) {
	t.Parallel()
	expect := func(name, want string, clauses ...string) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			net(t, "S", append(clauses, "edges S: E", "accepted *.x.com authoritative")...).expect("E→u@x.com", want)
		})
	}
	const inward, outward = "handled E hS1", "handled E, to internet"
	expect("alone", inward)
	expect("against *", inward, "connector A: * on E")
	expect("against a shorter suffix", inward, "connector A: *.com on E")
	expect("against the very domain", outward, "connector A: x.com;100 on E")
	expect("equal, dearer", inward, "connector A: *.x.com;2 on E")
	expect("equal in all, by name", outward, "connector A: *.x.com;1 on E")
	expect("equal in all, by name", inward, "connector Z: *.x.com;1 on E")
	expect("a connector of the name of its own", "handled E hS1, type SmartHostConnectorDelivery, next --", "connector In: --;5 on E", "connector A: *.x.com;6 on E")
	expect("dearer than another", outward, "connector In: --;5 on E", "connector A: *.x.com;4 on E")
	expect("disabled", "fate unreachable, at E", "connector In: -- on E disabled")
	expect("disabled, with another", outward, "connector In: -- on E disabled", "connector A: * on E")
}

// An organisation may declare the inbound connector of a subscription, and then disable it: nothing goes inward, and what waits is routed again.
func TestR6_1_InboundConnectorThatIsDeclared(t *testing.T) {
	t.Parallel()
	n := net(t, "S", "edges S: E F", "connector In: -- on E", "connector In also: -- on E")
	way := n.follow("E→S")
	require.Contains(t, reasons(&way), `through "In"`)
	n.expect("F→S", "fate delivered, handled F hS1") // that of the subscription, which nobody declared
	e := n.server("E")
	key := n.book.Table(n.org, 0).Hop(e, n.dest("S"), 1).Key
	one := n.by(topology.Change{Kind: topology.ConnectorEnabled, Object: 0, Value: 0})
	require.True(t, one.book.Table(one.org, 0).Alive(e, key))
	way = one.follow("E→S")
	require.Contains(t, reasons(&way), `through "In also"`)
	none := one.by(topology.Change{Kind: topology.ConnectorEnabled, Object: 1, Value: 0})
	require.False(t, none.book.Table(none.org, 0).Alive(e, key))
	none.expect("E→S", "fate unreachable, at E")
	none.expect("F→S", "fate delivered, handled F hS1")
}

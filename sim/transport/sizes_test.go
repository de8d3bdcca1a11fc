package transport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestQ3_6_SizeLimitsAtTheFirstServer: the organisation's limits and a recipient's own, looked at where the message is categorised for the first
// time. Equal sizes pass; only those recipients fail for whom it is too large.
func TestQ3_6_SizeLimitsAtTheFirstServer(t *testing.T) {
	t.Parallel()
	const kb = 1 << 10
	for _, c := range []struct {
		name    string
		size    uint32
		inside  bool // sender
		relayed bool
		to      string // m: no limit of its own, s: 50 KB, t: 40 KB, o: outside, g: a group of m and s
		bounced []transport.Code
		sent    int // recipients of copies that went on
	}{
		{"small enough for all", 50 * kb, true, false, "mso", nil, 3},
		{"a mailbox with a limit of its own", 50*kb + 1, true, false, "mso", []transport.Code{transport.TooLargeForMailbox}, 2},
		{"just what the one takes, too much for the other", 50 * kb, true, false, "st", []transport.Code{transport.TooLargeForMailbox}, 1},
		{"over what inside recipients may get", 100*kb + 1, true, false, "mso", []transport.Code{transport.TooLargeForMailbox, transport.TooLargeForOrganisation}, 1},
		{"from outside, over what they may get", 100*kb + 1, false, false, "ms", []transport.Code{transport.TooLargeForMailbox, transport.TooLargeForOrganisation}, 0},
		{"as much as senders may send", 200 * kb, true, false, "o", nil, 1},
		{"over what senders inside may send", 200*kb + 1, true, false, "o", []transport.Code{transport.TooLargeForOrganisation}, 0},
		{"senders outside have no such limit", 200*kb + 1, false, false, "o", nil, 1},
		{"at a later server", 300 * kb, true, true, "mso", nil, 3},
		{"members of a group", 60 * kb, true, false, "g", []transport.Code{transport.TooLargeForMailbox}, 1},
		{"members of a group, at a later server", 60 * kb, true, true, "g", []transport.Code{transport.TooLargeForMailbox}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := topology.NewBuilder(topology.V2010)
			s := b.Site(topology.Site{Name: "S"})
			server := func(name string, r topology.Roles, limit int64) topology.ServerID {
				return b.Server(topology.Server{Name: name, Site: s, Roles: r, Version: topology.V2010, DC: topology.None, MaxReceiveSize: limit})
			}
			hub, plain, small := server("hub", topology.RoleHub, 0), server("m", topology.RoleMailbox, 0), server("s", topology.RoleMailbox, 50*kb)
			tiny := server("t", topology.RoleMailbox, 40*kb)
			b.Remote(topology.Remote{Name: "internet"})
			b.Connector(topology.Connector{
				Name: "out", AddressSpaces: []topology.AddressSpace{{Type: "SMTP", Space: "*", Cost: 1}}, Sources: []topology.ServerID{hub}, DNS: true,
			})
			b.Group(topology.Group{Name: "g", Members: []topology.Recipient{{Server: plain}, {Server: small}}, ExpansionServer: topology.None})
			org, err := b.Build()
			require.NoError(t, err)
			p := transport.DefaultProfile(topology.V2010, false)
			p.Sizes = transport.SizeLimits{MaxSend: 200 * kb, MaxReceive: 100 * kb}
			d := newDriver(t, org, hub, p)
			sent := 0
			d.watch = func(a transport.Action) {
				if a.Kind == transport.Send && !d.store.Hot[a.Msg].Report() {
					sent += int(d.store.Recipients(a.Msg))
				}
			}
			var to []transport.Recipients
			for _, x := range c.to {
				dest := map[rune]route.Destination{
					'm': {Kind: route.Mailbox, Server: plain}, 's': {Kind: route.Mailbox, Server: small}, 't': {Kind: route.Mailbox, Server: tiny},
					'o': {Kind: route.External, Domain: "example.com"}, 'g': {Kind: route.DistributionList},
				}[x]
				to = append(to, transport.Recipients{Dest: d.book.Dest(dest), Count: 1})
			}
			d.at(0, transport.PhaseArrivals, func() {
				tail := transport.Tail{Sender: topology.None}
				if c.inside {
					tail.Sender = plain
				}
				m := d.store.New(transport.Copy{Message: 1, Size: c.size, Set: d.store.NewSet(to)}, tail)
				kind := transport.Submitted
				if c.relayed {
					kind = transport.Offered
				}
				d.step(transport.Input{Kind: kind, Msg: m})
			})
			d.run(sec(60))
			require.Equal(t, c.bounced, d.bounced)
			require.Equal(t, c.sent, sent)
			require.Zero(t, d.store.Live())
			require.Len(t, d.reports, len(c.bounced), "each is told to the sender")
		})
	}
}

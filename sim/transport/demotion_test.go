package transport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// post makes a driver of a hub with a mailbox server, to which it has one connection that carries any number of messages.
func post(t *testing.T, change func(*transport.Profile)) *driver {
	b := topology.NewBuilder(topology.V2010)
	s := b.Site(topology.Site{Name: "S"})
	id := b.Server(topology.Server{Name: "h", Site: s, Roles: topology.RoleHub, Version: topology.V2010, DC: topology.None})
	box := b.Server(topology.Server{Name: "m", Site: s, Roles: topology.RoleMailbox, Version: topology.V2010, Mailboxes: 2000, DC: topology.None})
	org, err := b.Build()
	require.NoError(t, err)
	p := transport.DefaultProfile(topology.V2010, false)
	p.MaxMailboxDeliveries, p.MaxMessagesPerConnection = 1, 0
	change(&p)
	d := newDriver(t, org, id, p)
	d.null = true
	d.dest = []route.DestID{d.book.Dest(route.Destination{Kind: route.Mailbox, Server: box})}
	return d
}

// mail lets a message with so many recipients and bytes come.
func (d *driver) mail(t float64, recipients int32, size uint32) {
	d.at(sec(t), transport.PhaseArrivals, func() {
		d.next++
		m := d.store.New(transport.Copy{Message: d.next, Accepted: d.now, Created: d.now, Size: size,
			Set: d.store.NewSet([]transport.Recipients{{Dest: d.dest[0], Count: recipients}})}, transport.Tail{Sender: topology.None, Null: true})
		d.step(transport.Input{Kind: transport.Submitted, Msg: m})
	})
}

// TestQ9_3_CostlyMailIsDemoted: of mail that waits for a mailbox store, 20 ordinary messages are delivered for each costly one; each kind in order of entry.
// Alone, costly mail goes as any other. Off as installed.
func TestQ9_3_CostlyMailIsDemoted(t *testing.T) {
	t.Parallel()
	const mb = 1 << 20
	for _, c := range []struct {
		name       string
		change     func(*transport.Profile)
		recipients int32
		size       uint32
		demoted    bool
	}{
		{"off", func(*transport.Profile) {}, 501, mb + 1, false},
		{"many recipients", func(p *transport.Profile) { p.CostDemotion = true }, 501, 1000, true},
		{"large", func(p *transport.Profile) { p.CostDemotion = true }, 1, mb + 1, true},
		{"more than an envelope", func(p *transport.Profile) { p.CostDemotion = true }, 1001, 1000, true},
		{"just below", func(p *transport.Profile) { p.CostDemotion = true }, 500, mb, false},
		{"under priority queueing", func(p *transport.Profile) {
			p.CostDemotion, p.Reports.PriorityQueueing = true, true
			p.Priorities[transport.PriorityNormal] = 1
		}, 501, 1000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := post(t, c.change)
			d.mail(0, 1, 1000) // opens the connection
			for range 3 {
				d.mail(1, c.recipients, c.size)
			}
			for range 45 {
				d.mail(1, 1, 1000)
			}
			d.run(sec(1000))
			var costly []int
			for i, m := range d.order {
				if m >= 2 && m <= 4 {
					costly = append(costly, i)
				}
			}
			want := []int{1, 2, 3}
			if c.demoted {
				want = []int{20, 41, 48} // the first message counts: some wait when it is served, at 2 s
			}
			if c.recipients > 1000 {
				want = []int{20, 41, 48, 49, 50, 51} // in two copies each, the second of a single recipient
			}
			require.Equal(t, want, costly)
			require.Zero(t, d.store.Live())
		})
	}
}

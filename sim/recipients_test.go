package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/load"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// several lets one message for n recipients in one mailbox database come.
func (c *campus) several(id, from string, at float64, n int, to string) {
	sender := load.Party{Kind: load.PartyInternet, Weight: 1}
	if from != "" {
		sender = load.Party{Kind: load.PartyMailbox, Server: c.servers[from], Weight: 1}
	}
	c.cfg.Loads = append(c.cfg.Loads, load.Source{
		ID: id, Kind: load.Burst, Start: seconds(at), End: simtime.Never, Count: 1, Size: rng.Constant(1000), Recipients: rng.Constant(float64(n)),
		From: []load.Party{sender}, To: []load.Party{{Kind: load.PartyMailbox, Server: c.servers[to], Weight: 1}},
	})
}

// TestQ5_4_RecipientsOfATransaction: a server says 452 to recipients over its limit, and the sender sends the message again for them: on the same connection,
// after which others have their turn, and on a further one when that has carried its messages.
func TestQ5_4_RecipientsOfATransaction(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit, recipients, perConnection int
		copies                           float64
		last                             float64 // seconds until the last has it
	}{
		{0, 250, 20, 1, 0 + 1 + 1},
		{250, 250, 20, 1, 1 + 1},
		{100, 250, 20, 3, 1 + 3},
		{100, 201, 20, 3, 1 + 3},
		{100, 201, 2, 3, 1 + 2 + 1 + 1}, // a further set-up for the third
		{1, 5, 20, 5, 1 + 5},
	} {
		t.Run(fmt.Sprint(c.limit, c.recipients, c.perConnection), func(t *testing.T) {
			t.Parallel()
			b := inbound(t, transport.ReceiveLimits{MaxRecipients: c.limit})
			b.several("list", "Am", 10, c.recipients, "Bm")
			for i := range b.cfg.Servers {
				b.cfg.Servers[i].Profile.MaxMessagesPerConnection = c.perConnection
			}
			r := b.run()
			require.Equal(t, float64(c.recipients), stat(t, r, "messages.delivered", "site=all", "total"))
			require.Equal(t, c.copies, stat(t, r, "delivery.copies", "from=A,to=B", "total"))
			require.InDelta(t, c.last, stat(t, r, "delivery.delay", "from=all,to=all", "max"), 0.1)
			require.Zero(t, stat(t, r, "deferrals", "server=A1,next_hop=B", "total"))
		})
	}
}

// TestQ5_4_RecipientsFromOutside: a sender outside brings a message with too many recipients in several transactions.
func TestQ5_4_RecipientsFromOutside(t *testing.T) {
	t.Parallel()
	c := inbound(t, transport.ReceiveLimits{MaxRecipients: 200})
	c.cfg.Servers[c.servers["A1"]].Receive.MaxRecipients = 200
	c.cfg.Servers[c.servers["A2"]].Receive.MaxRecipients = 200
	c.several("in", "", 10, 450, "Am")
	c.cfg.Output.SitePairs = true
	r := c.run()
	require.Equal(t, 450.0, stat(t, r, "messages.delivered", "site=all", "total"))
	require.Equal(t, 3.0, stat(t, r, "delivery.copies", "from=internet,to=A", "total"))
}

// TestQ5_4_PartThatBreaks: what the server has taken stays there when the connection breaks; the message waits for the other recipients.
func TestQ5_4_PartThatBreaks(t *testing.T) {
	t.Parallel()
	c := inbound(t, transport.ReceiveLimits{MaxRecipients: 100})
	c.several("list", "Am", 10, 350, "Bm") // set-up to 11 s; parts taken at 12, 13, ...
	c.cut("AB", 12.5, 3000)
	c.cfg.Duration = 2 * time.Hour
	c.cfg.Snapshots = append(c.cfg.Snapshots, seconds(20))
	r := c.run()
	waiting := append(messagesIn(&r.Snapshots[0], `A1\1`), messagesIn(&r.Snapshots[0], `A2\1`)...)
	require.Len(t, waiting, 1)
	require.Equal(t, "mailbox:Bm (250)", waiting[0].Recipients)
	require.Equal(t, 350.0, stat(t, r, "messages.delivered", "site=all", "total"))
	require.Zero(t, stat(t, r, "messages.duplicate", "site=all", "total"))
}

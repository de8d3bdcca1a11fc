package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// TestQ11_2_ShadowQueuesAreListed: what Q holds of P's mail stands in a queue of its own, named after P, until Q learns that P has passed it on.
// Nobody is lost here: that somebody looks is reason enough to keep the copies.
func TestQ11_2_ShadowQueuesAreListed(t *testing.T) {
	t.Parallel()
	list := func(v topology.Version, at ...string) (queues, messages []string, run *result.Run) {
		x := newCouple(v, "09:01:00").mail("09:59:30", 4, true)
		for _, a := range at {
			x.cfg.Snapshots = append(x.cfg.Snapshots, x.at(a))
		}
		r := x.run(t)
		for _, s := range r.Snapshots {
			for _, q := range s.Queues {
				if q.DeliveryType == "ShadowRedundancy" {
					queues = append(queues, fmt.Sprintf("%v %s %s %s %d %.2f %.2f", x.t0.Add(time.Duration(s.Time)).Format("15:04:05"), q.Identity, q.NextHopDomain, q.Status, q.MessageCount, q.Incoming, q.Outgoing))
				}
			}
			for _, m := range s.Messages {
				if m.Queue == `Q\Shadow\1` {
					messages = append(messages, fmt.Sprintf("%s %s %s %s %s %v", m.Identity, m.From, m.Recipients, m.ID, m.Source, m.Expires != simtime.Never))
				}
			}
		}
		return queues, messages, r
	}
	// Half of the mail comes to P, half to Q: they hold each other's. It is passed on at 10:00:30, and known at 10:01.
	queues, messages, seen := list(topology.V2016, "09:59:00", "10:00:00", "10:00:59", "10:02:00")
	require.Equal(t, []string{
		`10:00:00 P\Shadow\1 Q Ready 2 0.03 0.00`, `10:00:00 Q\Shadow\1 P Ready 2 0.03 0.00`,
		`10:00:59 P\Shadow\1 Q Ready 2 0.00 0.00`, `10:00:59 Q\Shadow\1 P Ready 2 0.00 0.00`,
	}, queues)
	require.Equal(t, []string{
		`Q\Shadow\1\1 mailbox:P domain:example.net <1@P> SMTP:Default Q true`, `Q\Shadow\1\3 mailbox:P domain:example.net <3@P> SMTP:Default Q true`,
		`Q\Shadow\1\1 mailbox:P domain:example.net <1@P> SMTP:Default Q true`, `Q\Shadow\1\3 mailbox:P domain:example.net <3@P> SMTP:Default Q true`,
	}, messages)
	_, _, unseen := list(topology.V2016)
	require.Equal(t, unseen.Summary.Fingerprint, seen.Summary.Fingerprint, "looking changes nothing")
	queues, _, _ = list(topology.V2007, "10:00:00")
	require.Empty(t, queues)
}

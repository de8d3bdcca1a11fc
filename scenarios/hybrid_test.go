package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
	"mailsim/topology/route"
)

// TestQ5_7_OutboundInAHybrid: an Edge sends to Exchange Online Protection as a smart host, or straight to the internet by DNS. The one is one queue for all
// domains, the other one a domain.
func TestQ5_7_OutboundInAHybrid(t *testing.T) {
	t.Parallel()
	const head = `
[[edge]]
name = "edge"
subscribed_site = "A"
[[remote]]
name = "eop"
preset = "eop-2025"
[[connector]]
name = "zz-out"
address_spaces = ["SMTP:*;1"]
source_servers = ["edge"]
`
	for _, c := range []struct {
		name, connector string
		kind            route.DeliveryType
		queues          []string // for two domains
		perSource       int      // connections that the system at the other end takes
	}{
		{"by EOP", `smart_hosts = ["eop"]`, route.SmartHostConnectorDelivery, []string{"eop", "eop"}, 50},
		{"by DNS", `dns = true`, route.DnsConnectorDelivery, []string{"contoso.com", "fabrikam.com"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := configOf(t, head+c.connector+"\n")
			edge, ok := cfg.Org.ServerByName("edge")
			require.True(t, ok)
			book := route.NewBook()
			table := book.Table(cfg.Org, cfg.Org.Servers[edge].Site)
			for i, domain := range []string{"contoso.com", "fabrikam.com"} {
				hop := table.Hop(edge, book.Dest(route.Destination{Kind: route.External, Domain: domain}), 1000)
				key := book.Key(hop.Key)
				require.Equal(t, c.kind, key.Type)
				require.Equal(t, c.queues[i], key.Domain)
				target := table.Groups(edge, hop.Key)[0].Members[0]
				require.Equal(t, c.perSource, cfg.Remotes[topology.RemoteID(target.ID)].MaxConnectionsPerSource)
			}
		})
	}
}

// TestQ3_3_CostsOfRealMessages: of the two messages whose time in a categoriser is known, the default is near to the one without agents of its own, and
// heavy-agents to the one with.
func TestQ3_3_CostsOfRealMessages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		preset string
		bytes  float64
		took   time.Duration
	}{
		{"default", 136_349, 46 * time.Millisecond},
		{"heavy-agents", 38_663, 1698 * time.Millisecond},
	} {
		m := configOf(t, "[model]\ncategoriser = \""+c.preset+"\"\n").Model.Submitted
		ours := m.Base + m.PerRecipient + time.Duration(float64(m.PerKB)*c.bytes/1024)
		require.InEpsilon(t, c.took.Seconds(), ours.Seconds(), 0.2, c.preset)
	}
}

// TestQ3_6_SizeLimitsOfAScenario: 10 MB each where nothing is said, and what the keys say.
func TestQ3_6_SizeLimitsOfAScenario(t *testing.T) {
	t.Parallel()
	p := configOf(t, "").Servers[0].Profile
	require.EqualValues(t, 10<<20, p.Sizes.MaxSend)
	require.EqualValues(t, 10<<20, p.Sizes.MaxReceive)
	cfg := configOf(t, "[model]\nmax_send_size = \"20MB\"\nmax_receive_size = \"30MB\"\n[[mailbox]]\nname = \"small\"\nsite = \"A\"\nmax_receive_size = \"2MB\"\n")
	p = cfg.Servers[0].Profile
	require.EqualValues(t, 20<<20, p.Sizes.MaxSend)
	require.EqualValues(t, 30<<20, p.Sizes.MaxReceive)
	small, ok := cfg.Org.ServerByName("small")
	require.True(t, ok)
	require.EqualValues(t, 2<<20, cfg.Org.Servers[small].MaxReceiveSize)
}

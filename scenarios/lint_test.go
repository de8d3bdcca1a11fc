package scenarios

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// questionable has a finding of every code but L008.
const questionable = `duration = "1h"
[[site]]
name = "A"
[[site]]
name = "B"
hub_site = true
[[site]]
name = "C"
[[site]]
name = "D"
[[site]]
name = "E"
hub_site = true
[[site]]
name = "F"
[defaults.link]
rtt = "10ms"
bandwidth = "10Mbit/s"
cost = 10
[[link]]
name = "A-B"
sites = ["A", "B"]
[[link]]
name = "B-D"
sites = ["B", "D"]
[[link]]
name = "A-C"
sites = ["A", "C"]
[[link]]
name = "C-D"
sites = ["C", "D"]
[[link]]
name = "D-E"
sites = ["D", "E"]
[[link]]
name = "E-D"
sites = ["E", "D"]
cost = 10
[[hub]]
name = "a1"
site = "A"
[[hub]]
name = "b1"
site = "B"
[[hub]]
name = "c1"
site = "C"
[[hub]]
name = "d1"
site = "D"
[[mailbox]]
name = "am"
site = "A"
[[mailbox]]
name = "em"
site = "E"
[[edge]]
name = "edge1"
subscribed_site = "A"
[[connector]]
name = "fax"
address_spaces = ["FAX:*;1"]
source_servers = ["b1"]
[[connector]]
name = "x2"
address_spaces = ["SMTP:x.example;1"]
source_servers = ["a1", "d1"]
[[connector]]
name = "y2"
address_spaces = ["SMTP:y.example;1"]
source_servers = ["a1"]
[[connector]]
name = "y1"
address_spaces = ["SMTP:y.example;1"]
source_servers = ["a1"]
`

// Findings stand where the scenario declares what they are about, in order of position; TestL001_… of topology/lint show each.
func TestFindingsHaveTheirPlaces(t *testing.T) {
	t.Parallel()
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte(questionable)}}, "x.toml")
	require.NoError(t, err)
	require.Equal(t, []string{
		`x.toml:3:8: warning: site "A": paths to "D" are equal by cost and hops but differ in hub sites, and the names of sites decide (R-3.1 step 3), and so between 1 more pair of sites; give one path a lower cost [L006]`,
		`x.toml:13:12: warning: site "E": hub_site: the site has no hub, so it is no hub site and mail does not stop there (D-3); give it a hub, or remove the flag [L002]`,
		`x.toml:15:8: warning: site "F": is in no link: no mail reaches it from another site (R-2.11) [L005]`,
		`x.toml:38:8: warning: link "E-D": cost: link "D-E" joins the same sites at the same cost; the one with the lower name is used (D-2) [L001]`,
		`x.toml:56:8: warning: mailbox "em": site: site "E" has no hub: mail of its mailboxes is neither sent nor delivered (R-2.11) [L004]`,
		`x.toml:67:18: warning: connector "x2": source_servers: its source servers are in the sites "A", "D", and mail from one place uses those of one site only (X-6, R-5.9); give each site a connector of its own [L003]`,
		`x.toml:70:18: warning: connector "y2": address_spaces: connector "y1" takes all mail for SMTP:y.example: equal connectors share nothing, the lower name decides (R-5.1 step 6); give one connector the servers of both, or another cost [L007]`,
	}, texts(s.Warnings()))
	require.Equal(t, []string{
		`x.toml:3:8: risk: site "A": has mailboxes and one hub, "a1": while that is down they neither send nor receive (D-4, R-3.15) [L102]`,
		`x.toml:6:12: risk: site "B": hub_site: mail on 2 ways from site to site must stop at this hub site: while its one hub, "b1", is down it waits, and no other path is tried (R-3.13) [L103]`,
		`x.toml:58:8: risk: edge "edge1": no other edge takes the internet mail of "A", "B", "C", "D": while this one is down it waits in site "A", and no other site takes over (R-6.7) [L101]`,
		`x.toml:63:18: risk: connector "fax": source_servers: "b1" is its only source server, and no connector of another server takes FAX:*: while that server is down such mail waits (R-4.5) [L104]`,
	}, texts(s.Risks()))
}

// A connector that a subscription makes has no table of its own: its first Edge server stands for it.
func TestFindingsOfAutomaticConnectorsStandAtTheirEdge(t *testing.T) {
	t.Parallel()
	const src = `duration = "1h"
[[site]]
name = "A"
[[hub]]
name = "a1"
site = "A"
[[edge]]
name = "e1"
subscribed_site = "A"
[[edge]]
name = "e2"
subscribed_site = "A"
[[connector]]
name = "A out"
address_spaces = ["SMTP:*;100"]
source_servers = ["e2"]
`
	s, err := Load(fstest.MapFS{"x.toml": {Data: []byte(src)}}, "x.toml")
	require.NoError(t, err)
	require.Equal(t, []string{
		`x.toml:8:8: warning: edge "e1": connector "A out" takes all mail for SMTP:*: equal connectors share nothing, the lower name decides (R-5.1 step 6); give one connector the servers of both, or another cost [L007]`,
	}, texts(s.Warnings()))
}

// A code is the last word of a line.
func TestProblemsTellTheirCodes(t *testing.T) {
	t.Parallel()
	p := Problem{Pos: Pos{"x.toml", 1, 2}, Text: "warning: so it is", Code: "L001"}
	require.Equal(t, "x.toml:1:2: warning: so it is [L001]", p.String())
	p.Code = ""
	require.Equal(t, "x.toml:1:2: warning: so it is", p.String())
}

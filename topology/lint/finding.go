package lint

import (
	"fmt"
	"slices"
	"strings"

	"mailsim/topology"
)

// Code names what a finding is about. The meaning of a code never changes.
type Code string

// The warnings.
const (
	ParallelLinks     Code = "L001" // links that join the same sites at the same cost (D-2)
	HubFlagWithoutHub Code = "L002" // the flag of a site without a hub is ignored (D-3)
	SourcesApart      Code = "L003" // source servers of a connector in several sites
	MailboxesNoHub    Code = "L004" // mailboxes in a site without a hub
	Unlinked          Code = "L005" // sites that no chain of links joins to the others
	NamesDecide       Code = "L006" // names choose among equal paths that are not alike (R-3.1 step 3)
	ConnectorShadowed Code = "L007" // of two equal connectors one is never used (R-5.1 step 6)
	LimitIgnored      Code = "L008" // a size limit of a link where there are none
	NoController      Code = "L009" // hubs of several sites that reach no domain controller (F4)
)

// The single points of failure.
const (
	OneEdge    Code = "L101" // one Edge server for the internet mail of sites
	OneHub     Code = "L102" // one hub in a site with mailboxes (D-4)
	OneHubSite Code = "L103" // a hub site that mail between other sites cannot go around
	OneSource  Code = "L104" // one source server of the only connector for an address space
)

// Kind says what a finding is about.
type Kind uint8

// The kinds of objects.
const (
	Site Kind = iota
	Link
	Server
	Connector
)

// String is the kind in small letters.
func (k Kind) String() string { return [...]string{"site", "link", "server", "connector"}[k] }

// Finding is one thing that an administrator should look at.
type Finding struct {
	Code   Code
	Kind   Kind
	Object int32  // SiteID, LinkID, ServerID or ConnectorID, by Kind
	Text   string // what is said of the object, a sentence without its subject; never empty
}

// Warnings returns what an organisation does otherwise than it seems to say, in order of code, then of declaration.
func Warnings(o *topology.Organisation) []Finding {
	var out []Finding
	out = append(out, parallelLinks(o)...)
	out = append(out, hubFlags(o)...)
	out = append(out, sourcesApart(o)...)
	out = append(out, mailboxesWithoutHub(o)...)
	out = append(out, unlinked(o)...)
	out = append(out, namesDecide(o)...)
	out = append(out, shadowed(o)...)
	out = append(out, limitsIgnored(o)...)
	return append(out, noController(o)...)
}

// Risks returns the single points of failure of an organisation, in order of code, then of declaration. It follows a message to the
// internet from every site with a hub.
func Risks(o *topology.Organisation) []Finding {
	edges := oneEdge(o)
	out := slices.Clone(edges)
	out = append(out, oneHub(o)...)
	out = append(out, oneHubSite(o)...)
	return append(out, oneSource(o, edges)...)
}

// names writes the names of sites for a sentence, the first of them when there are many.
func names(o *topology.Organisation, sites []topology.SiteID) string {
	const most = 8
	var out []string
	for i, s := range sites {
		if i == most {
			return strings.Join(out, ", ") + fmt.Sprintf(" and %d more", len(sites)-most)
		}
		out = append(out, fmt.Sprintf("%q", o.Sites[s].Name))
	}
	return strings.Join(out, ", ")
}

// hasHub tells of each site whether it has a hub, one that an action adds later included.
func hasHub(o *topology.Organisation) []bool {
	out := make([]bool, len(o.Sites))
	for i := range o.Servers {
		if s := &o.Servers[i]; s.Is(topology.RoleHub) {
			out[s.Site] = true
		}
	}
	return out
}

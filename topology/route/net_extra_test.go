package route

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/topology"
)

// extras are the rarer clauses of a network:
//
//	"dag D1: hA1 hB1"      a DAG of members, each with its own database
//	"active hA1: hB1"      the active copy of hA1's database is on hB1
//	"old hB2 mB"           servers of version 2010 among others
//	"override mA: hA2"     a submission override list
//	"role M"               a hub that is a mailbox server too
//	"group G: A C u@x.com by hC1"   a distribution group, and its expansion server
//	"stays"                submission stays in the site
//	"accepted x.com internal_relay"   an accepted domain
//	"mx s1: x.com;10 y.com;5"         an outside system with mail exchanger records
type extras struct {
	old, both map[string]bool
	dags      []string
	active    map[string]string
	override  map[string][]string
	stays     bool
	groups    []string
	accepted  []topology.AcceptedDomain
	mx        []string
	legacy    []string // clauses of legacy_test.go
}

func (x *extras) clause(t testing.TB, c string) {
	word, rest, _ := strings.Cut(c, " ")
	head, tail, _ := strings.Cut(rest, ": ")
	if x.active == nil {
		x.old, x.both, x.active, x.override = map[string]bool{}, map[string]bool{}, map[string]string{}, map[string][]string{}
	}
	switch word {
	case "dag":
		x.dags = append(x.dags, rest)
	case "active":
		x.active[head] = tail
	case "old":
		for _, s := range strings.Fields(rest) {
			x.old[s] = true
		}
	case "role":
		x.both[rest] = true
	case "override":
		x.override[head] = strings.Fields(tail)
	case "group":
		x.groups = append(x.groups, rest)
	case "rg", "rgc", "legacy", "linked", "proxy":
		x.legacy = append(x.legacy, c)
	case "accepted":
		domain, kind, _ := strings.Cut(rest, " ")
		types := []string{"authoritative", "internal_relay", "external_relay"}
		require.Contains(t, types, kind)
		x.accepted = append(x.accepted, topology.AcceptedDomain{Domain: domain, Type: topology.AcceptedType(slices.Index(types, kind))})
	case "mx":
		x.mx = append(x.mx, rest)
	case "stays":
		x.stays = true
	default:
		t.Fatalf("net: clause %q", c)
	}
}

// server changes a server before it is added.
func (x *extras) server(s topology.Server) topology.Server {
	if x.old[s.Name] {
		s.Version = topology.V2010
	}
	if x.both[s.Name] {
		s.Roles |= topology.RoleMailbox
	}
	return s
}

// add adds what refers to servers.
func (x *extras) add(t testing.TB, b *topology.Builder, servers map[string]topology.ServerID, remotes map[string]topology.RemoteID) {
	for _, d := range x.dags {
		name, members, _ := strings.Cut(d, ": ")
		g := topology.DAG{Name: name}
		for _, m := range strings.Fields(members) {
			require.Contains(t, servers, m)
			g.Members = append(g.Members, servers[m])
			if on, moved := x.active[m]; moved {
				g.Databases = append(g.Databases, topology.DAGDatabase{Name: m, Active: servers[on]})
			}
		}
		b.DAG(g)
	}
	b.SubmissionStaysInSite(x.stays)
	for _, d := range x.accepted {
		b.AcceptedDomain(d)
	}
	for _, m := range x.mx {
		name, records, _ := strings.Cut(m, ": ")
		r := topology.Remote{Name: name}
		for _, record := range strings.Fields(records) {
			domain, preference, _ := strings.Cut(record, ";")
			r.MX = append(r.MX, topology.MX{Domain: domain, Preference: int32(number(t, preference))})
		}
		remotes[name] = b.Remote(r)
	}
	x.addLegacy(t, b, servers, remotes)
	for _, text := range x.groups {
		name, rest, _ := strings.Cut(text, ": ")
		members, expander, named := strings.Cut(rest, " by ")
		g := topology.Group{Name: name, ExpansionServer: topology.None}
		if named {
			require.Contains(t, servers, expander)
			g.ExpansionServer = servers[expander]
		}
		for _, m := range strings.Fields(members) {
			if _, domain, ok := strings.Cut(m, "@"); ok {
				g.Members = append(g.Members, topology.Recipient{Server: topology.None, Domain: domain})
				continue
			}
			id, ok := servers["m"+m]
			for _, other := range []string{m, "h" + m + "1"} {
				if !ok {
					id, ok = servers[other]
				}
			}
			require.True(t, ok, "group %q: no member %q", name, m)
			g.Members = append(g.Members, topology.Recipient{Server: id})
		}
		b.Group(g)
	}
}

// finish changes the finished organisation.
func (x *extras) finish(t testing.TB, o *topology.Organisation) {
	for name, list := range x.override {
		s, ok := o.ServerByName(name)
		require.True(t, ok)
		for _, h := range list {
			id, ok := o.ServerByName(h)
			require.True(t, ok)
			o.Servers[s].SubmissionOverride = append(o.Servers[s].SubmissionOverride, id)
		}
	}
}

func reasons(w *Way) string {
	var lines []string
	for _, r := range w.Reasons {
		lines = append(lines, r.String())
	}
	return strings.Join(lines, "\n")
}

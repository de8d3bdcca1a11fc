package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mailsim/sim/load"
	"mailsim/topology"
	"mailsim/topology/route"
)

// parseSender reads --from.
func parseSender(org *topology.Organisation, who string, q *route.Query) error {
	kind, name := splitKind(who, "site", "server", "mailbox")
	if who == "" {
		return errors.New("--from is missing: name a site, a server or a mailbox server")
	}
	if kind != "" && name == "" {
		return fmt.Errorf("--from %s: no name stands after the colon", who)
	}
	if kind == "" || kind == "site" {
		if site, ok := org.SiteByName(name); ok {
			q.Site = site
			return nil
		}
	}
	if kind != "site" {
		server, ok := org.ServerByName(name)
		if ok && org.Servers[server].Is(topology.RoleEPost) {
			return fmt.Errorf("--from %s: %q is an E-Post server, which hands its mail to whom DNS names; name a site or a server of the Exchange organisation", who, name)
		}
		if ok && kind == "mailbox" && !org.Servers[server].Is(topology.RoleMailbox) {
			return fmt.Errorf("--from %s: %q holds no mailboxes", who, name)
		}
		if ok {
			q.Server, q.Site, q.Submit = server, org.Servers[server].Site, kind == "mailbox"
			return nil
		}
	}
	return fmt.Errorf("--from %s: no %s is called %q; %s", who, kindName(kind, "site or server"), name, suggest(name, names(org, kind)))
}

// firstServer makes a query begin at a transport server of the sender's site.
func firstServer(org *topology.Organisation, name string, q *route.Query) error {
	var known []string
	for i := range org.Servers {
		s := &org.Servers[i]
		if s.Site != q.Site || !s.Transport() || s.Absent {
			continue
		}
		if strings.EqualFold(s.Name, name) {
			q.Server, q.Submit = topology.ServerID(i), false
			return nil
		}
		known = append(known, s.Name)
	}
	site := org.Sites[q.Site].Name
	if len(known) == 0 {
		return fmt.Errorf("--server %s: site %q has no transport server; leave --server out", name, site)
	}
	return fmt.Errorf("--server %s: no transport server of site %q is called so; %s", name, site, suggest(name, known))
}

// plainDomain tells whether a text can be the domain of an address: labels between dots, without blanks and signs that addresses do not have.
func plainDomain(text string) bool {
	_, text = splitKind(text, "smtp")
	for _, label := range strings.Split(text, ".") {
		if label == "" || strings.ContainsAny(label, " \t@,;:*/\\()<>[]\"") {
			return false
		}
	}
	return true
}

// parseRecipient reads one recipient of --to.
func parseRecipient(org *topology.Organisation, whom string) (route.Destination, error) {
	fail := func(format string, args ...any) (route.Destination, error) {
		return route.Destination{}, fmt.Errorf("--to %s: "+format, append([]any{whom}, args...)...)
	}
	switch local, domain, address := strings.Cut(whom, "@"); {
	case whom == "":
		return route.Destination{}, errors.New("--to is missing: name a site, a mailbox server, a group or an address")
	case whom == ",":
		return route.Destination{}, errors.New("--to: nothing stands before or after a comma; write for example Lisbon,Warsaw")
	case address && (local == "" || strings.ContainsAny(local, " \t") || !plainDomain(domain)):
		return fail("an address is name@domain; write for example anna@customer.example")
	case address:
		_, name := splitKind(domain, "smtp")
		return route.Destination{Kind: route.External, Domain: name}, nil
	}
	kind, name := splitKind(whom, "site", "server", "mailbox", "group", "domain")
	if kind != "" && name == "" {
		return fail("no name stands after the colon")
	}
	if kind == "domain" {
		return route.Destination{Kind: route.External, Domain: name}, nil
	}
	if kind == "" {
		if kind, rest, typed := strings.Cut(whom, ":"); typed {
			if kind == "" || rest == "" || strings.EqualFold(kind, "smtp") {
				return fail("expected TYPE:address, such as FAX:12345, or name@domain")
			}
			return route.Destination{Kind: route.External, Type: kind, Domain: rest}, nil
		}
	}
	if kind == "" || kind == "site" {
		if site, ok := org.SiteByName(name); ok {
			away := ""
			for i := range org.Servers {
				switch s := &org.Servers[i]; {
				case s.Site != site || !s.Is(topology.RoleMailbox):
				case !s.Absent:
					return route.Destination{Kind: route.Mailbox, Server: topology.ServerID(i)}, nil
				case away == "":
					away = s.Name
				}
			}
			if away != "" {
				return fail("no mailbox server of site %q is part of the organisation at that time; --at names another instant, mailbox:%s one that is declared",
					org.Sites[site].Name, away)
			}
			return fail("site %q has no mailbox server: nobody there receives mail", org.Sites[site].Name)
		}
	}
	if kind == "" || kind == "server" || kind == "mailbox" {
		if s, ok := org.ServerByName(name); ok {
			if d := org.Servers[s].Domains; len(d) > 0 { // of an E-Post server: outside
				return route.Destination{Kind: route.External, Domain: d[0]}, nil
			}
			if !org.Servers[s].Is(topology.RoleMailbox) {
				return fail("%q holds no mailboxes; name a mailbox server, a site, a group or an address", org.Servers[s].Name)
			}
			return route.Destination{Kind: route.Mailbox, Server: s}, nil
		}
	}
	if kind == "" || kind == "group" {
		g := slices.IndexFunc(org.Groups, func(g topology.Group) bool { return strings.EqualFold(g.Name, name) })
		if g >= 0 && len(org.Groups[g].Members) == 0 {
			return fail("group %q has no members: nobody receives the message", org.Groups[g].Name)
		}
		if g >= 0 {
			return route.Destination{Kind: route.DistributionList, Group: topology.GroupID(g)}, nil
		}
	}
	if whom == "internet" {
		return route.Destination{Kind: route.External, Domain: load.OutsideDomain}, nil
	}
	return fail("%s", unknownRecipient(org, kind, name))
}

// unknownRecipient says that nothing that receives mail has a name.
func unknownRecipient(org *topology.Organisation, kind, name string) string {
	var known []string
	if kind == "" || kind == "site" {
		known = names(org, "site")
	}
	if kind == "" || kind == "server" || kind == "mailbox" {
		known = append(known, names(org, "mailbox")...)
	}
	if kind == "" || kind == "group" {
		known = append(known, names(org, "group")...)
	}
	if kind == "group" && len(known) == 0 {
		return "the scenario has no groups"
	}
	what := "site or mailbox server"
	if len(org.Groups) > 0 {
		what = "site, mailbox server or group"
	}
	hint := suggest(name, known)
	if kind == "" && nearest(name, known) == "" {
		hint += "; an address is name@domain"
	}
	return fmt.Sprintf("no %s is called %q; %s", kindName(kind, what), name, hint)
}

// memberName names a recipient as --to would take it: a mailbox server, or what stands for an address outside.
func memberName(org *topology.Organisation, d route.Destination) string {
	switch {
	case d.Kind == route.Mailbox:
		return org.Servers[d.Server].Name
	case d.Kind == route.DistributionList:
		return "group:" + org.Groups[d.Group].Name
	case d.Type != "" && !strings.EqualFold(d.Type, "smtp"):
		return d.Type + ":" + d.Domain
	}
	return "domain:" + d.Domain
}

// splitKind cuts "kind:" off a name when it is one of kinds.
func splitKind(text string, kinds ...string) (kind, name string) {
	before, after, ok := strings.Cut(text, ":")
	for _, k := range kinds {
		if ok && strings.EqualFold(before, k) {
			return k, after
		}
	}
	return "", text
}

// kindName is what a name could have been, for messages.
func kindName(kind, otherwise string) string {
	switch kind {
	case "":
		return otherwise
	case "mailbox":
		return "mailbox server"
	}
	return kind
}

// names lists what a name of the kind can be; every site and server when the kind is open.
func names(org *topology.Organisation, kind string) []string {
	var out []string
	if kind == "" || kind == "site" {
		for i := range org.Sites {
			out = append(out, org.Sites[i].Name)
		}
	}
	for i := range org.Servers {
		s := &org.Servers[i]
		if kind == "" || kind == "server" || kind == "mailbox" && s.Is(topology.RoleMailbox) {
			out = append(out, s.Name)
		}
	}
	if kind == "group" {
		for i := range org.Groups {
			out = append(out, org.Groups[i].Name)
		}
	}
	return out
}

package route

import (
	"fmt"
	"strings"

	"mailsim/topology"
)

// counterparts finds things of the same name, case aside, in two organisations: the couples in the order of the first, and the names
// that stand alone, those of the first before those of the second. What is not present does not exist.
func counterparts(before, after int, old, now func(int) (name string, present bool)) (both []couple, lone []couple) {
	index := make(map[string]int32, after) // looked up only
	for i := range after {
		if name, present := now(i); present {
			index[strings.ToUpper(name)] = int32(i)
		}
	}
	taken := make([]bool, after)
	for i := range before {
		name, present := old(i)
		if !present {
			continue
		}
		if j, ok := index[strings.ToUpper(name)]; ok {
			taken[j] = true
			both = append(both, couple{name, int32(i), j})
		} else {
			lone = append(lone, couple{name, int32(i), topology.None})
		}
	}
	for j := range after {
		if name, present := now(j); present && !taken[j] {
			lone = append(lone, couple{name, topology.None, int32(j)})
		}
	}
	return both, lone
}

// add notes things that stand alone. where says where the one of an id is.
func add(list []Lone, lone []couple, old, now func(int32) string) []Lone {
	for _, x := range lone {
		l := Lone{Name: x.name}
		if x.before != topology.None {
			l.Before = old(x.before)
		}
		if x.after != topology.None {
			l.After = now(x.after)
		}
		list = append(list, l)
	}
	return list
}

func (c *comparison) findSites() {
	site := func(o *topology.Organisation) func(int) (string, bool) {
		return func(i int) (string, bool) { return o.Sites[i].Name, !o.Sites[i].Absent }
	}
	name := func(o *topology.Organisation) func(int32) string {
		return func(i int32) string { return o.Sites[i].Name }
	}
	a, b := c.before.org, c.after.org
	both, lone := counterparts(len(a.Sites), len(b.Sites), site(a), site(b))
	c.sites = both
	c.found.Sites = add(nil, lone, name(a), name(b))
}

// server looks at a server for counterparts.
func server(o *topology.Organisation) func(int) (string, bool) {
	return func(i int) (string, bool) { return o.Servers[i].Name, !o.Servers[i].Absent }
}

func (c *comparison) findServers() {
	a, b := c.before.org, c.after.org
	where := func(o *topology.Organisation) func(int32) string {
		return func(i int32) string { return o.Sites[o.Servers[i].Site].Name }
	}
	both, lone := counterparts(len(a.Servers), len(b.Servers), server(a), server(b))
	for _, x := range both {
		if !strings.EqualFold(where(a)(x.before), where(b)(x.after)) {
			lone = append(lone, x)
		}
	}
	c.found.Servers = add(nil, lone, where(a), where(b))
}

func (c *comparison) findConnectors() {
	connector := func(o *topology.Organisation) func(int) (string, bool) {
		return func(i int) (string, bool) { return o.Connectors[i].Name, !o.Connectors[i].Absent }
	}
	name := func(o *topology.Organisation) func(int32) string {
		return func(i int32) string { return o.Connectors[i].Name }
	}
	a, b := c.before.org, c.after.org
	_, lone := counterparts(len(a.Connectors), len(b.Connectors), connector(a), connector(b))
	c.found.Connectors = add(nil, lone, name(a), name(b))
}

// present lists the servers of a site that satisfy a condition, in order of declaration.
func (s *side) present(site int32, is func(*topology.Server) bool) []int32 {
	var out []int32
	for i := range s.org.Servers {
		if x := &s.org.Servers[i]; x.Site == topology.SiteID(site) && !x.Absent && is(x) {
			out = append(out, int32(i))
		}
	}
	return out
}

// standIn couples servers of a site: those that both sides have or, without any, the first of each, of which one may be missing. nil when both
// have none.
func (c *comparison) standIn(site couple, is func(*topology.Server) bool) []couple {
	old, now := c.before.present(site.before, is), c.after.present(site.after, is)
	name := func(o *topology.Organisation, ids []int32) func(int) (string, bool) {
		return func(i int) (string, bool) { return server(o)(int(ids[i])) }
	}
	both, _ := counterparts(len(old), len(now), name(c.before.org, old), name(c.after.org, now))
	for i := range both {
		both[i].before, both[i].after = old[both[i].before], now[both[i].after]
	}
	switch {
	case len(both) > 0 || len(old)+len(now) == 0:
		return both
	case len(old) == 0:
		return []couple{{c.after.org.Servers[now[0]].Name, topology.None, now[0]}}
	case len(now) == 0:
		return []couple{{c.before.org.Servers[old[0]].Name, old[0], topology.None}}
	}
	return []couple{{c.before.org.Servers[old[0]].Name + " / " + c.after.org.Servers[now[0]].Name, old[0], now[0]}}
}

// senders are the transport servers of a site.
func (c *comparison) senders(site couple) []couple {
	return c.standIn(site, (*topology.Server).Transport)
}

// recipients are the mailbox databases of a site; nil when one side has none.
func (c *comparison) recipients(site couple) []subject {
	var out []subject
	for _, s := range c.standIn(site, func(s *topology.Server) bool { return s.Is(topology.RoleMailbox) }) {
		if s.before == topology.None || s.after == topology.None {
			return nil
		}
		old, now := c.before.org.Servers[s.before].Databases, c.after.org.Servers[s.after].Databases
		name := func(list []string) func(int) (string, bool) {
			return func(i int) (string, bool) { return list[i], true }
		}
		both, _ := counterparts(len(old), len(now), name(old), name(now))
		if len(both) == 0 {
			both = []couple{{}} // the first of each, or the one that is named after its server
		}
		for _, d := range both {
			r := subject{
				name:   s.name,
				before: Destination{Kind: Mailbox, Server: topology.ServerID(s.before), Database: d.before},
				after:  Destination{Kind: Mailbox, Server: topology.ServerID(s.after), Database: d.after},
			}
			if len(old) > 1 || len(now) > 1 {
				r.name += "/" + d.name
			}
			out = append(out, r)
		}
	}
	return out
}

// spaces are the address spaces of both sides, each with an address that it matches better than any other: SMTP:* first, then in order of
// declaration. "--" is no space of addresses outside.
func (c *comparison) spaces() []subject {
	all := []topology.AddressSpace{{Type: smtp, Space: "*"}}
	for _, o := range []*topology.Organisation{c.before.org, c.after.org} {
		for i := range o.Connectors {
			for _, a := range o.Connectors[i].AddressSpaces {
				if a.Type == "" {
					a.Type = smtp
				}
				all = append(all, topology.AddressSpace{Type: strings.ToUpper(a.Type), Space: strings.ToLower(a.Space)})
				if a.Type = strings.ToUpper(a.Type); a.Type != smtp { // what no other space of the type matches
					all = append(all, topology.AddressSpace{Type: a.Type, Space: "*"})
				}
			}
		}
	}
	var out []subject
	seen := make(map[string]bool, len(all)) // looked up only
	for i := range all {
		name := all[i].Type + ":" + all[i].Space
		if seen[name] || all[i].Space == "--" {
			continue
		}
		seen[name] = true
		d := matchedBest(&all[i], all)
		out = append(out, subject{name, d, d})
	}
	return out
}

// matchedBest makes an address that a space matches and that no other space matches more specifically.
func matchedBest(a *topology.AddressSpace, all []topology.AddressSpace) Destination {
	for n := 0; ; n++ {
		number := ""
		if n > 0 {
			number = fmt.Sprint(n)
		}
		d := Destination{Kind: External, Type: a.Type, Domain: a.Space}
		switch suffix, wild := strings.CutPrefix(a.Space, "*."); {
		case a.Space == "*" && a.Type == smtp:
			d.Domain = "any-domain.example" + number
		case a.Space == "*":
			d.Domain = "any" + number
		case wild && a.Type == smtp:
			d.Domain = "any" + number + "." + suffix
		default:
			return d
		}
		better := false
		for i := range all {
			better = better || match(&all[i], &d) > match(a, &d)
		}
		if !better {
			return d
		}
	}
}

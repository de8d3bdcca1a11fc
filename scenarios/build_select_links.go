package scenarios

import (
	"slices"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// selectLinks resolves a selector to links by name (F024), by a site that they join, by label, or several of these; where networks is set also to the
// connections that pairs of sites have of their own, by network or by label.
//
// F12: faults of links do not touch a pair with its own network, so that a site alone picks links: a network is hit when it is meant.
func (c *compiler) selectLinks(s *source, t *selector, user string, networks bool) []topology.LinkID {
	legal := []string{"link", "site", "label"}
	if networks {
		legal = []string{"link", "network", "site", "label"}
	}
	good := c.onlyKeys(s, t, legal, user)
	good = c.checkSites(s, "target.site", t.Site) && good
	for i, pattern := range t.Link.texts() {
		if !slices.ContainsFunc(c.links.known(), func(n string) bool { return glob(pattern, n) }) {
			c.errorAt(t.Link.at[i], s, "target.link", "no site link %s; links: %s", quote(pattern), list(c.links.known()))
			good = false
		}
	}
	if !networks {
		return c.linksOf(s, t, good, c.labels.links, 0)
	}
	for i, pattern := range t.Network.texts() {
		if !slices.ContainsFunc(c.networks.known(), func(n string) bool { return glob(pattern, n) }) {
			c.errorAt(t.Network.at[i], s, "target.network", "%s matches no network; %s", quote(pattern), suggest(pattern, c.networks.known(), "network"))
			good = false
		}
	}
	if t.Link != nil && t.Network != nil && good {
		c.errorAt(t.node.at, s, "target", "nothing is both a link and a network; write a fault for each")
		return nil
	}
	return c.linksOf(s, t, good, slices.Concat(c.labels.links, c.labels.networks), len(c.networkValues))
}

// linksOf picks among the links and so many networks, whose labels are given.
func (c *compiler) linksOf(s *source, t *selector, good bool, labels [][]string, networks int) []topology.LinkID {
	good = c.checkCarried(s, "target", t.Label, labels) && good
	if t.Link == nil && t.Network == nil && t.Site == nil && t.Label == nil {
		if good {
			c.errorAt(t.node.at, s, "target", "required; name at least one link or site")
		}
		return nil
	}
	var out []topology.LinkID
	pick := func(id int, sites []topology.SiteID) {
		joins := t.Site == nil || slices.ContainsFunc(sites, func(id topology.SiteID) bool { return t.Site.match(c.siteName(id)) })
		if joins && t.Label.carried(labels[id]) {
			out = append(out, topology.LinkID(id))
		}
	}
	for i := range c.linkValues {
		if l := &c.linkValues[i]; t.Network == nil && t.Link.match(l.Name) {
			pick(i, l.Sites)
		}
	}
	for i := range networks {
		if n := &c.networkValues[i]; t.Link == nil && (t.Network != nil || t.Label != nil) && t.Network.match(n.Name) {
			pick(len(c.linkValues)+i, n.Sites[:])
		}
	}
	if len(out) == 0 && good {
		c.errorAt(t.node.at, s, "target", "matches no %s", map[bool]string{false: "link", true: "network"}[t.Network != nil])
	}
	return out
}

// hitsNetworks tells whether faults of a kind can hit the connections that pairs of sites have of their own: replication follows site links alone.
func hitsNetworks(k fault.Kind) bool { return k == fault.LinkDown || k == fault.LinkDegrade }

package topology

// Line is what joins sites in the network: a site link, or a connection of two sites that is not the site link's (Network). Lines are numbered together: the site
// links by their own numbers, the networks on from there in order of declaration. What breaks or degrades is a line; everything else that a LinkID stands for,
// costs and replication above all, is about site links alone.
type Line struct {
	Name     string
	Sites    []SiteID // two of a network
	Up, Down int64    // bit/s, as of Link; 0 = unlimited
	Network  bool     // no site link
}

// Lines returns the number of lines.
func (o *Organisation) Lines() int { return len(o.Links) + len(o.Networks) }

// NetworkLine returns the number of a network among the lines.
func (o *Organisation) NetworkLine(network int) LinkID { return LinkID(len(o.Links) + network) }

// Line returns a line by its number.
func (o *Organisation) Line(l LinkID) Line {
	if i := int(l) - len(o.Links); i >= 0 {
		n := &o.Networks[i]
		return Line{n.Name, n.Sites[:], n.Up, n.Down, true}
	}
	x := &o.Links[l]
	return Line{x.Name, x.Sites, x.Up, x.Down, false}
}

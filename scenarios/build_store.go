package scenarios

import (
	"slices"
	"strings"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// storeKeys are the keys of store_down (F18).
type storeKeys struct {
	Database *names `toml:"database" std:"\"*\"" example:"\"db1\"" doc:"store_down: which databases are dismounted, of those that the hosts declare or have copies of." rule:"F18"`
}

// storeDown finds the databases that store_down dismounts, on each of its hosts (docs/rules/faults.md, F18). A host that has none of them is not hit.
func (c *compiler) storeDown(t *faultTable, f *fault.Fault) {
	if t.Database != nil && len(t.Database.list) == 0 {
		return // reported
	}
	var known, hit []string
	var hosts []fault.Host
	for _, h := range f.Hosts {
		n := len(f.Copies)
		for _, d := range c.databasesOn(h.Server) {
			name := c.servers[d.Server].DatabaseName(d.Index)
			known = append(known, name)
			if t.Database.match(name) {
				hit = append(hit, name)
				f.Copies = append(f.Copies, fault.DatabaseCopy{Database: d, On: h.Server})
			}
		}
		if len(f.Copies) > n {
			hosts = append(hosts, h)
		}
	}
	if t.Database != nil && len(f.Hosts) > 0 {
		for i, pattern := range t.Database.list {
			if !slices.ContainsFunc(hit, func(n string) bool { return glob(pattern, n) }) {
				c.errorAt(t.Database.at[i], &t.source, "database", "%s is on none of the hosts; %s", quote(pattern), suggest(pattern, known, "database"))
			}
		}
	}
	f.Hosts = hosts
}

// databasesOn lists the databases that a mailbox server has: those of its own that no group lists, and those that it has a copy of.
func (c *compiler) databasesOn(id topology.ServerID) []fault.Database {
	var out []fault.Database
	for s := range c.servers {
		if !c.servers[s].Is(topology.RoleMailbox) {
			continue
		}
		for i := range max(1, int32(len(c.servers[s].Databases))) {
			d := fault.Database{Server: topology.ServerID(s), Index: i}
			list := c.groupListing(d)
			if list == nil && d.Server == id || list != nil && (list.Active == id || slices.Contains(list.Copies, id)) {
				out = append(out, d)
			}
		}
	}
	return out
}

// groupListing is what a group says of the copies of a database; nil where none lists it.
func (c *compiler) groupListing(d fault.Database) *topology.DAGDatabase {
	name := c.servers[d.Server].DatabaseName(d.Index)
	for i := range c.dags {
		if !slices.Contains(c.dags[i].Members, d.Server) {
			continue
		}
		for j := range c.dags[i].Databases {
			if x := &c.dags[i].Databases[j]; strings.EqualFold(x.Name, name) {
				return x
			}
		}
	}
	return nil
}

package topology

// SmartHostList adds a list of smart hosts that a change may give to a connector, and returns the value of that change (SmartHosts).
func (b *Builder) SmartHostList(hosts []RemoteID) int64 {
	b.org.HostLists = append(b.org.HostLists, hosts)
	return int64(len(b.org.HostLists) - 1)
}

// checkSmartHostLists reports lists that no connector could use.
func (o *Organisation) checkSmartHostLists(bad func(string, ...any)) {
	for i, list := range o.HostLists {
		if len(list) == 0 {
			bad("smart host list %d: is empty; name a host, or change the connector to DNS routing", i)
		}
		for _, r := range list {
			if r < 0 || int(r) >= len(o.Remotes) {
				bad("smart host list %d: smart host %d is not declared", i, r)
			}
		}
	}
}

// EdgeSync returns the hubs of a site that take part in the subscription of its Edge servers, in order of declaration: those that
// were there when it was made. Hubs added later take mail from the Edge servers all the same.
func (o *Organisation) EdgeSync(s SiteID) []ServerID {
	var in []ServerID
	for _, h := range o.Hubs(s) {
		if !o.Servers[h].Joined {
			in = append(in, h)
		}
	}
	return in
}

package topology

// SubmissionStaysInSite sets which side of X-4 holds for servers of 2013 and later: true makes a mailbox server submit within its own
// site, unless its DAG has members in several. The default, false, lets it submit straight to the delivery group of a recipient.
func (b *Builder) SubmissionStaysInSite(stays bool) { b.org.SubmissionStaysInSite = stays }

// checkSubmission reports what is wrong with the override lists.
func (o *Organisation) checkSubmission(bad func(string, ...any)) {
	for i := range o.Servers {
		s := &o.Servers[i]
		if len(s.SubmissionOverride) > 0 && s.Version.New() {
			bad("server %q: version %s has no submission override list; remove it", s.Name, s.Version)
		}
		for _, h := range s.SubmissionOverride {
			switch {
			case !o.hasServer(h):
				bad("server %q: submission override: server %d is not declared", s.Name, h)
			case !o.Servers[h].Is(RoleHub):
				bad("server %q: submission override: %q is no hub", s.Name, o.Servers[h].Name)
			case o.Servers[h].Site != s.Site:
				bad("server %q: submission override: %q is in another site; list hubs of its own", s.Name, o.Servers[h].Name)
			}
		}
	}
}

package topology

// Home returns the mailbox server on which the mailboxes of a mailbox server are now: itself until they are moved.
func (o *Organisation) Home(s ServerID) ServerID {
	if o.homes == nil {
		return s
	}
	return o.homes[s]
}

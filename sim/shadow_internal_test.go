package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/load"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
	"mailsim/topology/route"
)

// TestQ12_11_NamesOfShadowCopies: what a message is called is known as long as there is a shadow copy of it, be the message gone.
func TestQ12_11_NamesOfShadowCopies(t *testing.T) {
	t.Parallel()
	r := mailroom(t)
	r.shadows = &shadows{copies: []shadowCopy{
		{}, {hot: transport.Copy{Message: 3}, cold: transport.Tail{Repeats: true}}, {hot: transport.Copy{Message: 5}, cold: transport.Tail{Repeats: true}, state: shadowGone},
	}}
	for n := range uint64(6) {
		r.identify(n, load.Identity{ID: 100 + n})
	}
	r.forgetIdentities()
	require.Len(t, r.duplicates.known, 1)
	require.EqualValues(t, 3, r.duplicates.known[0].message)
}

// TestQ12_11_WhatMayComeTwice: mail before the last fault, where copies are kept at all, but none to distribution groups.
func TestQ12_11_WhatMayComeTwice(t *testing.T) {
	t.Parallel()
	r := mailroom(t)
	to := func(d route.Destination) []load.Recipient { return []load.Recipient{{Dest: r.book.Dest(d), Count: 1}} }
	mailbox, list := to(route.Destination{Kind: route.Mailbox, Server: 1}), to(route.Destination{Kind: route.DistributionList, Server: topology.None})
	r.shadows = &shadows{until: simtime.Time(10)}
	require.False(t, r.mayComeTwice(mailbox), "nobody is lost")
	r.shadows.keeping = true
	require.True(t, r.mayComeTwice(mailbox))
	require.False(t, r.mayComeTwice(append(list, mailbox...)))
	r.now = 10
	require.True(t, r.mayComeTwice(mailbox))
	r.now = 11
	require.False(t, r.mayComeTwice(mailbox))
}

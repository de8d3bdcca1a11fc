package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/load"
	"mailsim/sim/simtime"
	"mailsim/sim/transport"
)

// TestQ12_11_NamesOfShadowCopies: what a message is called is known as long as there is a shadow copy of it, be the message gone.
func TestQ12_11_NamesOfShadowCopies(t *testing.T) {
	t.Parallel()
	r := mailroom(t)
	r.shadows = &shadows{copies: []shadowCopy{
		{}, {hot: transport.Copy{Message: 3}, cold: transport.Tail{Repeats: transport.ByTransport}}, {hot: transport.Copy{Message: 5}, cold: transport.Tail{Repeats: transport.ByTransport}, state: shadowGone},
	}}
	for n := range uint64(6) {
		r.identify(n, load.Identity{ID: 100 + n})
	}
	r.forgetIdentities()
	require.Len(t, r.duplicates.known, 1)
	require.EqualValues(t, 3, r.duplicates.known[0].message)
}

// TestQ12_11_WhatMayComeTwice: mail before the last fault, where copies are kept at all.
func TestQ12_11_WhatMayComeTwice(t *testing.T) {
	t.Parallel()
	r := mailroom(t)
	var once, named load.Message
	named.Identity.ID = 7
	require.Zero(t, r.repeats(&once), "no shadow copies")
	r.shadows = &shadows{until: simtime.Time(10)}
	require.Zero(t, r.repeats(&once), "nobody is lost")
	require.Equal(t, transport.BySenders, r.repeats(&named))
	r.shadows.keeping = true
	require.Equal(t, transport.ByTransport, r.repeats(&once))
	require.Equal(t, transport.BySenders|transport.ByTransport, r.repeats(&named))
	r.now = 10
	require.Equal(t, transport.ByTransport, r.repeats(&once))
	r.now = 11
	require.Zero(t, r.repeats(&once))
}

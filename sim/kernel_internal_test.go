package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/transport"
)

// TestEventKeysSayWhatTheyWereMadeOf: no part of a key reaches into another, at its least and at its most.
func TestEventKeysSayWhatTheyWereMadeOf(t *testing.T) {
	t.Parallel()
	for _, server := range []int32{-1, 0, maxServer} {
		for _, kind := range []eventKind{0, evShadow, kindMask} {
			for _, gen := range []uint16{0, genMask} {
				for _, id := range []uint32{0, idMask} {
					k := key(transport.PhaseSampling, server, kind, gen, id)
					require.Equal(t, transport.PhaseSampling, keyPhase(k))
					require.Equal(t, server, keyServer(k))
					require.Equal(t, kind, keyKind(k))
					require.Equal(t, gen, keyGen(k))
					require.Equal(t, id, keyID(k))
				}
			}
		}
	}
	require.Less(t, key(1, maxServer, kindMask, genMask, idMask), key(2, -1, 0, 0, 0), "phase before server")
	require.Less(t, key(1, 0, kindMask, genMask, idMask), key(1, 1, 0, 0, 0), "server before kind")
	require.Less(t, key(1, 0, 0, genMask, idMask), key(1, 0, 1, 0, 0), "kind before generation")
}

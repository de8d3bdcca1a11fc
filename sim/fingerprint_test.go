package sim_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim"
	"mailsim/sim/result"
)

// TestFingerprintIsPinned holds that the same configuration, seed and replication follow the same trajectory on every machine. A change of a rule of the
// core moves these numbers, and then they are to be written anew with the reason; a faster kernel, another toolchain or another processor must
// not move them.
func TestFingerprintIsPinned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		categorise bool
		rep        int
		want       uint64
		messages   int64
	}{
		{"with categoriser", true, 0, 0x5c284fc2c9cf2a5c, 20139},
		{"without", false, 0, 0xc41a9eec52ac9722, 20139},
		{"another replication", true, 1, 0xecd6f0800aa516ee, 20117},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cfg := tenSites(t, 20_000, c.categorise)
			m := result.NewMemory(0, c.rep)
			require.NoError(t, sim.Run(t.Context(), cfg, c.rep, m))
			s := m.Run().Summary
			require.Equal(t, c.messages, s.Messages)
			require.Equal(t, c.want, s.Fingerprint, "%#x", s.Fingerprint)
		})
	}
}

package load

import (
	"github.com/stretchr/testify/require"

	"mailsim/sim/rng"
)

func testSizes(t require.TestingT) rng.Dist {
	d, ok := rng.SizePreset("size.office-75k")
	require.True(t, ok)
	return d
}

func testRecipients(t require.TestingT) rng.Dist {
	d, ok := rng.RecipientsPreset("rcpt.internal")
	require.True(t, ok)
	return d
}

func constant(x float64) rng.Dist { return rng.Constant(x) }

package transport_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mailsim/sim/simtime"
	"mailsim/sim/transport"
	"mailsim/topology"
)

// TestQ3_2_DirectoryDoesNotAnswer: a message whose recipients cannot be resolved waits in the submission queue, deferred, and is categorised again after
// 30 minutes; others pass it, and a restart asks at once.
func TestQ3_2_DirectoryDoesNotAnswer(t *testing.T) {
	t.Parallel()
	bench := func() (*driver, *[]simtime.Time) {
		d := alone(t, topology.V2016, false, 1)
		d.hub.Profile().CategoriserWorkers = 1
		var asked []simtime.Time // for message 1
		d.answers = func(message uint64, now simtime.Time) bool {
			if message == 1 {
				asked = append(asked, now)
			}
			return message != 1 || now >= sec(1900)
		}
		d.submit(0, d.dest[0])
		d.submit(sec(10), d.dest[0])
		return d, &asked
	}
	d, asked := bench()
	d.run(sec(1700))
	require.Equal(t, []uint64{2}, d.order, "nobody waits for it")
	require.Equal(t, 1, d.hub.SubmissionDeferred())
	require.EqualValues(t, 1, d.hub.Stats().Submission.Value())
	d.run(sec(7300))
	require.Equal(t, minutes(0, 30, 60), *asked)
	require.Equal(t, []uint64{2, 1}, d.order)
	require.Zero(t, d.store.Live())

	d, asked = bench()
	d.at(sec(2000), transport.PhaseFaults, func() { d.halt(transport.OK) })
	d.at(sec(2010), transport.PhaseFaults, func() { d.step(transport.Input{Kind: transport.Boot}) })
	d.run(sec(3000))
	require.Equal(t, []simtime.Time{0, sec(1800), sec(2010)}, *asked)
	require.Equal(t, []uint64{2, 1}, d.order)
}

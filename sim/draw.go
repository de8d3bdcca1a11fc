package sim

import (
	"strconv"

	"mailsim/sim/directory"
	"mailsim/sim/rng"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// driftSigma is the standard deviation of the drift of a machine's own quartz, in millionths: that of a physical machine. Virtual machines,
// which are worse, are not told apart (decision).
const driftSigma = 20

// ownDrift draws how a host's clock drifts while nobody sets it: once a machine, by its name.
func ownDrift(root rng.Root, org *topology.Organisation) func(directory.Host) float64 {
	return func(h directory.Host) float64 {
		name := ""
		if h.Server >= 0 {
			name = org.Servers[h.Server].Name
		} else {
			name = org.DCs[h.DC].Name
		}
		return driftSigma * rng.NormalQuantile(root.Stream("clock.drift", name).Float64())
	}
}

// wrongAccount draws whether a ticket under a name that is there twice is sealed for the wrong account: once for each ticket, which its two
// ends and the instant at which it is asked for tell from others.
func wrongAccount(root rng.Root, org *topology.Organisation) func(float64, topology.ServerID, topology.ServerID, simtime.Time) bool {
	return func(chance float64, from, to topology.ServerID, at simtime.Time) bool {
		if chance >= 1 {
			return true
		}
		return root.Stream("spn_duplicate.wrong_account", org.Servers[from].Name, org.Servers[to].Name, strconv.FormatInt(int64(at), 10)).Float64() < chance
	}
}

package scenarios

import (
	"slices"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/sim/simtime"
	"mailsim/topology"
)

// identityFault translates the keys of spn_missing, spn_duplicate and machine_secret (docs/rules/faults.md, F5).
func (c *compiler) identityFault(t *faultTable, f *fault.Fault) {
	f.Identity.DC = topology.None
	c.empty(&t.source, "at_dc", "write the name of a [[dc]], or leave it out")
	if t.AtDC != "" {
		if _, isServer := c.serverNamed(t.AtDC); isServer {
			c.errorf(&t.source, "at_dc", "host %s is no domain controller; name a dc", quote(t.AtDC))
		} else {
			f.Identity.DC = c.stepDC(&t.source, "", "at_dc", t.AtDC)
		}
	}
	f.Identity.WrongAccount = 0.5
	if t.WrongAccount != nil {
		f.Identity.WrongAccount = float64(*t.WrongAccount)
	}
	f.Identity.Secret = directory.SecretLoss(max(0, slices.Index([]string{"reset", "snapshot", "rollover"}, t.Variant)))
}

func (c *compiler) serverNamed(name string) (topology.ServerID, bool) {
	i := slices.IndexFunc(c.servers, func(s topology.Server) bool { return s.Name == name })
	return topology.ServerID(i), i >= 0
}

// certExpiry translates the keys of cert_expiry (docs/rules/faults.md, F7).
func (c *compiler) certExpiry(t *faultTable, f *fault.Fault) {
	f.Cert.NotAfter = f.Start
	if t.NotAfter != nil {
		f.Cert.NotAfter = simtime.Time(t.NotAfter.since(c.t0)) // also one before t0
	}
	f.Cert.StartTLS = t.Purpose == "starttls"
}

package sim_test

import (
	"time"

	"pgregory.net/rapid"

	"mailsim/sim/directory"
	"mailsim/sim/fault"
	"mailsim/topology"
)

// drawIdentity draws a fault of a name, a secret, a filter or a certificate, with a remedy of its own or none; false for other kinds.
func (x *randomScenario) drawIdentity(f *fault.Fault, kind fault.Kind) bool {
	remedy := fault.FixSPN
	switch kind {
	case fault.SPNMissing, fault.SPNDuplicate, fault.MachineSecret:
		f.Hosts = []fault.Host{x.anyServer("host")}
		f.Identity = fault.Identity{DC: topology.DCID(x.some("at", -1, x.dcs-1)), WrongAccount: rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(x.t, "wrong account"),
			Secret: directory.SecretLoss(x.some("secret", 0, 2))}
	case fault.PortBlock:
		remedy = fault.UnblockPort
		f.Filter = directory.Block{From: []fault.Host{x.anyServer("from")}, To: []fault.Host{x.anyServer("to")}, Both: x.flag("both"), TCP: true, UDP: true,
			Ports: []directory.PortRange{{Low: 1, High: 65535}}, Does: directory.Filter(x.some("does", int(directory.Strip), int(directory.Drop)))}
		for i := range x.dcs {
			f.Filter.To = append(f.Filter.To, fault.Host{Server: topology.None, DC: topology.DCID(i)})
		}
	case fault.CertExpiry:
		remedy = fault.RenewCert
		f.Hosts = []fault.Host{x.anyServer("host")}
		f.Cert = fault.Certificate{NotAfter: f.Start.Add(x.duration("good for", -5*time.Minute, 20*time.Minute)), StartTLS: x.flag("starttls")}
	default:
		return false
	}
	f.Kind = kind
	if x.flag("identity remedy") {
		f.Remedies = append(f.Remedies, fault.Action{Kind: remedy, Fault: f.ID, At: f.Start.Add(x.duration("identity after", 0, 20*time.Minute)),
			Duration: x.duration("identity takes", 0, 5*time.Minute), Probability: 1, DC: topology.None, Source: topology.None})
	}
	return true
}

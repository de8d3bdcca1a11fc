package scenarios

import (
	"mailsim/sim/fault"
	"mailsim/topology"
)

// drain translates the drain of host_down (F10): only maintenance is announced, and E-Post has nothing that would empty its folders first.
func (c *compiler) drain(t *faultTable, f *fault.Fault) {
	if !t.Drain {
		return
	}
	if f.Mode != fault.Maintenance {
		c.errorAt(t.node.get("drain").keyAt, &t.source, "drain", `is for mode "maintenance"; what crashes or is stopped passes nothing on`)
		return
	}
	f.Drain = true
	for _, h := range f.Hosts {
		if h.Server >= 0 && c.servers[h.Server].Is(topology.RoleEPost) {
			c.errorf(&t.source, "drain", "host %s is an E-Post server, which cannot be drained; remove drain, or write mode = \"service_stop\" and services = [\"EPSTRS\"]", quote(c.servers[h.Server].Name))
		}
	}
}

package sim_test

import (
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"mailsim/sim/fault"
	"mailsim/sim/rng"
	"mailsim/topology"
)

// drawTrouble draws a fault of what servers lean on, of systems outside or of the mail itself; false for other kinds, and when there is nothing that it could strike.
func (x *randomScenario) drawTrouble(f *fault.Fault, kind fault.Kind) bool {
	switch kind {
	case fault.PoisonMessage:
		if len(x.with(topology.RoleHub)) == 0 {
			return false
		}
		f.Hosts, f.Count, f.Threshold = x.oneOf(topology.RoleHub), x.some("poison", 1, 3), x.some("poison threshold", 0, 3)
	case fault.StoreDown:
		box := x.oneOf(topology.RoleMailbox)
		f.Hosts, f.Copies = box, []fault.DatabaseCopy{{Database: fault.Database{Server: box[0].Server}, On: box[0].Server}}
	case fault.AgentStall:
		f.Hosts, f.Factor = []fault.Host{x.transportServer("stalled")}, rapid.SampledFrom([]float64{0, 0.1, 0.9}).Draw(x.t, "speed")
	case fault.DiskPressure:
		f.Hosts = []fault.Host{x.transportServer("full")}
		f.Disk = fault.Disk{Drive: fault.Drive(x.some("drive kind", 0, 2)), To: rapid.SampledFrom([]float64{0.5, 0.97, 1}).Draw(x.t, "used to")}
	case fault.DNSFail:
		f.Hosts, f.Names.Mode = []fault.Host{x.anyServer("resolver of")}, fault.NamesMode(x.some("dns mode", 0, 2))
		f.Names.Domains = rapid.SampledFrom([][]string{nil, {"*.example"}, {"other.org"}}).Draw(x.t, "names")
		if x.dcs > 0 && x.flag("resolver of a dc") {
			f.Hosts = append(f.Hosts, fault.Host{Server: topology.None, DC: topology.DCID(x.some("dc", 0, x.dcs-1))})
		}
	case fault.LinkDegrade:
		if x.links == 0 {
			return false
		}
		f.Links, f.Direction = []topology.LinkID{topology.LinkID(x.some("link", 0, x.links-1))}, fault.Direction(x.some("direction", 0, 2))
		share := func(what string) float64 { return rapid.SampledFrom([]float64{0, 0, 0.01, 0.3, 1}).Draw(x.t, what) }
		f.Degrade = fault.Degradation{Latency: time.Duration(x.some("latency", 0, 3000)) * time.Millisecond, Duplicate: share("duplicate"), Corrupt: share("corrupt"), Bandwidth: x.bits("left")}
		f.Degrade.Jitter = f.Degrade.Latency * time.Duration(x.some("jitter", 0, 2)) / 2
		if x.flag("bursts") {
			f.Degrade.BurstRate, f.Degrade.BurstSize = share("bursts"), float64(x.some("burst", 1, 9))
		} else {
			f.Degrade.Loss = share("loss")
		}
	default:
		if !x.drawOutsideTrouble(f, kind) && !x.drawStorm(f, kind) {
			return false
		}
	}
	f.Kind = kind
	if kind.HasIntensity() && x.oneIn(3, "ramps") {
		f.RampUp = x.duration("ramp up", 0, 10*time.Minute)
	}
	return true
}

// drawOutsideTrouble makes a system outside silent or strict.
func (x *randomScenario) drawOutsideTrouble(f *fault.Fault, kind fault.Kind) bool {
	outside := []fault.Outside{{Remote: topology.RemoteID(x.some("remote", 0, 1))}}
	if x.oneIn(3, "a domain") {
		outside[0] = fault.Outside{Remote: topology.None, Domain: rapid.SampledFrom([]string{"partner.example", "other.org"}).Draw(x.t, "domain")}
	}
	switch kind {
	case fault.RemoteDown:
	case fault.RemoteThrottle:
		f.Throttle = fault.Throttle{
			MaxConnections: x.some("taken", 1, 3), MaxMessages: x.some("on each", 1, 5), SurgeFactor: 1.01, DeferFraction: rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(x.t, "put off"),
			Penalty: x.duration("penalty", 0, time.Hour),
		}
	case fault.RemoteGreylist:
		f.Greylist = fault.Greylist{Delay: x.duration("grey", 0, 20*time.Minute), RetryWindow: 30 * time.Minute, Remember: x.duration("remember", 0, time.Hour)}
	default:
		return false
	}
	f.Outside = outside
	return true
}

// drawStorm draws a fault that brings mail, with the remedies of its own.
func (x *randomScenario) drawStorm(f *fault.Fault, kind fault.Kind) bool {
	s := &f.Storm
	remedy := fault.RejectAtRCPT
	switch kind {
	case fault.MailStorm:
		remedy = fault.DeleteList
		s.Rate, s.Guard = float64(x.some("replies an hour", 1, 60))/3600, x.flag("guard")
		for _, id := range x.with(topology.RoleMailbox) {
			if x.flag("on the list") || s.List == nil {
				s.List = append(s.List, topology.Recipient{Server: id, Count: int32(x.some("members", 1, 6000))})
			}
		}
	case fault.DuplicateStorm:
		f.Hosts, remedy = []fault.Host{x.anyServer("again from")}, fault.RestartTransport
		s.Copies, s.Delay, s.NewID = x.some("copies", 1, 3), x.duration("copy after", 0, 20*time.Minute), x.flag("new id")
	case fault.Backscatter:
		if len(x.with(topology.RoleEdge)) == 0 {
			return false
		}
		f.Hosts = x.oneOf(topology.RoleEdge)
		s.Rate, s.Domains, s.Checked = float64(x.some("spam an hour", 1, 200))/3600, x.some("forged", 1, 9), x.oneIn(4, "looked up")
		s.Unknown = rapid.SampledFrom([]float64{0, 0.5, 1}).Draw(x.t, "for nobody")
	default:
		return false
	}
	if x.flag("storm remedy") {
		f.Remedies = append(f.Remedies, x.drawnStep(f, remedy), x.drawnStep(f, remedy))
		f.Remedies[1].Chained = true
	}
	return true
}

// drawnStep is a remedy that begins and lasts as chance has it.
func (x *randomScenario) drawnStep(f *fault.Fault, kind fault.ActionKind) fault.Action {
	spread := func(what string) *fault.Spread {
		d, err := rng.Exponential(float64(x.some(what, 1, 1000)))
		require.NoError(x.t, err)
		return &fault.Spread{Dist: d, Least: x.duration(what+" at least", 0, time.Minute), Most: 30 * time.Minute}
	}
	return fault.Action{Kind: kind, Fault: f.ID, At: f.Start, Wait: spread("wait"), Takes: spread("takes"), Probability: 1, DC: topology.None, Source: topology.None}
}

// with are the servers that have a role.
func (x *randomScenario) with(role topology.Roles) (ids []topology.ServerID) {
	for i := range x.servers {
		if x.servers[i].Is(role) {
			ids = append(ids, topology.ServerID(i))
		}
	}
	return ids
}

func (x *randomScenario) oneOf(role topology.Roles) []fault.Host {
	return []fault.Host{{Server: rapid.SampledFrom(x.with(role)).Draw(x.t, "one of them"), DC: topology.None}}
}

// transportServer is a hub or an Edge; a mailbox server where there is neither, at which such a fault finds nothing.
func (x *randomScenario) transportServer(what string) fault.Host {
	ids := append(x.with(topology.RoleHub), x.with(topology.RoleEdge)...)
	if len(ids) == 0 {
		return x.anyServer(what)
	}
	return fault.Host{Server: rapid.SampledFrom(ids).Draw(x.t, what), DC: topology.None}
}

package sim_test

import (
	"pgregory.net/rapid"

	"mailsim/sim/fault"
	"mailsim/topology"
)

// drawChange draws a step that lets something come, go or move, or changes where a connector delivers: whatever it is, the laws hold.
func (x *randomScenario) drawChange(a *fault.Action) bool {
	kind := rapid.SampledFrom([]fault.ActionKind{
		fault.AddServer, fault.AddServer, fault.RemoveServer, fault.AddSite, fault.RemoveSite, fault.AddConnector, fault.RemoveConnector, fault.SetSmartHosts, fault.MoveMailbox,
	}).Draw(x.t, "change")
	a.Kind = kind
	set := func(k topology.ChangeKind, object int, value int64) {
		a.Changes = []topology.Change{{Kind: k, Object: int32(object), Value: value}}
	}
	switch kind {
	case fault.AddServer, fault.RemoveServer:
		a.Hosts = []fault.Host{x.anyServer("host")}
	case fault.AddSite, fault.RemoveSite:
		set(topology.SitePresent, x.some("site", 0, len(x.sites)-1), int64(kind-fault.AddSite)^1)
	case fault.AddConnector, fault.RemoveConnector, fault.SetSmartHosts:
		if len(x.connectors) == 0 {
			return false
		}
		connector := x.some("connector", 0, len(x.connectors)-1)
		if kind == fault.SetSmartHosts {
			set(topology.SmartHosts, connector, int64(x.some("smart hosts", topology.None, 0)))
			return true
		}
		set(topology.ConnectorPresent, connector, int64(kind-fault.AddConnector)^1)
	case fault.MoveMailbox:
		with := x.mailboxServers()
		a.Hosts = []fault.Host{{Server: rapid.SampledFrom(with).Draw(x.t, "mailboxes of"), DC: topology.None}}
		a.To = rapid.SampledFrom(with).Draw(x.t, "on")
	}
	return true
}

func (x *randomScenario) mailboxServers() []topology.ServerID {
	var with []topology.ServerID
	for i := range x.servers {
		if x.servers[i].Is(topology.RoleMailbox) {
			with = append(with, topology.ServerID(i))
		}
	}
	return with
}

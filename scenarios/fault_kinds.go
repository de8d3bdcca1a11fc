package scenarios

import (
	"slices"

	"mailsim/sim/fault"
)

// faultKind is what the loader knows of a kind of fault beside what sim/fault says of it (its name, what it can be aimed at, whether it
// has an intensity). A new kind is a row of faultKinds, its keys in faultTable, and a function that translates them.
type faultKind struct {
	kind     fault.Kind
	keys     []string                                   // its own, beside the common ones
	target   func(*compiler, *faultTable, *fault.Fault) // resolves what it hits; nil: hosts or links, under the key target
	free     bool                                       // target may be left out; only with a function target
	settings func(*compiler, *faultTable, *fault.Fault) // translates its own keys; nil: it has none
	idle     string                                     // what is so in a file without [[dc]], where it does nothing; "" when it does something
}

func faultKinds() []faultKind {
	return []faultKind{
		{
			kind: fault.ClockSkew, settings: (*compiler).clockSkew,
			keys: []string{"mode", "offset", "drift_ppm", "push_every", "self_correct", "restore"},
			idle: "a wrong clock does no harm",
		},
		{
			kind: fault.ReplLag, settings: (*compiler).replLag,
			keys: []string{"interval", "phase", "window"},
			idle: "changes are seen everywhere at once",
		},
		{
			kind: fault.NICLateBind, settings: (*compiler).lateBind,
			keys: []string{"team_up", "dad", "start_offset", "prone", "fix", "fix_success", "delayed_start_delay", "recovery", "recovery_delay", "services"},
		},
		{
			kind: fault.HostDown, settings: (*compiler).hostDown,
			keys: []string{"mode", "queue_db", "drain", "services"},
		},
		{kind: fault.LinkDown, settings: (*compiler).linkPorts, keys: []string{"direction", "ports"}},
		{
			kind: fault.LinkDegrade, settings: (*compiler).linkDegrade,
			keys: []string{"direction", "latency", "jitter", "loss", "loss_model", "burst_rate", "burst_size", "duplicate", "corrupt", "bandwidth"},
		},
		{
			kind: fault.Partition, target: (*compiler).partitionSides,
			keys: []string{"side_a", "side_b", "direction"},
		},
		{
			kind: fault.AuthLatch, target: (*compiler).latchPairs,
			keys: []string{"from", "to"},
			idle: "hubs are not authenticated",
		},
		{
			kind: fault.DCDown, settings: (*compiler).dcDown,
			keys: []string{"mode"},
			idle: "there is none that could fail",
		},
		{
			kind: fault.ReplFail, settings: (*compiler).replFail,
			keys: []string{"breaks_auth", "bridgeheads"},
			idle: "there is no replication that could fail",
		},
		{
			kind: fault.ConfigNotifyLost,
			idle: "changes are seen everywhere at once",
		},
		{
			kind: fault.SPNMissing, settings: (*compiler).identityFault,
			keys: []string{"at_dc"}, idle: "hubs are not authenticated",
		},
		{
			kind: fault.SPNDuplicate, settings: (*compiler).identityFault,
			keys: []string{"at_dc", "wrong_account"}, idle: "hubs are not authenticated",
		},
		{
			kind: fault.MachineSecret, settings: (*compiler).identityFault,
			keys: []string{"at_dc", "variant"}, idle: "hubs are not authenticated",
		},
		{
			kind: fault.PortBlock, target: (*compiler).portBlock, settings: (*compiler).portSettings,
			keys: []string{"src", "dst", "ports", "proto", "action", "direction"},
		},
		{
			kind: fault.CertExpiry, settings: (*compiler).certExpiry,
			keys: []string{"not_after", "purpose"},
		},
		{
			kind: fault.PoisonMessage, settings: poisonMessage,
			keys: []string{"count", "threshold"},
		},
		{
			kind: fault.StoreDown, settings: (*compiler).storeDown,
			keys: []string{"database"},
		},
		{
			kind: fault.AgentStall, settings: (*compiler).agentStall,
			keys: []string{"factor", "agent"},
		},
		{
			kind: fault.DiskPressure, settings: (*compiler).diskPressure,
			keys: []string{"drive", "used_from", "used_to", "fill_rate", "size"},
		},
		{kind: fault.RemoteDown},
		{
			kind: fault.ClientUpdate, settings: (*compiler).clientUpdate,
			keys: []string{"release", "affects_server", "scan_delay", "install_time", "broadcast_at", "restart_spread", "resend_spread", "resend_fraction"},
		},
		{
			kind: fault.DNSFail, settings: (*compiler).dnsFail,
			keys: []string{"mode", "servers", "domains"},
		},
		{
			kind: fault.RemoteThrottle, settings: (*compiler).remoteThrottle,
			keys: []string{"max_connections", "max_messages_per_connection", "shared_by", "surge_factor", "defer_fraction", "penalty"},
		},
		{
			kind: fault.RemoteGreylist, settings: (*compiler).remoteGreylist,
			keys: []string{"delay", "retry_window", "remember"},
		},
		{
			kind: fault.MailStorm, target: (*compiler).mailStorm,
			free: true,
			keys: []string{"list_size", "reply_rate", "guard"},
		},
		{
			kind: fault.DuplicateStorm, target: (*compiler).duplicateTarget, settings: (*compiler).duplicateStorm,
			free: true,
			keys: []string{"copies", "delay", "same_message_id"},
		},
		{
			kind: fault.Backscatter, settings: (*compiler).backscatter,
			keys: []string{"rate", "unknown_fraction", "domains", "reject_at_rcpt"},
		},
	}
}

// kindOf finds the row of a kind by its name in scenarios; false for one that has none.
func kindOf(name string) (faultKind, bool) {
	rows := faultKinds()
	i := slices.IndexFunc(rows, func(k faultKind) bool { return k.kind.String() == name })
	return rows[max(i, 0)], i >= 0
}

// commonKeys are the keys of every kind; target is only of those that do not say in keys of their own what they hit.
func commonKeys() []string {
	return []string{
		"id", "kind", "enabled", "start", "duration", "end", "probability", "lead_in", "lead_out", "ramp_up", "ramp_down", "target",
		"pick", "pick_value", "sequence", "serial_gap", "schedule", "random", "remedy", "seed_stream", "note",
	}
}

// faultKeys reports keys of other kinds (F004).
func (c *compiler) faultKeys(t *faultTable, k faultKind) {
	common := commonKeys()
	if k.target != nil && !k.free {
		common = slices.DeleteFunc(common, func(key string) bool { return key == "target" })
	}
	for _, f := range t.node.fields {
		known := slices.ContainsFunc(fieldsOf(typeOf[faultTable]()), func(x field) bool { return x.key == f.key && !x.later })
		if known && !slices.Contains(common, f.key) && !slices.Contains(k.keys, f.key) {
			c.errorAt(f.keyAt, &t.source, f.key, "not used by kind %q", t.Kind)
		}
	}
}

// withoutDCs warns of a fault that has nothing to act on: without domain controllers the directory is ideal.
func (c *compiler) withoutDCs(t *faultTable, k faultKind) {
	if k.idle != "" && t.Enabled && len(c.doc.DC) == 0 && !c.illegible("dc") {
		c.warnf(&t.source, "kind", "%s: without [[dc]] tables %s; add a [[dc]] per site, or remove the fault", k.kind, k.idle)
	}
}

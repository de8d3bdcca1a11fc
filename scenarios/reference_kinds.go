package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"mailsim/sim/fault"
)

// kindNote is what the reference page says of a kind of fault beside what is in its row of faultKinds.
type kindNote struct {
	rule string // of the rule book
	what string // what goes wrong
	cure string // what operators can do about it; "": its end alone
}

// kindNotes has a note for every kind, by its constant.
func kindNotes() []kindNote {
	return []kindNote{
		fault.ClockSkew: {"F1", "Clocks are wrong.",
			"`set_time`, `resync_time`; of push and ntp_bad `fix_time_source` first. Hubs that have refused each other meanwhile go on doing so until one of them has a `restart_os`."},
		fault.ReplLag:     {"F3", "Changes of the configuration take longer over links.", "`replicate_now` brings what there is by then."},
		fault.NICLateBind: {"F8", "Listening services start before their machine has its address, at each boot.", "`start_service`; `set_delayed_start` and `set_dependency` from the next boot on."},
		fault.HostDown:    {"F10", "Machines, or services on them, are down.", "Of service_stop `start_service`."},
		fault.LinkDown:    {"F12", "Nothing passes links, or nothing to some ports.", ""},
		fault.LinkDegrade: {"F13", "Links are slow, or lose packets.", ""},
		fault.Partition:   {"F12", "Two groups of sites are cut off from each other.", ""},
		fault.AuthLatch:   {"F2", "Hubs of two sites refuse each other although clocks are right.", "`restart_os` of either hub."},
		fault.SPNMissing:  {"F5", "The directory lacks the name by which hubs ask for tickets.", "`fix_spn`."},
		fault.SPNDuplicate: {"F5", "Two accounts have that name.",
			"`fix_spn`."},
		fault.MachineSecret: {"F5", "Machines and the directory hold different secrets.", "`fix_spn`."},
		fault.PortBlock:     {"F6", "A filter stops connections between machines.", "`unblock_port`."},
		fault.CertExpiry:    {"F7", "Certificates run out.", "`renew_cert`, then `restart_transport`."},
		fault.PoisonMessage: {"F19", "Messages stop the transport service that handles them.",
			"`delete_poison`, `resume_poison` for what is in the poison queue."},
		fault.StoreDown:    {"F18", "Mailbox databases are dismounted.", "`remount_store`; mail follows `activate_copy`."},
		fault.AgentStall:   {"F17", "The categoriser is slow, or stands still.", "`bypass_agent`, then `restart_transport`."},
		fault.DiskPressure: {"F16", "Something else fills a drive of transport servers.", "`free_disk`."},
		fault.RemoteDown:   {"F15", "Outside systems, or the hosts of domains, give no answer.", ""},
		fault.DCDown:       {"F4", "Domain controllers do not answer.", "`restart_os` of the domain controller."},
		fault.ReplFail:     {"F3", "Domain controllers do not replicate.", "After its end `replicate_now`, or the next pull."},
		fault.ConfigNotifyLost: {"F3", "Hubs are not told of changes of the configuration.",
			"`restart_transport`."},
		fault.ClientUpdate:   {"F9", "Mail clients cannot send after an update.", "`restart_client`, `reboot_client`."},
		fault.DNSFail:        {"F14", "Names of domains are not found.", ""},
		fault.RemoteThrottle: {"F15", "Outside systems take few connections from an address.", "`set_connector` with a lower ceiling keeps connections from being refused."},
		fault.RemoteGreylist: {"F15", "Outside systems put off mail of senders whom they do not know.", "`set_smart_hosts` leads mail around."},
		fault.MailStorm:      {"F20", "People reply to all of a large list.", "`delete_list`."},
		fault.DuplicateStorm: {"F21", "Senders send everything again.", ""},
		fault.Backscatter:    {"F22", "Spam with forged senders has to be returned.", "`reject_at_rcpt`."},
	}
}

// kindList writes the kinds of faults: what each is, what it can be aimed at, and the keys that it alone has.
func kindList(b *strings.Builder) {
	b.WriteString(`## Kinds of faults

What each ` + "`kind`" + ` of [[fault]] is aimed at (the keys of its target, or the keys in place of that), and which keys it takes beside those of all: id, enabled,
start, duration, end, probability, lead_in, lead_out, pick, pick_value, sequence, serial_gap, schedule, random, remedy, seed_stream and note. *ramps* are ramp_up and ramp_down. What
has a label can be selected by that, too, and machines by service. A fault is over at its end; *what helps* is what operators can do before that. A short scenario with each kind is in scenarios/faults, and the rule, with what is taken for
granted, in the rule book.

| kind | what goes wrong | aimed at | keys of its own | what helps | rule |
|---|---|---|---|---|---|
`)
	for i, n := range kindNotes() {
		kind := fault.Kind(i)
		row, _ := kindOf(kind.String())
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s | %s |\n", kind, n.what, aimText(row), ownKeys(row), n.cure, n.rule)
	}
	b.WriteString("\n")
}

// aimText says what a fault of a kind is aimed at: the keys of target with the roles that hosts must have, or the keys in its place.
func aimText(k faultKind) string {
	accepts := k.kind.Accepts()
	switch {
	case accepts&fault.TargetSides != 0:
		return "`side_a`, `side_b`: sites"
	case accepts&fault.TargetPairs != 0:
		return "`from`, `to`: hubs"
	case accepts&fault.TargetFilter != 0:
		return "`src`, `dst`"
	case accepts&fault.TargetOutside != 0:
		return "remote or domain"
	case accepts&fault.TargetClient != 0:
		return "host, site: populations of clients"
	case accepts&fault.TargetList != 0:
		return "host, site, role: mailbox; or nothing: all"
	}
	var parts []string
	switch {
	case k.kind == fault.LinkDown || k.kind == fault.LinkDegrade:
		parts = append(parts, "link, network")
	case accepts&fault.TargetLink != 0:
		parts = append(parts, "link")
	}
	if roles := rolesOf(accepts); len(roles) > 0 {
		parts = append(parts, "host, site, role: "+strings.Join(roles, ", "))
	}
	text := strings.Join(parts, "; or ")
	if k.free {
		text += "; or nothing: all"
	}
	return text
}

// rolesOf lists the roles of the hosts among what a fault can be aimed at, as role of a target names them.
func rolesOf(accepts fault.Target) []string {
	var roles []string
	for _, r := range []string{"hub", "edge", "mailbox", "epost", "dc"} {
		if accepts&hostRoles()[r] != 0 {
			roles = append(roles, r)
		}
	}
	return roles
}

// ownKeys lists the keys of a kind that do not say what it is aimed at.
func ownKeys(k faultKind) string {
	var keys []string
	for _, key := range k.keys {
		if !slices.Contains([]string{"side_a", "side_b", "from", "to", "src", "dst"}, key) {
			keys = append(keys, "`"+key+"`")
		}
	}
	if k.kind.HasIntensity() {
		keys = append(keys, "*ramps*")
	}
	return strings.Join(keys, ", ")
}

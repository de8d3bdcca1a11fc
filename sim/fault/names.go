package fault

import (
	"slices"
	"time"

	"mailsim/sim/directory"
	"mailsim/topology"
)

// kindInfo is what the scenario loader must know about a kind.
type kindInfo struct {
	name      string
	accepts   Target
	intensity bool
}

// Target is a set of things that a fault or an action can be aimed at.
type Target uint16

// The targets. A server with several roles is accepted when one of them is.
const (
	TargetHub Target = 1 << iota
	TargetEdge
	TargetMailbox
	TargetDC
	TargetEPost
	TargetLink
	TargetSides     // side_a and side_b
	TargetPairs     // from and to
	TargetConnector // actions only, as the following
	TargetSite
	TargetQueue
	TargetFilter // src and dst
	TargetDatabase
	TargetOutside // outside systems and domains
	TargetClient  // populations of mail clients
	TargetList    // the list of mail_storm
)

const (
	anyServer  = TargetHub | TargetEdge | TargetMailbox
	anyMachine = anyServer | TargetEPost
	anyHost    = anyMachine | TargetDC
)

func kinds() []kindInfo {
	return []kindInfo{
		ClockSkew:   {"clock_skew", anyHost, true},
		ReplLag:     {"repl_lag", TargetLink, false},
		NICLateBind: {"nic_late_bind", anyMachine, false},
		HostDown:    {"host_down", anyMachine, false},
		LinkDown:    {"link_down", TargetLink, false},
		LinkDegrade: {"link_degrade", TargetLink, true},
		Partition:   {"partition", TargetSides, false},
		AuthLatch:   {"auth_latch", TargetPairs, false},

		SPNMissing:       {"spn_missing", TargetHub, false},
		SPNDuplicate:     {"spn_duplicate", TargetHub, false},
		MachineSecret:    {"machine_secret", TargetHub | TargetMailbox, false},
		PortBlock:        {"port_block", TargetFilter, false},
		CertExpiry:       {"cert_expiry", TargetHub | TargetEdge, false},
		DCDown:           {"dc_down", TargetDC, false},
		ReplFail:         {"repl_fail", TargetLink | TargetDC, false},
		ConfigNotifyLost: {"config_notify_lost", TargetHub, false},
		PoisonMessage:    {"poison_message", TargetHub, false},
		StoreDown:        {"store_down", TargetMailbox, false},
		DNSFail:          {"dns_fail", TargetHub | TargetEdge | TargetDC | TargetEPost, false},
		MailStorm:        {"mail_storm", TargetList, true},
		DuplicateStorm:   {"duplicate_storm", anyServer, true},
		Backscatter:      {"backscatter", TargetEdge, true},
		AgentStall:       {"agent_stall", TargetHub | TargetEdge, true},
		DiskPressure:     {"disk_pressure", TargetHub | TargetEdge, true},
		RemoteDown:       {"remote_down", TargetOutside, false},
		ClientUpdate:     {"client_update", TargetClient, false},
		RemoteThrottle:   {"remote_throttle", TargetOutside, false},
		RemoteGreylist:   {"remote_greylist", TargetOutside, false},
	}
}

// KindNames lists the spellings of the fault kinds, in the order of the constants.
func KindNames() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// ParseKind reads a kind; false for a name that is none.
func ParseKind(name string) (Kind, bool) {
	i := slices.Index(KindNames(), name)
	return Kind(max(i, 0)), i >= 0
}

// String returns the scenario's spelling.
func (k Kind) String() string { return kinds()[k].name }

// Accepts returns what a fault of the kind can be aimed at.
func (k Kind) Accepts() Target { return kinds()[k].accepts }

// Whole tells whether a fault of the kind strikes as a whole: it has no targets that could be hit or missed one by one.
func (k Kind) Whole() bool { return k.Accepts()&(TargetSides|TargetFilter|TargetList) != 0 }

// HasIntensity tells whether the sheet lets the kind ramp up and down.
func (k Kind) HasIntensity() bool { return kinds()[k].intensity }

// Heals tells whether a fault of these settings ends by itself, without an end and without a remedy.
func (f *Fault) Heals() bool {
	return f.Kind == ClockSkew && f.SelfCorrect && f.ClockMode == ClockJump || f.Kind == NICLateBind && f.Recovery ||
		f.Kind == MachineSecret && f.Identity.Secret == directory.SecretRollover || f.Kind == PoisonMessage ||
		f.Kind == ClientUpdate && (f.Update.ByClock || f.Update.Broadcast != never)
}

// actionInfo is what the scenario loader must know about an action.
type actionInfo struct {
	name     string
	accepts  Target
	duration time.Duration
}

func actions() []actionInfo {
	return []actionInfo{
		SetTime:          {"set_time", anyHost, time.Minute},
		ResyncTime:       {"resync_time", anyHost, time.Minute},
		ReplicateNow:     {"replicate_now", TargetDC, 2 * time.Minute},
		RestartOS:        {"restart_os", anyHost, 8 * time.Minute},
		RestartTransport: {"restart_transport", anyMachine, 90 * time.Second},
		SetConnector:     {"set_connector", TargetConnector, time.Minute},
		SetLinkCost:      {"set_link_cost", TargetLink, time.Minute},
		SetHubSite:       {"set_hub_site", TargetSite, time.Minute},
		StartService:     {"start_service", anyMachine, 30 * time.Second},
		SetDelayedStart:  {"set_delayed_start", anyMachine, time.Minute},
		SetDependency:    {"set_dependency", anyMachine, time.Minute},
		RetryQueue:       {"retry_queue", TargetHub | TargetEdge | TargetEPost | TargetQueue, 10 * time.Second},
		ResubmitQueue:    {"resubmit_queue", TargetHub | TargetEdge | TargetQueue, 10 * time.Second},
		SetSmartHosts:    {"set_smart_hosts", TargetConnector, time.Minute},
		AddServer:        {"add_server", anyServer, time.Minute},
		RemoveServer:     {"remove_server", anyServer, time.Minute},
		AddSite:          {"add_site", TargetSite, time.Minute},
		RemoveSite:       {"remove_site", TargetSite, time.Minute},
		AddConnector:     {"add_connector", TargetConnector, time.Minute},
		RemoveConnector:  {"remove_connector", TargetConnector, time.Minute},
		MoveMailbox:      {"move_mailbox", TargetMailbox, time.Minute},
		FixTimeSource:    {"fix_time_source", anyHost, 10 * time.Minute},
		SuspendQueue:     {"suspend_queue", TargetHub | TargetEdge | TargetQueue, 10 * time.Second},
		ResumeQueue:      {"resume_queue", TargetHub | TargetEdge | TargetQueue, 10 * time.Second},
		FixSPN:           {"fix_spn", TargetHub | TargetMailbox, 5 * time.Minute},
		UnblockPort:      {"unblock_port", anyHost, 30 * time.Minute},
		RenewCert:        {"renew_cert", TargetHub | TargetEdge, 10 * time.Minute},
		RemoveMessage:    {"remove_message", TargetHub | TargetEdge | TargetQueue, 10 * time.Second},
		SuspendMessage:   {"suspend_message", TargetHub | TargetEdge | TargetQueue, 10 * time.Second},
		ResumeMessage:    {"resume_message", TargetHub | TargetEdge | TargetQueue, 10 * time.Second},
		DeletePoison:     {"delete_poison", TargetHub | TargetEdge, time.Minute},
		ResumePoison:     {"resume_poison", TargetHub | TargetEdge, time.Minute},
		ActivateCopy:     {"activate_copy", TargetDatabase, 30 * time.Second},
		RemountStore:     {"remount_store", TargetMailbox, 5 * time.Minute},
		BypassAgent:      {"bypass_agent", TargetHub | TargetEdge, 5 * time.Minute},
		FreeDisk:         {"free_disk", TargetHub | TargetEdge, 15 * time.Minute},
		RestartClient:    {"restart_client", TargetClient, time.Minute},
		RebootClient:     {"reboot_client", TargetClient, 5 * time.Minute},
		DeleteList:       {"delete_list", TargetList, 10 * time.Minute},
		RejectAtRCPT:     {"reject_at_rcpt", TargetEdge, 10 * time.Minute},
	}
}

// ActionNames lists the spellings of the actions, in the order of the constants.
func ActionNames() []string {
	var names []string
	for _, a := range actions() {
		names = append(names, a.name)
	}
	return names
}

// ParseAction reads an action; false for a name that is none.
func ParseAction(name string) (ActionKind, bool) {
	i := slices.Index(ActionNames(), name)
	return ActionKind(max(i, 0)), i >= 0
}

// String returns the scenario's spelling.
func (k ActionKind) String() string { return actions()[k].name }

// Accepts returns what the action can be aimed at.
func (k ActionKind) Accepts() Target { return actions()[k].accepts }

// SelectsMessages tells whether the action is done to single messages.
func (k ActionKind) SelectsMessages() bool { return k >= RemoveMessage && k <= ResumePoison }

// Edits tells whether the action writes into the directory: it takes a domain controller to write at.
func (k ActionKind) Edits() bool {
	switch k {
	case FixSPN, SetConnector, SetLinkCost, SetHubSite, SetSmartHosts, AddServer, RemoveServer, AddSite, RemoveSite, AddConnector, RemoveConnector, MoveMailbox:
		return true
	}
	return false
}

// DefaultDuration is the time from the operator's start to the effect when the scenario gives none: the middle value of the
// sheet's table of remedies.
func (k ActionKind) DefaultDuration() time.Duration { return actions()[k].duration }

// Role returns the target that the roles of a server make it.
func Role(r topology.Roles) Target {
	var t Target
	if r&topology.RoleHub != 0 {
		t |= TargetHub
	}
	if r&topology.RoleEdge != 0 {
		t |= TargetEdge
	}
	if r&topology.RoleMailbox != 0 {
		t |= TargetMailbox
	}
	if r&topology.RoleEPost != 0 {
		t |= TargetEPost
	}
	return t
}

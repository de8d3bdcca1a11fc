package scenarios

// faultTable is [[fault]]: the keys of all kinds and those of one, as in docs/scenario-reference.md.
type faultTable struct {
	source
	ID          string        `toml:"id" std:"kind-number" example:"\"edge-lost\"" doc:"Name of the fault: small letters, digits and -."`
	Kind        string        `toml:"kind" req:"true" enum:"clock_skew,repl_lag,nic_late_bind,host_down,link_down,partition,auth_latch" noun:"a fault kind" enumlater:"repl_fail,config_notify_lost,dc_down,spn_missing,spn_duplicate,machine_secret,port_block,cert_expiry,client_update,link_degrade,dns_fail,remote_throttle,remote_greylist,remote_down,disk_pressure,agent_stall,store_down,poison_message,mail_storm,duplicate_storm,backscatter" doc:"What goes wrong."`
	Enabled     bool          `toml:"enabled" default:"true" doc:"false: checked, but not run."`
	Start       *instant      `toml:"start" std:"0s" example:"\"1h\"" doc:"When it begins."`
	Duration    *span         `toml:"duration" example:"\"20m\"" doc:"How long it lasts. Without duration and end it lasts until remedied or to the end of the run."`
	End         *instant      `toml:"end" example:"\"80m\"" doc:"When it ends; in place of duration."`
	Probability fraction      `toml:"probability" default:"1" doc:"Chance that it happens, drawn for each target."`
	Target      *selector     `toml:"target" doc:"What it hits: { host, site, role, link }, each a name, a list or a pattern with *. Different keys must all match. partition takes side_a and side_b instead, auth_latch from and to."`
	Direction   string        `toml:"direction" default:"\"both\"" enum:"both,to,from" doc:"partition: which way is cut, seen from side_a."`
	Remedy      []remedyTable `toml:"remedy" example:"[{ action = \"restart_os\" }]" doc:"What operators do about it, in order."`
	Note        string        `toml:"note" doc:"A remark."`

	Mode        string      `toml:"mode" std:"clock_skew jump; host_down crash" oneof:"jump,drift,push,ntp_bad,crash,service_stop,maintenance" doc:"clock_skew: jump (once), drift (by drift_ppm), push (an outside agent sets the clock wrong again every push_every) or ntp_bad (the source that the host follows is wrong). host_down: crash (no answer), service_stop (attempts are reset at once) or maintenance (the same, announced)."`
	Offset      *offset     `toml:"offset" example:"\"+7m\"" doc:"clock_skew: how wrong the clock is set; + is fast. drift takes drift_ppm instead."`
	DriftPPM    *millionths `toml:"drift_ppm" example:"5000" doc:"clock_skew, drift: how much the clock gains, in millionths; negative: loses. At most 100000 either way."`
	PushEvery   *duration   `toml:"push_every" std:"10m" range:"1s.." example:"\"10m\"" doc:"clock_skew, push: how often the agent sets the clock."`
	SelfCorrect *bool       `toml:"self_correct" std:"true" doc:"clock_skew: the Windows time service repairs the clock."`
	Restore     string      `toml:"restore" std:"none" enum:"none,step" doc:"clock_skew: at the end leave the clock or step it back."`

	Interval *duration `toml:"interval" std:"kept" example:"\"24h\"" doc:"repl_lag: replication interval of the link meanwhile, a multiple of 15m from 15m to 168h."`
	Phase    *duration `toml:"phase" std:"kept" example:"\"30m\"" doc:"repl_lag: its phase meanwhile, less than the interval."`

	QueueDB string `toml:"queue_db" std:"intact" enum:"intact,lost" doc:"host_down, crash: what becomes of the queue database."`

	SideA *selector `toml:"side_a" doc:"partition: { site = ... }, one side."`
	SideB *selector `toml:"side_b" doc:"partition: { site = ... }, the other side."`

	From *selector `toml:"from" doc:"auth_latch: the sending hubs, { host, site }."`
	To   *selector `toml:"to" doc:"auth_latch: the receiving hubs, { host, site }, of other sites."`

	TeamUp            *durationDist `toml:"team_up" std:"9s" example:"\"9s\"" doc:"nic_late_bind: from the start of services until the team of network cards is up."`
	DAD               *durationDist `toml:"dad" std:"3s" example:"\"3s\"" doc:"nic_late_bind: duplicate address detection."`
	StartOffset       *durationDist `toml:"start_offset" std:"5s" example:"\"5s\"" doc:"nic_late_bind: from the start of services until the listener starts."`
	Prone             *prone        `toml:"prone" std:"0.5" doc:"nic_late_bind: whether a machine is prone to it, or the chance that it is, drawn once a machine."`
	Fix               string        `toml:"fix" std:"none" enum:"none,delayed_start,dependency" doc:"nic_late_bind: the cure that is in place."`
	FixSuccess        *fraction     `toml:"fix_success" std:"1" doc:"nic_late_bind: chance that the cure works."`
	DelayedStartDelay *duration     `toml:"delayed_start_delay" std:"120s" example:"\"120s\"" doc:"nic_late_bind: wait of a delayed start after the automatic services are up."`
	Recovery          string        `toml:"recovery" std:"none" enum:"none,restart" doc:"nic_late_bind: recovery action of the service."`
	RecoveryDelay     *duration     `toml:"recovery_delay" std:"60s" example:"\"60s\"" doc:"nic_late_bind: how long after the failure the service is restarted."`

	Services []string `toml:"services" list:"or-one" std:"host_down all; nic_late_bind all that listen" example:"[\"EPSTRS\"]" doc:"host_down, service_stop: the services that stop; nic_late_bind: those that end for want of an address. MSExchangeTransport, MSExchangeIS, EPSTRS, EPSTPOP3S, EPSTIMAP4S, EPSTDS. Without it nic_late_bind makes a transport service of Exchange start 60 s after its address; with it its listener ends and stays down."`

	Pick       string   `toml:"pick" default:"\"all\"" enum:"all" enumlater:"one,count,fraction" doc:"Which of the targets are hit."`
	LeadIn     struct{} `toml:"lead_in" later:"true"`
	LeadOut    struct{} `toml:"lead_out" later:"true"`
	PickValue  struct{} `toml:"pick_value" later:"true"`
	Schedule   struct{} `toml:"schedule" later:"true"`
	Random     struct{} `toml:"random" later:"true"`
	Sequence   struct{} `toml:"sequence" later:"true"`
	SerialGap  struct{} `toml:"serial_gap" later:"true"`
	SeedStream struct{} `toml:"seed_stream" later:"true"`
	RampUp     struct{} `toml:"ramp_up" later:"checked"`
	RampDown   struct{} `toml:"ramp_down" later:"checked"`
	Window     struct{} `toml:"window" later:"true"`
	Ports      struct{} `toml:"ports" later:"true"`
	Drain      struct{} `toml:"drain" later:"true"`
	Loss       struct{} `toml:"loss" later:"true"`
}

// operatorKeys are what an operator's step says, in a remedy or in an action.
type operatorKeys struct {
	Action      string    `toml:"action" req:"true" enum:"set_time,resync_time,replicate_now,restart_os,restart_transport,set_connector,set_link_cost,set_hub_site,start_service,set_delayed_start,set_dependency,retry_queue,resubmit_queue,set_smart_hosts,add_server,remove_server,add_site,remove_site,add_connector,remove_connector,move_mailbox,fix_time_source,suspend_queue,resume_queue" enumlater:"restart_client,reboot_client,fix_spn,unblock_port,renew_cert,free_disk,bypass_agent,remount_store,delete_poison,resume_poison" doc:"What the operator does."`
	Duration    *duration `toml:"duration" std:"replicate_now 120s; restart_os 8m; fix_time_source 10m; restart_transport 90s; start_service 30s; retry_queue, resubmit_queue, suspend_queue, resume_queue 10s; all others 60s" example:"\"60s\"" doc:"How long it takes; the effect comes at its end."`
	Target      *selector `toml:"target" doc:"What it is done to: { host }, { connector }, { link }, { site }; retry_queue, resubmit_queue, suspend_queue and resume_queue { host, queue } with the next hop or connector; move_mailbox { host } with the mailbox server that the table of the mailboxes names. A remedy takes the fault's target when it has none."`
	DC          string    `toml:"dc" std:"the first of the target's site, move_mailbox of the site of to, else of the file" example:"\"tyo-dc1\"" doc:"Domain controller that the change is written at; set_time: whose time is taken."`
	Source      string    `toml:"source" std:"every partner" example:"\"tyo-dc1\"" doc:"replicate_now: from which domain controller."`
	Probability fraction  `toml:"probability" default:"1" doc:"Chance that it is done."`
	Enabled     *bool     `toml:"enabled" doc:"set_connector: switch it on or off."`
	Cost        *int64    `toml:"cost" range:"1..99999" doc:"set_connector: new cost of all its address spaces. set_link_cost: new cost."`
	Exchange    *int64    `toml:"exchange_cost" range:"0..99999" doc:"set_link_cost: new Exchange cost; 0 removes it."`
	HubSite     *bool     `toml:"hub_site" doc:"set_hub_site: whether the site is a hub site."`
	SmartHosts  []string  `toml:"smart_hosts" list:"or-one" example:"[\"cloud\"]" doc:"set_smart_hosts: the [[remote]] systems that the connector hands mail to from now on, in order." rule:"R-6.10"`
	DNS         *bool     `toml:"dns" doc:"set_smart_hosts: true: the connector delivers by DNS from now on." rule:"R-6.10"`
	To          string    `toml:"to" example:"\"osa-mbx1\"" doc:"move_mailbox: the mailbox server that the mailboxes are on from now on; their own name moves them back." rule:"D-21"`
	Note        string    `toml:"note" doc:"A remark."`
}

// remedyTable is [[fault.remedy]].
type remedyTable struct {
	source
	After       *duration `toml:"after" std:"0s" example:"\"44m\"" doc:"When the operator starts, counted from the start of the fault."`
	AfterAction *duration `toml:"after_action" example:"\"5m\"" doc:"The same counted from the end of the remedy before."`
	operatorKeys
}

// actionTable is [[action]].
type actionTable struct {
	source
	At    *instant `toml:"at" req:"true" example:"\"2h\"" doc:"When the operator starts."`
	Actor string   `toml:"actor" doc:"Who does it; a remark."`
	operatorKeys
}

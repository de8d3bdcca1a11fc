package scenarios

// faultTable is [[fault]]: the keys of all kinds and those of one, as in docs/scenario-reference.md.
type faultTable struct {
	source
	ID          string        `toml:"id" std:"kind-number" example:"\"edge-lost\"" doc:"Name of the fault: small letters, digits and -."`
	Kind        string        `toml:"kind" req:"true" enum:"clock_skew,repl_lag,nic_late_bind,host_down,link_down,partition,auth_latch,spn_missing,spn_duplicate,machine_secret,port_block,cert_expiry,poison_message,store_down,agent_stall,disk_pressure,remote_down,dc_down,repl_fail,config_notify_lost,client_update,dns_fail,link_degrade,remote_throttle,remote_greylist,mail_storm,duplicate_storm,backscatter" noun:"a fault kind" doc:"What goes wrong."`
	Enabled     bool          `toml:"enabled" default:"true" doc:"false: checked, but not run."`
	Start       *instant      `toml:"start" std:"0s" example:"\"1h\"" doc:"When it begins."`
	Duration    *span         `toml:"duration" example:"\"20m\"" doc:"How long it lasts. Without duration and end it lasts until remedied or to the end of the run."`
	End         *instant      `toml:"end" example:"\"80m\"" doc:"When it ends; in place of duration."`
	Probability fraction      `toml:"probability" default:"1" doc:"Chance that it happens, drawn for each target."`
	LeadIn      *duration     `toml:"lead_in" std:"0s" example:"\"5m\"" doc:"Wait before it takes hold: start, and every instant of a schedule, is when the wait begins. Remedies count from its end."`
	LeadOut     *duration     `toml:"lead_out" std:"0s" example:"\"5m\"" doc:"Wait after its end, before the next target (sequence), the next failure (random) or the next occurrence (schedule) may begin."`
	RampUp      *duration     `toml:"ramp_up" std:"0s" example:"\"10m\"" doc:"Kinds with an intensity (clock_skew, agent_stall, disk_pressure, link_degrade, mail_storm, duplicate_storm, backscatter): the intensity grows in a straight line from nothing at the start to the whole so much later, in ten steps: after each tenth of the time it is that of the line."`
	RampDown    *duration     `toml:"ramp_down" std:"0s" example:"\"10m\"" doc:"The same backwards, before the end, where it is nothing. A clock that was set in the meantime is left alone."`
	Schedule    *schedule     `toml:"schedule" doc:"When it happens again and again. start is the first instant of every, and the earliest of weekly and monthly. Each occurrence has the fault's duration and remedies, and draws of its own."`
	Random      *randomTable  `toml:"random" doc:"Failures and repairs at random, for each target by itself, from start on; in place of schedule."`
	Target      *selector     `toml:"target" doc:"What it hits, such as { host = \"tyo-*\" } or { role = \"edge\" }: each key a name, a list or a pattern with *. Different keys must all match. Which keys a kind takes is listed in section Kinds of faults."`
	Pick        string        `toml:"pick" default:"\"all\"" enum:"all,one,count,fraction" doc:"Which of the targets are hit: all of them, or one, count or a fraction drawn at each occurrence; with random they are drawn once."`
	PickValue   *float64      `toml:"pick_value" range:"0.." example:"2" doc:"pick = \"count\": how many, from 1; pick = \"fraction\": which part of them, above 0 to 1, rounded up."`
	Sequence    string        `toml:"sequence" default:"\"parallel\"" enum:"parallel,serial" doc:"parallel: all targets at once. serial: one after the other, in the order of their tables, each for the duration and with the remedies counted from its own start."`
	SerialGap   *duration     `toml:"serial_gap" std:"0s" example:"\"5m\"" doc:"sequence serial: between the end of one target and the start of the next."`
	SeedStream  string        `toml:"seed_stream" std:"the id" example:"\"weather\"" doc:"Name of its random numbers. Two faults of one name draw the same; with an id of its own a fault keeps its numbers whatever else changes."`
	Direction   string        `toml:"direction" default:"\"both\"" enum:"both,to,from" doc:"partition: which way is cut, seen from side_a. link_down: the same, seen from the site that is declared first; a connection needs both ways, so cutting one cuts both; with ports it is the way that connections are opened. link_degrade: which way packets fare worse, seen from the same site. port_block: to blocks connections from src to dst, from those from dst to src."`
	Remedy      []remedyTable `toml:"remedy" example:"[{ action = \"restart_os\" }]" doc:"What operators do about it, in order."`
	Note        string        `toml:"note" doc:"A remark."`

	Mode        string      `toml:"mode" std:"clock_skew jump; host_down, dc_down crash; dns_fail timeout" oneof:"jump,drift,push,ntp_bad,crash,service_stop,maintenance,kdc_only,timeout,servfail,nxdomain" doc:"clock_skew: jump (once), drift (by drift_ppm), push (an outside agent sets the clock wrong again every push_every) or ntp_bad (the source that the host follows is wrong). host_down: crash (no answer), service_stop (attempts are reset at once) or maintenance (the same, announced). dc_down: crash (no answer), maintenance (announced: its servers turn to another one at once) or kdc_only (it answers, but gives no tickets). dns_fail: timeout (nobody answers: an attempt takes dns_timeout), servfail (it fails at once) or nxdomain (the domain is denied, and its mail returned)."`
	Offset      *offset     `toml:"offset" example:"\"+7m\"" doc:"clock_skew: how wrong the clock is set; + is fast. drift takes drift_ppm instead."`
	DriftPPM    *millionths `toml:"drift_ppm" example:"5000" doc:"clock_skew, drift: how much the clock gains, in millionths; negative: loses. At most 100000 either way."`
	PushEvery   *duration   `toml:"push_every" std:"10m" range:"1s.." example:"\"10m\"" doc:"clock_skew, push: how often the agent sets the clock."`
	SelfCorrect *bool       `toml:"self_correct" std:"true" doc:"clock_skew: the Windows time service repairs the clock."`
	Restore     string      `toml:"restore" std:"none" enum:"none,step" doc:"clock_skew: at the end leave the clock or step it back."`

	Interval *duration `toml:"interval" std:"kept" example:"\"24h\"" doc:"repl_lag: replication interval of the link meanwhile, a multiple of 15m from 15m to 168h."`
	Phase    *duration `toml:"phase" std:"kept" example:"\"30m\"" doc:"repl_lag: its phase meanwhile, less than the interval."`
	controllerKeys
	storeKeys
	agentKeys
	diskKeys
	degradeKeys
	strictKeys
	stormKeys

	QueueDB string `toml:"queue_db" std:"intact" enum:"intact,lost" doc:"host_down, crash: what becomes of the queue database."`

	Drain bool `toml:"drain" default:"false" doc:"host_down, maintenance: the server stops accepting mail, passes on what it has, and goes down when it has nothing left."`

	Servers []string    `toml:"servers" list:"or-one" std:"all" example:"[\"r1\"]" doc:"dns_fail: which of the resolvers that its hosts ask (dns_servers) fail; * stands for any letters. The hosts go on to the next." rule:"F14"`
	Domains *domainsKey `toml:"domains" std:"dns_fail all; backscatter 1000" example:"[\"example.com\", \"*.example.net\"]" doc:"dns_fail: whose names are not found; *.NAME stands for all below one. backscatter: how many domains its senders claim to be of, in turn, 1 to 100000; they are innocent, and no host of theirs answers."`

	Count     *int64 `toml:"count" std:"1" range:"1..1000" doc:"poison_message: how many such messages come to each host." rule:"Q-2.2"`
	Threshold *int64 `toml:"threshold" std:"2" range:"1..10" doc:"poison_message: at how many crashes a message goes to the poison queue." rule:"Q-2.2"`

	SideA *selector `toml:"side_a" doc:"partition: { site = ... }, one side."`
	SideB *selector `toml:"side_b" doc:"partition: { site = ... }, the other side."`

	From *selector `toml:"from" doc:"auth_latch: the sending hubs, { host, site }."`
	To   *selector `toml:"to" doc:"auth_latch: the receiving hubs, { host, site }, of other sites."`

	identityKeys
	portKeys
	certKeys
	updateKeys

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
}

// schedule is when a fault happens again and again.
type schedule struct {
	source
	Every   *span    `toml:"every" example:"\"24h\"" doc:"The time from one occurrence to the next."`
	Weekly  []string `toml:"weekly" list:"or-one" example:"[\"monday\", \"thursday\"]" doc:"Days of the week, sunday to saturday, in place of every."`
	Monthly []string `toml:"monthly" list:"or-one" example:"\"second-tuesday\"" doc:"Days of the month, in place of every: first- to fourth- or last- with a day of the week, day-1 to day-31 (left out in a shorter month), last-day; +1 to +27 adds days. Updates come on the second Tuesday in the United States, in Japan on the day after it: second-tuesday+1, which is not always the second Wednesday."`
	Profile string   `toml:"profile" enum:"nt-1999,modern" doc:"In place of every: restarts that operators plan, of host_down and dc_down with mode = \"maintenance\". nt-1999: the first Sunday of each month, 30 minutes; modern: the night after updates have come out, 15 minutes. A duration takes the place of the profile's."`
	At      string   `toml:"at" std:"\"00:00\"; with profile \"03:00\"" example:"\"03:00\"" doc:"weekly, monthly: the time of day. One that the clocks show twice is the first; one that they leave out is moved on by what they skip."`
	TZ      string   `toml:"tz" std:"that of the scenario's start" example:"\"Asia/Tokyo\"" doc:"weekly, monthly: the time zone of the days and of at."`
	Count   *int64   `toml:"count" range:"1..1000000" example:"12" doc:"How many occurrences there are at most."`
	Until   *instant `toml:"until" std:"the end of the run" example:"\"30d\"" doc:"The last instant at which one may begin."`
	Overlap string   `toml:"overlap" default:"\"forbid\"" enum:"forbid,allow" doc:"forbid: an occurrence whose turn comes before the one before is over is left out. Over means: at its end; without an end when its last remedy is done; without remedies at once if it heals by itself, else never."`
}

// randomTable is how failures come at random. Every key given takes the place of the profile's.
type randomTable struct {
	source
	Profile   string    `toml:"profile" enum:"nt-1999,modern" doc:"Published figures for the kind of fault: nt-1999 is of mail servers and a wide area network of that time, modern of today's."`
	MTBF      *span     `toml:"mtbf" std:"the profile's" example:"\"306h\"" doc:"Mean time from a repair to the next failure; required without a profile."`
	MTTR      *span     `toml:"mttr" std:"the profile's" example:"\"2h\"" doc:"Mean time that a failure lasts. Without it, and without a duration, a failure has no end of its own."`
	UpDist    string    `toml:"up_dist" std:"exp" enum:"exp,weibull,lognormal,fixed" doc:"Distribution of the times between a repair and the next failure. A time below a second counts as one."`
	DownDist  string    `toml:"down_dist" std:"exp" enum:"exp,weibull,lognormal,fixed" doc:"Distribution of the times that a failure lasts. The means are those of the distributions."`
	UpShape   *float64  `toml:"up_shape" std:"weibull 0.75, lognormal 1" range:"0.3..10" example:"0.75" doc:"Shape of a weibull distribution, sigma of a lognormal one (at most 3)."`
	DownSigma *float64  `toml:"down_sigma" std:"lognormal 1, weibull 0.75" range:"0.3..10" example:"1.0" doc:"The same for down_dist."`
	Relapse   *fraction `toml:"relapse" std:"0" doc:"Chance that the trouble is back between 1 h and 2 h after a repair, whatever up_dist says. It comes on top of mtbf."`
}

// operatorKeys are what an operator's step says, in a remedy or in an action.
type operatorKeys struct {
	Action      string    `toml:"action" req:"true" enum:"set_time,resync_time,replicate_now,restart_os,restart_transport,set_connector,set_link_cost,set_hub_site,start_service,set_delayed_start,set_dependency,retry_queue,resubmit_queue,set_smart_hosts,add_server,remove_server,add_site,remove_site,add_connector,remove_connector,move_mailbox,fix_time_source,suspend_queue,resume_queue,remove_message,suspend_message,resume_message,delete_poison,resume_poison,fix_spn,unblock_port,renew_cert,activate_copy,remount_store,bypass_agent,free_disk,restart_client,reboot_client,delete_list,reject_at_rcpt" doc:"What the operator does."`
	Duration    *taken    `toml:"duration" std:"replicate_now 120s; restart_os 8m; reboot_client 5m; fix_time_source, renew_cert 10m (on an Edge 40m); fix_spn 5m; unblock_port 30m; delete_list, reject_at_rcpt 10m; restart_transport 90s; start_service, activate_copy 30s; retry_queue, resubmit_queue, suspend_queue, resume_queue, remove_message, suspend_message, resume_message 10s; remount_store, bypass_agent 5m; free_disk 15m; all others 60s" example:"\"60s\"" doc:"How long it takes; the effect comes at its end. A duration; a distribution, drawn from each time, whose table takes at_least and at_most; or spread: drawn about the time that it takes otherwise, lognormal with sigma 0.3 and from 3/8 of it to 30/8, restart_os so from 3m to 30m."`
	Target      *selector `toml:"target" doc:"What it is done to: { host }, { connector }, { link }, { site }; retry_queue, resubmit_queue, suspend_queue and resume_queue { host, queue } with the next hop or connector, or Unreachable but for retry_queue; remove_message, suspend_message and resume_message the same, the queue may be Poison too; fix_spn, renew_cert, remount_store, bypass_agent, free_disk, reject_at_rcpt and unblock_port { host } (unblock_port lifts all filters that touch them); move_mailbox { host } with the mailbox server that the table of the mailboxes names; activate_copy { database }, or { host } for all databases of a mailbox server. A remedy takes the fault's target when it has none."`
	DC          string    `toml:"dc" std:"the first of the target's site, move_mailbox of the site of to, else of the file" example:"\"tyo-dc1\"" doc:"Domain controller that the change is written at; set_time: whose time is taken."`
	Source      string    `toml:"source" std:"every partner" example:"\"tyo-dc1\"" doc:"replicate_now: from which domain controller."`
	Probability fraction  `toml:"probability" default:"1" doc:"Chance that it is done."`
	Enabled     *bool     `toml:"enabled" doc:"set_connector: switch it on or off."`
	Cost        *int64    `toml:"cost" range:"1..99999" doc:"set_connector: new cost of all its address spaces. set_link_cost: new cost."`
	Ceiling     *int64    `toml:"max_per_domain_outbound_connections" range:"1..100000" doc:"set_connector: new ceiling of its queues; connections that are open stay." rule:"Q-4.6"`
	Exchange    *int64    `toml:"exchange_cost" range:"0..99999" doc:"set_link_cost: new Exchange cost; 0 removes it."`
	HubSite     *bool     `toml:"hub_site" doc:"set_hub_site: whether the site is a hub site."`
	SmartHosts  []string  `toml:"smart_hosts" list:"or-one" example:"[\"cloud\"]" doc:"set_smart_hosts: the [[remote]] systems that the connector hands mail to from now on, in order." rule:"R-6.10"`
	DNS         *bool     `toml:"dns" doc:"set_smart_hosts: true: the connector delivers by DNS from now on." rule:"R-6.10"`
	To          string    `toml:"to" std:"activate_copy: the first other copy of the [[dag]]'s list" example:"\"osa-mbx1\"" doc:"move_mailbox: the mailbox server that the mailboxes are on from now on; their own name moves them back. activate_copy: the member of the [[dag]] whose copy becomes active; a database without other copies comes up where it was." rule:"D-21"`
	Missing     duration  `toml:"missing" default:"\"0s\"" range:"0s.." doc:"activate_copy: how much of the time before its effect the copy lacks: what was delivered in it is gone, and servers are asked for it again." rule:"Q-11.5"`
	Since       *instant  `toml:"since" std:"as far back as missing" example:"\"50m\"" doc:"activate_copy: from when on servers are asked for what they delivered; what the copy has it gets twice then, and mailboxes drop it." rule:"Q-11.5"`
	Message     []string  `toml:"message" list:"or-one" example:"[\"17\", \"<23@internet>\"]" doc:"remove_message, suspend_message, resume_message: which messages, by number or by InternetMessageId, as a snapshot lists them." rule:"Q-8.8"`
	FromAddress []string  `toml:"from_address" list:"or-one" example:"\"mailbox:tyo-mbx1\"" doc:"remove_message, suspend_message, resume_message: messages of these senders, as a snapshot lists them: mailbox:NAME, internet, or <> for reports." rule:"Q-8.8"`
	Free        *size     `toml:"free" std:"all that faults have put there, which are over then" range:"1B.." example:"\"30GB\"" doc:"free_disk: how much is freed, on the drives that faults fill, else on that of the queue database." rule:"F16"`
	WithNDR     *bool     `toml:"with_ndr" std:"true" doc:"remove_message, delete_poison: tell the sender." rule:"Q-8.8"`
	Note        string    `toml:"note" doc:"A remark."`
}

// remedyTable is [[fault.remedy]].
type remedyTable struct {
	source
	After       *stepTime `toml:"after" std:"the first remedy 15m, of clock_skew, auth_latch, repl_lag, config_notify_lost and client_update 75m; any other when the one before is done" example:"\"44m\"" doc:"When the operator starts, counted from the start of the fault: a duration, or a distribution, whose table takes at_least and at_most."`
	AfterAction *stepTime `toml:"after_action" example:"\"5m\"" doc:"The same counted from the end of the remedy before."`
	operatorKeys
}

// actionTable is [[action]].
type actionTable struct {
	source
	At    *instant `toml:"at" req:"true" example:"\"2h\"" doc:"When the operator starts."`
	Actor string   `toml:"actor" std:"operator" example:"\"night shift\"" doc:"Who does it, for the events."`
	operatorKeys
}

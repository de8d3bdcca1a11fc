package scenarios

import "time"

// document is a whole scenario file.
type document struct {
	source
	Name         string       `toml:"name" std:"the file's name" example:"\"edge-threshold\"" doc:"Name of the scenario, used in titles and folders."`
	Description  string       `toml:"description" doc:"What the scenario shows, in a sentence or two."`
	Base         string       `toml:"base" example:"\"ref-2.toml\"" doc:"Another scenario to start from, by a path relative to this file or as @name of a shipped one. Tables merge by name (or id, or domain), arrays without names are appended, single values here win."`
	Start        *time.Time   `toml:"start" std:"2026-01-05T00:00:00Z" example:"2026-03-02T08:00:00+09:00" doc:"t0: the date and local time at which the run starts, with its offset from UTC."`
	Duration     duration     `toml:"duration" req:"true" range:"1ms.." example:"\"4h\"" doc:"How much virtual time is run."`
	Warmup       warmup       `toml:"warmup" default:"\"0s\"" doc:"Figures of levels, rates and delays (mean, max, last, count, p50, p95, p99) and the histograms leave out what happens before. Totals (every figure called total: messages.*, delivery.copies, retries, sessions, dsn.count and the like), drain.time, throughput by site_pair and the laws of a run are of the whole run, and time series show all of it."`
	Seed         int64        `toml:"seed" default:"1" range:"0.." doc:"Seed of all random numbers."`
	Replications replications `toml:"replications" default:"1" doc:"How many times each sweep point is run, each time with other random numbers."`

	Model    modelTable    `toml:"model" doc:"What holds for the whole organisation."`
	Defaults defaultsTable `toml:"defaults" doc:"[defaults.KIND] sets a key for all tables of a kind that do not give it themselves."`

	Site         []siteTable         `toml:"site" doc:"An Active Directory site."`
	Link         []linkTable         `toml:"link" doc:"An IP site link of Active Directory; also the network link between its sites."`
	Network      []networkTable      `toml:"network" doc:"An IP connection between two sites that is not the site link's; the pair then uses it alone."`
	Hub          []hubTable          `toml:"hub" doc:"A transport server of 2007 or 2010. With the name of a [[mailbox]] it is one machine with both roles."`
	Edge         []edgeTable         `toml:"edge" doc:"An Edge Transport server."`
	Mailbox      []mailboxTable      `toml:"mailbox" doc:"A mailbox server. From 2013 on it is a transport server too and takes every [[hub]] key."`
	EPost        []epostTable        `toml:"epost" doc:"An E-Post server: no part of the Exchange organisation, beside it or alone."`
	Client       []clientTable       `toml:"client" doc:"A population of mail clients that hand in their mail to one server."`
	DC           []dcTable           `toml:"dc" doc:"A domain controller. Without any the directory is ideal: changes are seen at once."`
	Connector    []connectorTable    `toml:"connector" doc:"A send connector: a way out of the organisation."`
	DAG          []dagTable          `toml:"dag" doc:"A database availability group: mailbox servers that hold copies of each other's databases. From 2010 on."`
	Remote       []remoteTable       `toml:"remote" doc:"A system outside the organisation. One named internet stands behind dns = true."`
	Group        []groupTable        `toml:"group" doc:"A distribution group."`
	Accepted     []acceptedTable     `toml:"accepted_domain" doc:"A domain that the organisation takes mail for."`
	RoutingGroup []routingGroupTable `toml:"routing_group" doc:"A routing group of Exchange 2003, for 2007 and 2010."`
	RGC          []rgcTable          `toml:"rgc" doc:"A routing group connector, in one direction: from servers of 2007 or 2010 into a routing group of Exchange 2003, or between two of those."`
	Load         []loadTable         `toml:"load" doc:"A source of mail."`
	Fault        []faultTable        `toml:"fault" doc:"Something that goes wrong."`
	Action       []actionTable       `toml:"action" doc:"An operator's step outside a fault."`
	Sweep        sweepTable          `toml:"sweep" doc:"Settings to vary: \"path\" = [values]. All combinations are run, and every one sees the same mail."`
	Expect       []expectTable       `toml:"expect" doc:"What the result must satisfy."`
	Output       outputTable         `toml:"output" doc:"What a run records."`

	Case  []struct{} `toml:"case" later:"true"`
	Plan  struct{}   `toml:"plan" later:"true"`
	Chart []struct{} `toml:"chart" later:"true"`
}

// modelTable is [model].
type modelTable struct {
	source
	Version          string       `toml:"version" enum:"2007rtm,2007,2010rtm,2010,2013,2016,2019,se" std:"2010; with profile = \"reference\" 2007" doc:"Product version: picks the rules and every default. A server's own version overrides it."`
	Profile          string       `toml:"profile" enum:"reference" doc:"\"reference\": the timing of the worked fault cases. Categoriser 0 s for mail submitted at the server and 1 s for relayed mail, no session set-up, 1 s a message on SMTP connections, any number of messages per connection, unlimited bandwidth, a failed connection attempt takes no time. Other keys override it."`
	Categoriser      *categoriser `toml:"categoriser" std:"\"default\"; profile reference: 0 s for mail submitted at the server, 1 s for relayed mail" doc:"Time of a message in the categoriser: \"default\" is 40 ms + 1 ms a recipient + 0.1 ms a KB, \"heavy-agents\" (content filters and other agents) 40 times that: 1.6 s + 40 ms + 4 ms, \"off\" 0 s; or a table. The number of workers, 8 if not given, is the same with each." rule:"Q-3.4"`
	Session          *session     `toml:"session" std:"{ profile = \"exchange-auth\" } (between servers of 2010 exchange-auth-2010); to and from an edge starttls-chunking" doc:"What an SMTP session between servers costs: a session profile, or fixed times and round trips. What is given stands alone: nothing is added to it." rule:"Q-6.1"`
	Delivery         *delivery    `toml:"delivery" std:"two round trips of 1 ms for the set-up and two for each message" doc:"What a delivery from a hub into a mailbox store costs."`
	Submission       duration     `toml:"mailbox_submission" default:"\"0s\"" range:"0s..10m" doc:"How long a server takes to fetch a message from a mailbox. 0s: it has it at once; max_concurrent_mailbox_submissions then concerns only what waits for a shadow copy or goes to another site." rule:"Q-4.6"`
	FailedConnect    *duration    `toml:"failed_connect" std:"21s; profile reference 0s" doc:"How long a connection attempt to a silent host takes. A reset takes no time."`
	NameTimeout      *duration    `toml:"dns_timeout" std:"60s; profile reference 0s" doc:"How long a DNS query that nobody answers keeps a connection attempt: some rounds of 5 s a resolver." rule:"F14"`
	Sharing          string       `toml:"sharing" default:"\"fair\"" enum:"fair,fixed" doc:"How connections share a link. fair: each message body in transfer gets an equal share of the bandwidth, so few go faster. fixed: each gets bandwidth / max_per_domain_outbound_connections, however many there are." rule:"Q-6.7"`
	TCPWindow        *size        `toml:"tcp_window" std:"unlimited" range:"1KB.." example:"\"64KB\"" doc:"How much a connection has on the way at most: a body moves at no more than the window in each round-trip time. 64KB is what Windows 2003 does, 16MB what later ones grow to." rule:"Q-6.5"`
	SlowStart        bool         `toml:"slow_start" default:"false" doc:"Whether a new connection begins with a window of 14,600 bytes and doubles it in each round trip: a body waits max(0, ceil(log2(bytes/14600 + 1)) - 1) round trips more, less what the connection has opened already." rule:"Q-6.6"`
	Replication      string       `toml:"replication" default:"\"scheduled\"" enum:"scheduled,instant" doc:"scheduled: domain controllers pull changes at the intervals of the links. instant: every domain controller holds a change when it is written."`
	DirectoryTLS     bool         `toml:"directory_tls" default:"false" doc:"Servers read the directory by TLS, on ports 636 and 3269 of the domain controllers, in place of 389 and 3268: what port_block and link_down with these ports stop." rule:"F6"`
	MaxClockSkew     duration     `toml:"max_clock_skew" default:"\"5m\"" doc:"How far clocks may be apart for a session between hubs to be authenticated."`
	KerberosModel    string       `toml:"kerberos_model" default:"\"strict\"" enum:"strict,windows" doc:"Whose clocks count for a session between hubs: strict takes both hubs and their domain controllers, windows the receiver and the domain controller of the sender." rule:"FD-1"`
	AuthScope        string       `toml:"auth_scope" default:"\"inter_site\"" enum:"inter_site,all_hub_to_hub" doc:"Which sessions between hubs depend on clocks: those to other sites, or those inside a site too."`
	NotifyDelay      duration     `toml:"notify_delay" default:"\"5s\"" doc:"From a domain controller's knowledge of a change to the view of the servers that are bound to it."`
	ResubmitAt       string       `toml:"resubmit_at" default:"\"view\"" enum:"view,next_attempt" doc:"When a queue whose connector is gone is routed anew: when its server sees the change, or in place of the next attempt of the queue." rule:"R-6.10"`
	StaysInSite      bool         `toml:"submission_stays_in_site" default:"false" doc:"From 2013 on: whether a mailbox server submits within its own site, unless its DAG has members in several. Otherwise it submits straight to the delivery group of a recipient." rule:"X-4"`
	InternalDelayDSN bool         `toml:"internal_delay_dsn" default:"true" doc:"Whether senders inside are told that their mail is late." rule:"Q-8.1"`
	ExternalDelayDSN bool         `toml:"external_delay_dsn" default:"true" doc:"Whether senders outside are." rule:"Q-8.1"`
	MaxSendSize      *size        `toml:"max_send_size" std:"10MB" example:"\"25MB\"" doc:"Largest message that senders inside may send; a larger one is returned by the first server that handles it." rule:"Q-3.6"`
	MaxReceiveSize   *size        `toml:"max_receive_size" std:"10MB" example:"\"25MB\"" doc:"Largest message that recipients inside may get." rule:"Q-3.6"`
	DuplicateWindow  *memory      `toml:"duplicate_window" std:"1h; from 2013 on always 7d" range:"1h..876000h" doc:"2007 and 2010: how long after a delivery a mailbox drops second copies of the message, or \"dup-2007-doc\", the 7 days that the help of 2007 gives." rule:"Q-12.4"`
	LoopLimit        *int64       `toml:"loop_limit" std:"20" range:"0..1000" doc:"A message that comes back to a server so many times is bounced; 0 = no limit." rule:"D-19"`

	SubmissionMeter bool  `toml:"submission_meter" default:"true" doc:"Whether the length of the submission queue is one of the resources that make back pressure. A real server of 2016 was found without it." rule:"Q-10.1"`
	BucketMeter     bool  `toml:"version_bucket_meter" default:"false" doc:"Whether mail uses up version buckets: a quarter for each message that a server takes between two polls, one for 100 KB being received and sent. An approximation: with it a burst of some hundred messages presses a server of 2007 or 2010." rule:"Q-10.9"`
	Shadow          *bool `toml:"shadow" std:"true; profile reference false" doc:"Whether servers keep shadow copies of mail in transit, from 2010 on as installed. From 2013 on a server makes a copy of each message on another server of its DAG, or of its site, before it takes the message: one more transmission, for which the sender waits. In 2010 the previous hop keeps what it passed on, at no cost." rule:"Q-11.2"`

	shadowKeys
	RejectWithoutShadow bool `toml:"reject_message_on_shadow_failure" default:"false" doc:"From 2013 on: whether a server refuses a message for the time being (451 4.4.0) when no other server takes the shadow copy of it. Otherwise it takes the message without one." rule:"Q-11.2"`

	SafetyNet       *bool `toml:"safety_net" std:"true where it shows: with an action activate_copy, or a server with queue_drive; profile reference false" doc:"Whether servers keep what they have passed on: Safety Net from 2013 on, before that the transport dumpster. Its bytes are on the drive of the queue database, and the metrics safety_net.* say how much it is." rule:"Q-11.6"`
	MaxDumpsterSize *size `toml:"max_dumpster_size_per_database" std:"18MB" example:"\"18MB\"" doc:"2007 and 2010: how much of the mail for one mailbox database a hub keeps in its transport dumpster." rule:"Q-11.5"`

	TicketLifetime       *duration `toml:"ticket_lifetime" std:"10h" range:"1m.." example:"\"10h\"" doc:"How long the Kerberos ticket of a hub for another one is good." rule:"S1-6"`
	TicketRenewal        *duration `toml:"ticket_renewal" std:"6h" range:"1m.." example:"\"6h\"" doc:"How often a hub renews its tickets, counted from the start of its transport service." rule:"S1-6"`
	ServiceRestartClears fraction  `toml:"service_restart_clears" default:"0" doc:"Chance that a restart of the transport service alone clears the latches of a hub, drawn at each restart." rule:"FD-2"`

	RoutingReload     *duration `toml:"routing_reload" std:"12h" range:"1m.." example:"\"12h\"" doc:"How often a server that is not told of changes reads the configuration all the same, counted from the start of its service. It does so at each renewal of its tickets, too." rule:"F3"`
	NotifyFirst       *duration `toml:"notify_first" std:"15s" range:"1s.." example:"\"15s\"" doc:"How long after learning something a domain controller tells the first other one of its site; over a link with change_notification the same." rule:"V2"`
	NotifyNext        *duration `toml:"notify_next" std:"3s" range:"1ms.." example:"\"3s\"" doc:"... and how long after that each further one." rule:"V2"`
	TombstoneLifetime *duration `toml:"tombstone_lifetime" std:"180d" range:"1h.." example:"\"60d\"" doc:"How long two domain controllers may be out of touch. After a longer break an operator has to clean up, which takes 4h, before they replicate again." rule:"V8"`
}

// outputTable is [output].
type outputTable struct {
	source
	SampleInterval *duration `toml:"sample_interval" std:"a 240th of the duration, at least 1s" range:"1ms.." doc:"Width of the samples of the time series."`
	Series         []string  `toml:"series" std:"[\"queue\", \"server\", \"link\"]" enum:"queue,server,link,site_pair" doc:"Which time series are recorded. A thousand sites have a million pairs."`
	Counters       bool      `toml:"counters" std:"true when an [[expect]] is about them" doc:"Sample the performance counters of servers, once a minute, and report the metric counter. Looking changes nothing else."`
}

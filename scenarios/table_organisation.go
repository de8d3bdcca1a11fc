package scenarios

// siteTable is [[site]].
type siteTable struct {
	source
	Name     string    `toml:"name" req:"true" example:"\"Tokyo\"" doc:"Name of the site."`
	HubSite  bool      `toml:"hub_site" default:"false" doc:"Mail whose least-cost path crosses the site must stop here." rule:"R-3.10"`
	Location []float64 `toml:"location" example:"[35.68, 139.69]" doc:"Latitude and longitude in degrees, for maps."`
	TimeZone string    `toml:"timezone" std:"that of start" example:"\"Asia/Tokyo\"" doc:"IANA time zone of the site: daily profiles are local time."`

	InboundMailEnabled bool `toml:"inbound_mail_enabled" default:"true" doc:"false: no server of the site takes in mail. From 2013 on."`
	Present            bool `toml:"present" default:"true" doc:"false: links do not join the site until an action adds it. Its servers have a present of their own."`
	resolverKeys
	labelKeys
}

// linkTable is [[link]].
type linkTable struct {
	source
	Name                string         `toml:"name" req:"true" example:"\"Tokyo-Osaka\"" doc:"Name of the link."`
	Sites               []string       `toml:"sites" req:"true" example:"[\"Tokyo\", \"Osaka\"]" doc:"The sites that the link joins: two or more; each pair of them is joined." rule:"R-2.5"`
	Cost                int64          `toml:"cost" default:"100" range:"1..99999" doc:"Cost in Active Directory."`
	ExchangeCost        *int64         `toml:"exchange_cost" range:"1..99999" doc:"Cost for mail, in place of cost." rule:"R-2.7"`
	MaxMessageSize      *size          `toml:"max_message_size" std:"unlimited" range:"64KB.." example:"\"10MB\"" doc:"Largest message that the link takes; 2007rtm has no such limit." rule:"R-3.24"`
	RTT                 *duration      `toml:"rtt" std:"50ms, with a warning" example:"\"9ms\"" doc:"Round-trip time between the sites."`
	Bandwidth           *linkBandwidth `toml:"bandwidth" std:"100Mbit/s, with a warning; profile reference: unlimited" doc:"Bandwidth in each direction, or { up = ..., down = ... } with up from the site that is declared first." rule:"Q-6.7"`
	ReplicationInterval *duration      `toml:"replication_interval" std:"180m" example:"\"15m\"" doc:"How often domain controllers pull changes over the link: multiples of 15m from 15m to 168h."`
	ReplicationPhase    *duration      `toml:"replication_phase" std:"0s" example:"\"30m\"" doc:"When they pull, counted from 00:00 UTC; less than the interval."`
	ChangeNotification  bool           `toml:"change_notification" default:"false" doc:"Replicate changes at once instead of by schedule."`
	ReplicationWindow   []string       `toml:"replication_window" list:"or-one" std:"always open" example:"[\"Mon-Fri 02:00-04:00\"]" doc:"When the link is open for replication, in UTC: days (Mon-Fri, or Sat,Sun; none: every day) and hours. Pulls come at the beginning of each stretch and every interval from there, before its end; the phase does not count." rule:"V3"`
	labelKeys
}

// networkTable is [[network]].
type networkTable struct {
	source
	Name      string         `toml:"name" req:"true" example:"\"leased line\"" doc:"Name of the connection."`
	Sites     []string       `toml:"sites" req:"true" example:"[\"Tokyo\", \"Osaka\"]" doc:"The two sites."`
	RTT       *duration      `toml:"rtt" std:"50ms, with a warning" example:"\"40ms\"" doc:"Round-trip time between the sites."`
	Bandwidth *linkBandwidth `toml:"bandwidth" std:"100Mbit/s, with a warning; profile reference: unlimited" doc:"Bandwidth in each direction, or { up = ..., down = ... }." rule:"Q-6.7"`
	labelKeys
}

// transportKeys are the settings of a transport server, whatever table declares it.
type transportKeys struct {
	Version                 string      `toml:"version" enum:"2007rtm,2007,2010rtm,2010,2013,2016,2019,se" std:"that of [model]" doc:"The server's own version."`
	DC                      string      `toml:"dc" std:"the first of its site, else the nearest" example:"\"tyo-dc1\"" doc:"The domain controller that the server reads its configuration from."`
	ConnectionThreshold     *threshold  `toml:"connection_threshold" std:"20; se: 5 for smtp_connector" doc:"How many queued messages one connection stands for (SmtpConnectorQueueMessageCountThresholdForConcurrentConnections): a number for all queue classes, or { smtp_connector, intra_org, mailbox, other }." rule:"Q-4.1"`
	MaxOutbound             *int64      `toml:"max_outbound_connections" std:"1000" range:"1..100000" doc:"Most outbound connections of the server." rule:"Q-4.7"`
	MaxPerDomain            *int64      `toml:"max_per_domain_outbound_connections" std:"20; se 40" range:"1..100000" doc:"Most connections of one queue." rule:"Q-4.6"`
	MaxMessages             *int64      `toml:"max_messages_per_connection" std:"20; profile reference 0" range:"0..2147483647" doc:"Messages that a connection carries before it is closed; 0 = no limit." rule:"Q-4.10"`
	IdleHold                *duration   `toml:"idle_hold" std:"0s" range:"0s..10m" doc:"How long a connection to another server or an outside system is kept that has nothing to carry any more. It takes the next message of its queue without a new set-up, and counts for all ceilings; the one that has rested longest closes where another queue needs the room. Hubs end such a connection after 5m, edges after 1m." rule:"Q-4.11"`
	MaxMailboxDeliveries    *int64      `toml:"max_concurrent_mailbox_deliveries" std:"20; 2007 30" range:"1..100000" doc:"Most connections into one mailbox store."`
	MaxMailboxSubmissions   *int64      `toml:"max_concurrent_mailbox_submissions" std:"20; 2007 30" range:"1..100000" doc:"Messages that the server takes from mailboxes at one time; others wait there for their turn. From 2013 on it is the mailbox server that hands them to a hub, before, the hub. What takes no time waits for nobody: see mailbox_submission of [model]." rule:"Q-4.6"`
	GlitchCount             *int64      `toml:"queue_glitch_retry_count" std:"4" range:"0..15" doc:"First stage of retries: how many; 0 skips the stage." rule:"Q-7.2"`
	GlitchInterval          *duration   `toml:"queue_glitch_retry_interval" std:"1m" range:"1s..12h" doc:"First stage of retries: how far apart." rule:"Q-7.2"`
	TransientCount          *int64      `toml:"transient_failure_retry_count" std:"6" range:"0..15" doc:"Second stage of retries: how many; 0 skips the stage." rule:"Q-7.2"`
	TransientInterval       *duration   `toml:"transient_failure_retry_interval" std:"5m; edge 10m" range:"1s..12h" doc:"Second stage of retries: how far apart." rule:"Q-7.2"`
	OutboundFailureInterval *duration   `toml:"outbound_connection_failure_retry_interval" std:"10m; edge 30m" range:"1s..20d" doc:"Retries after both stages: how far apart." rule:"Q-7.2"`
	MailboxRetryInterval    *duration   `toml:"mailbox_delivery_queue_retry_interval" std:"5m" range:"1s..1d" doc:"Retries of deliveries into a mailbox store." rule:"Q-7.9"`
	MessageRetryInterval    *duration   `toml:"message_retry_interval" std:"15m; se 5m" range:"1s..1d" doc:"When a message that was deferred on a working connection is tried again." rule:"Q-7.10"`
	DelayNotice             *duration   `toml:"delay_notification_timeout" std:"4h" range:"1s..30d" doc:"When the sender of a message that is still here is told that it is late." rule:"Q-8.1"`
	Expiration              *duration   `toml:"message_expiration_timeout" std:"2d" range:"5s..90d" doc:"When a message that is still in a queue is returned to its sender." rule:"Q-8.2"`
	IdleBeforeResubmit      *duration   `toml:"max_idle_time_before_resubmit" std:"12h" range:"1s..90d" doc:"How long a queue is in Retry before its mail is routed anew, and again after each further such time." rule:"Q-8.5"`
	QueueMaxIdleTime        *duration   `toml:"queue_max_idle_time" std:"3m" range:"5s..1h" doc:"How long an empty queue stays, and remembers its retries."`
	Receive                 *receive    `toml:"receive" doc:"Limits for the servers that connect to it." rule:"Q-5.1"`
	PriorityQueueing        bool        `toml:"priority_queueing" default:"false" doc:"Delivery queues serve mail of high priority first and of low priority last, with connections and times of their own. From 2007 SP1 on (version 2007)." rule:"Q-9.1"`
	CostDemotion            bool        `toml:"cost_demotion" default:"false" doc:"Deliveries to mailbox stores serve 20 messages for each one with more than 500 recipients or 1 MB. From 2010 SP1 on (version 2010), without priority_queueing." rule:"Q-9.3"`
	QueueDrive              *queueDrive `toml:"queue_drive" std:"so large that mail does not fill it" doc:"The drive with the queue database: back pressure by what is used of it." rule:"Q-10.1"`
	CategoriserWorkers      *int64      `toml:"categoriser_workers" std:"8" range:"1..1000" doc:"Messages that the categoriser works on at a time." rule:"Q-3.4"`
	Present                 bool        `toml:"present" default:"true" doc:"false: the server is not there until an action adds it. A load that names its site leaves it out; one that names the server itself does not."`
	SafetyNetHoldTime       *duration   `toml:"safety_net_hold_time" std:"2d; before 2013 7d" range:"15s.." doc:"How long the server keeps what it has passed on (SafetyNetHoldTime; before 2013 MaxDumpsterTime). Where mail only passes through, 15s are enough." rule:"Q-11.5"`
	priorityKeys
}

// hubTable is [[hub]].
type hubTable struct {
	source
	Name          string `toml:"name" req:"true" example:"\"tyo-hub1\"" doc:"Name of the server. Host names are one namespace."`
	Site          string `toml:"site" req:"true" example:"\"Tokyo\"" doc:"Its site."`
	PublicAddress string `toml:"public_address" std:"its own" example:"\"nat1\"" doc:"Servers with the same text are one source to outside systems." rule:"Q-5.6"`
	resolverKeys
	labelKeys
	transportKeys
}

// edgeTable is [[edge]].
type edgeTable struct {
	source
	Name           string `toml:"name" req:"true" example:"\"tyo-edge1\"" doc:"Name of the server. Host names are one namespace."`
	SubscribedSite string `toml:"subscribed_site" req:"true" example:"\"Tokyo\"" doc:"The site that the edge is subscribed to." rule:"R-6.1"`
	PublicAddress  string `toml:"public_address" std:"its own" example:"\"nat1\"" doc:"Servers with the same text are one source to outside systems." rule:"Q-5.6"`
	AutoConnectors *bool  `toml:"auto_connectors" std:"true for an edge that no [[connector]] names" doc:"Whether the subscription makes the outbound connector EdgeSync - SITE to Internet, or the edge joins that of another one. The inbound one, EdgeSync - Inbound to SITE, is always there." rule:"R-6.1"`
	resolverKeys
	labelKeys
	transportKeys
}

// mailboxTable is [[mailbox]].
type mailboxTable struct {
	source
	Name           string   `toml:"name" req:"true" example:"\"tyo-mbx1\"" doc:"Name of the server. Host names are one namespace, but for the two roles of one machine."`
	Site           string   `toml:"site" req:"true" example:"\"Tokyo\"" doc:"Its site."`
	Mailboxes      int64    `toml:"mailboxes" default:"1" range:"0..100000000" doc:"Number of mailboxes: the server's weight among those of its site."`
	Databases      []string `toml:"databases" std:"one, named after the server" example:"[\"db1\", \"db2\"]" doc:"Mailbox databases."`
	MaxReceiveSize *size    `toml:"max_receive_size" std:"no limit of their own" example:"\"5MB\"" doc:"Largest message that its mailboxes take." rule:"Q-3.6"`
	PublicAddress  string   `toml:"public_address" std:"its own" example:"\"nat1\"" doc:"From 2013: servers with the same text are one source to outside systems." rule:"Q-5.6"`
	Override       []string `toml:"submission_override" list:"or-one" example:"[\"tyo-hub1\"]" doc:"2007 and 2010: the only hubs that the server submits to, all of its own site." rule:"R-4.14"`

	DuplicateDetection bool `toml:"duplicate_detection" default:"true" doc:"false: its databases deliver second copies, too. 2007 from SP2 and 2010 from SP1 on; other versions cannot be told so." rule:"Q-12.7"`
	resolverKeys
	labelKeys
	transportKeys
}

// dcTable is [[dc]].
type dcTable struct {
	source
	Name        string `toml:"name" req:"true" example:"\"tyo-dc1\"" doc:"Name of the domain controller."`
	Site        string `toml:"site" req:"true" example:"\"Tokyo\"" doc:"Its site."`
	PDCEmulator bool   `toml:"pdc_emulator" default:"false" doc:"Holds the PDC emulator role; at most one does."`
	resolverKeys
	labelKeys
}

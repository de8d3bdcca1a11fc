package scenarios

// connectorTable is [[connector]].
type connectorTable struct {
	source
	Name                string   `toml:"name" req:"true" example:"\"to-cloud\"" doc:"Name of the connector."`
	Type                string   `toml:"type" default:"\"smtp\"" enum:"smtp,foreign,delivery_agent" doc:"How it delivers: by SMTP, into a drop directory on the source server, or through an agent there (from 2010 on)." rule:"R-5.13"`
	AddressSpaces       []string `toml:"address_spaces" std:"required, but with linked_to" list:"or-one" example:"[\"SMTP:*;1\"]" doc:"Which addresses it serves: type:space;cost. The type is SMTP and the cost 1 when left out." rule:"R-5.2"`
	SourceServers       []string `toml:"source_servers" std:"required, but with routing_group" list:"or-one" example:"[\"tyo-edge1\"]" doc:"Transport servers that send through it, in order." rule:"R-5.9"`
	RoutingGroup        string   `toml:"routing_group" example:"\"RG-Oslo\"" doc:"The [[routing_group]] of Exchange 2003 that hosts it, in place of source_servers." rule:"R-5.16"`
	SmartHosts          []string `toml:"smart_hosts" list:"or-one" example:"[\"cloud\"]" doc:"[[remote]] systems that it hands mail to, in order."`
	DNS                 *bool    `toml:"dns" std:"true without smart_hosts" doc:"Deliver by DNS: to the [[remote]] named internet."`
	LinkedTo            string   `toml:"linked_to" example:"\"From filter\"" doc:"2007 and 2010: a receive connector. All that comes in there goes out here, whoever it is for; a [[load]] says with receive_connector that it comes in there." rule:"R-5.14"`
	RequireTLS          bool     `toml:"require_tls" default:"false" doc:"Mail leaves encrypted or not at all: it waits when the STARTTLS certificate of the source server has expired." rule:"F7"`
	FrontEndProxy       bool     `toml:"front_end_proxy" default:"false" doc:"From 2013 on: send through the front end of a server of the source server's site." rule:"R-5.12"`
	Enabled             bool     `toml:"enabled" default:"true" doc:"A connector that is not enabled does not exist for routing." rule:"R-5.7"`
	Present             bool     `toml:"present" default:"true" doc:"false: the connector is not there until an action adds it."`
	Scoped              bool     `toml:"scoped" default:"false" doc:"Seen only in the sites of its source servers." rule:"R-5.6"`
	MaxMessageSize      *size    `toml:"max_message_size" std:"10MB; 2013 25MB; 2016 and later 35MB; unlimited for foreign, delivery_agent, linked_to and routing_group" range:"1KB.." example:"\"10MB\"" doc:"Largest message that it takes." rule:"R-5.8"`
	ConnectionThreshold *int64   `toml:"connection_threshold" std:"the source server's" range:"1..1000000" doc:"For its own queues, over the source server's." rule:"Q-4.4"`
	MaxPerDomain        *int64   `toml:"max_per_domain_outbound_connections" std:"the source server's; delivery_agent 5" range:"1..100000" doc:"For its own queues, over the source server's." rule:"Q-4.6"`
	MaxMessages         *int64   `toml:"max_messages_per_connection" std:"the source server's; delivery_agent 20" range:"1..2147483647" doc:"For its own queues, over the source server's." rule:"Q-4.10"`
}

// remoteTable is [[remote]].
type remoteTable struct {
	source
	Name                    string     `toml:"name" req:"true" example:"\"cloud\"" doc:"Name of the system."`
	Hosts                   int64      `toml:"hosts" default:"1" range:"1..100000" doc:"Number of its hosts; limits count over all of them."`
	RTT                     *duration  `toml:"rtt" std:"30ms" example:"\"30ms\"" doc:"Round-trip time from every server."`
	Bandwidth               *bandwidth `toml:"bandwidth" std:"unlimited" example:"\"1Gbit/s\"" doc:"Bandwidth of its access line, shared by all."`
	Preset                  string     `toml:"preset" enum:"eop-2015,eop-2025" doc:"Session cost and limits of Exchange Online Protection: fixed work, and on top of it the round trips of a session profile. The figures are in section Presets of remote systems. Other keys override it." rule:"Q-6.9"`
	Session                 *session   `toml:"session" std:"the preset's, else { profile = \"starttls-chunking\" }" doc:"What a session with it costs. It replaces the preset's cost as a whole, round trips included: { setup = \"2s\", per_message = \"2s\" } costs just that, without round trips unless round_trips and per_message_round_trips are given." rule:"Q-6.1"`
	MaxConnectionsPerSource *int64     `toml:"max_connections_per_source" std:"the preset's, else no limit" range:"0..1000000" doc:"Connections that it takes from one source; 0 = no limit." rule:"Q-5.5"`
	MaxMessages             *int64     `toml:"max_messages_per_connection" std:"the preset's, else no limit" range:"0..1000000" doc:"Messages after which it closes a connection; 0 = no limit." rule:"Q-5.5"`
	MX                      []string   `toml:"mx" list:"or-one" example:"[\"contoso.com;10\"]" doc:"Its mail exchanger records: domain;preference, the preference 10 when left out. By DNS the systems of lowest preference come first, equal ones in rotation. A domain for which no system has a record goes to the one named internet." rule:"R-4.17"`
	ConnectionTimeout       *duration  `toml:"connection_timeout" std:"none" example:"\"10m\"" doc:"Longest life of a connection." rule:"Q-4.9"`
	UnknownFraction         float64    `toml:"unknown_fraction" default:"0" range:"0..1" doc:"The part of its recipients that it does not know: it refuses each of them (550 5.1.1), and who sent the message reports to its sender. The others get it. Who is unknown is drawn for every message anew." rule:"Q-7.10"`
}

// loadTable is [[load]].
type loadTable struct {
	source
	ID   string  `toml:"id" std:"kind-number" example:"\"office\"" doc:"Name of the source: its random numbers hang on it, and sweeps find it by it."`
	Kind string  `toml:"kind" req:"true" enum:"poisson,diurnal,regular,burst,replay,clients" enumlater:"cox" doc:"How arrival times are made."`
	From parties `toml:"from" std:"required but for replay" doc:"Who sends: \"site:NAME\", \"site:*\", \"mailbox:NAME\", \"internet\", or a table of these with weights; clients: \"client:NAME\"."`
	To   parties `toml:"to" std:"required but for replay" doc:"Who receives: as from, \"group:NAME\", or \"domain:NAME\" outside. A group that is drawn several times for one message is there once."`

	Cc partyList `toml:"cc" example:"\"group:team\"" doc:"Further recipients of every message: \"mailbox:NAME\" is the first mailbox in that server's first database, \"group:NAME\", \"domain:NAME\" or \"internet\", or a list of these. Mailboxes are counted, not named: those that to draws in a database are taken to be among the members that a group has there. Such a recipient gets two copies when another server expands the group, and the mailbox drops the second." rule:"Q-12.9"`

	ReceiveConnector string `toml:"receive_connector" example:"\"From filter\"" doc:"from = \"internet\": the mail comes in on this receive connector, and goes out through the connector that is linked to it, whoever to names." rule:"R-5.14"`

	Rate    *rate    `toml:"rate" example:"\"40/s\"" doc:"poisson: arrivals per time. diurnal: the mean over a day. clients: messages of each client."`
	PerDay  *int64   `toml:"per_day" range:"0..1000000000000" example:"12000" doc:"diurnal: messages of a whole day, in place of rate."`
	Profile string   `toml:"profile" std:"day.office" enum:"day.office,day.relay-24x7,day.flat" doc:"diurnal: how a day's mail is spread over its hours."`
	Start   *instant `toml:"start" std:"0s" example:"\"30m\"" doc:"poisson, diurnal, clients: no arrivals before."`
	End     *instant `toml:"end" std:"the end of the run" example:"\"2h\"" doc:"poisson, diurnal, clients: no arrivals from then on."`

	Hours    []string `toml:"hours" list:"or-one" std:"always" example:"\"Mon-Fri 08:30-17:30\"" doc:"clients: when they work, by the clock of their site; their machines are switched on at the beginning and off at the end." rule:"F9"`
	SubmitTo string   `toml:"submit_to" std:"server" enum:"server,second_server" doc:"clients: which server of theirs takes the mail." rule:"F9"`

	First *instant  `toml:"first" std:"0s" example:"\"30s\"" doc:"regular: the first arrival."`
	Every *duration `toml:"every" range:"1ns.." example:"\"30s\"" doc:"regular: time between arrivals."`
	Until *instant  `toml:"until" std:"the end of the run" example:"\"1h\"" doc:"regular: the last arrival is not after this."`
	Count *int64    `toml:"count" range:"1..1000000000" example:"400" doc:"regular, burst: number of messages."`

	At   *instant  `toml:"at" example:"\"10m\"" doc:"burst: when it begins."`
	Over *duration `toml:"over" std:"0s: all at once" example:"\"2m\"" doc:"burst: the time over which it is spread evenly."`

	File      string           `toml:"file" example:"\"trace.csv\"" doc:"replay: a CSV file with a header line, relative to the scenario."`
	Columns   *replayColumns   `toml:"columns" std:"time, sender, recipients" doc:"replay: names of the columns."`
	TimeUnit  string           `toml:"time_unit" std:"s" enum:"s,ms,unix,rfc3339" doc:"replay: s and ms count from t0, unix is seconds since 1970, rfc3339 are dates."`
	Separator string           `toml:"separator" std:"a blank" example:"\" \"" doc:"replay: what separates the recipients in a cell."`
	Mailboxes *replayMailboxes `toml:"mailboxes" std:"the trace names mailbox servers" doc:"replay: where the mailboxes of the trace live."`

	Size       sizeDist  `toml:"size" default:"\"size.office-75k\"" doc:"Message size, at most 4095MB: a preset (size.office-75k, size.office-75k-35m, size.smooth-75k, size.hub-2002, size.list-ham, size.spam), a constant, or a distribution; what it draws beyond that is cut."`
	Recipients countDist `toml:"recipients" default:"1" doc:"Recipients of a message, at most 100000: a preset (rcpt.internal, rcpt.zipf), a number, or a distribution; what it draws beyond that is cut."`

	Priority  string       `toml:"priority" default:"\"normal\"" enum:"high,normal,low" doc:"Priority of its messages: counts on servers with priority_queueing." rule:"Q-9.1"`
	MessageID string       `toml:"message_id" std:"every message has one of its own" example:"\"report@monitor.example\"" doc:"The Internet message id that all messages carry. Loads that write the same one share it. For a mailbox, messages with one id and one Date are the same message." rule:"Q-12.2"`
	Date      *instant     `toml:"date" std:"the submission of each message" example:"\"0s\"" doc:"The Date that all messages carry, to the second; it may lie before the start of the run. For message_id and resend." rule:"Q-12.2"`
	Resend    *resendTable `toml:"resend" example:"{ after = \"3h\" }" doc:"Every message is sent again, with the message id of the first." rule:"Q-12.9"`

	Burst struct{} `toml:"burst" later:"true"`
}

// resendTable is resend of [[load]].
type resendTable struct {
	source
	After duration `toml:"after" req:"true" range:"1ns.." example:"\"3h\"" doc:"How long after a copy the next one is submitted."`
	Times int64    `toml:"times" default:"1" range:"1..1000" doc:"How often a message is sent again."`
	Date  string   `toml:"date" default:"\"kept\"" enum:"kept,new" doc:"kept: each copy carries the Date of the first. new: that of its own submission, so that no mailbox takes it for a second copy." rule:"Q-12.2"`
}

// replayColumns names the columns of a trace.
type replayColumns struct {
	source
	Time       string `toml:"time" req:"true" example:"\"time\"" doc:"When the message is submitted."`
	Sender     string `toml:"sender" req:"true" example:"\"sender\"" doc:"Mailbox that sends."`
	Recipients string `toml:"recipients" req:"true" example:"\"recipients\"" doc:"Mailboxes that receive, separated by separator."`
	Size       string `toml:"size" doc:"Size in bytes; without the column, and in an empty cell, sizes are drawn."`
	MessageID  string `toml:"message_id" doc:"Rows with the same one are one message."`
	Date       string `toml:"date" doc:"Date of the message; time then counts from its midnight."`
}

// replayMailboxes says in which site every mailbox of a trace lives. Several mailbox servers of a site get its mailboxes in turn.
type replayMailboxes struct {
	source
	File    string       `toml:"file" req:"true" example:"\"mailboxes.csv\"" doc:"A CSV file with a header line, by a path relative to the scenario."`
	Mailbox string       `toml:"mailbox" default:"\"mailbox\"" doc:"Its column with the mailbox as the trace names it."`
	Site    string       `toml:"site" default:"\"site\"" doc:"Its column with the site, or with a group of mailboxes that sites maps to one."`
	Sites   *replaySites `toml:"sites" doc:"A second CSV file that maps groups of mailboxes to sites."`
}

// replaySites maps groups of mailboxes (departments, say) to sites.
type replaySites struct {
	source
	File   string `toml:"file" req:"true" example:"\"sites.csv\"" doc:"A CSV file with a header line, by a path relative to the scenario."`
	Site   string `toml:"site" default:"\"site\"" doc:"Its column with the site."`
	Groups string `toml:"groups" default:"\"groups\"" doc:"Its column with the groups of the site, separated by blanks."`
}

package scenarios

// epostTable is [[epost]].
type epostTable struct {
	source
	Name         string   `toml:"name" req:"true" example:"\"ep1\"" doc:"Name of the server, also of the outside system that it is for the Exchange organisation: smart_hosts may name it. Host names are one namespace."`
	Site         string   `toml:"site" req:"true" example:"\"Tokyo\"" doc:"The site at which it stands."`
	Domains      []string `toml:"domains" list:"or-one" std:"its name in small letters with .example" example:"[\"ep1.example\"]" doc:"Domains whose mailboxes it holds. Its own mailboxes send from the first; DNS names the server for all of them."`
	Mailboxes    int64    `toml:"mailboxes" default:"1" range:"0..100000000" doc:"Number of mailboxes. A site stands for mailboxes of Exchange only: name those of E-Post by \"mailbox:NAME\"."`
	SmartHost    string   `toml:"smart_host" std:"whom DNS names" example:"\"relay\"" doc:"The [[remote]] or [[epost]] system that takes all mail of the server but that for its own mailboxes."`
	Services     []string `toml:"services" std:"[\"EPSTRS\", \"EPSTPOP3S\", \"EPSTIMAP4S\", \"EPSTDS\"]" enum:"EPSTRS,EPSTPOP3S,EPSTIMAP4S,EPSTDS" doc:"The services that run on it: the SMTP receiver, the POP and IMAP servers, the delivery agent." rule:"S0-2"`
	Teamed       bool     `toml:"teamed" default:"true" doc:"Whether its network cards form a team. A single card has its address before any service starts: nic_late_bind does not strike." rule:"F8"`
	LastService  duration `toml:"last_service" default:"\"30s\"" doc:"From the start of the service manager, at the end of restart_os, until the last automatic service is up." rule:"S0-7"`
	Incoming     int64    `toml:"incoming" default:"0" range:"0..1000000" doc:"Messages of its mailboxes to the internet that lie in the folder incoming at the start."`
	IncomingSize size     `toml:"incoming_size" range:"1B.." default:"\"10KB\"" doc:"Size of each of those."`
	Threads      int64    `toml:"threads" default:"30" range:"1..1000" doc:"Delivery threads: messages that EPSTDS works on at a time." rule:"EP-1"`
	Rate         *rate    `toml:"rate" std:"what the sessions cost" example:"\"1/s\"" doc:"Messages that one thread delivers, all in all but for the bandwidth of links." rule:"EP-1"`
	KeepInterval bool     `toml:"keep_interval" default:"false" doc:"Whether messages are tried again every 2 minutes, not at growing intervals." rule:"EP-2"`
	resolverKeys
	labelKeys
}

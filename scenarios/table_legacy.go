package scenarios

// routingGroupTable is [[routing_group]].
type routingGroupTable struct {
	source
	Name    string   `toml:"name" req:"true" example:"\"RG-Oslo\"" doc:"Name of the routing group."`
	Servers []string `toml:"servers" list:"or-one" example:"[\"ex2003a\"]" doc:"Its Exchange 2003 servers: [[remote]] systems." rule:"R-5.16"`
}

// rgcTable is [[rgc]].
type rgcTable struct {
	source
	Name           string   `toml:"name" req:"true" example:"\"to-Oslo\"" doc:"Name of the connector."`
	SourceServers  []string `toml:"source_servers" std:"required, but with from" list:"or-one" example:"[\"tyo-hub1\"]" doc:"Hubs of 2007 or 2010 that send through it, in order." rule:"R-5.18"`
	From           string   `toml:"from" std:"the servers of 2007 and 2010" example:"\"RG-Bergen\"" doc:"The [[routing_group]] that it leads from, in place of source_servers."`
	To             string   `toml:"to" req:"true" example:"\"RG-Oslo\"" doc:"The [[routing_group]] that it leads to."`
	Cost           int64    `toml:"cost" default:"1" range:"1..99999" doc:"Its cost. It is not added to that of site links, but compared before it." rule:"R-5.17"`
	TargetServers  []string `toml:"target_servers" std:"all servers of to" list:"or-one" example:"[\"ex2003a\"]" doc:"Servers of to that it hands mail to, in order." rule:"R-5.18"`
	MaxMessageSize *size    `toml:"max_message_size" std:"unlimited" range:"1KB.." example:"\"10MB\"" doc:"Largest message that it takes; 2007rtm has no such limit." rule:"R-3.24"`
}

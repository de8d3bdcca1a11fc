package scenarios

// dagTable is [[dag]].
type dagTable struct {
	source
	Name      string        `toml:"name" req:"true" example:"\"dag1\"" doc:"Name of the group."`
	Members   []string      `toml:"members" req:"true" list:"or-one" example:"[\"tyo-mbx1\", \"osa-mbx1\"]" doc:"Its [[mailbox]] servers, all of one version." rule:"R-3.26"`
	Databases []dagDatabase `toml:"databases" std:"those of every member, active there" example:"[{ name = \"db1\", active = \"tyo-mbx1\", copies = [\"tyo-mbx1\", \"osa-mbx1\"] }]" doc:"Databases with copies. One that no member lists among its own belongs to the member it is active on, if that lists none." rule:"R-3.28"`
}

// dagDatabase is a database of a [[dag]].
type dagDatabase struct {
	source
	Name   string   `toml:"name" req:"true" example:"\"db1\"" doc:"Name of the database."`
	Active string   `toml:"active" req:"true" example:"\"tyo-mbx1\"" doc:"The member with the active copy: mail is delivered there."`
	Copies []string `toml:"copies" std:"the active one" list:"or-one" example:"[\"tyo-mbx1\", \"osa-mbx1\"]" doc:"The members with a copy."`
}

// groupTable is [[group]].
type groupTable struct {
	source
	Name            string   `toml:"name" req:"true" example:"\"all-tokyo\"" doc:"Name of the group."`
	Members         []string `toml:"members" req:"true" list:"or-one" example:"[\"site:Tokyo\"]" doc:"\"site:NAME\" and \"site:*\" are all mailboxes that are there at the start (they stay members when they move, and what is added later is no member unless it is named), \"mailbox:NAME\" is one on that server (\"mailbox:NAME/DATABASE\": in that database), \"anna@example.com\" and \"domain:NAME\" are one outside, \"group:NAME\" are the members of that group, which has no expansion server. Who is in it by several ways is in it once."`
	ExpansionServer string   `toml:"expansion_server" std:"the first that handles a message" example:"\"tyo-hub1\"" doc:"The one transport server that replaces the group by its members." rule:"R-7.2"`
}

// acceptedTable is [[accepted_domain]].
type acceptedTable struct {
	source
	Domain string `toml:"domain" req:"true" example:"\"example.com\"" doc:"The domain."`
	Type   string `toml:"type" default:"\"authoritative\"" enum:"authoritative,internal_relay,external_relay" doc:"Whether its recipients are in the organisation (authoritative), some of them (internal_relay), or none (external_relay)."`
}

package scenarios

// clientTable is [[client]].
type clientTable struct {
	source
	Name         string `toml:"name" req:"true" example:"\"office\"" doc:"Name of the population. Host names are one namespace."`
	Site         string `toml:"site" req:"true" example:"\"Tokyo\"" doc:"The site at which they are; its timezone is theirs."`
	Count        int64  `toml:"count" req:"true" range:"1..1000000" example:"200" doc:"How many clients there are."`
	Server       string `toml:"server" req:"true" example:"\"ep1\"" doc:"The server to which they hand in their mail by SMTP: a [[hub]], a [[mailbox]] of 2013 or later, or an [[epost]] server. What it does not take stays with the client." rule:"F9"`
	SecondServer string `toml:"second_server" std:"none" example:"\"tyo-hub1\"" doc:"Another one, for the loads with submit_to = \"second_server\"." rule:"F9"`
	labelKeys
}

// updateKeys are the keys of client_update (F9).
type updateKeys struct {
	Release        string        `toml:"release" std:"start; with schedule each of its instants; else patch-tuesday" example:"\"2026-03-11T02:00:00+09:00\"" doc:"client_update: when the update comes out, before t0 as well; or patch-tuesday: the first second Tuesday of a month from start on, 10:00 in Los Angeles, which in Japan is 02:00 or 03:00 of the Wednesday after it. The fault begins then." rule:"F9"`
	AffectsServer  string        `toml:"affects_server" example:"\"ep1\"" doc:"client_update: the one server to which a mail client cannot hand in mail any more when the update was installed while it ran." rule:"F9"`
	ScanDelay      *durationDist `toml:"scan_delay" std:"{ dist = \"uniform\", min = \"5m\", max = \"30m\" }" example:"\"10m\"" doc:"client_update: from when a machine is switched on (hours of the clients' load) until it looks for updates, if it should have done so while it was off. One that is always on looks every 22 h less up to 20 %." rule:"F9"`
	InstallTime    *durationDist `toml:"install_time" std:"lognormal, median 1h, sigma 0.3" example:"\"45m\"" doc:"client_update: how long the installation takes in the background." rule:"F9"`
	BroadcastAt    string        `toml:"broadcast_at" std:"never" example:"\"11:40\"" doc:"client_update: when everybody is told to restart the mail client: an instant, or a time of day of the clients' site, the first one after the release." rule:"F9"`
	RestartSpread  *duration     `toml:"restart_spread" std:"20m" example:"\"20m\"" doc:"client_update: within which time after that they do so." rule:"F9"`
	ResendSpread   *duration     `toml:"resend_spread" std:"5m" example:"\"5m\"" doc:"client_update: within which time after a restart drafts are sent." rule:"F9"`
	ResendFraction *fraction     `toml:"resend_fraction" std:"1" doc:"client_update: the part of the drafts that is sent at all." rule:"F9"`
}

package scenarios

// identityKeys are the keys of spn_missing, spn_duplicate and machine_secret (F5).
type identityKeys struct {
	AtDC         string    `toml:"at_dc" std:"the first of the host's site, else the one that the host is bound to" example:"\"tyo-dc1\"" doc:"spn_missing, spn_duplicate, machine_secret: the domain controller at which it is written; the others hear of it by replication." rule:"F5"`
	WrongAccount *fraction `toml:"wrong_account" std:"0.5" doc:"spn_duplicate: chance that a ticket is sealed for the wrong one of the two accounts, drawn for each new ticket." rule:"F5"`
	Variant      string    `toml:"variant" std:"reset" enum:"reset,snapshot,rollover" doc:"machine_secret: reset (the account gets a new secret and the machine does not know it), snapshot (the machine is set back to an old one) or rollover (the change that every machine makes each 30 days: it harms nobody)." rule:"F5"`
}

// portKeys are the keys of port_block (F6).
type portKeys struct {
	Src    *selector `toml:"src" doc:"port_block: { host, site, role }: who connects." rule:"F6"`
	Dst    *selector `toml:"dst" doc:"port_block: { host, site, role }: whose ports are blocked; or { remote }: the PDC emulator and Edges get no time from outside (port 123). With direction = \"both\" connections the other way are blocked, too." rule:"F6"`
	Ports  *ports    `toml:"ports" example:"[25, \"49152-65535\"]" doc:"port_block: destination ports, numbers and ranges; link_down: without them nothing passes the link, with them these alone do not, between the sites that it joins. 25 SMTP (2525 between servers of 2013 and later), 88 tickets, 389 and 3268 (with directory_tls 636 and 3269) lookups in the directory and in the global catalog, 123 time (UDP), 135 and 49152-65535 replication, 50636 EdgeSync." rule:"F6"`
	Proto  string    `toml:"proto" std:"both" enum:"tcp,udp,both" doc:"port_block: what is blocked; of the ports above only 123 is used by UDP." rule:"F6"`
	Answer string    `toml:"action" std:"drop" enum:"drop,reject,strip_esmtp" doc:"port_block: drop (nothing comes back: an attempt takes the failed-connect time), reject (refused at once) or strip_esmtp (SMTP inspection takes out the verbs by which hubs authenticate; ports is not needed)." rule:"F6"`
}

// certKeys are the keys of cert_expiry (F7).
type certKeys struct {
	NotAfter *instant `toml:"not_after" std:"start" example:"\"2026-03-02T12:00:00Z\"" doc:"cert_expiry: when the certificate ends, by the clock of its host; before t0 is possible." rule:"F7"`
	Purpose  string   `toml:"purpose" std:"internal" enum:"internal,starttls" doc:"cert_expiry: internal (by which hubs and Edges know each other) or starttls (for connectors with require_tls)." rule:"F7"`
}

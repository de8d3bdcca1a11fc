package scenarios

// controllerKeys are the keys of repl_lag and repl_fail beside interval and phase (F3).
type controllerKeys struct {
	Window      []string `toml:"window" list:"or-one" std:"kept" example:"[\"Mon-Fri 02:00-04:00\"]" doc:"repl_lag: when the link is open meanwhile, as replication_window of [[link]]." rule:"F3"`
	BreaksAuth  string   `toml:"breaks_auth" std:"immediate" enum:"immediate,identity_change,never" doc:"repl_fail: immediate (sessions between hubs of the two sites fail to authenticate until a pull has worked again), identity_change (only for hubs whose identity changed meanwhile) or never." rule:"FD-3"`
	Bridgeheads []string `toml:"bridgeheads" list:"or-one" std:"whoever pulls over the link" example:"\"tyo-dc1\"" doc:"repl_fail of links: the domain controllers that fail to replicate over them; others of their sites take over 2 h after the first pull that failed, within another 15 min." rule:"F3"`
}

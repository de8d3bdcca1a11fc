package scenarios

// expectTable is [[expect]].
type expectTable struct {
	source
	ID     string     `toml:"id" std:"expect-number" example:"\"backlog-bounded\"" doc:"Name of the expectation in verdicts."`
	Metric string     `toml:"metric" req:"true" example:"\"queue.length\"" doc:"What is judged: a metric of the result, from the list in section Metrics."`
	Where  expectTags `toml:"where" doc:"Which entities: labels of the metric, each a name or a pattern with *. Servers, sites, links, connectors and faults must be the scenario's own; site, from and to may be \"internet\" and, for messages.* and delivery.delay, \"all\" (together). Matching nothing in the result is an error."`
	Stat   string     `toml:"stat" req:"true" example:"\"max\"" doc:"Which of the metric's figures: mean, max, last, total, count, p50, p95, p99."`
	Must   string     `toml:"must" req:"true" example:"\"<= 2000 msg\"" doc:"The limit: <=, <, >=, >, == or !=, then a number with its unit. Only 0 and fractions (0 to 1) need none. Durations are ns, us, ms, s, m, h, d or w, as in 1h30m; rates are msg/s, msg/min or msg/h; of every other metric the unit is the one in section Metrics."`
	Set    settings   `toml:"set" doc:"Judge only the sweep points with these settings: { \"edge.*.connection_threshold\" = 5 }."`
	Across string     `toml:"across" default:"\"each\"" enum:"each,sum" doc:"Several matches: each must satisfy it, or their sum."`
}

// tag is one label of an expectation.
type expectTag struct {
	key, pattern string
	keyAt, at    Pos
}

// expectTags are the labels of an expectation in order of their keys.
type expectTags struct {
	list []expectTag
}

func (x *expectTags) bindNode(b *binder, n *node, w where) {
	if n.kind != tableNode {
		b.errorf(n.at, w, `expected a table, got %s; write { server = "edge*" }`, n.describe())
		return
	}
	for _, f := range n.fields {
		if s, ok := b.text(f, w.dot(f.key)); ok {
			x.list = append(x.list, expectTag{f.key, s, f.keyAt, f.at})
		}
	}
}

// setting is one entry of an expectation's set.
type setting struct {
	path  string
	value *node
}

// settings pick points of the sweep.
type settings struct {
	list []setting
}

func (x *settings) bindNode(b *binder, n *node, w where) {
	if n.kind != tableNode {
		b.errorf(n.at, w, `expected a table, got %s; write { "path" = value }`, n.describe())
		return
	}
	for _, f := range n.fields {
		if f.kind != scalarNode {
			b.errorf(f.at, w.dot(f.key), `expected a value, got %s; write { "path" = value } with the path in quotes`, f.describe())
			continue
		}
		x.list = append(x.list, setting{f.key, f})
	}
}

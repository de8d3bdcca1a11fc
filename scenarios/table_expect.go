package scenarios

// expectTable is [[expect]].
type expectTable struct {
	source
	ID     string        `toml:"id" std:"expect-number, or the group's name" example:"\"backlog-bounded\"" doc:"Name of the expectation in verdicts. Those of a group are called id/counter."`
	Group  string        `toml:"group" enum:"exchange-counters" doc:"A ready-made group in place of metric, stat and must. exchange-counters: the published limits of the performance counters of every server, one expectation a counter; see Counters." rule:"QX-10"`
	Metric string        `toml:"metric" std:"required without group" example:"\"queue.length\"" doc:"What is judged: a metric of the result, from the list in section Metrics."`
	Where  expectTags    `toml:"where" doc:"Which entities: labels of the metric, each a name or a pattern with *; of a group server alone. Servers, sites, links, connectors, faults and counters must be known ones; site, from and to may be \"internet\" and, for messages.* and delivery.delay, \"all\" (together). Matching nothing in the result is an error."`
	Stat   string        `toml:"stat" std:"required without group" example:"\"max\"" doc:"Which of the metric's figures: mean, max, max5m, last, total, count, p50, p95, p99."`
	Must   string        `toml:"must" std:"required without group" example:"\"<= 2000 msg\"" doc:"The limit: <=, <, >=, >, == or !=, then a number with its unit. Only 0 and fractions (0 to 1) need none. Durations are ns, us, ms, s, m, h, d or w, as in 1h30m; rates are msg/s, msg/min or msg/h; of every other metric the unit is the one in section Metrics."`
	Warn   string        `toml:"warn" example:"\"<= 1500 msg\"" doc:"A tighter limit, written like must. What keeps must but does not pass this is a pass with a warning; exit code and JUnit failures do not change."`
	Limits counterLimits `toml:"limits" doc:"With group: a limit of one's own, written like must, for some counters in place of the published one and its warning." rule:"QX-10"`
	Except []string      `toml:"except" enum:"aggregate-delivery,active-remote,active-mailbox,submission,active-non-smtp,retry-mailbox,retry-non-smtp,retry-remote,unreachable,largest-delivery,poison" doc:"With group: counters to leave out."`
	Set    settings      `toml:"set" doc:"Judge only the sweep points with these settings: { \"edge.*.connection_threshold\" = 5 }."`
	Across string        `toml:"across" default:"\"each\"" enum:"each,sum" doc:"Several matches: each must satisfy it, or their sum."`
}

// counterLimits are limits by counter, in order of their keys.
type counterLimits struct {
	list []expectTag
}

func (x *counterLimits) bindNode(b *binder, n *node, w where) {
	if n.kind != tableNode {
		b.errorf(n.at, w, `expected a table, got %s; write { active-remote = "<= 1000 msg" }`, n.describe())
		return
	}
	for _, f := range n.fields {
		if _, text := f.value.(string); !text && f.typed == "" {
			b.errorf(f.at, w.dot(f.key), `expected a limit in quotes, got %s; write for example "<= 1000 msg"`, f.describe())
		} else if s, ok := b.text(f, w.dot(f.key)); ok {
			x.list = append(x.list, expectTag{f.key, s, f.keyAt, f.at})
		}
	}
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

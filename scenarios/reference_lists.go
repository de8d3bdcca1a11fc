package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	"mailsim/scenarios/expect"
	"mailsim/sim/result"
)

// The lists of the reference page that are no tables of keys: what the names stand for that a scenario may use.

// sessionLists writes the session profiles and the presets of remote systems.
func sessionLists(b *strings.Builder) {
	b.WriteString(`## Session profiles

What the names of ` + "`session = { profile = ... }`" + ` stand for, in [model] and [[remote]]. A session with n messages takes

    setup + round trips of the set-up * RTT + for each message: per_message + its round trips * RTT + size / share of the bandwidth

where RTT is the round-trip time between the two sites (1 ms inside a site), or that of the remote system. A profile is round trips only: its setup
and per_message are 0 unless setup_work and message_work say otherwise. tls = "1.3" or "resumed" takes one round trip off those that have TLS, and auth
replaces the round trips of the authentication.

| profile | set-up | a message with one recipient | each further recipient | what is counted |
|---|---|---|---|---|
`)
	for _, p := range sessionProfiles() {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", p.name, decimal(p.setup), decimal(p.message), decimal(p.recipient), p.doc)
	}
	b.WriteString("\n| auth | round trips | what is counted |\n|---|---|---|\n")
	for _, a := range authentications() {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", a.name, decimal(a.legs), a.doc)
	}
	b.WriteString(`
## Presets of remote systems

What ` + "`preset`" + ` of [[remote]] stands for: fixed work, **and the round trips of a session profile on top of it**. A session that is written out
instead, ` + "`session = { setup = ..., per_message = ... }`" + `, has no round trips but those it gives.

| preset | a session's set-up | a message | connections from one source | messages of a connection |
|---|---|---|---|---|
`)
	for _, p := range eopPresets() {
		trips := profileCost(p.profile)
		fmt.Fprintf(b, "| `%s` | %s s + %s round trips (`%s`) | %s s + %s round trips | %d | %d |\n", p.name, decimal(p.setup), decimal(trips.RoundTrips), p.profile,
			decimal(p.message), decimal(trips.PerMessageRoundTrips), p.maxConnections, p.maxMessages)
	}
	b.WriteString("\n")
}

// metricList writes the metrics that a run reports.
func metricList(b *strings.Builder) {
	b.WriteString(`## Metrics

What a run reports, and what ` + "`metric`" + ` of [[expect]] may name. An entity has all the labels of its metric, but for those joined by "or", of which it has
one. ` + "`site`" + ` of messages.* and ` + "`from`" + ` are the sender's site, ` + "`to`" + ` the recipient's; "internet" is everything outside, "all" all together. A site that
sends nothing has no messages.*, and a queue is there once it has held a message.

The figures: **mean** is the average over time of a level or rate, and over messages of a delay; **max** the largest value; **max5m**, of
counters alone, the largest average of five samples a minute apart; **last** the value at the end of the run; **total** how many in the whole
run, its warm-up included; **count** the messages behind the other figures, in msg; **p50**, **p95** and **p99** what so many percent of the
messages have at most. But for totals, drain.time and throughput by site_pair, figures leave the warm-up out.

| metric | unit | labels | figures | what it measures |
|---|---|---|---|---|
`)
	var later []string
	for _, m := range result.Metrics() {
		if !m.Reported() {
			later = append(later, "`"+m.Name+"`")
			continue
		}
		join := ", "
		if m.OneOf {
			join = " or "
		}
		doc := m.Doc
		if need := neededSeries(expectation{Metric: m.Name}); need != "" {
			doc += "; needs [output] series " + quote(need)
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", m.Name, m.Unit, strings.Join(m.Labels, join), strings.Join(m.Stats, ", "), cell(doc))
	}
	b.WriteString(`
delivery.delay of one site to another (both from and to) and throughput by site_pair need [output] series "site_pair", and throughput by connector
is known but not reported.
`)
	if len(later) > 0 {
		fmt.Fprintf(b, "\nReserved for a later version: %s.\n", strings.Join(later, ", "))
	}
}

// counterList writes the performance counters and what the group of expectations makes of each.
func counterList(b *strings.Builder) {
	b.WriteString(`
## Counters

The performance counters of a server's queues (object MSExchangeTransport Queues, instance _total), as the metric ` + "`counter`" + ` reports them: one sample
at every full minute after the warm-up while the transport service of the server runs. **max5m** is the largest average of five samples in a row, by which
the vendor's management pack alarms; a start of the service begins a new row. They are sampled when an [[expect]] is about them, or with
` + "`[output] counters = true`" + `.

The limits are those of group = "exchange-counters", as published. 250 contradicts a threshold of 20: a healthy queue holds 20 messages for each busy
connection, which is more than 250 from the 13th on. Scenarios about thresholds set ` + "`limits`" + ` of their own (QX-10).

| counter | name in Exchange | what it counts | limit | warning |
|---|---|---|---|---|
`)
	group := expect.Group(expect.ExchangeCounters)
	for i, c := range result.Counters() {
		e, warn := group[i], ""
		if e.Warn != "" {
			warn = "unless " + e.Stat + " " + e.Warn
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s %s | %s |\n", c.Name, c.Title, c.Doc, e.Stat, e.Must, warn)
	}
}

// decimal writes a number as short as can be.
func decimal(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

package result

import "slices"

// Unit is what the figures of a metric count, written as in expectations ("<= 2000 msg").
type Unit string

// The units of the metrics. Durations are seconds in every figure and series (histograms alone keep whole nanoseconds).
const (
	Messages          Unit = "msg"
	MessagesPerSecond Unit = "msg/s"
	Seconds           Unit = "s"
	Connections       Unit = "connections"
	Fraction          Unit = "fraction" // 0..1, never percent
	Attempts          Unit = "attempts"
	Errors            Unit = "errors"
	Reports           Unit = "dsn"
	Bytes             Unit = "bytes"
	Clients           Unit = "clients"
)

// The names of the figures that a metric can have, in the order in which they are written everywhere.
const (
	StatMean  = "mean"  // time average of a level or rate, average over messages of a delay
	StatMax   = "max"   // largest value
	StatMax5m = "max5m" // largest average of five samples in a row that are a minute apart
	StatLast  = "last"  // value at the end of the run
	StatTotal = "total" // how many in the whole run, its warm-up included
	StatCount = "count" // messages behind the other figures
	StatP50   = "p50"   // median
	StatP95   = "p95"   // 95 % of the messages have at most this
	StatP99   = "p99"   // 99 % of the messages have at most this
)

// MetricInfo describes one metric: the stable contract of docs/scenario-reference.md, used by the scenario checker, the recorders, the
// expectations and the documentation alike.
type MetricInfo struct {
	Name   string
	Unit   Unit
	Labels []string // the label keys in the order in which they are written
	OneOf  bool     // an entity has exactly one of Labels, not all of them
	Stats  []string // the figures it has, in the order of the Stat constants
	Doc    string   // what it measures, in one sentence
}

// Reported tells whether runs of this version report the metric. The others are names that later versions fill: none at present.
func (m MetricInfo) Reported() bool { return m.Name != "" }

// HasStat tells whether the metric has the figure.
func (m MetricInfo) HasStat(stat string) bool { return slices.Contains(m.Stats, stat) }

// HasLabel tells whether entities of the metric can have the label.
func (m MetricInfo) HasLabel(key string) bool { return slices.Contains(m.Labels, key) }

// UnitOf returns the unit of one figure of the metric: a count of messages is in messages whatever the metric measures.
func (m MetricInfo) UnitOf(stat string) Unit {
	if stat == StatCount {
		return Messages
	}
	return m.Unit
}

// Metrics returns every metric that a run can report, in the order of the documentation. The slice is the caller's own.
func Metrics() []MetricInfo {
	queue := []string{"server", "next_hop", "delivery_type", "connector"}
	level := []string{StatMean, StatMax, StatLast}
	total := []string{StatTotal}
	return []MetricInfo{
		{"queue.length", Messages, queue, false, level, "messages in a queue, those in transfer included"},
		{"queue.age", Seconds, queue, false, level, "age of the oldest message in a queue"},
		{"queue.connections", Connections, queue, false, level, "connections that a queue has open or is opening"},
		{"server.queue_length", Messages, []string{"server", "class", "state"}, false, level,
			"messages in the delivery queues of a server, by class (all, smtp_connector, intra_org, mailbox, other, unreachable) and state (all, retry); of an E-Post server, in its mail folder: class incoming, holding or all"},
		{"service.up", Fraction, []string{"server", "service"}, false, level, "whether a service of an E-Post server runs: the mean is its availability"},
		{"server.connections", Connections, []string{"server"}, false, level, "outbound connections of a server"},
		{"server.submission", Messages, []string{"server"}, false, level, "messages in the submission queue of a server"},
		{"counter", Messages, []string{"server", "counter"}, false, []string{StatMean, StatMax, StatMax5m, StatLast},
			"performance counter of a server's queues, looked at every full minute while its transport service runs; see Counters"},
		{"safety_net.items", Messages, []string{"server"}, false, level,
			"messages that a server has passed on and still keeps: its Safety Net or, before 2013, its transport dumpster (counter Dumpster Item Count)"},
		{"safety_net.bytes", Bytes, []string{"server"}, false, level, "... and their bytes (counter Dumpster Size)"},
		{"safety_net.inserts", Messages, []string{"server"}, false, total, "messages that a server began to keep after it had passed them on, or another whose copies it held (counter Dumpster Inserts)"},
		{"safety_net.deletes", Messages, []string{"server"}, false, total, "messages that it keeps no longer (counter Dumpster Deletes)"},
		{"submission_pending", Messages, []string{"site"}, false, level,
			"messages of a site, or from the internet, that no transport server could take yet"},
		{"link.utilisation", Fraction, []string{"link", "direction"}, false, level, "share of a link's bandwidth in use"},
		{"throughput", MessagesPerSecond, []string{"server", "site_pair", "connector"}, true,
			[]string{StatMean, StatMax, StatLast, StatCount},
			"copies of messages that a server's next hops took, per second; by site_pair, deliveries of the whole run per second, one for each recipient (mean and count only)"},
		{"delivery.delay", Seconds, []string{"from", "to"}, false,
			[]string{StatMean, StatMax, StatCount, StatP50, StatP95, StatP99},
			"time from submission to final delivery of a message, one for each recipient, delivery reports left out; by site where there are two sites or more (199 at most)"},
		{"delivery.rate", MessagesPerSecond, []string{"site"}, false, level, "deliveries per second in the whole organisation (site=all), one for each recipient"},
		{"delivery.copies", Messages, []string{"from", "to"}, false, total,
			"copies delivered between two sites: recipients that a message reaches in one copy count once"},
		{"messages.submitted", Messages, []string{"site"}, false, total, "messages submitted, one for each recipient; a distribution group is one"},
		{"messages.expanded", Messages, []string{"site"}, false, total,
			"recipients that distribution groups added: their members less the groups themselves"},
		{"messages.delivered", Messages, []string{"site"}, false, total, "messages delivered, one for each recipient"},
		{"messages.duplicate", Messages, []string{"site"}, false, total, "second copies of messages that mailboxes dropped, one for each recipient"},
		{"mailbox.deliveries", MessagesPerSecond, []string{"server"}, false, []string{StatMean, StatMax, StatLast, StatCount},
			"messages that the mailboxes on a server took, per second, one for each recipient; only where senders may send a message twice: message_id, resend, cc, duplicate_storm"},
		{"mailbox.duplicates", MessagesPerSecond, []string{"server"}, false, []string{StatMean, StatMax, StatLast, StatCount},
			"second copies of messages that the mailboxes on a server dropped, per second, one for each recipient; only there, too"},
		{"messages.bounced", Messages, []string{"site"}, false, total, "messages refused for good, one for each recipient"},
		{"messages.expired", Messages, []string{"site"}, false, total, "messages given up after the expiry time, one for each recipient"},
		{"messages.reports", Messages, []string{"site"}, false, total,
			"delivery reports that servers of the site made; they are delivered, held, ... like the messages submitted"},
		{"messages.resubmitted", Messages, []string{"site"}, false, total,
			"messages that holders of shadow copies sent although they were not lost, or that came out of Safety Net, one for each recipient: they are delivered, held, ... a second time"},
		{"messages.removed", Messages, []string{"site"}, false, total, "messages that operators removed, one for each recipient"},
		{"messages.lost", Messages, []string{"site"}, false, total, "messages lost with a destroyed queue database and without a shadow copy, one for each recipient"},
		{"messages.held", Messages, []string{"site"}, false, total, "messages still under way when the run ended, one for each recipient; those included that a shadow copy alone still has"},
		{"client.error", Errors, []string{"server", "code"}, false, total, "errors that clients saw: messages that they could not hand over when they first tried"},
		{"client.broken", Clients, []string{"client"}, false, level, "mail clients of a population that cannot hand in mail to one server because of an update (F9)"},
		{"client.drafts", Messages, []string{"client"}, false, level, "messages that mail clients of a population keep because their server did not take them: no submitted mail"},
		{"client.submissions", MessagesPerSecond, []string{"client", "server"}, false, level, "messages that mail clients of a population handed in, per second"},
		{"drain.time", Seconds, []string{"fault"}, false, level,
			"time from the end of a fault until the queues are as short as before it (of several times that it happened the mean, the longest and the last)"},
		{"dsn.count", Reports, []string{"kind"}, false, total, "delivery status notifications created"},
		{"retries", Attempts, []string{"server", "next_hop"}, false, total,
			"retry attempts of a queue, without the first failure and with the attempt that worked"},
		{"deferrals", Attempts, []string{"server", "next_hop"}, false, total,
			"messages that the next hop put off one by one on a working connection, each time that it did"},
		{"refusals", Attempts, []string{"server", "next_hop"}, false, total,
			"attempts that the next hop refused because a limit of its own was reached"},
		{"sessions", Connections, []string{"server", "next_hop"}, false, total, "connections opened"},
	}
}

// LookupMetric returns the metric of that name. Suggesting a near name for an unknown one is the caller's business.
func LookupMetric(name string) (MetricInfo, bool) {
	for _, m := range Metrics() {
		if m.Name == name {
			return m, true
		}
	}
	return MetricInfo{}, false
}

package expect

import "mailsim/sim/result"

// ExchangeCounters is the name of the ready-made group of the published limits of performance counters.
const ExchangeCounters = "exchange-counters"

// Group returns the expectations of a ready-made group in a fixed order, all servers meant; nil for an unknown name. IDs are the names of
// the counters. The slice and the maps are the caller's own.
//
// The limits of exchange-counters are those that the vendor publishes for MSExchangeTransport Queues(_total). Its management pack alarms
// on the average of five one-minute samples: so do the limits on max5m. Those on max hold for every sample. 250 contradicts a threshold of
// 20: a healthy queue holds 20 messages for each busy connection, which is more than 250 from the 13th on (QX-10). The limits stay as
// published, and a scenario about thresholds sets its own.
func Group(name string) []Expectation {
	if name != ExchangeCounters {
		return nil
	}
	var out []Expectation
	for _, l := range []struct{ counter, stat, must, warn string }{
		{"aggregate-delivery", result.StatMax, "<= 5000 msg", "< 3000 msg"},
		{"active-remote", result.StatMax5m, "<= 250 msg", ""}, // QX-10
		{"active-mailbox", result.StatMax5m, "<= 250 msg", ""},
		{"submission", result.StatMax5m, "<= 100 msg", ""},
		{"active-non-smtp", result.StatMax5m, "<= 250 msg", ""},
		{"retry-mailbox", result.StatMax5m, "<= 100 msg", ""},
		{"retry-non-smtp", result.StatMax5m, "<= 100 msg", ""},
		{"retry-remote", result.StatMax5m, "<= 100 msg", ""},
		{"unreachable", result.StatMax, "<= 100 msg", ""},
		{"largest-delivery", result.StatMax5m, "<= 200 msg", ""}, // QX-10
		{"poison", result.StatMax, "== 0 msg", ""},               // judged in each replication
	} {
		out = append(out, Expectation{
			ID: l.counter, Metric: "counter", Where: map[string]string{"counter": l.counter}, Stat: l.stat, Must: l.must, Warn: l.warn, Across: Each,
		})
	}
	return out
}

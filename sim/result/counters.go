package result

// CounterInfo describes one performance counter of a server's queues: the object MSExchangeTransport Queues, instance _total.
type CounterInfo struct {
	Name  string // the label counter of the metric "counter"
	Title string // as the operating system shows it
	Doc   string // what it counts
}

// Counters returns the performance counters that a run can sample, in the order in which it reports them. The slice is the caller's own.
func Counters() []CounterInfo {
	return []CounterInfo{
		{"aggregate-delivery", "Aggregate Delivery Queue Length (All Queues)", "messages in all delivery queues"},
		{"active-remote", "Active Remote Delivery Queue Length", "messages in queues to other servers and outside systems by SMTP that are not in Retry"},
		{"active-mailbox", "Active Mailbox Delivery Queue Length", "messages in queues into mailbox stores that are not in Retry"},
		{"submission", "Submission Queue Length", "messages that wait for or are in the categoriser"},
		{"active-non-smtp", "Active Non-Smtp Delivery Queue Length", "messages in queues of foreign connectors and delivery agents that are not in Retry"},
		{"retry-mailbox", "Retry Mailbox Delivery Queue Length", "messages in queues into mailbox stores that are in Retry"},
		{"retry-non-smtp", "Retry Non-Smtp Delivery Queue Length", "messages in queues of foreign connectors and delivery agents that are in Retry"},
		{"retry-remote", "Retry Remote Delivery Queue Length", "messages in queues to other servers and outside systems by SMTP that are in Retry"},
		{"unreachable", "Unreachable Queue Length", "messages in the Unreachable queue"},
		{"largest-delivery", "Largest Delivery Queue Length", "messages in the longest delivery queue, in Retry or not"},
		{"poison", "Poison Queue Length", "messages in the poison queue"},
	}
}

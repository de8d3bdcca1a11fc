package dir

import (
	"fmt"
	"strings"

	"mailsim/sim/result"
)

// digestTable is Get-QueueDigest: a row for each next hop, with what its queues have together. A column that speaks of one queue is filled where all
// queues of the row agree.
func digestTable(s *result.Snapshot) ([]byte, error) {
	type d = result.Digest
	fixed := func(text string) func(*d) string { return func(*d) string { return text } }
	sum := func(of func(*result.Queue) int64) func(*d) string {
		return func(x *d) string {
			n := int64(0)
			for i := range x.Queues {
				n += of(&x.Queues[i])
			}
			return decimal(n)
		}
	}
	flow := func(of func(*result.Queue) float64) func(*d) string {
		return func(x *d) string {
			n := 0.0
			for i := range x.Queues {
				n += of(&x.Queues[i])
			}
			return rate(n)
		}
	}
	same := func(of func(*result.Queue) string) func(*d) string {
		return func(x *d) string {
			for i := range x.Queues {
				if of(&x.Queues[i]) != of(&x.Queues[0]) {
					return ""
				}
			}
			return of(&x.Queues[0])
		}
	}
	columns := []column[d]{
		{"GroupByValue", 0, func(x *d) string { return x.NextHopDomain }},
		{"MessageCount", 0, sum(func(q *result.Queue) int64 { return q.MessageCount })},
		{"DeferredMessageCount", 0, sum(func(q *result.Queue) int64 { return q.Deferred })},
		{"LockedMessageCount", 0, fixed("0")}, // online only
		{"IncomingRate", 0, flow(func(q *result.Queue) float64 { return q.Incoming })},
		{"OutgoingRate", 0, flow(func(q *result.Queue) float64 { return q.Outgoing })},
		{"Velocity", 0, flow(func(q *result.Queue) float64 { return q.Outgoing - q.Incoming })},
		{"NextHopDomain", 0, func(x *d) string { return x.NextHopDomain }},
		{"NextHopCategory", 0, same(category)},
		{"NextHopConnector", 0, same(func(q *result.Queue) string { return q.NextHopConnector })},
		{"DeliveryType", 0, same(func(q *result.Queue) string { return q.DeliveryType })},
		{"Status", 0, same(func(q *result.Queue) string { return q.Status })},
		{"RiskLevel", 0, fixed("Normal")},
		{"OutboundIPPool", 0, fixed("0")},
		{"LastError", 0, same(func(q *result.Queue) string { return q.LastError })},
		{"TlsDomain", 0, fixed("")},
		{"Details", 0, details},
	}
	return listing(columns, 0, s.Digest, func(*d) result.Generation { return 0 })
}

// details lists the queues of a row with their messages.
func details(x *result.Digest) string {
	var parts []string
	for i := range x.Queues {
		parts = append(parts, fmt.Sprintf("%s: %d", x.Queues[i].Identity, x.Queues[i].MessageCount))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

package dir

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"mailsim/sim/result"
	"mailsim/sim/simtime"
)

// operatorTime is how a server writes times; has the same.
const operatorTime = "2006/01/02 15:04:05"

// queueTable is Get-Queue: all columns of 2013 and later in the order in which a real server prints them, of older versions those that
// they have, in the same order. What has no counterpart in a simulation is as on a server where nobody has set it.
func queueTable(s *result.Snapshot) ([]byte, error) {
	const v2007, v2010, v2013 = result.Columns2007, result.Columns2010, result.Columns2013
	type q = result.Queue
	fixed := func(text string) func(*q) string { return func(*q) string { return text } }
	retry := func(of func(*result.Retry) simtime.Time) func(*q) string {
		return func(x *q) string {
			if x.Retry == nil {
				return ""
			}
			return wall(s, of(x.Retry))
		}
	}
	identity := func(x *q) string { return x.Identity }
	columns := []column[q]{
		{"RunspaceId", v2010, fixed("00000000-0000-0000-0000-000000000000")},
		{"DeliveryType", v2007, func(x *q) string { return x.DeliveryType }},
		{"NextHopDomain", v2007, func(x *q) string { return x.NextHopDomain }},
		{"TlsDomain", v2010, fixed("")},
		{"NextHopConnector", v2007, func(x *q) string { return x.NextHopConnector }},
		{"Status", v2007, func(x *q) string { return x.Status }},
		{"MessageCount", v2007, func(x *q) string { return decimal(x.MessageCount) }},
		{"LastError", v2007, func(x *q) string { return x.LastError }},
		{"RetryCount", v2013, func(x *q) string {
			if x.Retry == nil {
				return "0"
			}
			return decimal(x.Retry.Count)
		}},
		{"LastRetryTime", v2007, retry(func(r *result.Retry) simtime.Time { return r.Last })},
		{"NextRetryTime", v2007, retry(func(r *result.Retry) simtime.Time { return r.Next })},
		{"FirstRetryTime", v2013, retry(func(r *result.Retry) simtime.Time { return r.First })},
		{"DeferredMessageCount", v2010, func(x *q) string { return decimal(x.Deferred) }},
		{"LockedMessageCount", v2013, fixed("0")}, // online only
		{"MessageCountsPerPriority", v2013, func(x *q) string { return array(x.ByPriority) }},
		{"DeferredMessageCountsPerPriority", v2013, func(x *q) string { return array(x.DeferredBy) }},
		{"RiskLevel", v2013, fixed("Normal")},
		{"OutboundIPPool", v2013, fixed("0")},
		{"NextHopCategory", v2013, category},
		{"IncomingRate", v2013, func(x *q) string { return rate(x.Incoming) }},
		{"OutgoingRate", v2013, func(x *q) string { return rate(x.Outgoing) }},
		{"Velocity", v2013, func(x *q) string { return rate(x.Outgoing - x.Incoming) }},
		{"OverrideSource", v2013, fixed("")},
		{"QueueIdentity", v2010, identity},
		{"PriorityDescriptions", v2013, fixed("{High, Normal, Low, None}")},
		{"Identity", v2007, identity},
		{"IsValid", v2007, fixed("True")},
		{"ObjectState", v2007, fixed("New")},
	}
	return listing(columns, s.Columns, s.Queues, func(x *q) result.Generation { return x.Generation })
}

// messageTable is Get-Message.
func messageTable(s *result.Snapshot) ([]byte, error) {
	const v2007, v2013 = result.Columns2007, result.Columns2013
	type m = result.Message
	fixed := func(text string) func(*m) string { return func(*m) string { return text } }
	from := func(x *m) string { return x.From }
	columns := []column[m]{
		{"Identity", v2007, func(x *m) string { return x.Identity }},
		{"Queue", v2007, func(x *m) string { return x.Queue }},
		{"FromAddress", v2007, from},
		{"Status", v2007, func(x *m) string { return x.Status }},
		{"Size", v2007, func(x *m) string { return fmt.Sprintf("%d KB", (x.Size+1023)/1024) }}, // rounded up
		{"MessageSourceName", v2007, func(x *m) string { return x.Source }},
		{"Subject", v2007, fixed("")},
		{"InternetMessageId", v2007, func(x *m) string { return x.ID }},
		{"SCL", v2007, fixed("")},
		{"DateReceived", v2007, func(x *m) string { return wall(s, x.Received) }},
		{"ExpirationTime", v2007, func(x *m) string { return wall(s, x.Expires) }},
		{"LastError", v2007, func(x *m) string { return x.LastError }},
		{"RetryCount", v2007, func(x *m) string { return decimal(x.Retries) }},
		{"SourceIP", v2007, func(x *m) string { return x.SourceIP }},
		{"Recipients", v2007, func(x *m) string { return "{" + x.Recipients + "}" }},
		{"Priority", v2013, func(x *m) string { return x.Priority }},
		{"DeferReason", v2013, func(x *m) string {
			if x.Deferral == "" {
				return "None"
			}
			return x.Deferral
		}},
		{"MessageLatency", v2013, func(x *m) string { return timeSpan(x.Age) }},
		{"Directionality", v2013, func(x *m) string {
			if x.Incoming {
				return "Incoming"
			}
			return "Originating"
		}},
		{"OriginalFromAddress", v2013, from},
	}
	return listing(columns, s.Columns, s.Messages, func(x *m) result.Generation { return x.Generation })
}

func category(q *result.Queue) string {
	if q.External {
		return "External"
	}
	return "Internal"
}

// wall writes an instant as the server's clock showed it.
func wall(s *result.Snapshot, t simtime.Time) string {
	if t == simtime.Never {
		return ""
	}
	return s.Start.Add(time.Duration(t)).Format(operatorTime)
}

// array writes counts by priority.
func array(p result.Priorities) string {
	return fmt.Sprintf("{%d, %d, %d, %d}", p.High, p.Normal, p.Low, p.None)
}

// rate writes messages a second with at most two decimals.
func rate(x float64) string {
	x = math.Round(x*100) / 100
	if x == 0 {
		x = 0 // no "-0"
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// timeSpan writes a duration as the shell does: days when there are any, hours, minutes, seconds, and parts of a second down to 100 ns.
func timeSpan(d time.Duration) string {
	s := int64(d / time.Second)
	text := fmt.Sprintf("%02d:%02d:%02d", s/3600%24, s/60%60, s%60)
	if days := s / 86400; days > 0 {
		text = fmt.Sprintf("%d.%s", days, text)
	}
	if part := int64(d%time.Second) / 100; part > 0 {
		text += fmt.Sprintf(".%07d", part)
	}
	return text
}

package dir

import (
	"bytes"
	"strings"

	"mailsim/sim/result"
)

// shortColumn is a column of the table that a shell prints of itself; numbers stand at its right.
type shortColumn struct {
	name  string
	since result.Generation
	right bool
	cell  func(*result.Queue) string
}

// shortTable is Get-Queue as the shell prints it when nobody asks for more: four columns beside the identity up to 2010, seven from 2013 on. A server that is
// older than a column leaves it empty.
func shortTable(s *result.Snapshot) []byte {
	type q = result.Queue
	columns := []shortColumn{
		{"Identity", 0, false, func(x *q) string { return x.Identity }},
		{"DeliveryType", 0, false, func(x *q) string { return x.DeliveryType }},
		{"Status", 0, false, func(x *q) string { return x.Status }},
		{"MessageCount", 0, true, func(x *q) string { return decimal(x.MessageCount) }},
		{"Velocity", result.Columns2013, true, func(x *q) string { return rate(x.Outgoing - x.Incoming) }},
		{"RiskLevel", result.Columns2013, false, func(*q) string { return "Normal" }},
		{"OutboundIPPool", result.Columns2013, true, func(*q) string { return "0" }},
		{"NextHopDomain", 0, false, func(x *q) string { return x.NextHopDomain }},
	}
	rows := make([][]string, 2+len(s.Queues))
	var right []bool
	for _, c := range columns {
		if c.since > s.Columns {
			continue
		}
		right = append(right, c.right)
		rows[0] = append(rows[0], c.name)
		rows[1] = append(rows[1], strings.Repeat("-", len(c.name)))
		for i := range s.Queues {
			text := ""
			if c.since <= s.Queues[i].Generation {
				text = c.cell(&s.Queues[i])
			}
			rows[2+i] = append(rows[2+i], text)
		}
	}
	return aligned(rows, right)
}

// aligned writes rows of cells as a table in which columns have the width of their longest cell.
func aligned(rows [][]string, right []bool) []byte {
	width := make([]int, len(right))
	for _, row := range rows {
		for i, text := range row {
			width[i] = max(width[i], len([]rune(text)))
		}
	}
	var b bytes.Buffer
	for _, row := range rows {
		var line strings.Builder
		for i, text := range row {
			gap := strings.Repeat(" ", width[i]-len([]rune(text)))
			if i > 0 {
				line.WriteByte(' ')
			}
			if right[i] {
				line.WriteString(gap + text)
			} else {
				line.WriteString(text + gap)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.Bytes()
}

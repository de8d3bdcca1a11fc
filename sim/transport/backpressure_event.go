package transport

import (
	"fmt"
	"strconv"
	"strings"

	"mailsim/sim/simtime"
)

// PressureEvent is a change of a resource's level, as a server writes it to its event log.
type PressureEvent struct {
	At       simtime.Time
	Resource Resource
	From, To Level
	Reading  float64 // percent or count
	Levels   Levels
}

// The ids of the events that back pressure writes.
const (
	EventPressureUp   = 15004 // a resource rose
	EventPressureDown = 15005 // a resource fell
	EventDisk         = 15006 // a drive is critically full: beside 15004, when it comes to High
	EventMemory       = 15007 // memory is critically low: beside 15004, when it comes to High
)

// IDs returns the ids of the events, in the order in which they are written; 0 stands for no second one.
func (e PressureEvent) IDs() [2]int {
	switch {
	case e.To < e.From:
		return [2]int{EventPressureDown}
	case e.To < LevelHigh:
		return [2]int{EventPressureUp}
	}
	switch e.Resource {
	case QueueDatabase, QueueLogs, ContentDrive:
		return [2]int{EventPressureUp, EventDisk}
	case PrivateBytes, SystemMemory:
		return [2]int{EventPressureUp, EventMemory}
	}
	return [2]int{EventPressureUp}
}

// Text says one of the events in a line; do is what the server does after the poll.
func (e PressureEvent) Text(id int, do Measures) string {
	reading := strconv.FormatFloat(e.Reading, 'f', -1, 64)
	limit := func(v int64) string { return strconv.FormatInt(v, 10) }
	if e.Resource.percent() {
		reading = strconv.FormatFloat(e.Reading, 'f', 2, 64) + " %"
		limit = func(v int64) string { return strconv.FormatInt(v, 10) + " %" }
	}
	switch id {
	case EventDisk:
		return fmt.Sprintf("Disk space is critically low: %v stands at %s.", e.Resource, reading)
	case EventMemory:
		return fmt.Sprintf("Memory is critically low: %v stands at %s.", e.Resource, reading)
	case EventPressureDown:
		return fmt.Sprintf("Resource pressure fell from %v to %v: %v stands at %s (Medium below %s, Low below %s). %s",
			e.From, e.To, e.Resource, reading, limit(e.Levels.HighToMedium), limit(e.Levels.MediumToLow), do)
	default:
		return fmt.Sprintf("Resource pressure rose from %v to %v: %v stands at %s (Medium from %s, High from %s). %s",
			e.From, e.To, e.Resource, reading, limit(e.Levels.LowToMedium), limit(e.Levels.MediumToHigh), do)
	}
}

// String says the measures in a sentence.
func (m Measures) String() string {
	var refused, paused []string
	for _, x := range []struct {
		bit  Measures
		to   *[]string
		name string
	}{
		{RejectOutside, &refused, "mail from outside senders"}, {RejectPickup, &refused, "Pickup and Replay"},
		{RejectServers, &refused, "mail from servers"}, {RejectSubmission, &refused, "mailbox submission"}, {RefuseShadow, &refused, "shadow copies"},
		{PauseResubmission, &paused, "resubmission"}, {PauseBootScan, &paused, "the boot scan"}, {StopDelivery, &paused, "delivery"},
	} {
		if m.Has(x.bit) {
			*x.to = append(*x.to, x.name)
		}
	}
	var parts []string
	if len(refused) > 0 {
		parts = append(parts, "Refused: "+strings.Join(refused, ", ")+".")
	}
	if len(paused) > 0 {
		parts = append(parts, "Paused: "+strings.Join(paused, ", ")+".")
	}
	if len(parts) == 0 {
		return "Nothing is refused or paused."
	}
	return strings.Join(parts, " ")
}

// Package result is the result of a simulation as plain data: what one replication reports to its Sink, and the Study that the
// replications of all sweep points make together.
//
//	run := result.NewMemory(point, replication)
//	err := sim.Run(ctx, cfg, replication, run)   // the run reports to the sink
//	use(run.Run())                               // series, metrics, histograms, events, identities, fingerprint
//
// What flows in: the numbers of a run, from package sim. What flows out: the types that sim/result/dir writes to disk and that
// sim/stats, scenarios/expect and plots read. It imports sim/simtime only and must never import sim, scenarios or plots: whoever
// reads results needs no simulator.
package result

import (
	"strings"

	"mailsim/sim/simtime"
)

// Label is one part of what a metric is about: server=hub1.
type Label struct {
	Key, Value string
}

// Labels say which entity a metric is about, in the fixed order in which the metric declares its labels.
type Labels []Label

// String writes the labels as "server=hub1,next_hop=B": the entity column of the series files. Empty labels are "".
func (l Labels) String() string {
	var b strings.Builder
	for i, x := range l {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(x.Key)
		b.WriteByte('=')
		b.WriteString(x.Value)
	}
	return b.String()
}

// Get returns the value of a label, "" when the label is absent.
func (l Labels) Get(key string) string {
	for _, x := range l {
		if x.Key == key {
			return x.Value
		}
	}
	return ""
}

// ParseLabels reads what String writes. Values must not contain '=' or ','; names in scenarios cannot.
func ParseLabels(s string) Labels {
	if s == "" {
		return nil
	}
	var l Labels
	for part := range strings.SplitSeq(s, ",") {
		k, v, _ := strings.Cut(part, "=")
		l = append(l, Label{k, v})
	}
	return l
}

// Series is one metric of one entity sampled over one replication. Sample i covers the interval that ends at Times[i] and
// starts where the one before ended (the first: t0). Mean is the time average over the interval (for rates: per second), Max the
// largest value in it, Last the value at its end. All slices have one length.
type Series struct {
	Metric string // a name of docs/scenario-reference.md, such as "queue.length"
	Labels Labels
	Times  []simtime.Time
	Mean   []float64
	Max    []float64
	Last   []float64
}

// Metric is the figures of one metric of one entity over one replication (after the warm-up). Stats are in a fixed order: of
// mean, max, max5m, last, total, count, p50, p95, p99 those that the metric has.
type Metric struct {
	Metric string
	Labels Labels
	Stats  []Stat
}

// Stat is one named figure of a metric.
type Stat struct {
	Name  string
	Value float64
}

// Histogram is a distribution of durations in buckets: Counts[i] values v with Lower[i] <= v <= Upper[i] (nanoseconds). Buckets are
// ascending and none is empty. Three significant digits (docs/design.md).
type Histogram struct {
	Metric string
	Labels Labels
	Lower  []int64
	Upper  []int64
	Counts []int64
}

// Event is what an operator would see at one instant. Fields hold the kind's own values in a fixed order.
type Event struct {
	Time   simtime.Time
	Server string
	Kind   string // queue.retry, queue.active, fault, remedy, config.view, auth.failed, ...
	ID     int    // Exchange event id; 0 = none (written as null)
	Text   string
	Fields []Field
}

// Field is one value of an event's own; Value is a string, an int64, a float64 or a bool.
type Field struct {
	Key   string
	Value any
}

// Identity is one law that a run checked at its end (SA-3): Left must equal Right.
type Identity struct {
	Name  string // conservation, little, utilisation
	Left  string // the two sides as exact decimal numbers, so that nothing is rounded away
	Right string
	Holds bool
	Note  string // how the sides are made up, in words with the numbers
}

// Summary ends a replication.
type Summary struct {
	Metrics     []Metric
	Histograms  []Histogram
	Identities  []Identity
	Fingerprint uint64          // hash over the inputs and actions of the cores (docs/design.md)
	Faults      []TopologyFault // faults and remedies as they happened
	Messages    int64           // messages submitted, for speed figures
	Events      int64           // events the kernel executed, for speed figures
}

// Sink takes the result of one replication. Calls come from one goroutine: events in time order while the run goes on, then the
// series, then End once. An error ends the run.
type Sink interface {
	Event(Event) error
	Series(Series) error
	End(Summary) error
}

// Run is a complete replication.
type Run struct {
	Point       int
	Replication int
	Events      []Event
	Series      []Series
	Snapshots   []Snapshot
	Summary     Summary
}

// Memory is a Sink that keeps everything.
type Memory struct {
	run Run
}

// NewMemory makes an empty Memory for a replication of a sweep point (both counted from 0).
func NewMemory(point, replication int) *Memory {
	return &Memory{run: Run{Point: point, Replication: replication}}
}

// Event implements Sink.
func (m *Memory) Event(e Event) error { m.run.Events = append(m.run.Events, e); return nil }

// Series implements Sink.
func (m *Memory) Series(s Series) error { m.run.Series = append(m.run.Series, s); return nil }

// Snapshot implements SnapshotSink.
func (m *Memory) Snapshot(s Snapshot) error {
	m.run.Snapshots = append(m.run.Snapshots, s)
	return nil
}

// End implements Sink.
func (m *Memory) End(s Summary) error { m.run.Summary = s; return nil }

// Run returns what came; the caller owns it.
func (m *Memory) Run() *Run { return &m.run }

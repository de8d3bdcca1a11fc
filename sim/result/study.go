package result

import "mailsim/sim/simtime"

// FormatVersion is the version of the result folder's format; a reader refuses a newer one.
const FormatVersion = 1

// File is result.json: everything about a study but its series, histograms and events.
type File struct {
	Format         int     `json:"format"`
	Program        string  `json:"program"` // version of mailsim that wrote it
	Scenario       string  `json:"scenario"`
	Description    string  `json:"description,omitempty"`
	Hash           string  `json:"hash"` // SHA-256 of the resolved scenario, hex
	Start          string  `json:"start"`
	DurationNS     int64   `json:"duration_ns"`
	WarmupNS       int64   `json:"warmup_ns"`
	SampleNS       int64   `json:"sample_interval_ns"`
	Seed           int64   `json:"seed"`
	Replications   int     `json:"replications"`
	Axes           []Axis  `json:"axes"`
	Points         []Point `json:"points"`
	IdentitiesHold bool    `json:"identities_hold"`

	// Files has the SHA-256 of the other files of the folder, hex, by name: two results compare by it, and a reader knows that a
	// file is whole. Whoever writes the folder fills it in.
	Files map[string]string `json:"files,omitempty"`
}

// Axis is one sweep axis: a path and its values, in file order. Values are bool, int64, float64 or string.
type Axis struct {
	Path   string `json:"path"`
	Values []any  `json:"values"`
}

// Point is one point of the sweep: the settings and what came of them.
type Point struct {
	Set          map[string]any    `json:"set"`
	Label        string            `json:"label"` // "connection_threshold = 5"; "" without a sweep
	Metrics      []MetricSummary   `json:"metrics"`
	Identities   []IdentitySummary `json:"identities"`
	Fingerprints []string          `json:"fingerprints"` // 16 hex digits, in replication order
	Messages     int64             `json:"messages"`     // over all replications
}

// MetricSummary is one metric of one entity over the replications of a point.
type MetricSummary struct {
	Metric string              `json:"metric"`
	Labels map[string]string   `json:"labels"`
	Stats  map[string]Estimate `json:"stats"`
}

// Estimate is a figure with its interval: the mean over replications and a 95 % Student t interval (SA-5). Lo and Hi are
// null with fewer than 5 replications: no interval is better than a wrong one. A value that a replication has not (a mean over
// no messages) is null in Values and makes Mean null as well unless at least one replication has it.
type Estimate struct {
	Mean   *float64   `json:"mean"`
	Lo     *float64   `json:"lo"`
	Hi     *float64   `json:"hi"`
	R      int        `json:"r"` // replications that have the value
	Method string     `json:"method,omitempty"`
	Values []*float64 `json:"values"` // in replication order
}

// IdentitySummary tells over how many replications of a point a law was checked and held.
type IdentitySummary struct {
	Name    string `json:"name"`
	Checked int    `json:"checked"`
	Held    int    `json:"held"`
	Example string `json:"example"` // the first replication's figures, or those of the first failure
}

// Topology is topology.json: what a chart needs besides numbers.
type Topology struct {
	Sites      []TopologySite      `json:"sites"`
	Links      []TopologyLink      `json:"links"`
	Servers    []TopologyServer    `json:"servers"`
	Connectors []TopologyConnector `json:"connectors"`

	// Faults are the faults and remedies as they happened in the first replication of the first setting; then, for every other setting in whose
	// first replication they happened otherwise, those, with the number of the setting in Point.
	Faults     []TopologyFault `json:"faults"`
	FaultsVary bool            `json:"faults_vary,omitempty"` // some replication of some setting had others than the first of all
}

// TopologySite is a site; Latitude and Longitude are null when the scenario gives no location.
type TopologySite struct {
	Name      string   `json:"name"`
	HubSite   bool     `json:"hub_site"`
	Latitude  *float64 `json:"latitude"`
	Longitude *float64 `json:"longitude"`
}

// TopologyLink is an IP site link.
type TopologyLink struct {
	Name  string   `json:"name"`
	Sites []string `json:"sites"`
	Cost  int64    `json:"cost"` // effective cost
}

// TopologyServer is a server or a remote system (role "remote", no site).
type TopologyServer struct {
	Name string `json:"name"`
	Site string `json:"site"`
	Role string `json:"role"` // hub, edge, mailbox, epost, dc, remote
}

// TopologyConnector is a connector.
type TopologyConnector struct {
	Name       string   `json:"name"`
	Sources    []string `json:"sources"`
	SmartHosts []string `json:"smart_hosts"`
}

// TopologyFault is a fault or remedy with the instants at which it took hold and ended (nanoseconds since t0). EndNS is null when
// it lasted to the end of the run; a remedy is a mark: StartNS is when its effect came, EndNS the same.
type TopologyFault struct {
	Point      int    `json:"point,omitempty"` // which setting of the study
	ID         string `json:"id"`
	Occurrence int    `json:"occurrence,omitempty"` // which time the fault happened, from 1; 0: a remedy or an operator's action
	Kind       string `json:"kind"`                 // clock_skew, host_down, ...; or the remedy's action
	Label      string `json:"label"`
	Target     string `json:"target"`
	Remedy     bool   `json:"remedy"` // a remedy or an operator's action, not a fault
	StartNS    int64  `json:"start_ns"`
	EndNS      *int64 `json:"end_ns"`
}

// Study is a whole result folder in memory, as plots, report and compare need it.
type Study struct {
	File       File
	Topology   Topology
	Series     []PointSeries
	Histograms []PointHistogram
	Verdicts   []Verdict
}

// PointSeries is one series of one replication of a point.
type PointSeries struct {
	Point       int
	Replication int
	Series
}

// PointHistogram is one histogram of one replication of a point.
type PointHistogram struct {
	Point       int
	Replication int
	Histogram
}

// Verdict is the judgement of one expectation at one point of the sweep.
type Verdict struct {
	ID      string   `json:"id"`
	Point   int      `json:"point"`
	Set     string   `json:"set"` // the point's label
	Metric  string   `json:"metric"`
	Entity  string   `json:"entity"` // labels of the worst match
	Stat    string   `json:"stat"`
	Must    string   `json:"must"`
	Limit   float64  `json:"limit"`
	Value   *float64 `json:"value"`
	Lo      *float64 `json:"lo"`
	Hi      *float64 `json:"hi"`
	Unit    string   `json:"unit"`
	Verdict string   `json:"verdict"` // pass, fail, inconclusive, error
	Message string   `json:"message"`
	Warning string   `json:"warning,omitempty"` // of a pass: how it breaks the expectation's tighter limit
	Rerun   string   `json:"rerun"`             // the command that reproduces it
}

// End returns the instant at which the study's runs end.
func (f *File) End() simtime.Time { return simtime.Time(f.DurationNS) }

package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	_ "time/tzdata" // time zones of sites work on machines without a database of them

	"mailsim/sim"
	"mailsim/topology"
)

// compiler checks a bound document against itself and translates it into a configuration. It goes through the tables in an order in
// which every name is known before it is used; all problems are reported, and a translation with problems is thrown away.
type compiler struct {
	rep    *report
	doc    *document
	fsys   fs.FS
	file   string // of the scenario: paths are relative to it
	traces *traces

	version   topology.Version
	reference bool // [model] profile = "reference"
	t0        time.Time
	org       *topology.Builder
	cfg       *sim.Config

	sites      registry
	links      registry
	networks   registry
	hosts      registry // servers and domain controllers
	connectors registry
	remotes    registry
	legacy     registry // routing groups of Exchange 2003
	groups     registry // distribution groups
	clients    registry // populations of mail clients
	messageIDs []string // of loads whose messages share one, in order of first mention

	siteOf        map[string]topology.SiteID // by host name
	server        map[string]topology.ServerID
	dc            map[string]topology.DCID
	servers       []topology.Server // as given to the builder
	dcs           []topology.DC
	dagOf         map[topology.ServerID]string // name of the dag that a server is a member of
	dags          []topology.DAG               // as given to the builder
	linkValues    []topology.Link
	networkValues []topology.Network
	labels        labelBook
	outputs       []topology.Connector
	accepted      []topology.AcceptedDomain
	routingGroups []topology.RoutingGroup
	hostLists     [][]topology.RemoteID // as given to the builder
	presences     []presenceStep
	expects       []expectation
}

// registry is the names of one kind in order of declaration.
type registry struct {
	kind  string
	names []string
	at    map[string]int
	taken map[string]bool // in upper case
}

func newRegistry(kind string) registry {
	return registry{kind: kind, at: map[string]int{}, taken: map[string]bool{}}
}

// find returns the number of a name, or -1.
func (r *registry) find(name string) int {
	if i, ok := r.at[name]; ok {
		return i
	}
	return -1
}

// claim adds a name; it reports names that cannot be and names that are taken. Names that differ in case only are the same, as they
// are in Active Directory (D-1).
func (c *compiler) claim(r *registry, s *source, name string) {
	const key = "name"
	if f := s.node.get(key); f == nil || name == "" && f.value != "" { // absent, or no text: reported
		r.names = append(r.names, "")
		return
	}
	c.checkName(s, key, name)
	fold := strings.ToUpper(name)
	if r.taken[fold] {
		c.errorf(s, key, "is taken by another %s; names are compared without regard to case: choose another", r.kind)
		r.names = append(r.names, "")
		return
	}
	r.taken[fold] = true
	r.at[name] = len(r.names)
	r.names = append(r.names, name)
}

func (c *compiler) checkName(s *source, key, name string) {
	if err := validName(name); err != nil {
		c.errorf(s, key, "%s", err)
	}
}

// errorf reports a problem of a key of a table.
func (c *compiler) errorf(s *source, key, format string, args ...any) {
	c.errorAt(s.at(key), s, key, format, args...)
}

func (c *compiler) errorAt(at Pos, s *source, key, format string, args ...any) {
	b := binder{rep: c.rep}
	b.errorf(at, where{s.subject, key}, format, args...)
}

func (c *compiler) warnf(s *source, key, format string, args ...any) {
	w := where{s.subject, key}
	c.rep.warnf(s.at(key), "%s"+format, append([]any{w.String()}, args...)...)
}

// lookup finds a name of another table, and reports it when there is none.
func (c *compiler) lookup(r *registry, at Pos, s *source, key, name string) int {
	i := r.find(name)
	if s.empty(key, at) {
		c.errorAt(at, s, key, "is empty; write the name of a %s", r.kind)
	}
	if i < 0 && name != "" && !c.illegible(r.kind) {
		c.errorAt(at, s, key, "no %s is called %s; %s", r.kind, quote(name), suggest(name, r.known(), r.kind))
	}
	return i
}

// illegible tells whether the tables of a kind could not be read at all: names that are missed then say nothing new.
func (c *compiler) illegible(kind string) bool {
	n := c.doc.node.get(kind)
	return n != nil && n.kind != arrayNode
}

func (r *registry) known() []string {
	var out []string
	for _, n := range r.names {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}

// newCompiler binds a tree and prepares the translation.
func newCompiler(rep *report, root *node, fsys fs.FS, file string, tr *traces) *compiler {
	c := &compiler{
		rep: rep, doc: &document{}, fsys: fsys, file: file, traces: tr,
		sites: newRegistry("site"), links: newRegistry("link"), networks: newRegistry("network"), hosts: newRegistry("host"),
		connectors: newRegistry("connector"), remotes: newRegistry("remote"),
		legacy: newRegistry("routing_group"), groups: newRegistry("group"), clients: newRegistry("client"), dagOf: map[topology.ServerID]string{},
		siteOf: map[string]topology.SiteID{}, server: map[string]topology.ServerID{}, dc: map[string]topology.DCID{},
		cfg: &sim.Config{},
	}
	b := binder{rep: rep}
	b.bind(root, reflect.ValueOf(c.doc).Elem(), where{}, "")
	return c
}

// compile checks and translates.
func (c *compiler) compile() {
	c.head()
	c.organisation()
	c.model()
	c.loads()
	c.faults()
	c.actions()
	c.safetyNets()
	c.presence()
	c.expectations()
	c.output()
}

// head translates the keys before the first table.
func (c *compiler) head() {
	d := c.doc
	c.t0 = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	if d.Start != nil {
		c.t0 = *d.Start
	}
	name := d.Name
	if name == "" {
		name = strings.TrimSuffix(strings.TrimPrefix(c.file[strings.LastIndexByte(c.file, '/')+1:], "@"), ".toml")
	}
	err := folderName(name)
	if d.has("name") && (d.Name != "" || d.node.get("name").value == "") { // else it is no text, and reported
		if err = validName(d.Name); err == nil {
			err = folderName(d.Name)
		}
	}
	if err != nil {
		c.errorf(&d.source, "name", "%s", err)
	}
	c.cfg.Name = name
	c.cfg.Start = c.t0
	c.cfg.Duration = time.Duration(d.Duration)
	c.cfg.Warmup = time.Duration(d.Warmup)
	c.cfg.Seed = d.Seed
	if d.Warmup > 0 && c.cfg.Warmup >= c.cfg.Duration {
		c.errorf(&d.source, "warmup", "%s is not shorter than the run (%s); write a shorter one", duration(d.Warmup), d.Duration)
	}
	c.reference = d.Model.Profile == "reference"
	c.version = topology.V2010
	if c.reference {
		c.version = topology.V2007
	}
	if v, err := topology.ParseVersion(d.Model.Version); err == nil {
		c.version = v
	}
}

// folderName tells why the name of a scenario could not be that of a folder: results go into one.
func folderName(name string) error {
	switch {
	case name == "":
		return errors.New(`none given, and the file's name gives none; write name = "my-scenario"`)
	case strings.HasPrefix(name, "."):
		return fmt.Errorf("%s is the name of a folder and cannot begin with a point; write name = \"my-scenario\"", quote(name))
	case strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%s is the name of a folder and cannot hold / or \\ or control characters; write name = \"my-scenario\"", quote(name))
	case utf8.RuneCountInString(name) > 100:
		return fmt.Errorf("%s is longer than 100 characters; write a shorter one", quote(name))
	}
	return nil
}

// horizon is when the run ends.
func (c *compiler) horizon() time.Duration { return time.Duration(c.doc.Duration) }

package scenarios

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"mailsim/sim/load"
	"mailsim/topology"
)

// traces gives a translation the CSV files of its scenario.
type traces struct {
	*files
	swept bool // a single point is translated, whose tree has no sweep any more
}

// files keeps what has been read: every sweep point reads the same CSV files. Points may be translated at the same time.
type files struct {
	mu      sync.Mutex
	raws    map[string][]load.Raw
	lookups map[string]*load.Lookup
}

func newTraces() *traces {
	return &traces{files: &files{raws: map[string][]load.Raw{}, lookups: map[string]*load.Lookup{}}}
}

// forPoint shares the files with the translation of a single point.
func (t *traces) forPoint() *traces { return &traces{files: t.files, swept: true} }

// traceMax bounds a CSV file in bytes.
const traceMax = 1 << 30

// replay reads a recorded trace and finds the mailbox server of everybody in it.
func (c *compiler) replay(t *loadTable, s *load.Source) {
	spec := load.TraceSpec{
		Name: t.File, Columns: load.Columns{Time: "time", Sender: "sender", Recipients: "recipients"},
		TimeUnit: load.TimeUnit(t.TimeUnit), Separator: t.Separator, Start: c.t0,
	}
	if t.TimeUnit == "rfc3339" {
		spec.TimeUnit = load.RFC3339
	}
	if x := t.Columns; x != nil {
		spec.Columns = load.Columns{
			Time: x.Time, Sender: x.Sender, Recipients: x.Recipients, Size: x.Size, MessageID: x.MessageID, Date: x.Date,
		}
	}
	if t.File == "" || c.org == nil {
		return
	}
	key := fmt.Sprintf("%+v", spec)
	c.traces.mu.Lock()
	defer c.traces.mu.Unlock()
	raws, ok := c.traces.raws[key]
	if !ok {
		data, err := readFile(c.fsys, beside(c.file, t.File), traceMax)
		if err != nil {
			c.errorf(&t.source, "file", "cannot read %s: %s; the path is relative to the scenario", quote(t.File), readError(err))
			return
		}
		if raws, err = load.ReadTrace(bytes.NewReader(data), spec); err != nil {
			c.joined(&t.source, "file", err)
			return
		}
		c.traces.raws[key] = raws
	}
	place := load.Placement{Name: t.File}
	if t.Mailboxes != nil {
		if place.Sites, ok = c.mailboxSites(t.Mailboxes); !ok {
			return
		}
	}
	org, err := c.organisationSoFar()
	if err != nil {
		return // something is wrong with the organisation, and reported
	}
	place.Org = org
	if s.Trace, err = place.Place(raws); err != nil {
		c.joined(&t.source, "file", err)
	}
}

// organisationSoFar builds the organisation unless it has problems.
func (c *compiler) organisationSoFar() (*topology.Organisation, error) {
	if err := c.rep.err(); err != nil {
		return nil, err
	}
	return c.org.Build()
}

// mailboxSites reads which mailbox of a trace lives in which site. The caller holds the lock of the files.
func (c *compiler) mailboxSites(t *replayMailboxes) (*load.Lookup, bool) {
	first, ok := c.readLookup(&t.source, load.LookupSpec{Name: t.File, Key: t.Mailbox, Value: t.Site})
	if !ok || t.Sites == nil {
		return first, ok
	}
	second, ok := c.readLookup(&t.Sites.source, load.LookupSpec{Name: t.Sites.File, Key: t.Sites.Groups, Value: t.Sites.Site, Separator: " "})
	if !ok {
		return nil, false
	}
	joined, err := first.Then(second)
	if err != nil {
		c.joined(&t.source, "file", err)
		return nil, false
	}
	return joined, true
}

func (c *compiler) readLookup(s *source, spec load.LookupSpec) (*load.Lookup, bool) {
	if spec.Name == "" {
		return nil, false
	}
	key := fmt.Sprintf("%+v", spec)
	if l, ok := c.traces.lookups[key]; ok {
		return l, true
	}
	data, err := readFile(c.fsys, beside(c.file, spec.Name), traceMax)
	if err != nil {
		c.errorf(s, "file", "cannot read %s: %s; the path is relative to the scenario", quote(spec.Name), readError(err))
		return nil, false
	}
	l, err := load.ReadLookup(bytes.NewReader(data), spec)
	if err != nil {
		c.joined(s, "file", err)
		return nil, false
	}
	c.traces.lookups[key] = l
	return l, true
}

// joined reports errors that come joined, one problem each.
func (c *compiler) joined(s *source, key string, err error) {
	for _, line := range strings.Split(err.Error(), "\n") {
		c.errorf(s, key, "%s", line)
	}
}

package scenarios

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"mailsim/scenarios/expect"
	"mailsim/scenarios/sweep"
	"mailsim/sim"
	"mailsim/sim/result"
)

// shipped holds the scenarios that come with the program.
//
//go:embed *.toml duplicates/*.toml faults/*.toml regression/*.toml *.csv
var shipped embed.FS

// Disk is the machine's file system, for Load: unlike os.DirFS it takes any path, with slashes.
type Disk struct{}

// Open implements fs.FS.
func (Disk) Open(name string) (fs.File, error) { return os.Open(name) }

// Shipped lists the names of the shipped scenarios as Load takes them: @threshold, @regression/hub-site.
func Shipped() []string {
	var names []string
	_ = fs.WalkDir(shipped, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".toml") {
			names = append(names, "@"+strings.TrimSuffix(name, ".toml"))
		}
		return nil
	})
	slices.Sort(names)
	return names
}

// readFile reads a file of fsys, or a shipped one when its name begins with @. It stops beyond most bytes, since a device such as
// /dev/zero has no end, and reads to the end of the stream whatever size it is told: a pipe has none.
func readFile(fsys fs.FS, name string, most int64) ([]byte, error) {
	if rest, ok := strings.CutPrefix(name, "@"); ok {
		fsys, name = shipped, rest
		if path.Ext(name) == "" {
			name += ".toml"
		}
		if !fs.ValidPath(name) {
			return nil, fs.ErrNotExist
		}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, errors.New("is a folder")
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(io.LimitReader(f, most+1))
	if err == nil && int64(b.Len()) > most {
		return nil, tooLargeError(most)
	}
	return b.Bytes(), err
}

// tooLargeError is a file larger than so many bytes.
type tooLargeError int64

func (e tooLargeError) Error() string { return fmt.Sprintf("larger than %d MB", int64(e)>>20) }

// Scenario is a checked scenario. It does not change.
type Scenario struct {
	fsys     fs.FS
	file     string
	root     *node // base, overrides and defaults applied; the sweep still in it
	first    *compiler
	org      result.Topology
	axes     []axis
	points   []sweep.Point
	traces   *traces
	warnings []Problem
}

// Load reads a scenario from fsys, or a shipped one by @name, and applies overrides written as path=value. It checks everything,
// each value of the sweep included; an *Error lists all that is wrong.
func Load(fsys fs.FS, name string, set ...string) (*Scenario, error) {
	rep := &report{}
	name = strings.TrimPrefix(filepath.ToSlash(name), "./")
	if strings.HasPrefix(name, "@") {
		name = strings.TrimSuffix(name, ".toml")
		if _, err := readFile(nil, name, sizeMax); err != nil {
			rep.files = []string{name}
			rep.errorf(Pos{name, 1, 1}, "no shipped scenario has this name; %s", suggest(name, Shipped(), "scenario"))
			return nil, rep.err()
		}
	}
	l := loader{rep: rep, fsys: fsys}
	root := l.read(name)
	if root == nil {
		return nil, rep.err()
	}
	for i, text := range set {
		rep.files = append(rep.files, overrideFile(text))
		rep.override(root, i+1, text)
	}
	rep.applyDefaults(root)
	s := &Scenario{fsys: fsys, file: name, root: root, traces: newTraces()}
	s.first = newCompiler(rep, root, fsys, name, s.traces)
	s.first.compile()
	s.axes = s.first.doc.Sweep.axes
	s.sweep(rep)
	if err := s.first.build(); err != nil && len(rep.problems) == 0 {
		rep.errorf(Pos{name, 1, 1}, "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if err := rep.err(); err != nil {
		return nil, err
	}
	s.lint(rep)
	s.org = s.first.topology()
	s.warnings = rep.sorted(rep.warnings)
	return s, nil
}

// build finishes the configuration.
func (c *compiler) build() error {
	org, err := c.org.Build()
	if err != nil {
		return err
	}
	c.cfg.Org = org
	return nil
}

// sweep makes the points and tries every value of every axis, each with the file's own values (the first point's) for the others.
func (s *Scenario) sweep(rep *report) {
	points, err := sweep.Points(s.Axes())
	if err != nil {
		rep.errorf(s.axes[0].at, "%s", err)
		return
	}
	s.points = points
	s.overlap(rep)
	clean := len(rep.problems) == 0
	for _, a := range s.axes {
		if head, _, _ := strings.Cut(a.path, "."); slices.Contains(wholeStudy(), head) || strings.HasPrefix(a.path, "expect[") {
			rep.errorf(a.at, "sweep: %s is one for the whole study; sweep something else, or run it several times with --set", quote(a.path))
			continue
		}
		for _, v := range a.values {
			if err := s.try(rep, a, v, clean); err != nil {
				rep.errorf(a.at, "sweep: %s", err)
				break
			}
		}
	}
}

// wholeStudy lists what all points of a sweep share.
func wholeStudy() []string {
	return []string{"name", "description", "start", "duration", "warmup", "seed", "replications", "output", "expect", "defaults"}
}

// try checks one value of an axis. Problems elsewhere are told at the value, unless the file is wrong without it: then they may
// have nothing to do with it.
func (s *Scenario) try(rep *report, a axis, v *node, clean bool) error {
	trial := s.root.clone()
	if err := trial.set(a.path, v); err != nil {
		return err
	}
	trial.remove("sweep")
	trial.remove("expect")
	own := &report{files: rep.files}
	c := newCompiler(own, trial, s.fsys, s.file, s.traces.forPoint())
	c.compile()
	for _, p := range own.sorted(own.problems) {
		switch {
		case p.Pos == v.at || p.Pos == v.keyAt:
			rep.errorf(v.at, "%s", p.Text)
		case clean:
			rep.errorf(v.at, "sweep %s: with %s, %s", quote(a.path), formatScalar(v.value), p)
		}
	}
	return nil
}

// Name returns the scenario's name.
func (s *Scenario) Name() string { return s.first.cfg.Name }

// Description returns the scenario's description.
func (s *Scenario) Description() string { return s.first.doc.Description }

// File returns the name by which the scenario was loaded.
func (s *Scenario) File() string { return s.file }

// Replications returns how many times each point is to be run.
func (s *Scenario) Replications() int { return int(s.first.doc.Replications) }

// Axes returns the axes of the sweep in file order.
func (s *Scenario) Axes() []result.Axis {
	var out []result.Axis
	for _, a := range s.axes {
		x := result.Axis{Path: a.path}
		for _, v := range a.values {
			x.Values = append(x.Values, v.value)
		}
		out = append(out, x)
	}
	return out
}

// Points returns the points of the sweep; one without settings when nothing is swept.
func (s *Scenario) Points() []sweep.Point { return slices.Clone(s.points) }

// Expectations returns what the result must satisfy, in file order.
func (s *Scenario) Expectations() []expect.Expectation { return slices.Clone(s.first.expects) }

// Warnings returns what is legal but questionable, in order of position.
func (s *Scenario) Warnings() []Problem { return slices.Clone(s.warnings) }

// Topology returns what charts need besides numbers: sites, links, servers, connectors. Faults are reported by the run.
func (s *Scenario) Topology() result.Topology { return s.org }

// Config returns the configuration of a point of the sweep. Values that are legal each for itself may contradict each other in a
// point; that is the error.
func (s *Scenario) Config(p sweep.Point) (*sim.Config, error) {
	root := s.root.clone()
	for _, set := range p.Settings {
		v := s.axisValue(set)
		if err := root.set(set.Path, v); err != nil {
			return nil, fmt.Errorf("point %q: %w", p.Label, err)
		}
	}
	root.remove("sweep")
	rep := &report{files: []string{s.file}}
	c := newCompiler(rep, root, s.fsys, s.file, s.traces.forPoint())
	c.compile()
	err := rep.err()
	if err == nil {
		err = c.build()
	}
	if err != nil {
		return nil, fmt.Errorf("point %q: %w", p.Label, err)
	}
	return c.cfg, nil
}

// axisValue finds the node of a setting, which knows its place in the file.
func (s *Scenario) axisValue(set sweep.Setting) *node {
	for _, a := range s.axes {
		for _, v := range a.values {
			if a.path == set.Path && reflect.DeepEqual(v.value, set.Value) {
				return v
			}
		}
	}
	return &node{at: Pos{s.file, 1, 1}, keyAt: Pos{s.file, 1, 1}, value: set.Value}
}

// Resolved returns the scenario as TOML with base, overrides and [defaults] applied. Loading it again gives the same.
func (s *Scenario) Resolved() []byte { return writeTOML(s.root) }

// Hash returns the SHA-256 of the resolved scenario in hex.
func (s *Scenario) Hash() string {
	sum := sha256.Sum256(s.Resolved())
	return hex.EncodeToString(sum[:])
}

package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mailsim/scenarios"
	"mailsim/scenarios/chaos"
	"mailsim/scenarios/expect"
	"mailsim/scenarios/sweep"
	"mailsim/sim"
)

// chaosMark begins every file that chaos writes, so that it knows its own.
const chaosMark = "# Written by mailsim chaos."

// brokenLaw is what a plan breaks under which a run breaks one of its laws, in place of the id of an expectation.
const brokenLaw = "law of every run"

// trial judges plans of faults: it runs a scenario with the plan's [[fault]] tables added, all in memory. What is judged is the text that
// is written in the end, but for the path of its base.
type trial struct {
	env        Env
	study      *study
	cfg        *sim.Config       // of the first setting
	prefix     string            // of the ids of faults, which no fault of the scenario has
	invariants []chaos.Invariant // where the scenario expects nothing
}

func newTrial(env Env, file string) (*trial, error) {
	s, err := readScenario(file, overrides{seed: -1})
	if err != nil {
		return nil, err
	}
	t := &trial{env: env, study: s, prefix: "chaos"}
	if t.cfg, err = s.Config(s.Points()[0]); err != nil {
		return nil, wrongUsage(fmt.Errorf("%s: %w", file, err))
	}
	for n := 2; bytes.Contains(s.Resolved(), []byte(`"`+t.prefix+`-`)); n++ { // a table with the id of another would change that one
		t.prefix = fmt.Sprintf("chaos%d", n)
	}
	if len(t.cfg.Loads) == 0 {
		return nil, wrongUsage(fmt.Errorf("%s: has no mail that could suffer; write a [[load]]", file))
	}
	if len(s.Expectations()) > 0 {
		return t, nil
	}
	if least := 2 * chaos.Settle(t.cfg.Org); t.cfg.Duration-t.cfg.Warmup < least {
		return nil, wrongUsage(fmt.Errorf("%s: without [[expect]] the mail is to drain after the last repair, and a run of %s is too short to see that; write an [[expect]], or duration = \"%s\" or more",
			file, t.cfg.Duration, scenarioSpan(t.cfg.Warmup+least)))
	}
	t.invariants = chaos.Invariants()
	return t, nil
}

func scenarioSpan(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// space is what plans are drawn from. Faults come after the warm-up, and are repaired so early that the mail can settle before the end;
// where a scenario that says what it expects is too short for that, in the first two thirds of the run.
func (t *trial) space(profile string) (*chaos.Space, error) {
	settle := min(chaos.Settle(t.cfg.Org), (t.cfg.Duration-t.cfg.Warmup)/3)
	s, err := chaos.NewSpace(t.cfg.Org, t.cfg.Warmup, t.cfg.Duration-settle, profile)
	if err != nil {
		return nil, err
	}
	for i := range t.cfg.Actions {
		if a := &t.cfg.Actions[i]; a.Kind.Edits() {
			s.Changed(time.Duration(a.At.Add(a.Duration)))
		}
	}
	return s, nil
}

// baseline judges the scenario as it is. Invariants that it does not keep are none of it, and are dropped; what it does not keep of its
// own expectations is returned.
func (t *trial) baseline(ctx context.Context) (broken []string, text string, err error) {
	f, err := t.judge(ctx, nil)
	if err != nil || t.invariants == nil {
		return f.Broken, f.Text, err
	}
	if slices.Contains(f.Broken, brokenLaw) {
		return f.Broken, f.Text, nil
	}
	t.invariants = slices.DeleteFunc(t.invariants, func(x chaos.Invariant) bool { return slices.Contains(f.Broken, x.ID) })
	if len(t.invariants) == 0 {
		return nil, "", wrongUsage(fmt.Errorf("%s: without [[expect]] there is nothing to judge it by: it keeps none of the general rules even without a fault; write an [[expect]]", t.study.given))
	}
	return nil, "", nil
}

// judge runs a plan. Several goroutines call it.
func (t *trial) judge(ctx context.Context, p chaos.Plan) (chaos.Failure, error) {
	under, name, base := t.beside()
	s, err := scenarios.Load(overlay{Disk: under, name: name, text: t.text(base, p)}, name)
	if err != nil {
		return chaos.Failure{}, fmt.Errorf("a plan of faults does not fit into %s: %w", t.study.given, err)
	}
	e := &execution{study: &study{Scenario: s, given: t.study.given}, env: t.env, workers: 1, meter: newMeter(t.env, "", true)}
	err = e.execute(ctx)
	var panicked *sweep.PanicError
	switch {
	case errors.Is(err, sim.ErrInvariant):
		return chaos.Failure{Broken: []string{brokenLaw}, Text: firstLine(err)}, nil
	case errors.As(err, &panicked):
		return chaos.Failure{Broken: []string{brokenLaw}, Text: fmt.Sprintf("the simulation panicked: %v", panicked.Value)}, nil
	case err != nil:
		return chaos.Failure{}, err
	}
	var f chaos.Failure
	for _, v := range expect.Judge(&e.file, s.Expectations()) {
		if v.Verdict != expect.Fail && v.Verdict != expect.Error || slices.Contains(f.Broken, v.ID) {
			continue
		}
		if f.Broken = append(f.Broken, v.ID); len(f.Broken) == 1 {
			f.Text = v.Message
		}
	}
	return f, nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// beside names a file that is not there next to the scenario, so that paths in the scenario mean what they mean there, and the scenario
// as that file names it.
func (t *trial) beside() (under scenarios.Disk, name, base string) {
	given := filepath.ToSlash(t.study.given)
	if strings.HasPrefix(given, "@") {
		return under, t.name() + ".toml", given
	}
	return under, path.Join(path.Dir(given), t.name()+".toml"), path.Base(given)
}

// overlay is the disk with one file more.
type overlay struct {
	scenarios.Disk
	name string
	text []byte
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	if name != o.name {
		return o.Disk.Open(name)
	}
	return &memoryFile{Reader: bytes.NewReader(o.text)}, nil
}

// memoryFile is a file of an overlay: it can be read, and says nothing else of itself.
type memoryFile struct{ *bytes.Reader }

func (*memoryFile) Stat() (fs.FileInfo, error) { return nil, errors.ErrUnsupported }
func (*memoryFile) Close() error               { return nil }

// name is that of the scenario that replays a plan. A name is limited to 100 letters.
func (t *trial) name() string {
	name := t.study.Name()
	if utf8.RuneCountInString(name) > 90 {
		name = string([]rune(name)[:90])
	}
	return name + "-chaos"
}

// text writes the scenario of a plan on a base.
func (t *trial) text(base string, p chaos.Plan) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "name = %q\nbase = %q\n", t.name(), base)
	b.WriteString(p.TOML(t.prefix))
	b.WriteString(chaos.TOML(t.invariants))
	return b.Bytes()
}

// write writes the scenario that replays a finding and reads it again, which fails where its base cannot be told from there.
func (t *trial) write(file string, found *chaos.Finding) error {
	base := filepath.ToSlash(t.study.given)
	if !strings.HasPrefix(base, "@") {
		from, err1 := filepath.Abs(filepath.Dir(file))
		to, err2 := filepath.Abs(t.study.given)
		rel, err3 := filepath.Rel(from, to)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if err3 != nil {
			rel = to // another volume
		}
		base = filepath.ToSlash(rel)
	}
	err := writeWhole(file, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\n# %s: %s\n%s", chaosMark, found.Failure.Broken[0], strings.ReplaceAll(found.Failure.Text, "\n", " "), t.text(base, found.Smallest))
		return err
	})
	if err != nil {
		return err
	}
	if _, err := scenarios.Load(scenarios.Disk{}, filepath.ToSlash(file)); err != nil {
		_ = os.Remove(file)
		return wrongUsage(fmt.Errorf("a plan fails, but the scenario for it cannot be in the folder %s; write the folder of %s with --out: %w", filepath.Dir(file), t.study.given, err))
	}
	return nil
}

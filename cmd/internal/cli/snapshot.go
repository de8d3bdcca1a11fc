package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"mailsim/sim"
	"mailsim/sim/result"
	"mailsim/sim/result/dir"
	"mailsim/sim/simtime"
)

// instants are the values of --snapshot, in order: instants at which the queues are listed.
type instants []string

// Set, Type and String make instants a flag; a value may be a list.
func (m *instants) Set(text string) error {
	*m = append(*m, strings.Split(text, ",")...)
	return nil
}

func (m *instants) Type() string { return "TIME[,TIME...]" }

func (m *instants) String() string { return strings.Join(*m, ",") }

// times are the instants in a run, ascending, each once. All wrong ones are told at once.
func (m instants) times(cfg *sim.Config) ([]simtime.Time, error) {
	var times []simtime.Time
	var wrong []error
	for _, text := range m {
		t, err := instantOf(text, cfg)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("--snapshot %s: %w", text, err))
			continue
		}
		times = append(times, simtime.Time(t))
	}
	if len(wrong) > 0 {
		return nil, wrongUsage(errors.Join(wrong...))
	}
	slices.Sort(times)
	return slices.Compact(times), nil
}

// check finds instants that are not in the runs, before anything is run. Settings of a sweep may begin and end at different times; of very
// many it looks at the first thousand.
func (m instants) check(studies []*study) error {
	const most = 1000
	if len(m) == 0 {
		return nil
	}
	for _, s := range studies {
		points := s.Points()
		for _, p := range points[:min(len(points), most)] {
			cfg, err := s.Config(p)
			if err != nil {
				return wrongUsage(err)
			}
			if _, err := m.times(cfg); err != nil {
				if p.Label != "" {
					err = wrongUsage(fmt.Errorf("%s, %s:\n%w", s.given, p.Label, err))
				}
				return err
			}
		}
	}
	return nil
}

// with is a configuration that takes the snapshots of a replication: the first has them, the others have none.
func (m instants) with(cfg *sim.Config, replication int) (*sim.Config, error) {
	if len(m) == 0 || replication > 0 {
		return cfg, nil
	}
	times, err := m.times(cfg)
	if err != nil {
		return nil, err
	}
	own := *cfg
	own.Snapshots = times
	return &own, nil
}

// snapshotFolders are the folders of a result that hold snapshots, in order of their names.
func snapshotFolders(f *result.File) []string {
	var folders []string
	for name := range f.Files {
		if folder, ok := strings.CutSuffix(name, "/"+dir.QueuesFile); ok {
			folders = append(folders, folder)
		}
	}
	slices.Sort(folders)
	return folders
}

// tell says what the snapshots of a run leave out.
func (e *execution) tell(run *result.Run) {
	for i := range run.Snapshots {
		for _, n := range run.Snapshots[i].Notes {
			e.meter.note(fmt.Sprintf("snapshot at %s: %s", run.Snapshots[i].Time, n))
		}
	}
}

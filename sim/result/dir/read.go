package dir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"mailsim/sim/result"
)

// Read reads the result in folder into memory: all but the events and the scenario. Errors wrap ErrNotResult, ErrNewer or ErrDamaged
// and say what to do.
func Read(folder string) (*result.Study, error) {
	head, err := readHead(folder)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{TopologyFile, VerdictsFile, EventsFile, ScenarioFile} {
		if err := head.whole(folder, name); err != nil {
			return nil, damaged(folder, name, err)
		}
	}
	study := &result.Study{}
	for _, f := range []struct {
		name string
		into any
	}{{ResultFile, &study.File}, {TopologyFile, &study.Topology}, {VerdictsFile, &study.Verdicts}} {
		data, err := os.ReadFile(locate(folder, f.name))
		if err == nil {
			err = decode(data, f.into)
		}
		if err != nil {
			return nil, damaged(folder, f.name, err)
		}
	}
	rd := newReader()
	if err = head.whole(folder, SeriesFile); err == nil {
		err = readTable(locate(folder, SeriesFile), rd.addSeries)
	}
	if err == nil {
		err = rd.checkSeries()
	}
	if err != nil {
		return nil, damaged(folder, SeriesFile, err)
	}
	if err = head.whole(folder, HistogramsFile); err == nil {
		err = readTable(locate(folder, HistogramsFile), rd.addHistogram)
	}
	if err != nil {
		return nil, damaged(folder, HistogramsFile, err)
	}
	study.Series, study.Histograms = rd.series, rd.histograms
	return study, nil
}

// ReadScenario returns the resolved scenario of the result in folder: running it again gives the same result.
func ReadScenario(folder string) ([]byte, error) {
	if _, err := readHead(folder); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(locate(folder, ScenarioFile))
	if err != nil {
		return nil, damaged(folder, ScenarioFile, err)
	}
	return data, nil
}

func decode(data []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if dec.More() {
		return fmt.Errorf("%w: something follows the JSON", ErrDamaged)
	}
	return nil
}

// damaged names the file at fault. A missing file is damage, too.
func damaged(folder, name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: the file is missing", ErrDamaged)
	}
	if errors.Is(err, ErrDamaged) {
		return fmt.Errorf("result %q: %s: %w; run the scenario again", folder, name, err)
	}
	return fmt.Errorf("result %q: %s: %w", folder, name, err)
}

package plots

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"mailsim/sim/result"
)

// WriteSVG writes the figure as SVG: text as text in a sans serif face, the same bytes every time.
func (f *Figure) WriteSVG(w io.Writer) error {
	if err := f.picture().WriteSVG(w); err != nil {
		return fmt.Errorf("chart %s: %w", f.Stem, err)
	}
	return nil
}

// WritePNG writes the figure as PNG with 192 dots per inch.
func (f *Figure) WritePNG(w io.Writer) error {
	if err := f.picture().WritePNG(w); err != nil {
		return fmt.Errorf("chart %s: %w", f.Stem, err)
	}
	return nil
}

func (f *Figure) picture() *Picture {
	width, height := f.size()
	return &Picture{Title: strings.Join(append([]string{f.Title}, f.Subtitle...), ". "), Width: width, Height: height, Draw: f.draw}
}

// WriteAll draws the standard charts of a study into dir/charts, each as SVG and PNG, and returns the paths in the order of Charts.
// It makes the folder when it is missing. After a crash each file is wholly the old or wholly the new one.
func WriteAll(dir string, s *result.Study) ([]string, error) {
	figures, err := Charts(s)
	if err != nil {
		return nil, err
	}
	charts := filepath.Join(dir, "charts")
	if err := os.MkdirAll(charts, 0o777); err != nil {
		return nil, fmt.Errorf("charts: make folder: %w", err)
	}
	var paths []string
	for i := range figures {
		f := &figures[i]
		for _, format := range []struct {
			extension string
			write     func(io.Writer) error
		}{{".svg", f.WriteSVG}, {".png", f.WritePNG}} {
			path := filepath.Join(charts, f.Stem+format.extension)
			if err := writeWhole(path, format.write); err != nil {
				return paths, err
			}
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// writeWhole writes a file beside its place and moves it there once it is complete.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("charts: write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = file.Close() // it may be closed already; what failed first is what matters
			err = errors.Join(fmt.Errorf("charts: write %s: %w", path, err), os.Remove(file.Name()))
		}
	}()
	if err = file.Chmod(0o644); err != nil {
		return err
	}
	buffered := bufio.NewWriter(file)
	if err = write(buffered); err != nil {
		return err
	}
	if err = buffered.Flush(); err != nil {
		return err
	}
	if err = file.Sync(); err != nil {
		return err
	}
	if err = file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

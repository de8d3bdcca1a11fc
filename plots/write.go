package plots

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"mailsim/sim/result"
)

// resolution of PNG files in dots per inch: sharp on a slide.
const resolution = 192

// WriteSVG writes the figure as SVG: text as text in a sans serif face, the same bytes every time.
func (f *Figure) WriteSVG(w io.Writer) error {
	width, height := f.size()
	canvas := vgsvg.New(width, height)
	f.draw(draw.New(canvas))
	var buf bytes.Buffer
	if _, err := canvas.WriteTo(&buf); err != nil {
		return fmt.Errorf("chart %s: write SVG: %w", f.Stem, err)
	}
	// Viewers without the Liberation faces find ones with the same metrics.
	svg := bytes.ReplaceAll(buf.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
	// A title for screen readers, as the first child of the root.
	title := "<title>" + html.EscapeString(clean(strings.Join(append([]string{f.Title}, f.Subtitle...), ". "))) + "</title>\n"
	if root := bytes.Index(svg, []byte("<svg")); root >= 0 {
		if end := bytes.IndexByte(svg[root:], '>'); end >= 0 {
			at := root + end + 1
			svg = append(svg[:at:at], append([]byte("\n"+title), svg[at+1:]...)...)
		}
	}
	if _, err := w.Write(svg); err != nil {
		return fmt.Errorf("chart %s: write SVG: %w", f.Stem, err)
	}
	return nil
}

// WritePNG writes the figure as PNG with 192 dots per inch.
func (f *Figure) WritePNG(w io.Writer) error {
	width, height := f.size()
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(resolution))}
	f.draw(draw.New(canvas))
	if _, err := canvas.WriteTo(w); err != nil {
		return fmt.Errorf("chart %s: write PNG: %w", f.Stem, err)
	}
	return nil
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

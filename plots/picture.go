package plots

import (
	"bytes"
	"fmt"
	"html"
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// resolution of PNG files in dots per inch: sharp on a slide.
const resolution = 192

// Picture is any drawing on one page: a chart, or what a package above draws in the same looks.
type Picture struct {
	Title         string // for screen readers
	Width, Height vg.Length
	Draw          func(draw.Canvas) // over the whole canvas
}

// WriteSVG writes the picture as SVG: text as text in a sans serif face, the same bytes every time.
func (p *Picture) WriteSVG(w io.Writer) error {
	canvas := vgsvg.New(p.Width, p.Height)
	p.Draw(draw.New(canvas))
	var buf bytes.Buffer
	if _, err := canvas.WriteTo(&buf); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	// Viewers without the Liberation faces find ones with the same metrics.
	svg := bytes.ReplaceAll(buf.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"))
	// A title for screen readers, as the first child of the root.
	title := "<title>" + html.EscapeString(clean(p.Title)) + "</title>\n"
	if root := bytes.Index(svg, []byte("<svg")); root >= 0 {
		if end := bytes.IndexByte(svg[root:], '>'); end >= 0 {
			at := root + end + 1
			svg = append(svg[:at:at], append([]byte("\n"+title), svg[at+1:]...)...)
		}
	}
	if _, err := w.Write(svg); err != nil {
		return fmt.Errorf("write SVG: %w", err)
	}
	return nil
}

// WritePNG writes the picture as PNG with 192 dots per inch.
func (p *Picture) WritePNG(w io.Writer) error {
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(p.Width, p.Height), vgimg.UseDPI(resolution))}
	p.Draw(draw.New(canvas))
	if _, err := canvas.WriteTo(w); err != nil {
		return fmt.Errorf("write PNG: %w", err)
	}
	return nil
}

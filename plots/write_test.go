package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
)

var update = flag.Bool("update", false, "write the golden files anew")

// svgOf returns a figure as SVG.
func svgOf(t *testing.T, f *Figure) string {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, f.WriteSVG(&buf))
	return buf.String()
}

func TestSVGGolden(t *testing.T) {
	t.Parallel()
	s := cook(recipe{[]int64{5, 20}, 5, 1, 12, 20 * time.Minute})
	s.File.Description = "Two edges to a cloud smart host: which connection threshold?"
	f := chartsOf(t, s)
	for _, stem := range []string{"queue", "delay"} {
		t.Run(stem, func(t *testing.T) {
			got := svgOf(t, f[stem])
			path := filepath.Join("testdata", stem+".svg")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), got, "look at the chart, then: go test ./plots -update")
		})
	}
}

// box is where a text stands in an SVG, in points from the lower left corner.
type box struct {
	text                     string
	left, right, bottom, top vg.Length
}

// boxes reads the upright texts of an SVG.
func boxes(t *testing.T, svg string) (width, height vg.Length, all []box) {
	t.Helper()
	size := regexp.MustCompile(`viewBox="0 0 ([\d.]+) ([\d.]+)"`).FindStringSubmatch(svg)
	require.NotNil(t, size)
	num := func(s string) vg.Length {
		v, err := strconv.ParseFloat(s, 64)
		require.NoError(t, err)
		return vg.Length(v)
	}
	// The label of the vertical axis is the only text that is turned.
	upright := regexp.MustCompile(`(?s)<g transform="rotate.*?</g>`).ReplaceAllString(svg, "")
	pattern := regexp.MustCompile(`(?s)<text x="([-\d.e]+)" y="([-\d.e]+)"[^>]*?style="([^"]*)"[^>]*>([^<]*)</text>`)
	found := pattern.FindAllStringSubmatch(upright, -1)
	require.Len(t, found, strings.Count(upright, "<text"))
	for _, m := range found {
		points := num(regexp.MustCompile(`font-size:([\d.]+)px`).FindStringSubmatch(m[3])[1])
		style := typeStyle(points, ink)
		if strings.Contains(m[3], "font-weight:bold") {
			style = bold(style)
		}
		text := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "&#39;", "'", "&#34;", `"`).Replace(m[4])
		b := box{text: text, left: num(m[1]), bottom: -num(m[2])}
		b.right, b.top = b.left+style.Width(text), b.bottom+0.7*points
		all = append(all, b)
	}
	return num(size[1]), num(size[2]), all
}

func TestTextsFitAndDoNotOverlap(t *testing.T) {
	t.Parallel()
	for _, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			for stem, f := range chartsOf(t, v.study) {
				svg := svgOf(t, f)
				require.NotContains(t, svg, "NaN", stem)
				require.NotContains(t, svg, "Inf", stem)
				width, height, all := boxes(t, svg)
				require.NotEmpty(t, all)
				for i, a := range all {
					require.True(t, a.left >= 2 && a.right <= width-2 && a.bottom >= 2 && a.top <= height-2, "%s: %q is cut off: %+v in %v x %v", stem, a.text, a, width, height)
					for _, b := range all[:i] {
						apart := a.right <= b.left || b.right <= a.left || a.top <= b.bottom || b.top <= a.bottom
						require.True(t, apart, "%s: %q and %q overlap: %+v, %+v", stem, a.text, b.text, a, b)
					}
				}
			}
		})
	}
}

func TestSVGIsWellFormedAndTheSameEachTime(t *testing.T) {
	t.Parallel()
	for _, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			first, second := chartsOf(t, v.study), chartsOf(t, v.study)
			for stem, f := range first {
				svg := svgOf(t, f)
				require.True(t, svg == svgOf(t, second[stem]), "%s differs between two runs", stem)
				require.Contains(t, svg, "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;")
				require.NotContains(t, svg, "font-family:Liberation")
				decoder := xml.NewDecoder(strings.NewReader(svg))
				for {
					if _, err := decoder.Token(); errors.Is(err, io.EOF) {
						break
					} else {
						require.NoError(t, err, stem)
					}
				}
			}
		})
	}
}

func TestWriteAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := cook(recipe{[]int64{5, 20}, 5, 1, 12, 20 * time.Minute})
	paths, err := WriteAll(dir, s)
	require.NoError(t, err)
	var names []string
	for _, stem := range []string{"queue", "queue-all", "throughput", "connections", "delay"} {
		names = append(names, filepath.Join(dir, "charts", stem+".svg"), filepath.Join(dir, "charts", stem+".png"))
	}
	require.Equal(t, names, paths)

	file, err := os.Open(filepath.Join(dir, "charts", "queue.png"))
	require.NoError(t, err)
	picture, err := png.DecodeConfig(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.Equal(t, 1382, picture.Width, "7.2 inches with 192 dots")

	before := map[string][]byte{}
	for _, p := range paths {
		before[p], err = os.ReadFile(p)
		require.NoError(t, err)
	}
	_, err = WriteAll(dir, s)
	require.NoError(t, err, "over an older set")
	for _, p := range paths {
		after, err := os.ReadFile(p)
		require.NoError(t, err)
		require.True(t, bytes.Equal(before[p], after), "%s differs between two runs", p)
	}
	left, err := os.ReadDir(filepath.Join(dir, "charts"))
	require.NoError(t, err)
	require.Len(t, left, len(paths), "no temporary files are left")
}

func TestWriteWholeLeavesTheOldFileWhenWritingFails(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "queue.svg")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))
	err := writeWhole(path, func(w io.Writer) error {
		_, _ = io.WriteString(w, "half of the n")
		return errors.New("disk full")
	})
	require.ErrorContains(t, err, "queue.svg: disk full")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(content))
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestFailingWriterIsReported(t *testing.T) {
	t.Parallel()
	f := chartsOf(t, cook(recipe{[]int64{5, 20}, 5, 1, 4, time.Minute}))["queue"]
	require.ErrorContains(t, f.WriteSVG(failing{}), "chart queue: write SVG: no room")
	require.ErrorContains(t, f.WritePNG(failing{}), "chart queue: write PNG: no room")
}

// failing is a writer without room.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no room") }

package plots

import (
	"image/color"
	"strings"
	"unicode"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of the page, of type and of lines.
const (
	pageWidth  = 7.2 * vg.Inch
	pageHeight = 4.6 * vg.Inch // of one panel; small multiples grow

	pageWide    = 9.6 * vg.Inch // of many small multiples
	emptyHeight = 2 * vg.Inch   // without data
	margin      = vg.Length(12)

	titleSize = vg.Length(11.5)
	textSize  = vg.Length(8.5)
	tickSize  = vg.Length(8)
	leading   = vg.Length(1.3) // line height in type sizes

	dataWidth = vg.Length(1.3)
	thinWidth = vg.Length(0.6)

	contextWidth = vg.Length(0.7)
	dotRadius    = vg.Length(3)
)

// shade is a colour that does not stand for data.
type shade int

const (
	ink          shade = iota // text
	faint                     // remarks
	axisShade                 // axes and ticks
	gridShade                 // horizontal lines behind the data
	faultShade                // fault windows, 10 % of a red
	faultInk                  // their labels
	keyShade                  // the grey line that explains lines and bands
	contextShade              // lines of other panels
	paper                     // background
)

// color returns the colour of a shade.
func (s shade) color() color.NRGBA {
	switch s {
	case ink:
		return color.NRGBA{0x33, 0x33, 0x33, 0xff}
	case faint, keyShade:
		return color.NRGBA{0x5f, 0x5f, 0x5f, 0xff}
	case axisShade:
		return color.NRGBA{0x88, 0x88, 0x88, 0xff}
	case contextShade:
		return color.NRGBA{0xb4, 0xb4, 0xb4, 0xff}
	case gridShade:
		return color.NRGBA{0xe2, 0xe2, 0xe2, 0xff}
	case faultShade:
		return color.NRGBA{0xd0, 0x20, 0x20, 0x1a}
	case faultInk:
		return color.NRGBA{0xa8, 0x1c, 0x1c, 0xff}
	}
	return color.NRGBA{0xff, 0xff, 0xff, 0xff}
}

// Opacities of the two bands.
const (
	intervalOpacity = 0x55
	rangeOpacity    = 0x22
)

// styleColor returns the colour of a style: Okabe and Ito's, which colour-blind readers can tell apart, in a fixed order.
func styleColor(style int) color.NRGBA {
	switch style % 6 {
	case 0:
		return color.NRGBA{0x00, 0x72, 0xb2, 0xff} // blue
	case 1:
		return color.NRGBA{0xd5, 0x5e, 0x00, 0xff} // vermilion
	case 2:
		return color.NRGBA{0x00, 0x9e, 0x73, 0xff} // bluish green
	case 3:
		return color.NRGBA{0xcc, 0x79, 0xa7, 0xff} // reddish purple
	case 4:
		return color.NRGBA{0xe6, 0x9f, 0x00, 0xff} // orange
	}
	return color.NRGBA{0x56, 0xb4, 0xe9, 0xff} // sky blue
}

// styleDashes returns the dash pattern of a style, so that a grey print still reads; styles that share a colour differ in dashes.
func styleDashes(style int) []vg.Length {
	switch (style + style/6) % 6 {
	case 0:
		return nil
	case 1:
		return []vg.Length{6, 2}
	case 2:
		return []vg.Length{2, 1.5}
	case 3:
		return []vg.Length{8, 2, 2, 2}
	case 4:
		return []vg.Length{4, 1.5}
	}
	return []vg.Length{6, 1.5, 1.5, 1.5, 1.5, 1.5}
}

// styleLine returns how the line of a style is stroked.
func styleLine(style int) draw.LineStyle {
	return draw.LineStyle{Color: styleColor(style), Width: dataWidth, Dashes: styleDashes(style)}
}

// fade returns a colour with another opacity.
func fade(c color.NRGBA, opacity uint8) color.NRGBA {
	c.A = opacity
	return c
}

// typeStyle is upright sans serif type, with its reference point on the left end of the base line.
func typeStyle(size vg.Length, s shade) text.Style {
	return text.Style{
		Color:   s.color(),
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		YAlign:  draw.YBottom,
		Handler: plot.DefaultTextHandler,
	}
}

// bold makes a style bold.
func bold(t text.Style) text.Style {
	t.Font.Weight = xfont.WeightBold
	return t
}

// clean makes text fit for one line of a picture: control characters, which SVG forbids, become spaces.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "?")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufffe' || r == '\uffff' {
			return ' '
		}
		return r
	}, s)
}

// wrap breaks a text at spaces into lines of at most width; a single longer word is cut with an ellipsis.
func wrap(s string, style text.Style, width vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range words(clean(s), style, width) {
		longer := word
		if line != "" {
			longer = line + " " + word
		}
		if line != "" && style.Width(longer) > width {
			lines = append(lines, line)
			longer = word
		}
		line = fit(longer, style, width)
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// words splits a text where a line may end: not beside ± and not before %, which belong to their numbers, as long as these fit.
func words(s string, style text.Style, width vg.Length) []string {
	var out []string
	glue := false
	for word := range strings.FieldsSeq(s) {
		n := len(out) - 1
		if n >= 0 && (glue || word == "±" || word == "%") && style.Width(out[n]+" "+word) <= width {
			out[n] += " " + word
		} else {
			out = append(out, word)
		}
		glue = word == "±"
	}
	return out
}

// fit cuts a text to a width; an ellipsis stands for what is missing.
func fit(s string, style text.Style, width vg.Length) string {
	s = clean(s)
	if style.Width(s) <= width {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if cut := string(runes[:n]) + "…"; style.Width(cut) <= width {
			return cut
		}
	}
	return "…"
}

// fitSetting cuts a text such as "connection threshold = 20" to a width: of the name, not of the value.
func fitSetting(s string, style text.Style, width vg.Length) string {
	s = clean(s)
	at := strings.LastIndex(s, " = ")
	if at < 0 || style.Width(s) <= width || style.Width(s[at:]) > width/2 {
		return fit(s, style, width)
	}
	return fit(s[:at], style, width-style.Width(s[at:])) + s[at:]
}

package plots

import (
	"image/color"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Looks are the colours, type and measures of every picture, for packages that draw other things than charts.
type Looks struct {
	Ink, Faint, Axis, Context, Paper color.NRGBA // text, remarks, outlines, what lies behind, background
	Fault                            color.NRGBA // what is broken

	Title, Text, Small text.Style // type; the reference point is the left end of the base line

	Margin  vg.Length // around the page
	Leading vg.Length // height of a line, in type sizes
	Data    vg.Length // width of a line that stands for data
}

// HouseLooks returns the looks of the charts.
func HouseLooks() Looks {
	return Looks{
		Ink: ink.color(), Faint: faint.color(), Axis: axisShade.color(), Context: contextShade.color(), Paper: paper.color(),
		Fault: faultInk.color(),
		Title: bold(typeStyle(titleSize, ink)), Text: typeStyle(textSize, ink), Small: typeStyle(tickSize, ink),
		Margin: margin, Leading: leading, Data: dataWidth,
	}
}

// StyleColor returns the colour of a style, from 0: colour-blind readers can tell the first six apart, then they come again.
func StyleColor(style int) color.NRGBA { return styleColor(style) }

// Wrap breaks a text into lines of a width; a word that is too wide is cut.
func Wrap(s string, style text.Style, width vg.Length) []string { return wrap(s, style, width) }

// Fit cuts a text to a width; an ellipsis stands for what is missing. Control characters become blanks.
func Fit(s string, style text.Style, width vg.Length) string { return fit(s, style, width) }

package trial

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// canvas is a chart area in an inline SVG. What lies beyond the ends of an axis is
// drawn at its edge. Colours are the page's: it has a light and a dark set.
type canvas struct {
	strings.Builder
	wide, high float64
	across, up [2]float64 // the values at both ends of the axes
	left       float64    // room for labels
}

const left, right, bottom, top = 40.0, 10.0, 22.0, 8.0

func newCanvas(label string, wide, high float64, across, up [2]float64) *canvas {
	c := &canvas{wide: wide, high: high, across: across, up: up, left: left}
	fmt.Fprintf(c, `<svg viewBox="0 0 %g %g" width="%g" height="%g" role="img" aria-label="%s">`, wide, high, wide, high, template.HTMLEscapeString(label))
	return c
}

func (c *canvas) x(v float64) float64 {
	share := (v - c.across[0]) / (c.across[1] - c.across[0])
	return c.left + (c.wide-c.left-right)*math.Min(math.Max(share, 0), 1)
}

func (c *canvas) y(v float64) float64 {
	share := (v - c.up[0]) / (c.up[1] - c.up[0])
	return c.high - bottom - (c.high-bottom-top)*math.Min(math.Max(share, 0), 1)
}

func (c *canvas) line(class string, x, y []float64) {
	fmt.Fprintf(c, `<polyline class="%s" points="`, class)
	for i := range x {
		fmt.Fprintf(c, "%.1f,%.1f ", c.x(x[i]), c.y(y[i]))
	}
	c.WriteString(`"/>`)
}

func (c *canvas) band(class string, x, low, high []float64) {
	fmt.Fprintf(c, `<polygon class="%s" points="`, class)
	for i := range x {
		fmt.Fprintf(c, "%.1f,%.1f ", c.x(x[i]), c.y(high[i]))
	}
	for i := len(x) - 1; i >= 0; i-- {
		fmt.Fprintf(c, "%.1f,%.1f ", c.x(x[i]), c.y(low[i]))
	}
	c.WriteString(`"/>`)
}

// box fills the area between two points, given as values.
func (c *canvas) box(class string, x, y [2]float64) {
	fmt.Fprintf(c, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`,
		class, c.x(x[0]), c.y(y[1]), c.x(x[1])-c.x(x[0]), c.y(y[0])-c.y(y[1]))
}

func (c *canvas) text(class string, x, y float64, s string) {
	fmt.Fprintf(c, `<text class="%s" x="%.1f" y="%.1f">%s</text>`, class, x, y, template.HTMLEscapeString(s))
}

// glucose draws the target range and the upward axis.
func (c *canvas) glucose() {
	c.box("target", c.across, [2]float64{70, 180})
	for _, v := range []float64{54, 70, 180, 250, 350} {
		c.line("rule", c.across[:], []float64{v, v})
		if v != 54 { // no room beside 70
			c.text("tick up", c.left-4, c.y(v)+3, fmt.Sprint(v))
		}
	}
}

func (c *canvas) done() template.HTML {
	c.WriteString("</svg>")
	return template.HTML(c.String())
}

package train

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// plot is a line chart as inline SVG: no script, no file beside it.
type plot struct {
	title, across, up string
	x                 []float64
	lines             []line
	least, most       float64 // of the upward axis
}

// line is one curve of a plot, with a band around it if low is given.
type line struct {
	name, colour string
	y, low, high []float64
	dashed       bool
}

const (
	plotWide, plotHigh = 640.0, 300.0
	padLeft, padRight  = 52.0, 130.0
	padTop, padBottom  = 30.0, 42.0
)

func (p *plot) svg() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label=%q>`, plotWide, plotHigh, p.title)
	fmt.Fprintf(&b, `<text x="%g" y="16" class="title">%s</text>`, padLeft, template.HTMLEscapeString(p.title))
	p.axes(&b)
	for i, l := range p.lines {
		p.draw(&b, i, l)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

func (p *plot) axes(b *strings.Builder) {
	for _, x := range p.x {
		fmt.Fprintf(b, `<text x="%.1f" y="%g" text-anchor="middle">%g</text>`, p.place(x), plotHigh-padBottom+16, x)
	}
	step := niceStep(p.most - p.least)
	for y := math.Ceil(p.least/step) * step; y <= p.most+1e-9; y += step {
		at := p.height(y)
		fmt.Fprintf(b, `<path class="grid" d="M%g %.1fH%g"/>`, padLeft, at, plotWide-padRight)
		fmt.Fprintf(b, `<text x="%g" y="%.1f" text-anchor="end">%.4g</text>`, padLeft-6, at+4, y)
	}
	middle := (padLeft + plotWide - padRight) / 2
	fmt.Fprintf(b, `<text x="%g" y="%g" text-anchor="middle">%s</text>`, middle, plotHigh-6, template.HTMLEscapeString(p.across))
	fmt.Fprintf(b, `<text x="14" y="%g" transform="rotate(-90 14 %g)" text-anchor="middle">%s</text>`,
		plotHigh/2, plotHigh/2, template.HTMLEscapeString(p.up))
}

func (p *plot) draw(b *strings.Builder, i int, l line) {
	if len(l.low) > 0 {
		d := p.path(l.high)
		for k := len(l.low) - 1; k >= 0; k-- {
			d += fmt.Sprintf("L%.1f %.1f", p.place(p.x[k]), p.height(l.low[k]))
		}
		fmt.Fprintf(b, `<path d="%sZ" fill="%s" opacity=".15"/>`, d, l.colour)
	}
	dash := ""
	if l.dashed {
		dash = ` stroke-dasharray="5 4"`
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="2"%s/>`, p.path(l.y), l.colour, dash)
	y := padTop + 16*float64(i)
	fmt.Fprintf(b, `<path d="M%g %gh20" stroke="%s" stroke-width="2"%s/><text x="%g" y="%g">%s</text>`,
		plotWide-padRight+8, y, l.colour, dash, plotWide-padRight+32, y+4, template.HTMLEscapeString(l.name))
}

func (p *plot) path(y []float64) string {
	var b strings.Builder
	for k, value := range y {
		letter := byte('L')
		if k == 0 {
			letter = 'M'
		}
		fmt.Fprintf(&b, "%c%.1f %.1f", letter, p.place(p.x[k]), p.height(value))
	}
	return b.String()
}

func (p *plot) place(x float64) float64 {
	first, last := p.x[0], p.x[len(p.x)-1]
	if first == last {
		return padLeft
	}
	return padLeft + (x-first)/(last-first)*(plotWide-padLeft-padRight)
}

func (p *plot) height(y float64) float64 {
	part := (min(max(y, p.least), p.most) - p.least) / (p.most - p.least)
	return plotHigh - padBottom - part*(plotHigh-padTop-padBottom)
}

// niceStep is 1, 2 or 5 times a power of ten, about a fifth of the range.
func niceStep(span float64) float64 {
	if span <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(span/5)))
	for _, m := range []float64{1, 2, 5} {
		if span/(power*m) <= 6 {
			return power * m
		}
	}
	return 10 * power
}

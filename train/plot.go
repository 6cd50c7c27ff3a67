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
	name, colour string // without a name it isn't in the key
	y, low, high []float64
	dashed       bool
}

const (
	plotWide, plotHigh = 640.0, 300.0
	padLeft, padRight  = 52.0, 16.0
	padTop, padBottom  = 10.0, 42.0
)

// svg is the chart under its title and the key to its lines, which a narrow screen may
// break. What leaves the picture is cut off at its rim, not drawn along it.
func (p *plot) svg() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<figure><figcaption><b>%s</b>`, template.HTMLEscapeString(p.title))
	for _, l := range p.lines {
		if l.name == "" {
			continue
		}
		class := ""
		if l.dashed {
			class = ` class="dashed"`
		}
		fmt.Fprintf(&b, `<span class="key"><i%s style="border-color:%s"></i>%s</span>`, class, l.colour, template.HTMLEscapeString(l.name))
	}
	fmt.Fprintf(&b, `</figcaption><svg viewBox="0 0 %g %g" role="img" aria-label=%q>`, plotWide, plotHigh, p.title)
	p.axes(&b)
	wide, high := plotWide-padLeft-padRight, plotHigh-padTop-padBottom
	fmt.Fprintf(&b, `<svg x="%g" y="%g" width="%g" height="%g" viewBox="%g %g %g %g" style="min-width:0">`,
		padLeft, padTop, wide, high, padLeft, padTop, wide, high)
	for _, l := range p.lines {
		p.draw(&b, l)
	}
	b.WriteString("</svg></svg></figure>")
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

func (p *plot) draw(b *strings.Builder, l line) {
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
	part := (y - p.least) / (p.most - p.least)
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

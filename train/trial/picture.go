package trial

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"github.com/titrate/titrate/train/glycemia"
	"gonum.org/v1/gonum/stat"
)

// canvas is a chart area in an inline SVG. Glucose runs up to most; what is above
// is drawn at the edge.
type canvas struct {
	strings.Builder
	wide, high float64
	across, up [2]float64 // the values at both ends of the axes
}

const left, bottom, top = 44.0, 22.0, 8.0

func newCanvas(label string, wide, high float64, across, up [2]float64) *canvas {
	c := &canvas{wide: wide, high: high, across: across, up: up}
	fmt.Fprintf(c, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, wide, high, template.HTMLEscapeString(label))
	return c
}

func (c *canvas) x(v float64) float64 {
	share := (v - c.across[0]) / (c.across[1] - c.across[0])
	return left + (c.wide-left-8)*math.Min(math.Max(share, 0), 1)
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

func (c *canvas) text(class string, x, y float64, s string) {
	fmt.Fprintf(c, `<text class="%s" x="%.1f" y="%.1f">%s</text>`, class, x, y, template.HTMLEscapeString(s))
}

// glucose draws the target range and the upward axis.
func (c *canvas) glucose() {
	fmt.Fprintf(c, `<rect class="target" x="%g" y="%.1f" width="%g" height="%.1f"/>`, left, c.y(180), c.wide-left-8, c.y(70)-c.y(180))
	for _, v := range []float64{54, 70, 180, 250, 350} {
		c.text("tick up", left-4, c.y(v)+3, fmt.Sprint(v))
		c.line("rule", c.across[:], []float64{v, v})
	}
}

func (c *canvas) done() template.HTML {
	c.WriteString("</svg>")
	return template.HTML(c.String())
}

// agp is the ambulatory glucose profile: the 5th, 25th, 50th, 75th and 95th
// percentile by time of day, over all people and days. People
// live in several zones; each is shown by their own clock.
func agp(courses []*Course) template.HTML {
	var p glycemia.Profile
	for _, c := range courses {
		p.Add(c.Offset, c.MgdL)
	}
	x, curves := p.Curves()
	c := newCanvas("Glucose by time of day", 560, 220, [2]float64{0, 1440}, [2]float64{40, 350})
	c.glucose()
	c.band("wide", x, curves[0], curves[4])
	c.band("narrow", x, curves[1], curves[3])
	c.line("median", x, curves[2])
	for hour := 0.0; hour <= 24; hour += 6 {
		c.text("tick", c.x(hour*60), c.high-6, fmt.Sprintf("%02.0f:00", hour))
	}
	return c.done()
}

// grid is the control variability grid (Magni L et al., J Diabetes Sci Technol
// 2008;2:630): each person's least glucose across, their greatest upwards, here the
// 2.5th and the 97.5th percentile.
func grid(courses []*Course) template.HTML {
	c := newCanvas("Control variability grid", 220, 220, [2]float64{110, 50}, [2]float64{110, 400})
	for _, v := range []float64{180, 300} {
		c.line("rule", c.across[:], []float64{v, v})
		c.text("tick up", left-4, c.y(v)+3, fmt.Sprint(v))
	}
	for _, v := range []float64{90, 70} {
		c.line("rule", []float64{v, v}, c.up[:])
		c.text("tick", c.x(v), c.high-6, fmt.Sprint(v))
	}
	for _, course := range courses {
		sorted := slices.Sorted(slices.Values(course.MgdL))
		least, most := stat.Quantile(0.025, stat.Empirical, sorted, nil), stat.Quantile(0.975, stat.Empirical, sorted, nil)
		fmt.Fprintf(c, `<circle class="person" cx="%.1f" cy="%.1f" r="3"/>`, c.x(least), c.y(most))
	}
	return c.done()
}

// forest draws the paired differences of the four outcomes that matter most.
func (r *Result) forest() template.HTML {
	var b strings.Builder
	for _, name := range []string{inRange, below70, "tbr54", "gri"} {
		b.WriteString(string(r.differences(name)))
	}
	return template.HTML(b.String())
}

func (r *Result) differences(name string) template.HTML {
	var rows []ArmResult
	reach := 0.5
	for _, a := range r.Arms {
		if a.Verdict != nil {
			rows = append(rows, a)
			d := a.Groups[0].Differences[name]
			reach = max(reach, -d.Low, d.High)
		}
	}
	all := Outcomes()
	o := all[slices.IndexFunc(all, func(o Outcome) bool { return o.Name == name })]
	c := newCanvas("Differences in "+o.Label, 560, 40+22*float64(len(rows)), [2]float64{-2 * reach, 1.1 * reach}, [2]float64{0, 1})
	c.text("title", left, 14, o.Label+", difference from "+r.Reference)
	fmt.Fprintf(c, `<line class="zero" x1="%.1f" x2="%.1f" y1="20" y2="%.1f"/>`, c.x(0), c.x(0), c.high-bottom)
	for i, a := range rows {
		d, y := a.Groups[0].Differences[name], 32+22*float64(i)
		fmt.Fprintf(c, `<line class="interval" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/><circle class="person" cx="%.1f" cy="%g" r="4"/>`,
			c.x(d.Low), c.x(d.High), y, y, c.x(d.Mean), y)
		c.text("row", left, y+4, a.Arm)
	}
	for _, v := range []float64{-reach, 0, reach} {
		c.text("tick", c.x(v), c.high-4, fmt.Sprintf("%+.1f", v))
	}
	return c.done()
}

// trace draws a person's days, with the meals they logged above and what they were
// told below.
func trace(course *Course) template.HTML {
	minutes := float64(len(course.MgdL) * glycemia.Every)
	c := newCanvas("Glucose of "+course.Patient, 1100, 220, [2]float64{0, minutes}, [2]float64{20, 400})
	c.glucose()
	for day := 0.0; day*1440 <= minutes; day++ {
		c.text("tick", c.x(day*1440), c.high-6, fmt.Sprintf("day %.0f", day+1))
	}
	for _, m := range course.Meals {
		fmt.Fprintf(c, `<circle class="meal" cx="%.1f" cy="%.1f" r="3"><title>%s, %.0f g</title></circle>`,
			c.x(m.At.Sub(course.Start).Minutes()), c.y(390), template.HTMLEscapeString(m.Name), m.CarbsG)
	}
	for _, s := range course.Said {
		class := "told " + s.Advice.Kind
		fmt.Fprintf(c, `<rect class="%s" x="%.1f" y="%.1f" width="3" height="8"><title>%s</title></rect>`,
			template.HTMLEscapeString(class), c.x(s.At.Sub(course.Start).Minutes()), c.y(32), template.HTMLEscapeString(s.Because))
	}
	x := make([]float64, len(course.MgdL))
	for i := range x {
		x[i] = float64(i * glycemia.Every)
	}
	c.line("median", x, course.MgdL)
	return c.done()
}

package trial

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
)

// forest draws the paired differences of the four outcomes that matter most.
func (r *Result) forest() template.HTML {
	var b strings.Builder
	for _, name := range []string{inRange, below70, "tbr54", "gri"} {
		b.WriteString(string(r.differences(name)))
	}
	return template.HTML(b.String())
}

const rowHigh = 22.0

// differences draws a row for each arm: the name, the interval, and both as
// numbers.
func (r *Result) differences(name string) template.HTML {
	rows := slices.DeleteFunc(slices.Clone(r.Arms), func(a ArmResult) bool { return a.Verdict == nil })
	o := outcome(name)
	c := newCanvas("Differences in "+o.Label, 440, 46+rowHigh*float64(len(rows)), reach(rows, name), [2]float64{0, 1})
	c.left = 108
	c.across[1] += (c.across[1] - c.across[0]) * 0.85 // room for the numbers
	c.text("title", 0, 13, o.Label+", difference from "+r.Reference)
	fmt.Fprintf(c, `<line class="zero" x1="%.1f" x2="%.1f" y1="20" y2="%.1f"/>`, c.x(0), c.x(0), c.high-bottom)
	for i, a := range rows {
		c.interval(a.Groups[0].Differences[name], 34+rowHigh*float64(i))
		c.text("row", 0, 38+rowHigh*float64(i), a.Arm)
	}
	c.text("tick", c.x(0), c.high-6, "0")
	c.text("tick", c.x(c.across[0]), c.high-6, signed(c.across[0], 1))
	return c.done()
}

// reach is what the axis has to show: all intervals but those of no bolus at all,
// beside which the others would look alike.
func reach(rows []ArmResult, name string) [2]float64 {
	span := [2]float64{-0.5, 0.5}
	for _, a := range rows {
		if d := a.Groups[0].Differences[name]; a.Arm != NoBolus || len(rows) == 1 {
			span[0], span[1] = math.Min(span[0], d.Low), math.Max(span[1], d.High)
		}
	}
	return span
}

// interval draws a difference at a height; an arrow stands for what lies beyond the
// axis.
func (c *canvas) interval(d Difference, y float64) {
	mark := fmt.Sprintf(`<circle class="person" cx="%.1f" cy="%g" r="4"/>`, c.x(d.Mean), y)
	if d.Mean < c.across[0] {
		mark = fmt.Sprintf(`<path class="person" d="M%.1f %g l9 -5 v10 z"/>`, c.left-2, y)
	}
	if edge := c.edge(); d.Mean > edge {
		mark = fmt.Sprintf(`<path class="person" d="M%.1f %g l-9 -5 v10 z"/>`, c.x(edge), y)
	}
	fmt.Fprintf(c, `<line class="interval" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/>%s`,
		c.x(math.Min(d.Low, c.edge())), c.x(math.Min(d.High, c.edge())), y, y, mark)
	c.text("row end", c.wide-2, y+4, difference(d, 1))
}

// edge is where the drawn part of the axis ends and the numbers begin.
func (c *canvas) edge() float64 { return c.across[0] + (c.across[1]-c.across[0])/1.85 }

func outcome(name string) Outcome {
	all := Outcomes()
	return all[slices.IndexFunc(all, func(o Outcome) bool { return o.Name == name })]
}

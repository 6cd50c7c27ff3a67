package trial

import (
	"fmt"
	"html/template"
	"time"

	"github.com/titrate/titrate/train/glycemia"
)

// dayWide is the width of a day in a trace, in pixels: a trace is wider than a
// screen, and scrolls.
const dayWide = 280.0

// trace draws a person's days by their own clock, with the meals they logged above
// and what they were told below; faintly, the same days with the reference.
func trace(course, reference *Course) template.HTML {
	minutes := float64(len(course.MgdL) * glycemia.Every)
	c := newCanvas("Glucose of "+course.Patient, left+right+dayWide*minutes/1440, 290, [2]float64{0, minutes}, [2]float64{0, 500})
	c.glucose()
	c.clock(course, minutes)
	if reference != nil && reference != course {
		c.glucoseOf("other", reference)
	}
	c.glucoseOf("median", course)
	for _, m := range course.Meals {
		x := c.x(m.At.Sub(course.Start).Minutes())
		fmt.Fprintf(c, `<g><title>%s %s, %.0f g</title><circle class="meal" cx="%.1f" cy="%.1f" r="4"/></g>`,
			course.local(m.At).Format("Mon 15:04"), template.HTMLEscapeString(m.Name), m.CarbsG, x, c.y(480))
		c.text("grams", x, c.y(440), fmt.Sprintf("%.0f g", m.CarbsG))
	}
	for _, s := range course.Said {
		c.told(course, s)
	}
	return c.done()
}

// clock draws midnights and noons by the person's own clock.
func (c *canvas) clock(course *Course, minutes float64) {
	first := float64((720 - course.Offset%720) % 720)
	for at := first; at <= minutes; at += 720 {
		when := course.local(course.Start.Add(time.Duration(at) * time.Minute))
		class, label := "rule", "12:00"
		if when.Hour() == 0 {
			class, label = "midnight", when.Format("Mon 2 Jan")
		}
		c.line(class, []float64{at, at}, c.up[:])
		c.text("tick", c.x(at), c.high-6, label)
	}
}

func (c *canvas) glucoseOf(class string, course *Course) {
	x := make([]float64, len(course.MgdL))
	for i := range x {
		x[i] = float64(i * glycemia.Every)
	}
	c.line(class, x, course.MgdL)
}

// told marks a message: full where it was followed, hollow where not.
func (c *canvas) told(course *Course, s Said) {
	class := "told " + s.Advice.Kind
	if s.Answer != "accepted" && s.Answer != "changed" {
		class += " left-undone"
	}
	fmt.Fprintf(c, `<rect class="%s" x="%.1f" y="%.1f" width="5" height="10"><title>%s %s (%s): %s</title></rect>`,
		template.HTMLEscapeString(class), c.x(s.At.Sub(course.Start).Minutes())-2.5, c.y(22),
		course.local(s.At).Format("Mon 15:04"), template.HTMLEscapeString(s.What()), template.HTMLEscapeString(s.Outcome()), template.HTMLEscapeString(s.Because))
}

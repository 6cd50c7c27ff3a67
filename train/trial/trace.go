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

// sheetDays is how many days stand beside each other on paper, where nobody can scroll: a
// sheet across takes them in the size that they have on a screen.
const sheetDays = 4

// window is a stretch of a person's days, in minutes since they began, and how high it is
// drawn, in pixels.
type window struct{ from, to, high float64 }

func (w window) holds(minutes float64) bool { return w.from <= minutes && minutes < w.to }

// wholeOf is the whole of a person's days.
func wholeOf(course *Course) window {
	return window{0, float64(len(course.MgdL) * glycemia.Every), 290}
}

// sheets draws the same as trace for paper: some days each.
func sheets(course, reference *Course) (drawn []template.HTML) {
	whole := wholeOf(course)
	for from := 0.0; from < whole.to; from += sheetDays * 1440 {
		drawn = append(drawn, trace(course, reference, window{from, from + sheetDays*1440, 240}))
	}
	return drawn
}

// trace draws days of a person by their own clock, with the meals they logged above
// and what they were told below; faintly, the same days with the reference.
func trace(course, reference *Course, w window) template.HTML {
	c := newCanvas("Glucose of "+course.Patient, left+right+dayWide*(w.to-w.from)/1440, w.high, [2]float64{w.from, w.to}, [2]float64{0, 500})
	c.glucose()
	c.clock(course, w)
	if reference != nil && reference != course {
		c.glucoseOf("other", reference, w)
	}
	c.glucoseOf("median", course, w)
	for _, m := range course.Meals {
		at := m.At.Sub(course.Start).Minutes()
		if !w.holds(at) {
			continue
		}
		fmt.Fprintf(c, `<g><title>%s %s, %.0f g</title><circle class="meal" cx="%.1f" cy="%.1f" r="4"/></g>`,
			course.local(m.At).Format("Mon 15:04"), template.HTMLEscapeString(m.Name), m.CarbsG, c.x(at), c.y(480))
		c.text("grams", c.x(at), c.y(440), fmt.Sprintf("%.0f g", m.CarbsG))
	}
	for _, s := range course.Said {
		if w.holds(s.At.Sub(course.Start).Minutes()) {
			c.told(course, s)
		}
	}
	return c.done()
}

// clock draws midnights and noons by the person's own clock.
func (c *canvas) clock(course *Course, w window) {
	first := float64((720 - course.Offset%720) % 720)
	for at := first; at <= w.to; at += 720 {
		if at < w.from {
			continue
		}
		when := course.local(course.Start.Add(time.Duration(at) * time.Minute))
		class, label := "rule", "12:00"
		if when.Hour() == 0 {
			class, label = "midnight", when.Format("Mon 2 Jan")
		}
		c.line(class, []float64{at, at}, c.up[:])
		c.text("tick", c.x(at), c.high-6, label)
	}
}

func (c *canvas) glucoseOf(class string, course *Course, w window) {
	var x, y []float64
	for i, mgdl := range course.MgdL {
		if at := float64(i * glycemia.Every); w.holds(at) {
			x, y = append(x, at), append(y, mgdl)
		}
	}
	c.line(class, x, y)
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

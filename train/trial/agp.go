package trial

import (
	"fmt"
	"html/template"

	"github.com/titrate/titrate/train/glycemia"
)

// agp is the ambulatory glucose profile: the 5th, 25th, 50th, 75th and 95th
// percentile by time of day, over all people and days. People live in several
// zones; each is shown by their own clock.
func agp(courses []*Course) template.HTML {
	var p glycemia.Profile
	for _, c := range courses {
		p.Add(c.Offset, c.MgdL)
	}
	x, curves := p.Curves()
	c := newCanvas("Glucose by time of day", 560, 230, [2]float64{0, 1440}, [2]float64{30, 400})
	c.glucose()
	c.band("wide", x, curves[0], curves[4])
	c.band("narrow", x, curves[1], curves[3])
	c.line("median", x, curves[2])
	for hour := 0.0; hour <= 24; hour += 6 {
		class := "tick"
		if hour == 24 {
			class = "tick up"
		}
		c.text(class, c.x(hour*60), c.high-6, fmt.Sprintf("%02.0f:00", hour))
	}
	return c.done()
}

package trial

import (
	"fmt"
	"html/template"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// extremes are a person's least and greatest glucose in the control variability
// grid: the 2.5th and the 97.5th percentile, as its authors advise.
func extremes(course *Course) (least, most float64) {
	sorted := slices.Sorted(slices.Values(course.MgdL))
	return stat.Quantile(0.025, stat.Empirical, sorted, nil), stat.Quantile(0.975, stat.Empirical, sorted, nil)
}

// zoneOf is the zone of the control variability grid: A accurate control, B benign,
// C overcorrection (of highs or of lows), D failure to deal with one of them, E
// erroneous control.
func zoneOf(least, most float64) string {
	low, high := 0, 0
	for _, at := range []float64{90, 70} {
		if least < at {
			low++
		}
	}
	for _, at := range []float64{180, 300} {
		if most > at {
			high++
		}
	}
	return [3][3]string{{"A", "B", "C"}, {"B", "B", "D"}, {"C", "D", "E"}}[low][high]
}

// grid is the control variability grid (Magni L et al., J Diabetes Sci Technol
// 2008;2:630): each person's least glucose across, their greatest upwards.
func grid(courses []*Course) template.HTML {
	c := newCanvas("Control variability grid", 250, 230, [2]float64{110, 50}, [2]float64{110, 400})
	xs, ys := []float64{110, 90, 70, 50}, []float64{110, 180, 300, 400}
	for i := range 3 {
		for j := range 3 {
			x, y := [2]float64{xs[i], xs[i+1]}, [2]float64{ys[j], ys[j+1]}
			zone := zoneOf((x[0]+x[1])/2, (y[0]+y[1])/2)
			c.box("zone zone-"+zone, x, y)
			c.text("zone-name", (c.x(x[0])+c.x(x[1]))/2, (c.y(y[0])+c.y(y[1]))/2+4, zone)
		}
	}
	for _, v := range []float64{180, 300} {
		c.text("tick up", c.left-4, c.y(v)+3, fmt.Sprint(v))
	}
	for _, v := range []float64{90, 70} {
		c.text("tick", c.x(v), c.high-6, fmt.Sprint(v))
	}
	for _, course := range courses {
		least, most := extremes(course)
		fmt.Fprintf(c, `<circle class="person" cx="%.1f" cy="%.1f" r="3"><title>%s: %.0f to %.0f mg/dL</title></circle>`,
			c.x(least), c.y(most), template.HTMLEscapeString(course.Patient), least, most)
	}
	return c.done()
}

// zones counts people by zone, as a caption.
func zones(courses []*Course) string {
	counts := map[string]int{}
	for _, course := range courses {
		counts[zoneOf(extremes(course))]++
	}
	text := ""
	for _, zone := range []string{"A", "B", "C", "D", "E"} {
		if text != "" {
			text += " · "
		}
		text += fmt.Sprintf("%s %d", zone, counts[zone])
	}
	return text
}

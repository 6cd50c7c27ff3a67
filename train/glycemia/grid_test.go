package glycemia

import (
	"math"
	"testing"
)

// Points a little to either side of each border, worked out by hand from the papers'
// definitions.
func TestZonesOfTheErrorGrids(t *testing.T) {
	for _, c := range []struct {
		was, said      float64
		clarke, parkes byte
	}{
		{100, 100, 'A', 'A'},
		{100, 119, 'A', 'A'},
		{100, 121, 'B', 'A'}, // border into B at 100: 50 + 70·120/110 = 126.4
		{100, 127, 'B', 'B'},
		{60, 69, 'A', 'A'},
		{60, 100, 'D', 'C'}, // into C at 60: 95
		{60, 94, 'D', 'B'},
		{60, 96, 'D', 'C'},
		{60, 190, 'E', 'D'},
		{40, 170, 'D', 'D'},
		{150, 27, 'C', 'C'}, // 1.4·150 − 182 = 28
		{150, 29, 'B', 'C'},
		{150, 100, 'B', 'B'},
		{100, 211, 'C', 'C'},
		{200, 60, 'E', 'C'},
		{250, 100, 'D', 'C'},
		{300, 50, 'E', 'D'},
		{400, 390, 'A', 'A'},
		{45, 480, 'E', 'E'},
	} {
		if got := Clarke(c.was, c.said); c.clarke != 0 && got != c.clarke {
			t.Errorf("Clarke of %v said for %v: %c, want %c", c.said, c.was, got, c.clarke)
		}
		if got := Parkes(c.was, c.said); got != c.parkes {
			t.Errorf("Parkes of %v said for %v: %c, want %c", c.said, c.was, got, c.parkes)
		}
	}
	var g Grids
	g.Add(100, 101)
	g.Add(60, 190)
	g.Plus(&Grids{Clarke: [5]int{1}})
	if g.Clarke != [5]int{2, 0, 0, 0, 1} || g.Parkes != [5]int{1, 0, 0, 1, 0} || g.DTS != [5]int{1, 0, 0, 1, 0} {
		t.Errorf("counted %+v", g)
	}
}

// TestZonesOfTheDTSGrid: the borders of its formula are those of the corners that its paper
// gives beside it (table A1), which differ by up to 1.11 mg/dL since coefficients are rounded.
func TestZonesOfTheDTSGrid(t *testing.T) {
	const near = 1.2
	for i, c := range []struct {
		over, overEnd   float64 // said for what was 50 or less; what was where 600 is said
		under, underEnd float64 // what was for 50 or less said; said where 600 was
	}{
		{60, 500, 62.5, 480}, {86.5, 347, 97.5, 307}, {124, 241, 153, 197}, {179, 167, 238, 126},
	} {
		inside, outside := 'A'+byte(i), 'B'+byte(i)
		for _, p := range []struct{ was, said, inWas, inSaid float64 }{
			{50, c.over, 0, -near}, {0, c.over, 0, -near}, {c.overEnd, 600, near, 0}, {c.under, 50, -near, 0}, {c.under, 0, -near, 0}, {600, c.underEnd, 0, near},
		} {
			if got := DTS(p.was+p.inWas, p.said+p.inSaid); got != inside {
				t.Errorf("%v said for %v, a little inside: %c, want %c", p.said, p.was, got, inside)
			}
			if got := DTS(p.was-p.inWas, p.said-p.inSaid); got != outside {
				t.Errorf("%v said for %v, a little outside: %c, want %c", p.said, p.was, got, outside)
			}
		}
	}
	if got := DTS(20, 45); got != 'A' {
		t.Errorf("both below 50: %c, want A", got)
	}
	if got := DTS(100, math.NaN()); got != 'E' {
		t.Errorf("no number: %c, want E", got)
	}
}

package glycemia

import "testing"

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
	if g.Clarke != [5]int{2, 0, 0, 0, 1} || g.Parkes != [5]int{1, 0, 0, 1, 0} {
		t.Errorf("counted %+v", g)
	}
}

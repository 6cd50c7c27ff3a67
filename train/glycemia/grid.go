package glycemia

import "math"

// Grids counts forecasts, or a meter's readings, by what acting on them would do: zones
// A (as good as right) to E (the opposite of what is needed), in order.
type Grids struct {
	Clarke [5]int `json:"clarke"`
	Parkes [5]int `json:"parkes_type1"`
	DTS    [5]int `json:"dts"`
}

// Add counts a pair in mg/dL: what was, and what was said.
func (g *Grids) Add(was, said float64) {
	g.Clarke[Clarke(was, said)-'A']++
	g.Parkes[Parkes(was, said)-'A']++
	g.DTS[DTS(was, said)-'A']++
}

// Plus adds another count.
func (g *Grids) Plus(o *Grids) {
	for i := range g.Clarke {
		g.Clarke[i] += o.Clarke[i]
		g.Parkes[i] += o.Parkes[i]
		g.DTS[i] += o.DTS[i]
	}
}

// Clarke is the zone of Clarke's error grid, A to E (Clarke WL et al., Diabetes Care
// 1987;10:622), of a value said where another was, in mg/dL.
func Clarke(was, said float64) byte {
	off := said - was
	if off < 0 {
		off = -off
	}
	switch {
	case was < 70 && said < 70, off < 0.2*was:
		return 'A'
	case was <= 70 && said >= 180, was >= 180 && said <= 70:
		return 'E'
	case was >= 240 && said >= 70 && said <= 180, was <= 70 && said >= 70 && said <= 180:
		return 'D'
	case was >= 70 && was <= 290 && said >= was+110, was >= 130 && was <= 180 && said <= 1.4*was-182:
		return 'C'
	}
	return 'B'
}

// point is a corner of a zone's border: what was, and what was said.
type point struct{ was, said float64 }

// parkes are the borders into zones B to E of Parkes' grid for type 1 diabetes, above
// and below the diagonal (Pfützner A et al., J Diabetes Sci Technol 2013;7:1275).
var parkes = struct{ above, below [][]point }{
	above: [][]point{
		{{0, 50}, {30, 50}, {140, 170}, {280, 380}, {430, 550}},
		{{0, 60}, {30, 60}, {50, 80}, {70, 110}, {260, 550}},
		{{0, 100}, {25, 100}, {50, 125}, {80, 215}, {125, 550}},
		{{0, 150}, {35, 155}, {50, 550}},
	},
	below: [][]point{
		{{50, 0}, {50, 30}, {170, 145}, {385, 300}, {550, 450}},
		{{120, 0}, {120, 30}, {260, 130}, {550, 250}},
		{{250, 0}, {250, 40}, {550, 150}},
	},
}

// Parkes is the zone of Parkes' consensus error grid for type 1 diabetes, A to E, of a
// value said where another was, in mg/dL: the outermost border that it lies beyond.
func Parkes(was, said float64) byte {
	for zone := len(parkes.above) - 1; zone >= 0; zone-- {
		if beyond(parkes.above[zone], was, said) {
			return 'B' + byte(zone)
		}
	}
	for zone := len(parkes.below) - 1; zone >= 0; zone-- {
		mirrored := make([]point, len(parkes.below[zone]))
		for i, p := range parkes.below[zone] {
			mirrored[i] = point{p.said, p.was}
		}
		if beyond(mirrored, said, was) {
			return 'B' + byte(zone)
		}
	}
	return 'A'
}

// beyond tells whether a pair lies above a border, whose last piece goes on.
func beyond(border []point, x, y float64) bool {
	a, b := border[0], border[1]
	for i := 1; i < len(border); i++ {
		a, b = border[i-1], border[i]
		if x <= b.was {
			break
		}
	}
	return y > a.said+(x-a.was)*(b.said-a.said)/(b.was-a.was)
}

// The DTS grid's risk is that of a ratio: said too high it counts for more, since insulin
// follows. What is below dtsLeast, in mg/dL, counts as that.
const (
	dtsOver  = 2.75
	dtsUnder = 2.25
	dtsLeast = 50
)

// DTS is the zone of the Diabetes Technology Society's error grid, A (no risk) to E
// (extreme), of a value said where another was, in mg/dL (Klonoff DC et al., J Diabetes Sci
// Technol 2024;18:1346, appendix 2). Its authors want zone A told by itself, not with B.
func DTS(was, said float64) byte {
	risk := math.Log(max(said, dtsLeast) / max(was, dtsLeast))
	if risk > 0 {
		risk *= dtsOver
	} else {
		risk *= -dtsUnder
	}
	for zone, most := range [...]float64{0.5, 1.5, 2.5, 3.5} {
		if risk <= most {
			return 'A' + byte(zone)
		}
	}
	return 'E'
}

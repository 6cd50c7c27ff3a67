package train

import "slices"

// calibrate sets the widths' spread so that on the given rows each quantile has
// its share of outcomes below it, per horizon, after a bolus and else (a Mondrian
// split conformal step). The rows must be of people whom the weights have not seen:
// on those they know, forecasters are too sure.
func (w *Weights) calibrate(x *Examples, rows []int) {
	var apart, bolus [horizons][2][]deviation // below the median, above it
	for _, own := range fewer(x.byPerson(rows), calibrateRows) {
		w.follow(x, own, func(m *instant) {
			group := &apart
			if afterBolus(&m.v) {
				group = &bolus
			}
			for h, came := range m.came {
				if came != came {
					continue
				}
				p := w.parts(&m.v, &m.net, h, &m.c)
				above := float64(came) - p.median - m.told[h]
				group[h][0] = append(group[h][0], deviation{-above, &p})
				group[h][1] = append(group[h][1], deviation{above, &p})
			}
		})
	}
	for h := range horizons {
		for side, of := range [2][2]int{{lowInner, lowOuter}, {highInner, highOuter}} {
			all := slices.Concat(apart[h][side], bolus[h][side])
			spreadSide(w.Spread, h, of, telling(apart[h][side], all))
			spreadSide(w.SpreadBolus, h, of, telling(bolus[h][side], all))
		}
	}
}

// calibrateRows are enough rows for quantiles, in whole people.
const calibrateRows = 100_000

// fewer takes people evenly until they have about n rows.
func fewer(people [][]int, n int) [][]int {
	rows := 0
	for _, own := range people {
		rows += len(own)
	}
	every := (rows + n - 1) / n
	if every <= 1 {
		return people
	}
	var some [][]int
	for k := 0; k < len(people); k += every {
		some = append(some, people[k])
	}
	return some
}

// telling is a group, or everything where the group says too little.
func telling(group, all []deviation) []deviation {
	if len(group) < spreadRows {
		return all
	}
	return group
}

// deviation is how far an outcome lay from the median on one side, in mg/dL, and
// the forecast's parts.
type deviation struct {
	mgdl float64
	of   *parts
}

const (
	spreadRows              = 200 // fewer say nothing about a twentieth
	spreadLeast, spreadMost = 0.25, 4
)

// spreadSide finds by how much the inner width, then the outer one, must be
// multiplied: outcomes lie within multiple·width + doubt with the wanted chance,
// so the multiple is that quantile of (distance − doubt) / width.
func spreadSide(spread []float64, h int, of [2]int, apart []deviation) {
	if len(apart) < spreadRows {
		return
	}
	inner, outer := of[0], of[1]
	ratios := make([]float64, len(apart))
	for i, d := range apart {
		ratios[i] = (d.mgdl - d.of.doubt[inner]) / d.of.width[inner]
	}
	first := bound(quantile(ratios, 0.75))
	for i, d := range apart {
		reached := first*d.of.width[inner] + d.of.doubt[inner]
		ratios[i] = (d.mgdl - reached - d.of.doubt[outer]) / d.of.width[outer]
	}
	spread[inner*horizons+h] *= first
	spread[outer*horizons+h] *= bound(quantile(ratios, 0.95))
}

func bound(spread float64) float64 { return min(max(spread, spreadLeast), spreadMost) }

// quantile is the p-quantile of x, which it sorts.
func quantile(x []float64, p float64) float64 {
	slices.Sort(x)
	return x[min(int(p*float64(len(x))), len(x)-1)]
}

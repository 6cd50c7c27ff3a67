package train

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/titrate/titrate/train/feature"
)

// tally sums errors of one forecaster at one horizon.
type tally struct {
	n, squares, sizes float64
}

func (t *tally) add(forecast, came float64) {
	d := forecast - came
	t.n, t.squares, t.sizes = t.n+1, t.squares+d*d, t.sizes+math.Abs(d)
}

func (t *tally) plus(o tally) {
	t.n, t.squares, t.sizes = t.n+o.n, t.squares+o.squares, t.sizes+o.sizes
}

func (t tally) rmse() float64 { return math.Sqrt(t.squares / t.n) }
func (t tally) mae() float64  { return t.sizes / t.n }

// tallies are those of every forecaster, the model first, and horizon.
type tallies [1 + 3][horizons]tally

// judged is what the test rows of each person say.
type judged struct {
	name    string
	errors  tallies
	covered [horizons]coverage
	glucose tally // of the values themselves, for the mean
	rows    int
}

// coverage counts outcomes inside the 5–95 and the 25–75 % interval, all of them
// and those within three hours after a bolus.
type coverage struct {
	n, wide, narrow, bolusN, bolusWide float64
}

// judge compares the model and the baselines with what came, person by person.
func (w *Weights) judge(x *Examples, rows []int) []judged {
	people := make([]judged, len(x.People))
	for i := range people {
		people[i].name = x.People[i]
	}
	var v feature.Vector
	last := -1
	var simple [len(tallies{}) - 1][horizons]float64
	x.each(w, rows, func(i, h int, q quantiles, came float64) {
		p := &people[x.Person[i]]
		if i != last {
			last = i
			x.Vector(i, &v)
			for k, b := range baselines {
				simple[k] = b.forecast(&v)
			}
			p.rows++
			p.glucose.add(v[feature.Glucose], 0)
		}
		p.errors[0][h].add(q[2], came)
		for k := range simple {
			p.errors[k+1][h].add(simple[k][h], came)
		}
		p.covered[h].add(q, came, v[feature.LastBolusEbb] >= math.Exp(-180./90))
	})
	return slices.DeleteFunc(people, func(p judged) bool { return p.rows == 0 })
}

func (c *coverage) add(q quantiles, came float64, bolus bool) {
	wide := truth(q[0] <= came && came <= q[4])
	c.n, c.wide = c.n+1, c.wide+wide
	c.narrow += truth(q[1] <= came && came <= q[3])
	if bolus {
		c.bolusN, c.bolusWide = c.bolusN+1, c.bolusWide+wide
	}
}

func (c *coverage) plus(o coverage) {
	c.n, c.wide, c.narrow = c.n+o.n, c.wide+o.wide, c.narrow+o.narrow
	c.bolusN, c.bolusWide = c.bolusN+o.bolusN, c.bolusWide+o.bolusWide
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Interval is a number with its 95 % interval.
type Interval struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

const resamples = 1000

// bootstrap is a number over people, and its 2.5 and 97.5 percentiles if other
// people of the same kind had been judged: people are drawn with replacement,
// since rows of one person are not independent.
func bootstrap(people []judged, seed uint64, of func(sum *tallies) float64) Interval {
	r := rand.New(rand.NewPCG(seed, 0x626f6f74))
	var all tallies
	for i := range people {
		all.plus(&people[i].errors)
	}
	out := Interval{Value: of(&all)}
	draws := make([]float64, resamples)
	for d := range draws {
		var sum tallies
		for range people {
			sum.plus(&people[r.IntN(len(people))].errors)
		}
		draws[d] = of(&sum)
	}
	out.Low, out.High = quantile(draws, 0.025), quantile(draws, 0.975)
	return out
}

func (t *tallies) plus(o *tallies) {
	for k := range t {
		for h := range t[k] {
			t[k][h].plus(o[k][h])
		}
	}
}

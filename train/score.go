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

// tallies are those of every forecaster and horizon.
type tallies [forecasters]tallied

type tallied [horizons]tally

// judged is what the test rows of each person say.
type judged struct {
	name    string
	errors  tallies
	covered [horizons]coverage
	glucose tally // of the values themselves, for the mean
	rows    int
	detail  detail
}

// coverage counts outcomes inside the 5–95 and the 25–75 % interval, all of them
// and those within three hours after a bolus.
type coverage struct {
	n, wide, narrow, bolusN, bolusWide float64
	untold                             float64 // wide, of the forecast that isn't told what is done later
}

// judge compares the model and the baselines with what came, person by person.
// learned are the rows that the pooled ridge may learn from.
func (w *Weights) judge(x *Examples, learned, rows []int) []judged {
	everybody := pooled(x, learned)
	var people []judged
	for _, own := range x.byPerson(rows) {
		p := judged{name: x.People[x.Person[own[0]]], rows: len(own)}
		w.judgeOne(x, everybody, own, &p)
		people = append(people, p)
	}
	return people
}

// judgeOne judges the rows of one person, as they would have been forecast live.
func (w *Weights) judgeOne(x *Examples, everybody *linear, rows []int, p *judged) {
	alone := own(x, rows, everybody)
	var none Course
	k := 0
	w.follow(x, rows, func(m *instant) {
		p.glucose.add(m.v[feature.Glucose], 0)
		simple := simply(&m.v, everybody, alone[k*blocks/len(rows)])
		k++
		for h, came := range m.came {
			if came != came {
				continue
			}
			came := float64(came)
			q, blind, common := m.forecast(w, h), m.blind(w, h), w.planned(&m.v, &m.net, h, &none)
			p.errors[toldModel][h].addMean(&q, came)
			p.errors[theModel][h].addMean(&blind, came)
			p.errors[commonModel][h].addMean(&common, came)
			for f, mgdl := range simple {
				p.errors[int(firstSimple)+f][h].add(mgdl[h], came)
			}
			p.covered[h].add(q, came, afterBolus(&m.v))
			p.covered[h].untold += truth(blind[0] <= came && came <= blind[4])
			p.detail.add(&m.v, h, &q, came)
		}
	})
}

// byPerson groups rows, keeping their order.
func (x *Examples) byPerson(rows []int) [][]int {
	all := make([][]int, len(x.People))
	for _, i := range rows {
		all[x.Person[i]] = append(all[x.Person[i]], i)
	}
	return slices.DeleteFunc(all, func(rows []int) bool { return len(rows) == 0 })
}

// addMean adds a forecast of quantiles: its mean is what squares are measured from,
// its median what sizes are, since these are the points that make them small.
func (t *tally) addMean(q *quantiles, came float64) {
	d := q.mean() - came
	t.n, t.squares, t.sizes = t.n+1, t.squares+d*d, t.sizes+math.Abs(q[2]-came)
}

// mean is that of the distribution with these quantiles by Pearson and Tukey's
// three-point approximation (Biometrika 1965;52:533).
func (q *quantiles) mean() float64 { return 0.63*q[2] + 0.185*(q[0]+q[4]) }

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
	c.untold += o.untold
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

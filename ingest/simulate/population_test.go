package simulate

import (
	"math"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

var day1 = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

type tally struct {
	n, low, veryLow, in, high, veryHigh, outside float64
	sum, squares, mealsG, rapid, basal, rescues  float64
	days                                         float64
}

func (c *tally) add(g float64) {
	c.n++
	c.sum += g
	c.squares += g * g
	switch {
	case g < 70:
		c.low++
	case g <= 180:
		c.in++
	default:
		c.high++
	}
	if g < 54 {
		c.veryLow++
	}
	if g > 250 {
		c.veryHigh++
	}
	if g < 40 || g > 400 {
		c.outside++
	}
}

func (c *tally) mean() float64 { return c.sum / c.n }
func (c *tally) sd() float64   { return math.Sqrt(c.squares/c.n - c.mean()*c.mean()) }

// live lives days and tallies true glucose every five minutes.
func liveFor(t testing.TB, p *Person, days int) *tally {
	c := &tally{days: float64(days)}
	count := func(_ time.Time, w ingest.Wire) error {
		switch {
		case w.Type == "insulin" && w.Reason == "basal":
			c.basal += *w.Units
		case w.Type == "insulin":
			c.rapid += *w.Units
		case w.Type == "meal" && w.Meal == "rescue":
			c.rescues++
		case w.Type == "meal":
			c.mealsG += *w.CarbsG
		}
		return nil
	}
	for m := 0; m < days*288; m++ {
		if err := p.Advance(p.start.Add(time.Duration(m*5)*time.Minute), count); err != nil {
			t.Fatal(err)
		}
		c.add(p.Glucose())
	}
	return c
}

func TestPopulationsLookLikePeople(t *testing.T) {
	for _, cohort := range []string{"adult", "adolescent", "child", "type2"} {
		people, err := People(Options{Patients: 20, Seed: 1, Start: day1, Cohort: cohort})
		if err != nil {
			t.Fatal(err)
		}
		var all tally
		for _, p := range people {
			c := liveFor(t, p, 14)
			th := p.therapy
			t.Logf("%s %s %.0f kg pump=%v ICR %.1f ISF %.0f basal %.1f | mean %.0f sd %.0f low %.1f in %.1f high %.1f | meals %.0f g rapid %.1f basal %.1f rescues %.1f",
				cohort, p.id, p.body.params.WeightKg, p.pump, th.ICR, th.ISF, th.BasalPerDay(), c.mean(), c.sd(), 100*c.low/c.n, 100*c.in/c.n, 100*c.high/c.n, c.mealsG/14, c.rapid/14, c.basal/14, c.rescues/14)
			all.n += c.n
			all.sum += c.sum
			all.squares += c.squares
			all.low += c.low
			all.veryLow += c.veryLow
			all.in += c.in
			all.high += c.high
			all.veryHigh += c.veryHigh
			all.outside += c.outside
		}
		t.Logf("%-10s mean %.0f sd %.0f | <54 %.1f <70 %.1f in %.1f >180 %.1f >250 %.1f outside 40-400 %.2f", cohort, all.mean(), all.sd(), 100*all.veryLow/all.n, 100*all.low/all.n, 100*all.in/all.n, 100*all.high/all.n, 100*all.veryHigh/all.n, 100*all.outside/all.n)
	}
}

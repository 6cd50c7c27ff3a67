package simulate

import (
	"math"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

var day1 = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

// tally counts true glucose every five minutes, and what was eaten and dosed.
type tally struct {
	n, below54, below70, within, above180, above250, outside float64
	sum, squares                                             float64
	days, carbs, rapid, basal, rescues                       float64
}

func (c *tally) add(g float64) {
	c.n++
	c.sum += g
	c.squares += g * g
	for _, band := range []struct {
		count *float64
		hit   bool
	}{
		{&c.below54, g < 54}, {&c.below70, g < 70}, {&c.within, g >= 70 && g <= 180},
		{&c.above180, g > 180}, {&c.above250, g > 250}, {&c.outside, g < 40 || g > 400},
	} {
		if band.hit {
			*band.count++
		}
	}
}

func (c *tally) hear(w ingest.Wire) {
	switch {
	case w.Type == "insulin" && w.Reason == "basal":
		c.basal += *w.Units
	case w.Type == "insulin":
		c.rapid += *w.Units
	case w.Type == "meal" && w.Meal == "rescue":
		c.rescues++
	case w.Type == "meal":
		c.carbs += *w.CarbsG
	}
}

func (c *tally) mean() float64             { return c.sum / c.n }
func (c *tally) sd() float64               { return math.Sqrt(c.squares/c.n - c.mean()*c.mean()) }
func (c *tally) percent(x float64) float64 { return 100 * x / c.n }

// live tallies days of a person's life.
func (c *tally) live(t testing.TB, p *Person, days int) {
	t.Helper()
	c.days += float64(days)
	for i := range days * 288 {
		err := p.Advance(day1.Add(time.Duration(i)*interval), func(_ time.Time, w ingest.Wire) error {
			c.hear(w)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		c.add(p.Glucose())
	}
}

// Populations must look like those of clinics that measure: adults with type 1 have
// some 55 to 80 % of time in range and 2 to 6 % below 70 mg/dL (Foster NC et al.,
// Diabetes Technol Ther 2019;21:66 for the ages' order).
func TestPopulationsLookLikePeople(t *testing.T) {
	for _, c := range []struct {
		cohort                    string
		inLow, inHigh             float64
		lowLow, lowHigh           float64
		meanLow, meanHigh, dosedU float64
	}{
		{"adult", 55, 80, 2, 6, 130, 170, 0.3},
		{"adolescent", 50, 78, 1.5, 6, 140, 185, 0.4},
		{"child", 50, 78, 2, 6.5, 135, 180, 0.3},
		{"type2", 45, 85, 0, 2, 140, 190, 0.1},
		{"type2-mdi", 50, 88, 0.2, 5, 130, 185, 0.4},
	} {
		var all tally
		var kg float64
		for _, p := range people(t, Options{Patients: 20, Seed: 1, Cohort: c.cohort}) {
			all.live(t, p, 14)
			kg += p.body.params.WeightKg * 14
		}
		in, low := all.percent(all.within), all.percent(all.below70)
		perKg := (all.rapid + all.basal) / kg
		t.Logf("%-10s mean %.0f SD %.0f mg/dL; %% <54 %.1f, <70 %.1f, 70-180 %.1f, >180 %.1f, >250 %.1f, outside 40-400 %.2f; a day: %.0f g logged, %.1f U rapid, %.1f U basal, %.2f U/kg, %.1f rescues",
			c.cohort, all.mean(), all.sd(), all.percent(all.below54), low, in, all.percent(all.above180), all.percent(all.above250), all.percent(all.outside),
			all.carbs/all.days, all.rapid/all.days, all.basal/all.days, perKg, all.rescues/all.days)
		if in < c.inLow || in > c.inHigh {
			t.Errorf("%s: %.1f %% in range, want %g to %g", c.cohort, in, c.inLow, c.inHigh)
		}
		if low < c.lowLow || low > c.lowHigh {
			t.Errorf("%s: %.1f %% below 70, want %g to %g", c.cohort, low, c.lowLow, c.lowHigh)
		}
		if m := all.mean(); m < c.meanLow || m > c.meanHigh {
			t.Errorf("%s: mean %.0f mg/dL, want %g to %g", c.cohort, m, c.meanLow, c.meanHigh)
		}
		if all.percent(all.outside) > 1.5 {
			t.Errorf("%s: %.2f %% outside 40 to 400", c.cohort, all.percent(all.outside))
		}
		if perKg < c.dosedU || perKg > 1.2 {
			t.Errorf("%s: %.2f U/kg a day, want %g to 1.2", c.cohort, perKg, c.dosedU)
		}
	}
}

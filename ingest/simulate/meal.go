package simulate

import (
	"math"
	"math/rand/v2"
)

// meal is food that a person will eat.
type meal struct {
	Name      string
	CarbsG    float64 // eaten
	CountedG  float64 // what they believe
	FatG      float64
	ProteinG  float64
	Digestion float64 // multiplies the time-to-peak of absorption
	Minute    float64 // of the local day, of eating
	Logged    bool
	Bolused   bool
	Late      bool
	Lead      float64 // minutes from logging to eating
}

// course is a habitual meal: its share of the day's carbs, when, and how often.
type course struct {
	name   string
	share  float64
	minute float64 // of the local day
	spread float64 // SD, minutes
	chance float64
}

// menu has the three meals, then the snacks, with shares that sum to about 1.1: not
// every snack is eaten.
var menu = []course{
	{"breakfast", 0.22, 450, 25, 0.93},
	{"lunch", 0.30, 750, 30, 0.97},
	{"dinner", 0.34, 1140, 35, 0.99},
	{"snack", 0.08, 625, 25, 0.35},
	{"snack", 0.10, 955, 30, 0.5},
	{"snack", 0.08, 1260, 25, 0.3},
}

// meals draws the meals of a day between waking and sleep, earliest first.
// Appetite scales them; breakfast follows waking.
func (h habits) meals(r *rand.Rand, c cohort, wake, sleep, appetite float64) []meal {
	var day []meal
	for _, dish := range menu {
		minute := dish.minute + dish.spread*trunc(r, 2)
		if dish.name == "breakfast" {
			minute = wake + 45 + dish.spread*trunc(r, 1.4)
		}
		m := h.draw(r, dish, c.carbs*h.Appetite*appetite)
		if r.Float64() < dish.chance && minute > wake && minute < sleep-20 {
			m.Minute = math.Round(minute)
			day = append(day, m)
		}
	}
	return day
}

// draw draws a meal's size, what is believed of it, and how it is handled.
func (h habits) draw(r *rand.Rand, dish course, carbsADay float64) meal {
	m := meal{Name: dish.name, CarbsG: math.Round(carbsADay * dish.share * lognormal(r, 0.32))}
	m.CountedG = nearest(m.CarbsG*h.CountBias*math.Exp(h.CountSD*trunc(r, 2.5)), 5)
	m.ProteinG = math.Round(m.CarbsG * (0.2 + 0.3*r.Float64()))
	m.FatG = math.Round(m.CarbsG * (0.15 + 0.35*r.Float64()))
	m.Digestion = lognormal(r, 0.15) * (1 + 0.006*(m.FatG-15))
	unlogged := h.Unlogged
	if dish.name == "snack" {
		unlogged = h.UnloggedBit
	}
	m.Logged = r.Float64() >= unlogged
	m.Bolused = r.Float64() >= h.Missed && (dish.name != "snack" || m.CountedG >= 10)
	m.Late = r.Float64() < h.Late
	m.Lead = math.Round(math.Max(0, math.Min(15, h.Lead+4*trunc(r, 2))))
	return m
}

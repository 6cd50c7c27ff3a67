package simulate

import (
	"math"
	"slices"
	"time"
)

// intent is something a person means to do.
type intent struct {
	At        time.Time
	Do        string // log, bolus, eat, train, long, stick, sick
	Meal      *meal  `json:",omitempty"`
	Minutes   float64
	Intensity string
}

// day is what holds for a whole local day.
type day struct {
	Date        string
	Midnight    time.Time
	Wake, Sleep float64 // minutes of the day
	Sensitivity float64
	Mood        [7]float64 // sensitivity at 0:00, 4:00 … 24:00, against the day's
	Sick        bool
}

// plan draws the local day that t falls in, and puts its intents on the agenda. It
// depends on nothing but the person and the date.
func (p *Person) plan(t time.Time) {
	local := t.In(p.zone)
	y, m, d := local.Date()
	midnight := time.Date(y, m, d, 0, 0, 0, 0, p.zone)
	today := p.drawDay(midnight)
	p.d.Today = today
	r := p.dice.at("day", midnight)
	appetite := 1.0
	if today.Sick {
		appetite = 0.65
		p.intend(midnight, today.Wake+20, intent{Do: "sick"})
	}
	for _, m := range p.habits.meals(r, p.cohort, today.Wake, today.Sleep, appetite) {
		p.intendMeal(midnight, m)
	}
	p.intendRest(midnight, today)
	slices.SortStableFunc(p.d.Agenda, func(a, b intent) int { return a.At.Compare(b.At) })
	for len(p.d.Agenda) > 0 && p.d.Agenda[0].At.Before(t) {
		p.d.Agenda = p.d.Agenda[1:]
	}
}

func (p *Person) drawDay(midnight time.Time) day {
	r := p.dice.at("rhythm", midnight)
	today := day{Date: midnight.Format(time.DateOnly), Midnight: midnight}
	today.Sensitivity = math.Exp(p.habits.DaySD * trunc(r, 2.5))
	for i := range today.Mood {
		today.Mood[i] = p.mood(midnight, i)
	}
	lieIn := 0.0
	if w := midnight.Weekday(); w == time.Saturday || w == time.Sunday {
		lieIn = 50
	}
	today.Wake = math.Round(p.habits.Wake + lieIn + 15*trunc(r, 2))
	today.Sleep = math.Round(math.Min(1435, p.habits.Sleep+lieIn/2+15*trunc(r, 2)))
	today.Sick = p.sick(midnight)
	if today.Sick {
		today.Sensitivity *= 0.7
	}
	return today
}

// mood is what stress, hormones and the injection site do to sensitivity within a
// day: log-normal with SD 10 % every four hours, linear between. The last hour of a
// day is the first of the next.
func (p *Person) mood(midnight time.Time, i int) float64 {
	if i == 6 {
		midnight, i = midnight.AddDate(0, 0, 1), 0
	}
	return lognormal(p.dice.nth("mood", midnight.Unix()+int64(i)), 0.10)
}

// sensitivity is today's multiplier of insulin action at minute.
func (d *day) sensitivity(minute float64) float64 {
	i := int(minute / 240)
	share := minute/240 - float64(i)
	return d.Sensitivity * (d.Mood[i]*(1-share) + d.Mood[i+1]*share)
}

// sick says whether a spell of illness, which lasts one to three days, covers the
// date. About four spells a year.
func (p *Person) sick(midnight time.Time) bool {
	for back := range 3 {
		r := p.dice.at("sick", midnight.AddDate(0, 0, -back))
		if r.Float64() < 0.011 && back <= r.IntN(3) {
			return true
		}
	}
	return false
}

// intendMeal puts logging, dosing and eating on the agenda. Most log ahead and dose
// a few minutes later, so that advice may arrive between; some log and dose only
// after eating; some never.
func (p *Person) intendMeal(midnight time.Time, m meal) {
	p.intend(midnight, m.Minute, intent{Do: "eat", Meal: &m})
	if !m.Logged {
		return
	}
	logged := m.Minute - m.Lead
	if m.Late {
		logged = m.Minute + 12 + 2*m.Lead
	}
	p.intend(midnight, logged, intent{Do: "log", Meal: &m})
	if m.Bolused && p.cohort.boluses {
		p.intend(midnight, logged+math.Min(math.Max(m.Lead, 2), 8), intent{Do: "bolus", Meal: &m})
	}
}

// intendRest puts long-acting insulin, exercise and meter readings on the agenda.
func (p *Person) intendRest(midnight time.Time, today day) {
	r := p.dice.at("errands", midnight)
	late := 8 * trunc(r, 2)
	if r.Float64() < 0.06 {
		late = 30 + 120*r.Float64()
	}
	if !p.pump && r.Float64() >= 0.012 {
		p.intend(midnight, math.Min(p.habits.LongAt+late, 1438), intent{Do: "long"})
	}
	if r.Float64() < p.habits.Training && !today.Sick {
		start := 600 + 540*r.Float64()
		minutes := nearest(20+50*r.Float64(), 5)
		intensity := []string{"light", "moderate", "moderate", "vigorous"}[r.IntN(4)]
		p.intend(midnight, start, intent{Do: "train", Minutes: minutes, Intensity: intensity})
	}
	for n := p.habits.Sticks + r.Float64(); n >= 1; n-- {
		p.intend(midnight, today.Wake+5+(today.Sleep-today.Wake-10)*r.Float64(), intent{Do: "stick"})
	}
}

func (p *Person) intend(midnight time.Time, minute float64, what intent) {
	what.At = midnight.Add(time.Duration(math.Round(minute)) * time.Minute)
	p.d.Agenda = append(p.d.Agenda, what)
}

// asleep says whether t is outside today's waking hours.
func (p *Person) asleep(t time.Time) bool {
	minute := t.Sub(p.d.Today.Midnight).Minutes()
	return minute < p.d.Today.Wake || minute >= p.d.Today.Sleep
}

package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
)

// situation is what is known of a person at a moment, as the kernel wants it. It
// lies on the desk until the next one is asked for.
func (p *Person) situation(now time.Time) *Situation {
	s := &p.desk.situation
	*s = Situation{
		Now:        now,
		Settings:   p.window.Settings(),
		FormerZone: p.facts.formerZone(now),
		Glucose:    sense(&p.window, now, &p.desk.trace),
		Exercise:   p.facts.Exercise,
		Advised:    p.advice.standing(now),
		Calibrated: p.desk.calibrated,
	}
	s.Glucose.SensorStart, s.Glucose.Calibration = p.facts.SensorStart, p.facts.Calibration
	s.Insulin = p.taken(now)
	if p.desk.look(&p.window, now) {
		s.Forecast = p.desk.ask
	}
	return s
}

func (p *Person) taken(now time.Time) Taken {
	perDay, _ := p.window.DailyTotal(now)
	return Taken{
		OnBoard:        p.window.IOB(now),
		Unconfirmed:    p.advice.onBoard(now, p.window.Settings()),
		LastCorrection: later(p.facts.LastCorrection, p.advice.lastCorrection()),
		Total24:        p.window.Total24(now) + p.advice.unconfirmedSince(now.Add(-24*time.Hour)),
		PerDay:         perDay,
		Long:           p.facts.Long, LongPrev: p.facts.LongPrev,
		CarbsJustEaten: p.carbsBetween(now.Add(-carbsWorkIn), now.Add(aheadMost)),
	}
}

// carbsWorkIn is how long fast carbs are given to work before more are advised.
const carbsWorkIn = 15 * time.Minute

func (p *Person) carbsBetween(from, to time.Time) (sum cleanse.Grams) {
	for m := range p.window.Meals() {
		if m.At.After(from) && !m.At.After(to) {
			sum += m.Carbs.V
		}
	}
	return sum
}

// announce makes s a question about a meal.
func (p *Person) announce(s *Situation, carbs cleanse.Opt[cleanse.Grams], at time.Time) {
	s.Ask = AboutMeal
	s.Meal = Announced{Carbs: carbs, At: at}
	for m := range p.window.Meals() {
		if carbs.OK && m.Carbs == carbs && at.Sub(m.At).Abs() < mealTwiceWithin {
			s.Meal.Twice = true
		}
	}
	if held, ok := p.advice.held(s.Now); ok && s.Meal.Twice && held.Carbs == carbs.V {
		s.Meal.Twice, s.Meal.Eaten = false, true // it got no dose: this is asking again
	}
	s.Insulin.ForMeal = p.insulinFor(s)
}

// insulinFor is the insulin that was taken for the meal at hand before it was
// logged: recent boluses, less what the meals logged lately needed of them.
func (p *Person) insulinFor(s *Situation) cleanse.Units {
	from, sum := s.Meal.At.Add(-mealInsulinWithin), 0.0
	for d := range p.window.Doses() {
		if d.Reason != "correction" && !d.At.Before(from) {
			sum += float64(d.Units)
		}
	}
	if sum == 0 {
		return 0
	}
	// A bolus may have come up to as long before its own meal.
	eaten := p.carbsBetween(from.Add(-mealInsulinWithin), s.Meal.At.Add(mealInsulinWithin))
	if s.Meal.Eaten {
		eaten -= s.Meal.Carbs.V
	}
	rx := inForce(s)
	return cleanse.Units(max(0, sum-finite(float64(eaten)/rx.icr)))
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
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
		Exercise:   p.facts.Exercise.exertion(),
		Need:       p.day.need(p.hours(), now),
		Basal:      p.titration(now),
		Advised:    p.advice.standing(now),
		Unheard:    p.unheard(now),
		Modelled:   p.desk.model != nil,
		Calibrated: p.desk.calibrated,
		LowChance:  p.desk.lowChance,
	}
	s.Glucose.SensorStart, s.Glucose.Calibration = p.facts.SensorStart.time(), p.facts.Calibration.time()
	s.Glucose.Arrived, s.Glucose.Present = p.contact.sensor.time(), p.contact.present.time()
	s.Glucose.Behind, s.Glucose.Ahead = p.contact.clock(now), p.contact.aheadBy(now)
	s.Glucose.Sighted = p.contact.sighted()
	s.Glucose.LowAt = later(s.Glucose.LowAt, s.Glucose.Sighted)
	s.Insulin = p.taken(now)
	s.Below = p.desk.below
	p.desk.foresee(p, s)
	return s
}

// lowDay is the share of a day's readings below lowBelow from which basal insulin is
// not raised: the consensus target.
const lowDay = 0.04

// titration is what is known for titrating basal insulin.
func (p *Person) titration(now time.Time) Titration {
	f := &p.facts
	t := Titration{Last: f.BasalAsked.time(), Clinic: f.BasalClinic, Gap: f.longBefore().LongGap.time(), Low: p.day.lows(p.hours(), now) > lowDay}
	for i := range f.Mornings.Done {
		m := &f.Mornings.Done[i]
		t.Fasting = append(t.Fasting, m.mean())
		if m.low() {
			t.Lows++
		}
	}
	return t
}

func (p *Person) taken(now time.Time) Taken {
	perDay, _ := p.window.DailyTotal(now)
	behind := p.contact.clock(now)
	return Taken{
		OnBoard:        p.window.IOBBehind(now, behind),
		Unconfirmed:    p.advice.onBoard(now, p.window.Settings()),
		LastCorrection: later(delayed(p.facts.LastCorrection.time(), behind), p.advice.lastCorrection()),
		Total24:        p.window.Total24(now) + p.advice.unconfirmedSince(now.Add(-24*time.Hour)),
		PerDay:         perDay,
		PerDayShort:    p.window.Total24(now.Add(-perDayLeast)) == 0,
		Long:           p.facts.Long.injection(), LongPrev: p.facts.longBefore().LongPrev.injection(),
		AskedMeal:      p.advice.lately(aboutMissed, now),
		AskedLong:      p.advice.lately(aboutLongLate, now),
		Rescued:        p.facts.Rescued.time(),
		CarbsOnBoard:   p.window.COB(now),
		CarbsJustEaten: p.carbsBetween(now.Add(-carbsWorkIn), now.Add(aheadMost)),
	}
}

// perDayLeast is how far back insulin must be known for its daily mean to stand alone.
const perDayLeast = 5 * 24 * time.Hour

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
	s.Meal = Announced{Carbs: carbs, At: at, UsualMost: p.facts.Portions.most(), Gone: goneOf(s.Now.Sub(at))}
	s.Glucose.Headed = headed(&p.window)
	for m := range p.window.Meals() {
		if carbs.OK && m.Carbs == carbs && at.Sub(m.At).Abs() < mealTwiceWithin {
			s.Meal.Twice = true
		}
	}
	if s.Meal.Twice && p.advice.holds(heldMeal{At: at, Carbs: carbs.V}, s.Now) {
		s.Meal.Twice, s.Meal.Eaten = false, true // it got no dose: this is asking again
	}
	s.Insulin.ForMeal = p.insulinFor(s)
}

// goneOf is how much of a meal is absorbed so long after it was eaten; nothing of one
// that was logged at once.
func goneOf(ago time.Duration) float64 {
	if ago <= FreshFor {
		return 0
	}
	return cents(feature.Absorbed(ago.Minutes()))
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
	// A bolus may have come up to as long before its own meal. A meal that waited may have
	// been followed by others, which had their doses.
	since, until := from.Add(-mealInsulinWithin), s.Meal.At.Add(mealInsulinWithin)
	if s.Meal.Eaten {
		until = later(until, s.Now)
	}
	eaten := p.carbsBetween(since, until) - p.advice.undosed(since, until)
	rx := inForce(s)
	return cleanse.Units(max(0, sum-finite(float64(eaten)/rx.icr)))
}

// delayed is when something really happened that a clock put so much too early.
func delayed(at time.Time, by time.Duration) time.Time {
	if at.IsZero() {
		return at
	}
	return at.Add(by)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

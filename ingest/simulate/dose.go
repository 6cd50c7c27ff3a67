package simulate

import (
	"math"
	"time"
)

// dose is rapid-acting insulin that was taken.
type dose struct {
	At    time.Time
	Units float64
}

// pending is a logged meal that waits for its bolus.
type pending struct {
	Meal  meal
	Since time.Time
}

// forgotten is a meal that was eaten and not logged.
type forgotten struct {
	Meal meal
	At   time.Time
}

const (
	actionMinutes = 360.0 // duration of rapid-acting insulin
	peakMinutes   = 75.0  // its peak
	forgetAfter   = 25 * time.Minute
)

// onBoard is the rapid-acting insulin still to act, by the exponential activity
// curve that Loop and oref0 share, with duration 360 and peak 75 minutes.
func (p *Person) onBoard(t time.Time) float64 {
	var sum float64
	for _, d := range p.d.Doses {
		sum += d.Units * remaining(t.Sub(d.At).Minutes())
	}
	return sum
}

func remaining(minutes float64) float64 {
	if minutes <= 0 {
		return 1
	}
	if minutes >= actionMinutes {
		return 0
	}
	const td, tp = actionMinutes, peakMinutes
	tau := tp * (1 - tp/td) / (1 - 2*tp/td)
	a := 2 * tau / td
	s := 1 / (1 - a + (1+a)*math.Exp(-td/tau))
	return 1 - s*(1-a)*((minutes*minutes/(tau*td*(1-a))-minutes/tau-1)*math.Exp(-minutes/tau)+1)
}

// calculate is the person's own bolus calculator: carbs over the ratio, and the
// distance to the target over the sensitivity, less insulin on board. It knows the
// counted carbs and what the sensor shows, and rounds to what the device delivers.
func (p *Person) calculate(t time.Time, carbs float64) float64 {
	units := carbs / p.therapy.ICR
	if mgdl, ok := p.d.Sensor.latest(t); ok {
		correction := (mgdl - (p.therapy.TargetLow+p.therapy.TargetHigh)/2) / p.therapy.ISF
		if correction > 0 && p.habits.UsesIOB {
			correction = math.Max(0, correction-p.onBoard(t))
		}
		units += correction
	}
	units = math.Min(units, p.therapy.MaxBolus)
	return math.Max(0, math.Floor(units/p.therapy.DoseStep+0.5)*p.therapy.DoseStep)
}

// logMeal announces a meal by the person's own count.
func (p *Person) logMeal(t time.Time, m meal) {
	happened := t
	if m.Late && p.dice.chance("backdate", t, 0.3) {
		happened = p.d.Today.Midnight.Add(time.Duration(m.Minute) * time.Minute)
	}
	p.post(t, p.food(happened, m))
	p.d.Pending = &pending{Meal: m, Since: t}
}

// mealBolus is the dose a person takes for a logged meal when no advice was taken
// for it.
func (p *Person) mealBolus(t time.Time, m meal) {
	if p.isManaged(t) || p.d.Pending == nil || p.d.Pending.Meal.Minute != m.Minute {
		return
	}
	p.d.Pending = nil
	p.bolus(t, p.calculate(t, m.CountedG), "meal")
}

// bolus takes rapid-acting insulin.
func (p *Person) bolus(t time.Time, units float64, reason string) {
	if units <= 0 {
		return
	}
	p.intake.RapidU += units
	kept := p.d.Doses[:0]
	for _, d := range p.d.Doses {
		if t.Sub(d.At).Minutes() < actionMinutes {
			kept = append(kept, d)
		}
	}
	p.d.Doses = append(kept, dose{t, units})
	p.post(t, p.insulin(t, units, reason))
}

func (p *Person) sinceBolus(t time.Time) time.Duration {
	if n := len(p.d.Doses); n > 0 {
		return t.Sub(p.d.Doses[n-1].At)
	}
	return 24 * time.Hour
}

func (p *Person) longDose(t time.Time) {
	units := nearest(p.therapy.BasalPerDay()*p.d.BasalScale, p.therapy.LongStep)
	p.intake.LongU += units
	w := p.insulin(t, units, "basal")
	w.Kind, w.Product = "long", p.long
	p.post(t, w)
}

// react is what a person does about a reading: carbs when low, a correction when
// high for long and the last bolus is a while ago.
func (p *Person) react(t time.Time, mgdl float64) {
	notice := p.habits.Notice
	if p.asleep(t) {
		notice = p.habits.NoticeNight
	}
	switch {
	case mgdl < 70 && t.Sub(p.d.LastRescue) >= 20*time.Minute && p.dice.chance("notice", t, notice):
		p.treat(t, p.cohort.treatG)
		if p.dice.chance("symptoms", t, 0.2) {
			p.note(t, "hypo-symptoms", "shaky")
		}
	case mgdl > p.habits.CorrectFrom && p.wantsCorrection(t):
		p.bolus(t, p.calculate(t, 0), "correction")
	}
}

func (p *Person) wantsCorrection(t time.Time) bool {
	return !p.isManaged(t) && p.cohort.boluses && !p.asleep(t) && p.d.Pending == nil &&
		p.sinceBolus(t).Minutes() > p.habits.CorrectGap &&
		t.Sub(p.d.LastRescue) > time.Hour && p.dice.chance("correct", t, p.habits.Vigilance)
}

// treat takes carbs against a low.
func (p *Person) treat(t time.Time, grams float64) {
	p.d.LastRescue = t
	p.d.Rescues++
	p.snack(t, "rescue", grams)
}

// snack takes fast carbs; most people log them.
func (p *Person) snack(t time.Time, name string, grams float64) {
	p.intake.FastCarbsG += grams
	if p.dice.chance("log-snack", t, 0.75) {
		p.post(t, p.food(t, meal{Name: name, CountedG: grams}))
		return
	}
	p.tell(Truth{Fault: "unannounced", At: t, Real: grams})
}

package simulate

import (
	"math"
	"strings"
	"time"
)

// live lives one minute: what is decided at its beginning enters the body during
// it.
func (p *Person) live() {
	t := p.d.Now
	local := t.In(p.zone)
	if p.d.Today.Midnight.IsZero() || local.Day() != p.d.Today.Midnight.Day() {
		p.plan(t)
	}
	p.intake = Input{}
	p.consider(t)
	for len(p.d.Agenda) > 0 && !p.d.Agenda[0].At.After(t) {
		next := p.d.Agenda[0]
		p.d.Agenda = p.d.Agenda[1:]
		p.act(t, next)
	}
	p.infuse(t, local)
	if p.Reads(t) {
		p.sense(t)
	}
	in := p.surroundings(t, local)
	if p.OnMinute != nil {
		p.OnMinute(t, in)
	}
	p.body.Step(1, in)
	p.d.Now = t.Add(time.Minute)
}

// surroundings completes this minute's intake by what holds anyway.
func (p *Person) surroundings(t time.Time, local time.Time) Input {
	in := p.intake
	minute := float64(local.Hour()*60 + local.Minute())
	in.Sensitivity = p.rhythm.Sensitivity(minute) * p.d.Today.sensitivity(minute)
	in.Liver = p.rhythm.Liver(minute)
	in.Digestion = p.d.Digestion
	if t.Before(p.d.TrainUntil) {
		in.Exercise = p.d.Training
	}
	if p.pump {
		in.BasalUPerMin = p.therapy.Basal[local.Hour()] * p.d.BasalScale / 60
	}
	return in
}

// infuse reports the pump's basal: a segment from each full hour.
func (p *Person) infuse(t, local time.Time) {
	if !p.pump || local.Minute() != 0 {
		return
	}
	w := p.insulin(t, p.therapy.Basal[local.Hour()]*p.d.BasalScale, "basal")
	minutes := 60.0
	w.DurationMin, w.Device = &minutes, "pump-"+strings.TrimPrefix(p.id, "p-")
	p.post(t, w)
}

// intensity is the Input.Exercise of a named intensity.
func intensity(name string) float64 {
	switch name {
	case "light":
		return 0.3
	case "vigorous":
		return 0.75
	}
	return 0.5
}

// act does what was intended.
func (p *Person) act(t time.Time, what intent) {
	switch what.Do {
	case "log":
		p.logMeal(t, *what.Meal)
	case "bolus":
		p.mealBolus(t, *what.Meal)
	case "eat":
		p.eat(t, *what.Meal)
	case "train":
		p.train(t, what)
	case "long":
		p.longDose(t)
	case "stick":
		p.stick(t)
	case "sick":
		p.note(t, "sick", "feeling ill")
	}
}

func (p *Person) train(t time.Time, what intent) {
	p.d.TrainUntil = t.Add(time.Duration(what.Minutes) * time.Minute)
	p.d.Training = intensity(what.Intensity)
	if p.dice.chance("log-training", t, 0.8) {
		w := p.wire(t, "activity", "")
		w.Minutes, w.Intensity = &what.Minutes, what.Intensity
		p.post(t, w)
	}
	if mgdl, ok := p.d.Sensor.latest(t); ok && mgdl < 130 && p.cohort.boluses {
		p.snack(t, "snack", p.cohort.treatG)
	}
}

func (p *Person) note(t time.Time, code, text string) {
	w := p.wire(t, "note", code)
	w.Code, w.Text = code, text
	p.post(t, w)
}

func (p *Person) eat(t time.Time, m meal) {
	p.intake.CarbsG += m.CarbsG
	p.d.Digestion = math.Min(math.Max(m.Digestion, 0.6), 1.8)
	if !m.Logged {
		p.d.Forgotten = &forgotten{m, t}
		p.tell(Truth{Fault: "unannounced", At: t, Real: m.CarbsG})
	}
}

package simulate

import (
	"math"
	"slices"
	"time"
)

// Advice is a recommendation as it reaches a person.
type Advice struct {
	ID     string
	Kind   string  // bolus, correction, carbs, basal, check, hold, Ask or AskMeal
	Units  float64 // of insulin; of basal: the proposed units per day
	CarbsG float64
	At     time.Time // when it was given; stale advice is declined
}

// Advise hands a recommendation to the person. It takes effect at the next minute
// that Advance lives: they take it, change it or decline it by their character, and
// answer with a response event. A bolus is taken for the meal that was logged last
// and not yet dosed for; what they were about to do themselves is then left. The
// same ID heard again, as after a restart of whoever listens, is ignored.
func (p *Person) Advise(a Advice) {
	for _, amount := range []*float64{&a.Units, &a.CarbsG} {
		if math.IsNaN(*amount) || math.IsInf(*amount, 0) {
			*amount = -1 // as implausible, and a snapshot can hold it
		}
	}
	p.d.Inbox = append(p.d.Inbox, a)
}

// consider answers the advice that has arrived.
func (p *Person) consider(t time.Time) {
	if p.d.Pending != nil && t.Sub(p.d.Pending.Since) > forgetAfter {
		p.d.Pending = nil
	}
	inbox := p.d.Inbox
	p.d.Inbox = nil
	for _, a := range inbox {
		if a.ID != "" && slices.Contains(p.d.Heard, a.ID) {
			continue
		}
		p.d.Heard = append(p.d.Heard, a.ID)
		p.d.Heard = p.d.Heard[max(0, len(p.d.Heard)-remembered):]
		p.answer(t, a)
	}
}

const (
	staleAfter = 20 * time.Minute
	remembered = 64 // ids of advice; older advice is stale anyway
)

// Ask is the kind of advice that asks whether the advice of the same ID was taken.
// Who has heard of that advice has answered it already; anybody else says no.
const Ask = "ask"

// AskMeal is the kind of advice that asks whether a meal was forgotten to be logged.
// Who ate one within askedBack logs it then, by their own count and with when they ate.
const AskMeal = "ask-meal"

const askedBack = 2 * time.Hour

// remember logs a meal that was forgotten.
func (p *Person) remember(t time.Time) {
	m := p.d.Forgotten
	if m == nil || p.asleep(t) || t.Sub(m.At) > askedBack {
		return
	}
	p.d.Forgotten = nil
	p.post(t, p.food(m.At, m.Meal))
	p.d.Pending = &pending{Meal: m.Meal, Since: t}
}

func (p *Person) answer(t time.Time, a Advice) {
	switch {
	case a.Kind == "hold" || a.Kind == "":
		return
	case a.Kind == Ask && !p.asleep(t):
		p.respond(t, a, "declined", 0, "not taken")
		return
	case a.Kind == Ask:
		return
	case a.Kind == AskMeal:
		p.remember(t)
		return
	}
	if reason := p.objection(t, a); reason != "" {
		p.respond(t, a, "declined", 0, reason)
		return
	}
	factor, action := p.attitude(a)
	if action == "declined" {
		p.respond(t, a, action, 0, "prefers own judgement")
		return
	}
	p.follow(t, a, action, factor)
}

// objection is why advice can't be taken, or empty.
func (p *Person) objection(t time.Time, a Advice) string {
	amount := a.Units
	if a.Kind == "carbs" {
		amount = a.CarbsG
	}
	rapid := a.Kind == "bolus" || a.Kind == "correction"
	switch {
	case t.Sub(a.At) > staleAfter:
		return "too late"
	case amount < 0 || rapid && amount > 1.5*p.therapy.MaxBolus || a.Kind == "carbs" && amount > 60:
		return "not plausible"
	case rapid && !p.cohort.boluses:
		return "no rapid-acting insulin"
	case p.isManaged(t) && rapid:
		return p.asLongAsAwake(t)
	case a.Kind == "bolus" && p.d.Pending == nil:
		return "already dosed"
	case a.Kind == "correction" && (p.sinceBolus(t) < 30*time.Minute || p.asleep(t)):
		return "not now"
	case a.Kind == "carbs" && t.Sub(p.d.LastRescue) < 12*time.Minute:
		return "just treated"
	case a.Kind == "basal" && math.Abs(a.Units/(p.therapy.BasalPerDay()*p.d.BasalScale)-1) > 0.25:
		return "too large a change"
	}
	return ""
}

// asLongAsAwake is the only objection of somebody who lets a policy decide.
func (p *Person) asLongAsAwake(t time.Time) string {
	if p.asleep(t) {
		return "asleep"
	}
	return ""
}

// attitude is what the person makes of a piece of advice: a factor and an action.
func (p *Person) attitude(a Advice) (float64, string) {
	r := p.dice.at("advice-"+a.ID, a.At)
	u, factor := r.Float64(), 0.8+0.4*r.Float64()
	switch {
	case u < p.habits.Accept || a.Kind == "check" || p.isManaged(a.At):
		return 1, "accepted"
	case u < p.habits.Accept+p.habits.Change:
		return factor, "changed"
	}
	return 1, "declined"
}

// follow does what was advised, times factor.
func (p *Person) follow(t time.Time, a Advice, action string, factor float64) {
	switch a.Kind {
	case "bolus", "correction":
		units := a.Units
		if action == "changed" {
			units = math.Max(0, math.Round(units*factor/p.therapy.DoseStep)*p.therapy.DoseStep)
		}
		reason := "correction"
		if a.Kind == "bolus" {
			reason, p.d.Pending = "meal", nil
		}
		p.bolus(t, units, reason)
		p.respond(t, a, action, units, "")
	case "carbs":
		p.eatAdvised(t, a, action, factor)
	case "basal":
		p.d.BasalScale = a.Units / p.therapy.BasalPerDay()
		p.d.ProfileAt = t
		p.post(t, p.Profile())
		p.respond(t, a, "accepted", a.Units, "")
	case "check":
		p.stick(t)
		p.respond(t, a, "accepted", 0, "")
	}
}

// eatAdvised takes advised carbs and logs them, for the advice asked for it.
func (p *Person) eatAdvised(t time.Time, a Advice, action string, factor float64) {
	grams := a.CarbsG
	if action == "changed" {
		grams = math.Round(grams * factor)
	}
	p.d.LastRescue = t
	p.intake.FastCarbsG += grams
	p.post(t, p.food(t, meal{Name: "rescue", CountedG: grams}))
	w := p.response(t, a, action, "")
	w.CarbsG = &grams
	p.post(t, w)
}

func (p *Person) respond(t time.Time, a Advice, action string, units float64, reason string) {
	w := p.response(t, a, action, reason)
	if action != "declined" && a.Kind != "check" {
		w.Units = &units
	}
	p.post(t, w)
}

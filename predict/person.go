package predict

import (
	"reflect"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// Person folds one patient's events, in log order, and says what is worth saying.
// It is not safe for concurrent use.
type Person struct {
	patient string
	desk    *desk
	window  feature.Window
	facts   facts
	advice  advice
	day     day
	contact contact
	habits  habits

	next     int64  // the offset after that of the newest event folded
	changed  bool   // there is something to remember at once,
	remember uint32 // or by then, in seconds since 1970; 0: there is nothing
	wake     int64  // when the vigil looks at p, in nanoseconds since 1970; 0: never
}

// NewPerson makes a person of whom nothing is known. Without a model (nil) there
// is no forecast, and therefore never any insulin.
func NewPerson(patient string, model *train.Model) *Person {
	return newDesk(model).person(patient)
}

// person is one of whom nothing is known.
func (d *desk) person(patient string) *Person {
	p := d.places.Next()
	*p = Person{patient: patient, desk: d, window: d.room.Window()}
	return p
}

// hours are those of p's day.
func (p *Person) hours() []hour { return p.desk.days.Of(p.day.hours) }

// forget leaves nothing in p's place but the name that a vigil has it by.
func (p *Person) forget() {
	p.free()
	*p = Person{patient: p.patient}
}

// free gives what p takes of its desk's room to others.
func (p *Person) free() {
	p.window.Free()
	p.desk.days.Free(&p.day.hours)
}

// Observe folds e and answers it, if an answer is owed or worth giving. Events
// that were declared history, or were not fresh when the log took them, are folded
// in silence, but for a low that only looks old.
func (p *Person) Observe(e *cleanse.Event) []Recommendation {
	p.desk.noticingAt, p.next = time.Time{}, e.Offset+1
	p.rememberLater(e.Seen)
	p.changed = p.changed || e.Replaces != "" // a replay may not reach back to what it replaces
	r := p.respond(e)
	p.desk.noticed = append(p.desk.noticed, p.notice(e)...)
	return r
}

// respond folds e and answers it.
func (p *Person) respond(e *cleanse.Event) []Recommendation {
	if e.Kind == cleanse.Profile || e.Kind == cleanse.Retraction && e.Replaces == p.facts.ProfileID {
		return p.resettle(e)
	}
	if dropped, changed := p.advice.retract(e.Replaces); changed {
		p.changed = true
		if e.Kind == cleanse.Retraction && e.Seen.Before(dropped.Until) {
			p.fold(e)
			return p.withdraw(dropped.Units, e)
		}
	}
	if e.Kind == cleanse.Retraction && p.dosedLately(e.Seen) {
		p.fold(e)
		return p.withdraw(0, e)
	}
	if e.Kind == cleanse.Meal && e.Replaces != "" {
		// The old meal leaves before the new one is answered.
		p.watch(deletion(e))
	}
	if e.Kind == cleanse.Meal && p.owed(e) {
		// Answered first: the forecast takes the meal as a plan, not as eaten.
		r := p.answer(p.aboutMeal(e), e)
		p.fold(e)
		return r
	}
	p.fold(e)
	if !fresh(e) && !p.showsLow(e) {
		return nil
	}
	switch e.Kind {
	case cleanse.Glucose:
		return p.aboutReading(e)
	case cleanse.Insulin:
		return p.aboutInjection(e)
	}
	return nil
}

// Replay folds e, which was answered. Memory may know its effects, but for those on what is
// rebuilt from the log of Lookback.
func (p *Person) Replay(e *cleanse.Event) {
	if e.Offset < p.next {
		p.again(e)
		return
	}
	p.next = e.Offset + 1
	p.fold(e)
	p.habits.observe(e, p.zone())
	p.rememberLater(e.Seen)
}

// withdraw tells that a dose no longer holds, since its meal was deleted, or warns if
// it was taken and nothing is left that needs it.
func (p *Person) withdraw(dropped cleanse.Units, e *cleanse.Event) []Recommendation {
	s := p.situation(e.Seen)
	s.Ask, s.Withdrawn = AboutWithdrawal, dropped
	return p.answer(s, e)
}

// resettle folds what changes the settings. Insulin that was worked out by others, still
// holds and isn't known to be taken is withdrawn. It counts as taken until the person
// says that it wasn't; a meal that it was for then gets a dose by the new settings.
func (p *Person) resettle(e *cleanse.Event) []Recommendation {
	if !p.fold(e) || p.advice.standing(e.Seen) == (Advised{}) {
		return nil
	}
	s, last := p.situation(e.Seen), p.advice.Last
	s.Ask, s.Unsettled = AboutWithdrawal, Unanswered{last.ID, last.At, last.Units}
	return p.answer(s, e)
}

func sameSettings(a, b *cleanse.Settings) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, y := *a, *b
	zones := name(x.Zone) == name(y.Zone)
	x.Zone, y.Zone = nil, nil
	return zones && reflect.DeepEqual(x, y)
}

// dosedLately tells whether insulin was taken for a meal within the last hour.
func (p *Person) dosedLately(now time.Time) bool {
	for d := range p.window.Doses() {
		if d.Reason == "meal" && now.Sub(d.At) < time.Hour {
			return true
		}
	}
	return false
}

// see shows e to the window, and to what is counted by the reading.
func (p *Person) see(e *cleanse.Event) {
	if slip(e) {
		e = deletion(e)
	}
	p.watch(e)
	if e.Kind == cleanse.Profile {
		p.facts.Mornings.Current = nil // it began by other settings
	}
	if e.Kind == cleanse.Glucose {
		p.feel(e)
		p.rise(e)
	}
}

// again is see of what memory knows: only what it has no room for is taken in.
func (p *Person) again(e *cleanse.Event) {
	if slip(e) {
		e = deletion(e)
	}
	p.desk.noticingAt = time.Time{}
	p.window.Again(e)
	if e.Kind == cleanse.Glucose {
		p.feel(e)
	}
}

// slip tells whether e is a meal that was refused as a slip of the finger: a forecast that
// believes in it would see no low ever again.
func slip(e *cleanse.Event) bool { return e.Kind == cleanse.Meal && e.Meal.Carbs.V > carbsMost }

// deletion is what e does to the event that it replaces, without putting another in its place.
func deletion(e *cleanse.Event) *cleanse.Event {
	return &cleanse.Event{Kind: cleanse.Retraction, Patient: e.Patient, At: e.At, Seen: e.Seen, Replaces: e.Replaces}
}

// feel takes in of a reading what a replay rebuilds.
func (p *Person) feel(e *cleanse.Event) {
	p.day.observe(&p.desk.days, e)
	p.agree(e.At)
	p.contact.observe(e)
}

// watch shows e to the window, whose vector is another one from here on.
func (p *Person) watch(e *cleanse.Event) {
	p.desk.noticingAt = time.Time{}
	p.window.Observe(e)
}

// rise tells the mornings of a reading.
func (p *Person) rise(e *cleanse.Event) {
	s := p.window.Settings()
	if s == nil {
		p.facts.Mornings.Current = nil
		return
	}
	fasting := func() bool {
		insulin, carbs := p.window.IOB(e.At), p.window.COB(e.At)
		return float64(insulin) <= max(0.5, morningInsulin*gentlest(s.BasalPerDay)) && carbs <= morningCarbs
	}
	p.facts.Mornings.observe(e, s.Zone, fasting)
}

// fold takes e in, and tells whether other settings hold since.
func (p *Person) fold(e *cleanse.Event) (resettled bool) {
	if p.facts.observe(e, &p.window) {
		p.changed = true
	}
	if p.advice.observe(e) {
		p.changed = true
	}
	if e.Kind != cleanse.Profile && e.Kind != cleanse.Retraction {
		p.see(e)
		return false
	}
	was := p.window.Settings().Clone()
	p.see(e)
	if sameSettings(was, p.window.Settings()) {
		return false
	}
	p.facts.SettingsAt.raise(e.Seen)
	return true
}

// Advise answers what would be advised now for so many grams of carbs; for none,
// whether anything is to be done. Nothing is recorded, so it has no id.
func (p *Person) Advise(now time.Time, carbs cleanse.Grams) Recommendation {
	if p.desk.stopped != "" {
		return p.refusal(now)
	}
	s := p.situation(now)
	s.Ask = AboutNow
	if carbs != 0 { // also what can't be a meal: the kernel refuses it
		p.announce(s, cleanse.Some(carbs), now)
	}
	p.desk.kernel.weigh(s)
	return p.recommendation(p.desk.kernel.explain(), now)
}

// Forecast is glucose ahead if nothing is done, or nil if no forecast can be made.
func (p *Person) Forecast(now time.Time) []ForecastPoint {
	if !p.desk.meet(p, now) {
		return nil
	}
	f := p.desk.forecast(train.Plan{})
	return points(&f)
}

func (p *Person) aboutMeal(e *cleanse.Event) *Situation {
	s := p.situation(moment(e))
	p.announce(s, e.Meal.Carbs, e.At)
	s.Meal.Rescue, s.Meal.ID = e.Meal.Meal == "rescue", e.ID
	return s
}

func (p *Person) aboutReading(e *cleanse.Event) []Recommendation {
	last, ok := p.window.Last()
	if !ok || e.At.After(last.At.Add(time.Microsecond)) || last.At.After(e.At) {
		return nil // a newer reading has been answered already
	}
	// One dose at a time: while one holds that nobody has answered, the next would take its place.
	if held, ok := p.advice.held(moment(e)); ok && p.advice.standing(moment(e)) == (Advised{}) {
		s := p.situation(moment(e))
		p.announce(s, cleanse.Some(held.Carbs), held.At)
		s.Meal.ID, s.Meal.Rest = held.ID, held.Rest
		if p.desk.kernel.weigh(s); p.desk.kernel.said.Kind == Bolus {
			p.compare(s, e)
			return p.tell(s, e)
		}
	}
	return p.answer(p.situation(moment(e)), e)
}

func (p *Person) aboutInjection(e *cleanse.Event) []Recommendation {
	if e.Insulin.Action != "long" {
		return nil
	}
	s := p.situation(moment(e))
	s.Ask = AboutLong
	return p.answer(s, e)
}

// answer decides, and speaks unless the same was said just now.
func (p *Person) answer(s *Situation, e *cleanse.Event) []Recommendation {
	k := &p.desk.kernel
	k.weigh(s)
	p.compare(s, e)
	if !p.speaks(k) {
		return nil
	}
	return p.tell(s, e)
}

// speaks tells whether what a kernel decided about p is to be said.
func (p *Person) speaks(k *kernel) bool {
	unasked := k.s.Ask == AboutReading || k.s.Ask == AboutSight
	return k.said.Worth && (!unasked || !k.canWait() && p.advice.mayTell(&k.said, k.s.Now))
}

// canWait tells whether nobody is to be woken for what was decided: at night a
// correction waits unless glucose is so high that ketones may be there.
func (k *kernel) canWait() bool {
	return k.said.topic == aboutCorrection && k.bg <= ketonesAbove && k.night(k.s.Now)
}

// tell says what was decided, and remembers it.
func (p *Person) tell(s *Situation, e *cleanse.Event) []Recommendation {
	if p.desk.stopped != "" {
		return p.refuse(s, e)
	}
	k := &p.desk.kernel
	d := k.explain()
	meal := heldMeal{At: s.Meal.At, Carbs: s.Meal.Carbs.V, ID: s.Meal.ID}
	if s.Ask == AboutMeal && d.Kind == Bolus {
		d.meal, d.rest, d.second = meal, k.cutOff(), k.second()
	}
	r := p.recommendation(d, s.Now)
	r.Escalate = p.advice.escalates(&d, s.Now)
	r.ID = identify(p.patient, r.Model, e.Partition, e.Offset)
	p.advice.ask(d.asks, r.ID, s.Now)
	r.Event = EventRef{e.Partition, e.Offset}
	r.Supersedes = p.advice.supersede(&r)
	p.advice.told(&d, &r, s.Glucose.MgdL)
	if d.Kind == Basal {
		p.facts.BasalAsked, p.facts.BasalAdvised = stampOf(s.Now), d.Units
	}
	if s.Ask == AboutMeal && !s.Meal.Rescue {
		p.advice.release(meal.again)
		if k.curable() {
			p.advice.hold(meal)
		}
	}
	p.changed = true
	return []Recommendation{r}
}

func (p *Person) recommendation(d Decision, now time.Time) Recommendation {
	return Recommendation{
		Patient: p.patient, Time: now, Expires: now.Add(expireAfter),
		Kind: d.Kind, Units: d.Units, CarbsG: d.Carbs, Because: d.Because, Alert: d.Alert, Asks: d.asks,
		Components: d.Components, Gates: d.Gates, Forecast: d.Forecast, Model: p.desk.version(),
	}
}

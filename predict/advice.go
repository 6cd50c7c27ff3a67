package predict

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

const (
	// expireAfter is how long advice holds (H16): glucose moves on.
	expireAfter = 10 * time.Minute
	// Insulin logged this long around advice is the advice carried out, as it was
	// or changed.
	takenBefore = 5 * time.Minute
	takenAfter  = 30 * time.Minute
	// forgetAfter is longer than any rapid-acting insulin acts.
	forgetAfter = 24 * time.Hour
)

// advice is what a person was told lately, and what came of it.
type advice struct {
	Open []promise  `json:",omitempty"` // insulin that was advised and is not known to be taken or declined
	Told told       `json:",omitempty"` // when each topic was told last
	Last *promise   `json:",omitempty"` // the last recommendation of all; nil: there was none
	Held *heldMeals `json:",omitempty"` // wait for a reading; nil: none does
	// Declined is when a correction was declined last.
	Declined stamp `json:",omitzero"`
	// Acted is when the person last answered anything, or ate.
	Acted stamp `json:",omitzero"`
}

// promise is insulin that was advised. Until its fate is known it counts as taken
// (H8).
type promise struct {
	ID    string
	At    time.Time
	Until time.Time // expiry
	Kind  Kind
	Units cleanse.Units
	MgdL  cleanse.MgdL  // the glucose that it was based on
	Meal  heldMeal      `json:",omitzero"`  // that it was for, if any
	Rest  cleanse.Units `json:",omitempty"` // what the cap of a bolus cut off it
	// Second is set of the second part of a meal's dose.
	Second bool `json:",omitempty"`
	// Heard is set once the person has answered, or was asked whether they took it.
	Heard bool `json:",omitempty"`
	// Question is the id of the last question about it, in short.
	Question uint32 `json:",omitempty"`
	// Asked is when they were asked, until they answer or are asked once more.
	Asked stamp `json:",omitzero"`
}

// Advice that expired without an answer is asked about: after askAfter, by when whoever
// followed it has logged it, and before askUntil, while the answer still changes what can
// be done. If the question goes unanswered, too, it is asked once more, by day: the dose
// counts as taken (H8), and may hold a correction back for correctionsApart (H7). Chosen in
// the trial (decision 59).
const (
	askAfter = 12 * time.Minute
	askUntil = time.Hour
	askAgain = 30 * time.Minute
)

// unheard is the newest promise that is to be asked about.
func (p *Person) unheard(now time.Time) Unanswered {
	first := func(x *promise) bool {
		age := now.Sub(x.At)
		return !x.Heard && age >= askAfter && age <= askUntil
	}
	again := func(x *promise) bool {
		return x.Asked != 0 && now.Sub(x.Asked.time()) >= askAgain && now.Sub(x.At) <= correctionsApart &&
			nightEnd(now, p.zone()).IsZero()
	}
	if u := p.advice.newest(first); u != (Unanswered{}) {
		return u
	}
	return p.advice.newest(again)
}

// newest is the newest promise of which is holds; zero if there is none.
func (a *advice) newest(is func(*promise) bool) Unanswered {
	for i := len(a.Open) - 1; i >= 0; i-- {
		if p := &a.Open[i]; is(p) {
			return Unanswered{p.ID, p.At, p.Units}
		}
	}
	return Unanswered{}
}

// ask notes that a promise was asked about.
func (a *advice) ask(id, question string, now time.Time) {
	i := a.find(id)
	if i < 0 {
		return
	}
	p := &a.Open[i]
	p.Question = short(question)
	if p.Heard {
		p.Asked = 0 // twice is enough
		return
	}
	p.Heard, p.Asked = true, stampOf(now)
}

func (a *advice) find(id string) int {
	return slices.IndexFunc(a.Open, func(p promise) bool { return p.ID == id })
}

// about is the promise that an answer is about: to itself, or to the question about it, as an
// app may have it that answers whatever it shows.
func (a *advice) about(id string) int {
	if i := a.find(id); i >= 0 || id == "" {
		return i
	}
	return slices.IndexFunc(a.Open, func(p promise) bool { return p.Question == short(id) })
}

// An episode of a low is one as long as it is told again within episodeGap. Told
// more than once, it is told every quietLater only, and from escalateFrom on, if nobody
// answered or ate since, somebody else is to hear of it.
const (
	episodeGap   = 45 * time.Minute
	quietLater   = 30 * time.Minute
	escalateFrom = 1
)

// escalates tells whether d is an alarm that was told before in vain.
func (a *advice) escalates(d *Decision, now time.Time) bool {
	last := a.Told.of(aboutLow)
	return d.topic == aboutLow && last.Times >= escalateFrom && now.Sub(last.At) <= episodeGap && a.Acted.time().Before(last.At)
}

// quiet is how long a topic is not told again, unless it got worse (H21).
var quiet = [topics]time.Duration{
	aboutLow: 15 * time.Minute, aboutPredictedLow: 30 * time.Minute, aboutCorrection: time.Hour,
	aboutKetones: 4 * time.Hour, aboutHigh: 2 * time.Hour, aboutSensor: 3 * time.Hour, aboutMissed: 2 * time.Hour,
	aboutLongLate: longAskUntil,
}

// declinedQuiet is how long a correction is not advised again unasked after one was
// declined: the person has heard.
const declinedQuiet = 2 * time.Hour

// lately is when a topic was told, if it still keeps quiet; else zero.
func (a *advice) lately(about topic, now time.Time) time.Time {
	if at := a.Told.at(about); !at.IsZero() && now.Sub(at) < quiet[about] {
		return at
	}
	return time.Time{}
}

// mayTell tells whether d is news: its topic was not told just now, or a low has
// become urgent since.
func (a *advice) mayTell(d *Decision, now time.Time) bool {
	last := a.Told.of(d.topic)
	if d.topic == aboutCorrection && now.Sub(a.Declined.time()) < declinedQuiet {
		return false
	}
	if d.topic == aboutPredictedLow && now.Sub(a.Told.at(aboutLow)) < quiet[aboutLow] {
		return false // it was told that it is low; carbs are on their way
	}
	pause := quiet[d.topic]
	if d.topic == aboutLow && last.Times > 1 {
		pause = quietLater
	}
	return last.At.IsZero() || now.Sub(last.At) >= pause ||
		d.level < urgentBelow && last.Level >= urgentBelow
}

// until is when what was said last expires; zero if nothing was.
func (a *advice) until() time.Time {
	if a.Last == nil {
		return time.Time{}
	}
	return a.Last.Until
}

// spoke is when anything was said last; zero if nothing was.
func (a *advice) spoke() time.Time {
	if a.Last == nil {
		return time.Time{}
	}
	return a.Last.At
}

// supersede returns the id of earlier advice that r takes the place of, if that
// has not expired.
func (a *advice) supersede(r *Recommendation) string {
	if a.Last == nil || a.Last.ID == "" || !r.Time.Before(a.Last.Until) {
		return ""
	}
	return a.Last.ID
}

// told notes that r was said.
func (a *advice) told(d *Decision, r *Recommendation, basis cleanse.MgdL) {
	times := 1
	if last := a.Told.of(d.topic); d.topic == aboutLow && r.Time.Sub(last.At) <= episodeGap {
		times += last.Times
	}
	a.Told.set(d.topic, said{r.Time, d.level, times})
	if d.ketones {
		a.Told.set(aboutKetones, said{At: r.Time}) // in the same message
	}
	a.Last = &promise{ID: r.ID, At: r.Time, Until: r.Expires, Kind: r.Kind, Units: r.Units, MgdL: basis, Meal: d.meal, Rest: d.rest, Second: d.second}
	a.Open = slices.DeleteFunc(a.Open, func(p promise) bool { return r.Time.Sub(p.At) > forgetAfter })
	if r.Units > 0 && r.Kind != Basal {
		a.Open = append(a.Open, *a.Last)
	}
}

// retract drops what rests on an event that doesn't hold any more: insulin that was
// advised for a meal and is not known to be taken, and a meal that waits. It returns the
// dose that was dropped, and whether anything was.
func (a *advice) retract(id string) (dropped promise, changed bool) {
	if id == "" {
		return promise{}, false
	}
	changed = a.release(func(m heldMeal) bool { return m.ID == id })
	for i := range a.Open {
		if a.Open[i].Meal.ID == id {
			dropped = a.Open[i]
			a.Open = slices.Delete(a.Open, i, i+1)
			return dropped, true
		}
	}
	return promise{}, changed
}

// observe settles promises by what the person logged, and tells whether it did.
func (a *advice) observe(e *cleanse.Event) bool {
	switch e.Kind {
	case cleanse.Meal:
		a.Acted.raise(e.Seen)
	case cleanse.Insulin:
		return a.taken(e)
	case cleanse.Response:
		a.Acted.raise(e.Seen)
		return a.answered(&e.Response, e.At)
	}
	return false
}

// taken drops the newest promise that a logged bolus fits: from now on the log
// tells what was injected. Meals that wait go on waiting then; if it fits none, the
// person has decided by themselves.
func (a *advice) taken(e *cleanse.Event) bool {
	if e.Insulin.Reason == "basal" || e.Insulin.Action != "rapid" && e.Insulin.Action != "short" {
		return false
	}
	for i := len(a.Open) - 1; i >= 0; i-- {
		if after := e.At.Sub(a.Open[i].At); after >= -takenBefore && after <= takenAfter {
			x := a.Open[i]
			a.Open = slices.Delete(a.Open, i, i+1)
			a.await(&x, e.At)
			return true
		}
	}
	return a.release(func(heldMeal) bool { return true })
}

// standing is the last advice, if it is of insulin, unanswered, and still holds.
func (a *advice) standing(now time.Time) Advised {
	if a.Last == nil {
		return Advised{}
	}
	open := slices.ContainsFunc(a.Open, func(p promise) bool { return p.ID == a.Last.ID })
	if !open || !now.Before(a.Last.Until) {
		return Advised{}
	}
	return Advised{a.Last.At, a.Last.MgdL}
}

// answered drops a promise that was declined and changes one that was changed. One
// that was accepted stays, until the insulin itself is logged. A meal whose dose was
// forgotten, as it turns out when asked about, waits for the next reading.
func (a *advice) answered(r *cleanse.Answer, at time.Time) bool {
	i := a.about(r.Recommendation)
	if i < 0 {
		return false
	}
	asked := a.Open[i].Heard
	a.Open[i].Heard, a.Open[i].Asked = true, 0
	switch {
	case r.Action == "declined":
		switch {
		case asked && !a.Open[i].Second:
			a.hold(a.Open[i].Meal)
		case a.Open[i].Kind == Correction:
			a.Declined.raise(at)
		}
		a.Open = slices.Delete(a.Open, i, i+1)
	case r.Units.OK && r.Units.V >= 0:
		a.Open[i].Units = r.Units.V
	}
	return true
}

// onBoard is what would still act of the open promises, had they been taken.
func (a *advice) onBoard(now time.Time, s *cleanse.Settings) (sum cleanse.Units) {
	if len(a.Open) == 0 {
		return 0
	}
	curve := feature.CurveFor("", 0, false)
	if s != nil {
		curve = feature.CurveFor(s.Insulin, s.DIA, classOf(s, now) < adult)
	}
	for _, p := range a.Open {
		sum += p.Units * cleanse.Units(curve.IOB(now.Sub(p.At).Minutes()))
	}
	return sum
}

// unconfirmedSince is the open promises since t, in full.
func (a *advice) unconfirmedSince(t time.Time) (sum cleanse.Units) {
	for _, p := range a.Open {
		if p.At.After(t) {
			sum += p.Units
		}
	}
	return sum
}

// lastCorrection is when the newest open correction was advised.
func (a *advice) lastCorrection() (at time.Time) {
	for _, p := range a.Open {
		if p.Kind == Correction {
			at = later(at, p.At)
		}
	}
	return at
}

// identify is the id of what is said about the event at a log position: the same
// for the same model, however often the log is read.
func identify(patient, model string, partition int32, offset int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%d", patient, model, partition, offset))
	return hex.EncodeToString(sum[:16])
}

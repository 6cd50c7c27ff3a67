package feature

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/slab"
)

// Window is what is remembered of one person. The zero value is ready. It takes a
// few hundred bytes for who logs little and some two thousand for who wears a sensor
// and a pump, and forgets what lies further back than its reach from the newest event.
// A copy shares memory with the original: only one of them may observe, and the other may
// not be looked at any more. It is not safe for concurrent use.
//
// Events may arrive in any order: each is put at its own time, and the window
// then equals one that saw them in order of At, as long as no two events of a
// kind share an instant.
type Window struct {
	newest   micros
	settings slab.List // one, or none; see therapy.keep
	since    micros    // when settings came into force
	profile  id        // whose settings they are
	usual    class     // of the settings' insulin

	room     *Room     // where the lists lie; nil until there is one
	readings slab.List // of samples; each sorted by time
	doses    slab.List // of shots
	meals    slab.List // of plates
	totals   ledger
	level    level

	long       injection
	workout    *bout // nil: none was seen
	calibrated micros
	started    micros // sensor
}

// How many entries of a kind are kept at most: three hours of readings by the grain
// and some of a meter, and more doses and meals than eight hours have.
const (
	mostReadings = 48
	mostDoses    = 48
	mostMeals    = 24
)

// How many readings a window has room for, in steps, before it has for the most.
const (
	meterReadings  = 4
	hourReadings   = 16
	sensorReadings = 40 // three hours by the grain, but for who reports oftener
)

// injection is the newest dose of long-acting insulin.
type injection struct {
	at    micros
	id    id
	units float64
}

// bout is the newest exercise.
type bout struct {
	at        micros
	id        id
	minutes   float64
	intensity float64 // 1 light, 2 moderate, 3 vigorous
}

// Observe folds one event in. Responses change nothing: what was really taken is
// told by the insulin and meal events themselves. What the event replaces leaves the
// window first, as far as it is still remembered by itself: sums of days keep what
// was edited later than the reach of the readings, doses and meals.
func (w *Window) Observe(e *cleanse.Event) { w.observe(e, summed) }

// Again is Observe of an event that the sums of days hold already: see RecallLevel and
// RecallHours.
func (w *Window) Again(e *cleanse.Event) { w.observe(e, listed) }

// Recall is Again for somebody who remembers e and has yet to see what came before and
// after it: the window doesn't move on to its time.
func (w *Window) Recall(e *cleanse.Event) { w.take(e.At.UnixMicro(), e, listed) }

// extent is how far an event is taken in: into the lists alone, or the sums of days, too.
type extent bool

const (
	listed extent = false
	summed extent = true
)

func (w *Window) observe(e *cleanse.Event, as extent) {
	at := e.At.UnixMicro()
	w.forget(e.Replaces, as)
	if e.Kind == cleanse.Retraction {
		return
	}
	w.advance(at)
	w.take(at, e, as)
}

func (w *Window) take(at micros, e *cleanse.Event, as extent) {
	switch e.Kind {
	case cleanse.Glucose:
		w.addReading(at, e, as)
	case cleanse.Insulin:
		w.addInsulin(at, e, as)
	case cleanse.Meal:
		w.addMeal(at, e)
	case cleanse.Profile:
		if w.settings.Len() == 0 || at >= w.since {
			w.lists().settings.keep(&w.settings, e.Profile)
			w.since, w.profile = at, name(e.ID)
			w.usual = 0
			if e.Profile != nil {
				w.usual = classOf(e.Profile.Insulin)
			}
		}
	case cleanse.Activity:
		if w.workout == nil || at >= w.workout.at {
			w.workout = &bout{at, name(e.ID), e.Activity.Duration.Minutes(), intensity(e.Activity.Intensity)}
		}
	case cleanse.Note:
		w.note(at, e.Note.Code)
	}
}

// advance moves the end of the window to at, if that is newer, and forgets what
// falls out at the other end.
func (w *Window) advance(at micros) {
	if at <= w.newest {
		return
	}
	w.newest = at
	if w.room == nil {
		return // nothing is kept
	}
	expire(&w.room.readings, &w.readings, at-span(glucoseReach))
	expire(&w.room.doses, &w.doses, at-span(doseReach))
	expire(&w.room.meals, &w.meals, at-span(mealReach))
}

// within tells whether something at then lies inside a reach of the newest event.
func (w *Window) within(then micros, reach time.Duration) bool {
	return then > w.newest-span(reach)
}

func (w *Window) note(at micros, code string) {
	switch code {
	case "calibration":
		w.calibrated = max(w.calibrated, at)
	case "sensor-start":
		w.started = max(w.started, at)
	}
}

// Settings are the newest therapy settings; nil until a profile was seen, and after it
// was taken back: what came before it may be long out of date. They are there until w
// observes another event, or another window of the same Room is asked for its own: who
// needs them longer takes a Clone.
func (w *Window) Settings() *cleanse.Settings {
	if w.room == nil {
		return nil
	}
	return w.room.settings.look(w.settings)
}

// Newest is the time of the newest event; zero before the first.
func (w *Window) Newest() time.Time {
	if w.newest == 0 {
		return time.Time{}
	}
	return instant(w.newest)
}

func intensity(word string) float64 {
	switch word {
	case "light":
		return 1
	case "vigorous":
		return 3
	}
	return 2
}

// ebb is how present something still is after some minutes: 1 at once, 1/e after
// the scale, 0 for what lies ahead.
func ebb(minutes, scale float64) float64 {
	if minutes < 0 {
		return 0
	}
	return math.Exp(-minutes / scale)
}

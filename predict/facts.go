package predict

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// facts are what happened to a person that gates ask about and the window doesn't
// tell. The times are those at which it happened; newer ones win.
type facts struct {
	ProfileAt      stamp          `json:",omitzero"`
	ProfileID      string         `json:",omitempty"`
	SettingsAt     stamp          `json:",omitzero"` // when the log took those that hold
	Zone           *time.Location `json:"-"`
	ZoneChanged    *move          `json:",omitempty"` // the last large change; nil: there was none
	Long           injected       `json:",omitzero"`
	*LongBefore                   // nil: none was before it
	Exercise       *exerted       `json:",omitempty"`
	SensorStart    stamp          `json:",omitzero"`
	Calibration    stamp          `json:",omitzero"`
	LastCorrection stamp          `json:",omitzero"`
	Rescued        stamp          `json:",omitzero"`
	Portions       portions       `json:",omitempty"`
	Mornings       mornings       `json:",omitzero"`
	BasalAsked     stamp          `json:",omitzero"`  // when another basal dose was advised
	BasalAdvised   cleanse.Units  `json:",omitempty"` // U per day
	BasalClinic    float64        `json:",omitempty"` // U per day, as the clinic set it
}

// LongBefore is what is known of long-acting insulin before its newest dose, of which
// most people have none. It is exported for encoding/json, to which its fields are those
// of facts. One that is kept isn't changed.
type LongBefore struct {
	LongPrev injected `json:",omitzero"`
	LongOld  injected `json:",omitzero"` // the third newest, should one of them not hold
	LongGap  stamp    `json:",omitzero"` // when a dose came that followed a missed one
}

// longBefore is what is known, nothing if nothing is.
func (f *facts) longBefore() LongBefore {
	if f.LongBefore == nil {
		return LongBefore{}
	}
	return *f.LongBefore
}

// keep puts b in the place of what was known.
func (f *facts) keep(b LongBefore) {
	f.LongBefore = nil
	if b != (LongBefore{}) {
		f.LongBefore = &b
	}
}

// injected is an Injection as it is kept.
type injected struct {
	At    stamp
	Units cleanse.Units
	ID    uint32 `json:",omitempty"` // of its event, in short
}

func (i injected) injection() Injection { return Injection{i.At.time(), i.Units} }

// exerted is an Exertion as it is kept.
type exerted struct {
	At        stamp
	Duration  time.Duration
	Intensity string
}

func (x *exerted) exertion() Exertion {
	if x == nil {
		return Exertion{}
	}
	return Exertion{x.At.time(), x.Duration, x.Intensity}
}

// move is when a time zone changed, and which held before. As JSON it is the moment: memory
// has the zone's name elsewhere.
type move struct {
	at   stamp
	from *time.Location
}

// MarshalJSON implements json.Marshaler.
func (m *move) MarshalJSON() ([]byte, error) { return m.at.MarshalJSON() }

// UnmarshalJSON implements json.Unmarshaler.
func (m *move) UnmarshalJSON(text []byte) error { return m.at.UnmarshalJSON(text) }

// observe takes e in, and tells whether it is one to be remembered. The window
// holds what came before e.
func (f *facts) observe(e *cleanse.Event, w *feature.Window) bool {
	if e.Replaces != "" && e.Replaces == f.ProfileID {
		f.ProfileAt, f.ProfileID = 0, ""
	}
	changed := f.forget(e.Replaces)
	switch e.Kind {
	case cleanse.Profile:
		f.profile(e)
	case cleanse.Insulin:
		f.insulin(e, w)
	case cleanse.Activity:
		if at := stampOf(e.At); f.Exercise == nil || at >= f.Exercise.At {
			f.Exercise = &exerted{at, e.Activity.Duration, e.Activity.Intensity}
		}
	case cleanse.Note:
		return f.note(e)
	case cleanse.Meal:
		if e.Meal.Meal != "rescue" {
			return f.Portions.observe(e.Meal.Carbs)
		}
		f.Rescued.raise(e.At)
	default:
		return changed
	}
	return true
}

func (f *facts) profile(e *cleanse.Event) {
	if stampOf(e.At) < f.ProfileAt {
		return
	}
	if f.Zone != nil && apart(f.Zone, e.Profile.Zone, e.At) > zoneChange {
		f.ZoneChanged = &move{stampOf(e.At), f.Zone}
	}
	f.ProfileAt, f.ProfileID, f.Zone = stampOf(e.At), e.ID, e.Profile.Zone
	// A profile with the dose that was advised is the advice carried out; any other is
	// the clinic's.
	if basal := gentlest(e.Profile.BasalPerDay); basal > 0 && (f.BasalClinic == 0 || math.Abs(basal-float64(f.BasalAdvised)) > 0.5) {
		f.BasalClinic = basal
	}
}

// apart is the difference of two zones' clocks at t.
func apart(a, b *time.Location, t time.Time) time.Duration {
	_, east := t.In(a).Zone()
	_, west := t.In(b).Zone()
	return (time.Duration(east-west) * time.Second).Abs()
}

// formerZone is the zone that still counts beside the present one, or nil.
func (f *facts) formerZone(now time.Time) *time.Location {
	if f.ZoneChanged == nil || now.Sub(f.ZoneChanged.at.time()) > zoneDoubt {
		return nil
	}
	return f.ZoneChanged.from
}

func (f *facts) insulin(e *cleanse.Event, w *feature.Window) {
	switch e.Insulin.Action {
	case "long":
		f.long(injected{stampOf(e.At), e.Insulin.Units, short(e.ID)})
	case "rapid", "short":
		if isCorrection(e, w) {
			f.LastCorrection.raise(e.At)
		}
	}
}

// long keeps the three newest injections. The same one told twice is one.
func (f *facts) long(x injected) {
	b := f.longBefore()
	switch {
	case x.At == f.Long.At || x.At == b.LongPrev.At || x.At == b.LongOld.At:
		return
	case x.At > f.Long.At:
		f.Long, b.LongPrev, b.LongOld = x, f.Long, b.LongPrev
		f.gap(&b)
	case x.At > b.LongPrev.At:
		b.LongPrev, b.LongOld = x, b.LongPrev
	case x.At > b.LongOld.At:
		b.LongOld = x
	default:
		return
	}
	f.keep(b)
}

// gap notes it if the newest injection followed a missed one.
func (f *facts) gap(b *LongBefore) {
	if b.LongPrev.At != 0 && f.Long.At.time().Sub(b.LongPrev.At.time()) > longEvery+longLate {
		b.LongGap = f.Long.At
	}
}

// forget drops the injection of an event that another replaces, and tells whether it
// knew it: what was deleted was not taken, and an edit is not a second dose.
func (f *facts) forget(replaced string) bool {
	b := f.longBefore()
	switch old := short(replaced); {
	case old == 0:
		return false
	case f.Long.ID == old:
		if b.LongGap == f.Long.At {
			b.LongGap = 0
		}
		f.Long, b.LongPrev, b.LongOld = b.LongPrev, b.LongOld, injected{}
	case b.LongPrev.ID == old:
		b.LongPrev, b.LongOld = b.LongOld, injected{}
	case b.LongOld.ID == old:
		b.LongOld = injected{}
	default:
		return false
	}
	f.gap(&b)
	f.keep(b)
	return true
}

// short is an event's id in four bytes (FNV-1a); 0 for none.
func short(id string) uint32 {
	if id == "" {
		return 0
	}
	h := uint32(2166136261)
	for i := range len(id) {
		h = (h ^ uint32(id[i])) * 16777619
	}
	return max(h, 1)
}

// isCorrection tells whether a bolus was one: it says so, or it says nothing and
// nothing was eaten around it.
func isCorrection(e *cleanse.Event, w *feature.Window) bool {
	if e.Insulin.Reason != "" {
		return e.Insulin.Reason == "correction"
	}
	for m := range w.Meals() {
		if m.At.Sub(e.At).Abs() < time.Hour {
			return false
		}
	}
	return true
}

func (f *facts) note(e *cleanse.Event) bool {
	switch e.Note.Code {
	case "sensor-start":
		f.SensorStart.raise(e.At)
	case "calibration":
		f.Calibration.raise(e.At)
	default:
		return false
	}
	return true
}

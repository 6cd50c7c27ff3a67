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
	Zone           *time.Location `json:"-"`
	ZoneChanged    *move          `json:",omitempty"` // the last large change; nil: there was none
	Long, LongPrev injected       `json:",omitzero"`
	LongOld        injected       `json:",omitzero"` // the third newest, should one of them not hold
	Exercise       *exerted       `json:",omitempty"`
	SensorStart    stamp          `json:",omitzero"`
	Calibration    stamp          `json:",omitzero"`
	LastCorrection stamp          `json:",omitzero"`
	Rescued        stamp          `json:",omitzero"`
	Portions       portions       `json:",omitempty"`
	LongGap        stamp          `json:",omitzero"` // when a long-acting dose came that followed a missed one
	Mornings       mornings       `json:",omitzero"`
	BasalAsked     stamp          `json:",omitzero"`  // when another basal dose was advised
	BasalAdvised   cleanse.Units  `json:",omitempty"` // U per day
	BasalClinic    float64        `json:",omitempty"` // U per day, as the clinic set it
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
	switch {
	case x.At == f.Long.At || x.At == f.LongPrev.At || x.At == f.LongOld.At:
	case x.At > f.Long.At:
		f.Long, f.LongPrev, f.LongOld = x, f.Long, f.LongPrev
		f.longGap()
	case x.At > f.LongPrev.At:
		f.LongPrev, f.LongOld = x, f.LongPrev
	case x.At > f.LongOld.At:
		f.LongOld = x
	}
}

// longGap notes it if the newest injection followed a missed one.
func (f *facts) longGap() {
	if f.LongPrev.At != 0 && f.Long.At.time().Sub(f.LongPrev.At.time()) > longEvery+longLate {
		f.LongGap = f.Long.At
	}
}

// forget drops the injection of an event that another replaces, and tells whether it
// knew it: what was deleted was not taken, and an edit is not a second dose.
func (f *facts) forget(replaced string) bool {
	switch old := short(replaced); {
	case old == 0:
		return false
	case f.Long.ID == old:
		if f.LongGap == f.Long.At {
			f.LongGap = 0
		}
		f.Long, f.LongPrev, f.LongOld = f.LongPrev, f.LongOld, injected{}
	case f.LongPrev.ID == old:
		f.LongPrev, f.LongOld = f.LongOld, injected{}
	case f.LongOld.ID == old:
		f.LongOld = injected{}
	default:
		return false
	}
	f.longGap()
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

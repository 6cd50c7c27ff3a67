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
	Open []promise    // insulin that was advised and is not known to be taken or declined
	Told [topics]said // when each topic was told last
	Last promise      // the last recommendation of all
	Held heldMeal     // waits for a reading
}

// heldMeal is a meal that insulin was refused for. If a reading or a profile
// removes the reason in time, it gets its dose without being asked about again.
type heldMeal struct {
	At    time.Time
	Carbs cleanse.Grams
}

// heldFor is how long after a meal its dose may still follow.
const heldFor = 30 * time.Minute

func (a *advice) held(now time.Time) (heldMeal, bool) {
	return a.Held, !a.Held.At.IsZero() && now.Sub(a.Held.At) <= heldFor
}

// promise is insulin that was advised. Until its fate is known it counts as taken
// (H8).
type promise struct {
	ID    string
	At    time.Time
	Until time.Time // expiry
	Kind  Kind
	Units cleanse.Units
	MgdL  cleanse.MgdL // the glucose that it was based on
}

// said is when a topic was told, and how bad it was.
type said struct {
	At    time.Time
	Level float64
}

// quiet is how long a topic is not told again, unless it got worse (H21).
var quiet = [topics]time.Duration{
	aboutLow: 15 * time.Minute, aboutPredictedLow: 30 * time.Minute, aboutCorrection: time.Hour,
	aboutKetones: 2 * time.Hour, aboutHigh: 2 * time.Hour, aboutSensor: 2 * time.Hour,
}

// mayTell tells whether d is news: its topic was not told just now, or a low has
// become urgent since.
func (a *advice) mayTell(d *Decision, now time.Time) bool {
	last := a.Told[d.topic]
	if d.topic == aboutPredictedLow && now.Sub(a.Told[aboutLow].At) < quiet[aboutLow] {
		return false // it was told that it is low; carbs are on their way
	}
	return last.At.IsZero() || now.Sub(last.At) >= quiet[d.topic] ||
		d.level < urgentBelow && last.Level >= urgentBelow
}

// supersede returns the id of earlier advice that r takes the place of, if that
// has not expired.
func (a *advice) supersede(r *Recommendation) string {
	if a.Last.ID == "" || !r.Time.Before(a.Last.Until) {
		return ""
	}
	return a.Last.ID
}

// told notes that r was said.
func (a *advice) told(d *Decision, r *Recommendation, basis cleanse.MgdL) {
	a.Told[d.topic] = said{r.Time, d.level}
	a.Last = promise{r.ID, r.Time, r.Expires, r.Kind, r.Units, basis}
	a.Open = slices.DeleteFunc(a.Open, func(p promise) bool { return r.Time.Sub(p.At) > forgetAfter })
	if r.Units > 0 {
		a.Open = append(a.Open, a.Last)
	}
}

// observe settles promises by what the person logged, and tells whether it did.
func (a *advice) observe(e *cleanse.Event) bool {
	switch e.Kind {
	case cleanse.Insulin:
		return a.taken(e)
	case cleanse.Response:
		return a.answered(&e.Response)
	}
	return false
}

// taken drops the newest promise that a logged bolus fits: from now on the log
// tells what was injected.
func (a *advice) taken(e *cleanse.Event) bool {
	if e.Insulin.Reason == "basal" || e.Insulin.Action != "rapid" && e.Insulin.Action != "short" {
		return false
	}
	settled := !a.Held.At.IsZero()
	a.Held = heldMeal{} // the person has decided by themselves
	for i := len(a.Open) - 1; i >= 0; i-- {
		if after := e.At.Sub(a.Open[i].At); after >= -takenBefore && after <= takenAfter {
			a.Open = slices.Delete(a.Open, i, i+1)
			return true
		}
	}
	return settled
}

// standing is the last advice, if it is of insulin, unanswered, and still holds.
func (a *advice) standing(now time.Time) Advised {
	open := slices.ContainsFunc(a.Open, func(p promise) bool { return p.ID == a.Last.ID })
	if !open || !now.Before(a.Last.Until) {
		return Advised{}
	}
	return Advised{a.Last.At, a.Last.MgdL}
}

// answered drops a promise that was declined and changes one that was changed. One
// that was accepted stays, until the insulin itself is logged.
func (a *advice) answered(r *cleanse.Answer) bool {
	i := slices.IndexFunc(a.Open, func(p promise) bool { return p.ID == r.Recommendation })
	if i < 0 {
		return false
	}
	switch {
	case r.Action == "declined":
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

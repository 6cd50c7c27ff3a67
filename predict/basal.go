package predict

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// The rule by which long-acting insulin is titrated: of three fasting mornings, 2 U up
// if their median is above the goal, 10 % down if any of them was low (ADA, Standards
// of Care in Diabetes, section 9, figure on insulin in type 2; the goal is its upper
// end of fasting glucose). 2 U are too much for the small: a step is at most 10 % of
// the dose, as AACE's algorithm has it. Between two steps three days pass, so that the
// insulin has settled.
const (
	basalGoal     = 130.0 // mg/dL
	basalUpMost   = 2.0   // U
	basalShare    = 0.1   // of the dose, either way
	basalEvery    = 3 * 24 * time.Hour
	basalDrift    = 0.3  // of the clinic's dose, either way: beyond it the clinic decides (H14)
	basalPerKg    = 0.5  // U/kg: beyond it more basal insulin is not the answer (ADA: overbasalization)
	basalStep     = 1.0  // U
	basalStepFine = 0.5  // U, for doses below basalFine
	basalFine     = 10.0 // U
)

// Titration is what is known for titrating basal insulin; the zero value knows nothing.
type Titration struct {
	Fasting []float64 // mean glucose of the latest mornings, mg/dL, oldest first
	Lows    int       // mornings of them that were low
	Last    time.Time // when a change was advised; zero if never
	Clinic  float64   // U per day, as the clinic set it
	Gap     time.Time // when a dose was taken that followed a missed one; zero if none was
	Low     bool      // glucose was low within the last day
}

// titrate is the basal dose per day by the rule, and why; not ok if there is nothing
// to change.
func (k *kernel) titrate() (units float64, why string, ok bool) {
	t := &k.s.Basal
	dose := k.basalNow()
	if len(t.Fasting) < morningsKept || math.IsNaN(dose) || !t.Last.IsZero() && k.s.Now.Sub(t.Last) < basalEvery {
		return 0, "", false
	}
	fasting := middle(t.Fasting)
	switch {
	case t.Lows > 0:
		units = dose * (1 - basalShare)
		why = fmt.Sprintf("glucose was low before breakfast on %d of three mornings: 10 %% less than %s U", t.Lows, figure(dose))
	case fasting > basalGoal && !t.Low && k.s.Need >= 1 && !k.longMissed():
		units = dose + min(basalUpMost, basalShare*dose)
		why = fmt.Sprintf("the median of three mornings is %s mg/dL, above %s, and no low: %s U more than %s U",
			figure(math.Round(fasting)), figure(basalGoal), figure(units-dose), figure(dose))
	default:
		return 0, "", false
	}
	return k.basalBounded(dose, units, why)
}

// basalBounded keeps a dose to what the clinic's own leaves room for, in whole steps,
// towards less.
func (k *kernel) basalBounded(dose, units float64, why string) (float64, string, bool) {
	least, most := (1-basalDrift)*k.s.Basal.Clinic, (1+basalDrift)*k.s.Basal.Clinic
	if weight := k.s.Settings.WeightKg; weight > 0 {
		most = min(most, max(basalPerKg*weight, dose))
	}
	step := basalStep
	if dose < basalFine {
		step = basalStepFine
	}
	bounded := math.Floor(min(max(units, least), most)/step+1e-9) * step
	if cmp.Compare(bounded, dose) != cmp.Compare(units, dose) || bounded <= 0 {
		return 0, "", false
	}
	if bounded != units {
		why += fmt.Sprintf(", that is %s U", figure(bounded))
	}
	return bounded, why, true
}

// basalNow is the long-acting insulin per day that the settings give; NaN if none.
func (k *kernel) basalNow() float64 {
	if !k.rx.given || k.s.Settings.Regimen == "pump" {
		return math.NaN()
	}
	return gentlest(k.s.Settings.BasalPerDay)
}

// middle is the median of three.
func middle(x []float64) float64 {
	a, b, c := x[len(x)-3], x[len(x)-2], x[len(x)-1]
	return max(min(a, b), min(max(a, b), c))
}

package predict

import (
	"math"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// Carbs against a low, in grams. 15 at once is the rule of hands (ADA, Standards of
// Care, section 6), or 0.3 g/kg for the small (ISPAD 2022, Abraham MB et al., Pediatr
// Diabetes 23:1322). A low that is only forecast gets no more than that: the next
// reading tells whether it was enough. Packages come in fives.
const (
	rescueUsual   = 15.0
	rescuePerKg   = 0.3
	carbsLeast    = 5.0
	carbsSoonMost = 15.0
	carbsAtOnce   = 20.0
	carbsStep     = 5.0
	// moreLeast is how much insulin on board must need beside that for it to be said: a
	// proposal, a small meal.
	moreLeast = 30.0
	// carbsAhead is the minutes within which a low must be expected for carbs to
	// be advised: people take ten minutes to act, fast carbs another quarter of an hour to
	// work, and further ahead another reading will tell. Chosen in the trial.
	carbsAhead = 60
	// urgentAhead is the minutes within which a glucose below urgentBelow is told
	// although a predicted low was told just now.
	urgentAhead = 20
)

// treatment is how many grams bring glucose from the lowest point ahead back into
// the range: undershoot ÷ rise per gram, rounded up.
func (k *kernel) treatment(least float64) cleanse.Grams {
	k.dose.raw, k.dose.correction, k.dose.meal = 0, 0, 0
	grams := least
	if k.carbsWorkable() {
		bottom, _ := k.soonest(carbsAhead)
		grams = math.Ceil((k.rx.low-math.Round(bottom))/cents(k.rx.csf())/carbsStep-1e-9) * carbsStep
	}
	return cleanse.Grams(min(max(grams, least), carbsAtOnce))
}

// rescueLeast is the least that is taken against a low, in whole packages.
func (k *kernel) rescueLeast() float64 {
	if !k.rx.given || !(k.s.Settings.WeightKg > 0) {
		return rescueUsual
	}
	return min(rescueUsual, math.Ceil(rescuePerKg*k.s.Settings.WeightKg/carbsStep-1e-9)*carbsStep)
}

// carbsWorkable tells whether the settings allow carbs to be worked out.
func (k *kernel) carbsWorkable() bool { return !k.isBlocked("settings") }

// soonest is the lowest glucose from now to so many minutes ahead, and when.
func (k *kernel) soonest(ahead int) (mgdl float64, minutes int) {
	mgdl = k.bg
	if k.s.Forecast == nil {
		return mgdl, 0
	}
	f := k.forecastOf(train.Plan{})
	for h, m := range train.Horizons {
		if x := float64(f.P50[h]) + k.s.Doubt[h]; m <= ahead && x < mgdl {
			mgdl, minutes = x, m
		}
	}
	return mgdl, minutes
}

package predict

import (
	"math"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// Carbs against a low, in grams: 15 at once is the rule of hands, 30 the most that
// is advised at a time, and packages come in fives.
const (
	rescueLeast = 15.0
	carbsLeast  = 5.0
	carbsAtOnce = 30.0
	carbsStep   = 5.0
	// carbsAhead is the minutes within which a low must be expected for carbs to
	// be advised: fast carbs work within a quarter of an hour, and further ahead
	// another reading will tell.
	carbsAhead = 45
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
		if x := float64(f.P50[h]); m <= ahead && x < mgdl {
			mgdl, minutes = x, m
		}
	}
	return mgdl, minutes
}

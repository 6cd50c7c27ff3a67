package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
)

// heldMeal is a meal that insulin was refused for, or whose dose was forgotten. If a
// reading or a profile removes the reason in time, it gets its dose without being asked
// about again.
type heldMeal struct {
	At    time.Time     `json:",omitzero"`
	Carbs cleanse.Grams `json:",omitempty"`
	ID    string        `json:",omitempty"` // of its event
	// Rest is what the cap of a bolus has cut off its dose, once the first part was taken;
	// see secondPartGate.
	Rest  cleanse.Units `json:",omitempty"`
	Dosed stamp         `json:",omitzero"` // when that was
}

// waits tells whether insulin may still follow at a moment.
func (m heldMeal) waits(now time.Time) bool {
	if m.Rest > 0 {
		return now.Sub(m.Dosed.time()) >= secondAfter && now.Sub(m.At) <= secondUntil
	}
	return now.Sub(m.At) <= heldFor
}

// again tells whether m and x are one meal, also if it was logged twice (H12).
func (m heldMeal) again(x heldMeal) bool {
	return m.Carbs == x.Carbs && m.At.Sub(x.At).Abs() < mealTwiceWithin
}

// heldMeals are meals that wait, the one that was made to last first. A list, since nearly
// everybody has none, and as JSON what it was when there could be one only.
type heldMeals struct {
	heldMeal
	Before *heldMeals `json:",omitempty"`
}

const (
	// heldFor is how long after a meal its dose may still follow: as long as a fair part of
	// the carbs is to come, for which alone it then is. Chosen in the trial: who answers that
	// a dose was forgotten does so late.
	heldFor = 90 * time.Minute
	// heldMost is how many meals may wait: more in an hour and a half are no meals.
	heldMost = 4
)

// held is the meal that has waited longest of those that still may.
func (a *advice) held(now time.Time) (oldest heldMeal, ok bool) {
	for h := a.Held; h != nil; h = h.Before {
		if h.waits(now) && (!ok || h.At.Before(oldest.At)) {
			oldest, ok = h.heldMeal, true
		}
	}
	return oldest, ok
}

// holds tells whether a meal, as it is announced, is one that waits.
func (a *advice) holds(m heldMeal, now time.Time) (found bool) {
	for h := a.Held; h != nil; h = h.Before {
		found = found || h.again(m) && h.waits(now)
	}
	return found
}

// hold makes a meal wait, if it is one.
func (a *advice) hold(m heldMeal) {
	if m == (heldMeal{}) {
		return
	}
	kept := 1
	a.release(func(x heldMeal) bool {
		over := x.again(m) || kept == heldMost
		if !over {
			kept++
		}
		return over
	})
	a.Held = &heldMeals{m, a.Held}
}

// release lets meals no longer wait of which is holds, and tells whether there were any.
func (a *advice) release(is func(heldMeal) bool) (released bool) {
	for at := &a.Held; *at != nil; {
		if is((*at).heldMeal) {
			*at, released = (*at).Before, true
			continue
		}
		at = &(*at).Before
	}
	return released
}

// undosed is the carbs of meals in a time that are known to have got no insulin yet: they
// wait, or nobody knows whether what was advised was taken.
func (a *advice) undosed(from, to time.Time) (sum cleanse.Grams) {
	add := func(m heldMeal) {
		if m.At.After(from) && !m.At.After(to) {
			sum += m.Carbs
		}
	}
	for h := a.Held; h != nil; h = h.Before {
		if h.Rest == 0 {
			add(h.heldMeal)
		}
	}
	for i := range a.Open {
		add(a.Open[i].Meal)
	}
	return sum
}

package predict

import "math"

// dose is the formula's working, in units. Every part is rounded to hundredths as
// it arises, so that the printed arithmetic is the arithmetic.
type dose struct {
	meal       float64 // carbs ÷ carb ratio
	raw        float64 // (glucose − target) ÷ sensitivity, outside the target range
	correction float64 // raw, less insulin on board if positive
	spare      float64 // insulin on board beyond what carbs on board need
	given      float64 // taken for this meal already
	scaled     float64 // all together and scaled; never negative
	formula    float64 // that, by the day
	factor     float64 // what the model multiplied it by
}

// cents rounds x to hundredths.
func cents(x float64) float64 { return math.Round(x*100) / 100 }

// work is the simple calculator that LoopKit gives to people on injections: meal
// insulin, and outside the target range a correction to its middle. Insulin on
// board is taken off the correction only and never makes it negative; a glucose
// below the range takes insulin off the meal.
func (k *kernel) work() {
	d := &k.dose
	if k.s.Ask == AboutMeal {
		d.meal = finite(cents(k.toCome() / k.rx.icr))
	}
	if k.blind {
		// What would correct an unknown glucose is there already, if more insulin is
		// on board than carbs on board account for.
		d.spare = cents(max(0, k.iob()-finite(float64(k.s.Insulin.CarbsOnBoard)/k.rx.icr)))
		// A glucose that was below the range is no reason to give more than if it were sure.
		d.correction = -min(max(d.spare, k.short()), d.meal)
		return
	}
	if !k.s.Glucose.OK || k.bg >= k.rx.low && k.bg <= k.high {
		return
	}
	d.raw = finite(cents((k.bg - k.target) / k.rx.isf))
	d.correction = min(d.raw, cents(max(0, d.raw-k.iob())))
	if k.second() {
		d.correction = d.raw // insulin on board is taken off the whole
	}
	if k.noCorrection {
		d.correction = min(d.correction, 0)
	}
}

// short is what a glucose below the range takes off a meal, in units, although it can't
// be trusted; 0 if it wasn't, or is old.
func (k *kernel) short() float64 {
	if !k.s.Glucose.OK || !k.lately(k.s.Glucose.At) || !(k.bg < k.rx.low) {
		return 0
	}
	return finite(cents((k.target - k.bg) / k.rx.isf))
}

// toCome is the grams of the meal that are still to act. Without a glucose that
// shows what was absorbed, all of them count.
func (k *kernel) toCome() float64 {
	carbs := float64(k.s.Meal.Carbs.V)
	if k.blind {
		return carbs
	}
	return cents(carbs * (1 - k.s.Meal.Gone))
}

// total sums the parts up.
func (k *kernel) total() {
	d := &k.dose
	d.scaled = cents(max(0, d.together()) * k.scale)
	d.formula = cents(d.scaled * k.need)
}

// together is the parts of a dose, in units, as they are printed; negative if more was
// taken already.
func (d *dose) together() float64 { return cents(d.meal + d.correction - d.given) }

// finite is x, or 0 where a setting is missing: the settings gate then refuses,
// and the other gates still have a number to judge.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// stepsIn is how many whole steps of the device fit into units: none if that is no
// number.
func (rx *therapy) stepsIn(units float64) int {
	return int(min(max(finite(math.Floor(units/rx.step+1e-9)), 0), 1e6))
}

// units is so many of the device's steps, in units with four decimals at most.
func (rx *therapy) units(steps int) float64 {
	if steps == 0 {
		return 0 // also if the step is no number
	}
	return math.Floor(float64(steps)*rx.step*1e4+1e-6) / 1e4
}

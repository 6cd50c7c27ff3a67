package predict

import (
	"fmt"
	"math"
	"strings"
)

// sum is the formula with its numbers, up to rounding.
func (k *kernel) sum() string {
	d := &k.dose
	var parts []string
	if k.s.Ask == AboutMeal {
		parts = append(parts, k.mealText())
	}
	parts = append(parts, k.correctionText())
	switch {
	case k.second():
		parts = append(parts, fmt.Sprintf("less %s U still active", figure(d.given)))
	case d.given > 0:
		parts = append(parts, fmt.Sprintf("less %s U taken for this meal already", figure(d.given)))
	}
	if d.meal != 0 && d.correction != 0 || d.given > 0 {
		parts = append(parts, "together "+figure(max(0, d.together()))+" U")
	}
	if k.scale != 1 {
		parts = append(parts, fmt.Sprintf("× %s for %s = %s U", figure(k.scale), k.scaledFor(), figure(d.scaled)))
	}
	if k.need != 1 {
		parts = append(parts, fmt.Sprintf("× %s for the last day's glucose = %s U", figure(k.need), figure(d.formula)))
	}
	if d.factor != 1 {
		parts = append(parts, fmt.Sprintf("× %v by the model = %s U", d.factor, figure(d.formula*d.factor)))
	}
	chosen := k.rx.units(k.wanted)
	if figure(d.formula*d.factor) != amount(chosen) {
		parts = append(parts, "rounded down to "+amount(chosen)+" U")
	}
	return strings.Join(parts, "; ")
}

// mealText is the carbs' part with its numbers.
func (k *kernel) mealText() string {
	carbs, toCome := float64(k.s.Meal.Carbs.V), k.toCome()
	text := figure(carbs) + " g"
	if toCome != carbs {
		text += fmt.Sprintf(", eaten %s min ago: %s g to come", figure(math.Round(k.s.Now.Sub(k.s.Meal.At).Minutes())), figure(toCome))
	}
	if k.second() {
		text = "second part for " + text
	}
	return text + fmt.Sprintf(" ÷ %s g/U = %s U", figure(k.rx.icr), figure(k.dose.meal))
}

// correctionText is the correction with its numbers.
func (k *kernel) correctionText() string {
	d := &k.dose
	switch {
	case k.blind && d.correction < 0 && k.short() > d.spare:
		return fmt.Sprintf("no glucose to trust, less (%s − %s) ÷ %s = %s U", figure(k.target), figure(k.bg), figure(k.rx.isf), figure(k.short()))
	case k.blind && d.correction < 0:
		return fmt.Sprintf("no glucose to trust, less %s U still active beyond what carbs need", figure(-d.correction))
	case k.blind:
		return "no glucose to trust, for the carbs alone"
	case !k.s.Glucose.OK:
		return "glucose unknown, no correction"
	case d.raw == 0:
		return fmt.Sprintf("glucose %s is in the range %s–%s, no correction", figure(k.bg), figure(k.rx.low), figure(k.high))
	}
	// A minus sign is as long as a figure: −0.58, not -0.58.
	text := strings.ReplaceAll(fmt.Sprintf("(%s − %s) ÷ %s = %s U", figure(k.bg), figure(k.target), figure(k.rx.isf), figure(d.raw)), "-", "−")
	if d.raw < 0 {
		return text
	}
	left := cents(max(0, d.raw-k.iob()))
	if k.second() {
		left = d.raw
	}
	if k.iob() > 0 && !k.second() {
		text += fmt.Sprintf(", less %s U still active = %s U", figure(k.iob()), figure(left))
	}
	switch {
	case d.correction < left && k.noCorrection:
		text += ", not corrected now"
	case d.correction < left:
		text += fmt.Sprintf(", at most %s U", figure(d.correction))
	}
	return text
}

// scaledFor names what the dose was scaled for.
func (k *kernel) scaledFor() string {
	var why []string
	if k.isReduced("near_low") {
		why = append(why, "glucose below "+figure(nearLowUntil))
	}
	if k.isReduced("exercise") {
		why = append(why, "exercise")
	}
	return strings.Join(why, " and ")
}

// lowered says which gates took the dose further down, and why.
func (k *kernel) lowered() string {
	var text strings.Builder
	steps := k.wanted
	for i := range gates {
		stage := gates[i].rule.Stage
		if stage != "forecast" && stage != "caps" || k.after[i] == steps {
			continue
		}
		steps = k.after[i]
		fmt.Fprintf(&text, "; lowered to %s U: %s", amount(k.rx.units(steps)), k.found[i].words())
	}
	return text.String()
}

func (k *kernel) isReduced(id string) bool { return k.outcomeOf(id) == Reduce }

// isDoubted tells whether a gate doubts the glucose.
func (k *kernel) isDoubted(id string) bool { return k.finding(id).doubt }

func (k *kernel) isBlocked(id string) bool { return k.outcomeOf(id) == Block }

func (k *kernel) outcomeOf(id string) string { return k.finding(id).outcome }

func (k *kernel) finding(id string) *finding {
	for i := range gates {
		if gates[i].rule.ID == id {
			return &k.found[i]
		}
	}
	panic("no gate is called " + id)
}

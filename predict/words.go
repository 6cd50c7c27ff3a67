package predict

import (
	"fmt"
	"strings"
)

// correctionText is the correction with its numbers.
func (k *kernel) correctionText() string {
	d := &k.dose
	switch {
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
	if k.iob() > 0 {
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

func (k *kernel) isBlocked(id string) bool { return k.outcomeOf(id) == Block }

func (k *kernel) outcomeOf(id string) string {
	for i := range gates {
		if gates[i].rule.ID == id {
			return k.found[i].outcome
		}
	}
	panic("no gate is called " + id)
}

package predict

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// guardrail is the range in which a setting may be used for dosing.
type guardrail struct {
	name        string
	least, most float64
}

// The guardrails are Loop's (Guardrail+Settings.swift), far inside what may be
// stored. A step beyond 2 U or a duration of action beyond 10 hours (AAPS's
// HardLimits) is a slip of the finger.
var (
	icrRail    = guardrail{"carb ratio", 2, 150}
	isfRail    = guardrail{"sensitivity", 10, 500}
	targetRail = guardrail{"target", 87, 180}
	stepRail   = guardrail{"dose step", 0.01, 2}
	diaRail    = guardrail{"duration of insulin action (min)", 0, 600}
)

var settingsGate = gate{Rule{
	ID: "settings", Stage: "validate", Hazards: []string{"H14"},
	Says: fmt.Sprintf("no insulin unless the profile gives carb ratio (%v–%v g/U), sensitivity (%v–%v mg/dL per U) and "+
		"target range (%v–%v mg/dL, low not above high), all inside these guardrails; dose step %v–%v U, duration of action at most %v min",
		icrRail.least, icrRail.most, isfRail.least, isfRail.most, targetRail.least, targetRail.most,
		stepRail.least, stepRail.most, diaRail.most),
	Source: "Loop Guardrail+Settings.swift; AAPS HardLimits",
}, func(k *kernel) finding {
	wrong := k.rx.problems(k.s)
	if len(wrong) == 0 {
		return pass("carb ratio %s g/U, sensitivity %s mg/dL per U, target %s mg/dL", k.rx.icr, k.rx.isf, k.rx.mid())
	}
	// The text is no format: it holds no verb that lacks its number.
	return block(strings.ReplaceAll(strings.Join(wrong, "; "), "%", "%%"))
}}

// problems says what a dose can't be worked out for want of.
func (rx *therapy) problems(s *Situation) (wrong []string) {
	if !rx.given {
		return []string{"no profile: carb ratio, sensitivity and target range are needed"}
	}
	for _, setting := range [...]struct {
		value float64
		rail  guardrail
	}{{rx.icr, icrRail}, {rx.isf, isfRail}, {rx.low, targetRail}, {rx.high, targetRail},
		{rx.step, stepRail}, {s.Settings.DIA.Minutes(), diaRail}} {
		if problem := setting.rail.breach(setting.value); problem != "" {
			wrong = append(wrong, problem)
		}
	}
	if rx.low > rx.high {
		wrong = append(wrong, fmt.Sprintf("target range from %s down to %s", figure(rx.low), figure(rx.high)))
	}
	return wrong
}

func (g guardrail) breach(value float64) string {
	switch {
	case math.IsNaN(value):
		return g.name + " is missing"
	case value < g.least || value > g.most:
		return fmt.Sprintf("%s %s is outside %s–%s", g.name, figure(value), figure(g.least), figure(g.most))
	}
	return ""
}

var regimenGate = gate{Rule{
	ID: "regimen", Stage: "validate", Hazards: []string{"H20"},
	Says:   "no rapid-acting insulin for a person whose regimen is basal insulin only",
	Source: "the plan has no such insulin",
}, func(k *kernel) finding {
	if k.rx.given && k.s.Settings.Regimen == "basal" {
		return block("the regimen is basal insulin only: no mealtime or correction insulin is prescribed")
	}
	return pass("the regimen has rapid-acting insulin")
}}

// After a change of more than zoneChange in the offset from UTC it is unclear for
// zoneDoubt which clock the body, and the person's habits, live by (H18).
const (
	zoneChange = 2 * time.Hour
	zoneDoubt  = 24 * time.Hour
)

var timeZoneGate = gate{Rule{
	ID: "time_zone", Stage: "validate", Hazards: []string{"H18"},
	Says: fmt.Sprintf("schedules are read in the person's own zone; for %v h after a change of more than %v h the gentler value of both zones counts",
		zoneDoubt.Hours(), zoneChange.Hours()),
	Source: "proposal, needs clinical sign-off",
}, func(k *kernel) finding {
	if k.s.FormerZone != nil {
		return reduce("the time zone changed lately: the gentler of both zones' settings counts")
	}
	return pass("one time zone")
}}

var ageClassGate = gate{Rule{
	ID: "age_class", Stage: "validate", Hazards: []string{"H20"},
	Says: fmt.Sprintf("one bolus is at most %v U below %v years or where the age is unknown, %v U below %v, %v U for adults, %v U for adults with type 2",
		hardMost[child], teenFrom, hardMost[teen], adultFrom, hardMost[adult], hardMost[resistant]),
	Source: "AAPS HardLimits; the ages are those of ICH E11 (E11(R1), 2017), adults from 18",
}, func(k *kernel) finding {
	switch {
	case !k.rx.given || k.s.Settings.BirthYear == 0:
		return pass("age unknown: a child's limit of %s U", k.rx.hard)
	case k.rx.class == child:
		return pass("child: at most %s U", k.rx.hard)
	case k.rx.class == teen:
		return pass("teenager: at most %s U", k.rx.hard)
	case k.rx.class == resistant:
		return pass("adult with type 2: at most %s U", k.rx.hard)
	}
	return pass("adult: at most %s U", k.rx.hard)
}}

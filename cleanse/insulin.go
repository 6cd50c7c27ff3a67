package cleanse

var (
	unitsLimit    = limit{rule: unitsRange, low: 0, high: 100, unit: "U"}
	durationLimit = limit{rule: durationRange, low: 0, high: 10080, unit: "min"}

	actions = vocabulary{missing: kindMissing, unknown: kindUnknown,
		words: []string{"rapid", "short", "intermediate", "long", "mixed"}}
)

// insulin fills the dose.
func (x *exam) insulin() {
	d := &x.event.Insulin
	v := x.number(fieldUnits, unitsLimit)
	if !x.given(fieldUnits) {
		x.fault(fieldUnits.String(), unitsMissing, "required")
	}
	d.Units = Units(v.V)
	d.Action = x.requiredOneOf(fieldKind, actions)
	d.Reason = x.text(fieldReason)
	d.Product = x.text(fieldProduct)
	d.Duration = minutes(x.number(fieldDuration, durationLimit).V)
}

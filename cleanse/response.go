package cleanse

var answers = vocabulary{missing: actionMissing, unknown: actionUnknown,
	words: []string{"accepted", "changed", "declined"}}

// response fills what the person did about a recommendation. One that was changed
// must say to what: whoever counts insulin on board needs the dose.
func (x *exam) response() {
	r := &x.event.Response
	r.Recommendation = x.required(fieldRecommendation, recommendationMissing)
	r.Action = x.requiredOneOf(fieldAction, answers)
	v := x.number(fieldUnits, unitsLimit)
	r.Units = Opt[Units]{Units(v.V), v.OK}
	r.Carbs = x.grams(fieldCarbs, carbsLimit)
	r.Reason = x.text(fieldReason)
	if r.Action == "changed" && !x.given(fieldUnits) && !x.given(fieldCarbs) {
		x.fault(fieldUnits.String(), amountMissing, "changed to what? units or carbs_g is required")
	}
}

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

var (
	minutesLimit = limit{rule: minutesRange, low: 0, high: 10080, unit: "min"}
	intensities  = vocabulary{unknown: intensityUnknown, words: []string{"light", "moderate", "vigorous"}}
)

// activity fills the exercise.
func (x *exam) activity() {
	a := &x.event.Activity
	if !x.given(fieldMinutes) {
		x.fault(fieldMinutes.String(), minutesMissing, "required")
	}
	a.Duration = minutes(x.number(fieldMinutes, minutesLimit).V)
	a.Intensity = x.oneOf(fieldIntensity, intensities)
}

// note fills the remark.
func (x *exam) note() {
	n := &x.event.Note
	n.Code = x.text(fieldCode)
	n.Text = x.prose(fieldText)
	blank := func(f field) bool { return !x.given(f) || x.isEmpty(f) }
	if blank(fieldCode) && blank(fieldText) {
		x.fault(fieldText.String(), noteEmpty, "a code or a text is required")
	}
}

// prose is text that may be longer than a name.
func (x *exam) prose(f field) string {
	t := x.fields[f]
	if t.form != plainText && t.form != text {
		return x.text(f)
	}
	return x.short(f, x.unquote(t), maxText)
}

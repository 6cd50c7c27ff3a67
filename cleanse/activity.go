package cleanse

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

package cleanse

// fieldSet has a bit for each field.
type fieldSet uint64

func setOf(fields ...field) (s fieldSet) {
	for _, f := range fields {
		s |= 1 << f
	}
	return s
}

// commonFields belong to every event, fieldsOf to one of a kind.
var (
	commonFields = setOf(fieldType, fieldID, fieldPatient, fieldTime, fieldDevice, fieldSource, fieldBackfill, fieldDefect, fieldReplaces)
	fieldsOf     = [...]fieldSet{
		Glucose: setOf(fieldValue, fieldUnit, fieldTrend),
		Meal:    setOf(fieldCarbs, fieldKcal, fieldProtein, fieldFat, fieldFibre, fieldMeal, fieldSize),
		Insulin: setOf(fieldUnits, fieldKind, fieldReason, fieldProduct, fieldDuration),
		Profile: setOf(fieldBirthYear, fieldWeight, fieldDiabetes, fieldRegimen, fieldICR, fieldISF, fieldTargetLow,
			fieldTargetHigh, fieldBasal, fieldMaxBolus, fieldDoseStep, fieldInsulin, fieldDIA, fieldTimezone),
		Response:   setOf(fieldRecommendation, fieldAction, fieldUnits, fieldCarbs, fieldReason),
		Activity:   setOf(fieldMinutes, fieldIntensity),
		Note:       setOf(fieldCode, fieldText),
		Retraction: 0,
	}
)

// extra keeps the members that this kind of event doesn't have. Few messages have
// any, so they are looked for by reading the object once more.
func (x *exam) extra() {
	own := commonFields | fieldsOf[x.event.Kind]
	if len(x.reasons) > 0 || x.strange == nil && fieldSet(x.seen)&^own == 0 {
		return
	}
	kept := []byte{'{'}
	p := parser{text: x.parser.text}
	p.space()
	w := walk{p: &p, depth: 1, close: '}'}
	for w.next() {
		f := fieldOf(x.name(w.key))
		if f != stranger && (own&(1<<f) != 0 || w.value.form == absent) {
			continue
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		kept = append(kept, x.whole(w.key)...)
		kept = append(kept, ':')
		kept = append(kept, x.whole(w.value)...)
	}
	if len(kept) == 1 {
		return
	}
	x.event.Extra = string(append(kept, '}'))
	x.flags |= hasUnknown
}

// whole is the text of t, of a string with its quotes.
func (p *parser) whole(t token) []byte {
	if t.form == plainText || t.form == text {
		return p.text[t.from-1 : t.to+1]
	}
	return p.of(t)
}

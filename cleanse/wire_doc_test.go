package cleanse

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fieldDocs are the fields' JSON type and what they say.
var fieldDocs = [fieldCount]struct{ form, says string }{
	fieldType:           {"string", "what happened; the tables below have the fields of each"},
	fieldID:             {"string", "the sender's own id of the event: a retry with the same id is known as one, and an edit or delete can name it"},
	fieldPatient:        {"string", "whose event it is; also the key of the message"},
	fieldTime:           {"string", "when it happened: RFC 3339 with the offset from UTC; up to microseconds count"},
	fieldDevice:         {"string", "the sensor, pump, meter or app that reports it; rules over a sensor's readings go by it"},
	fieldSource:         {"string", "of glucose, what measured it: cgm, fingerstick or lab; of others, free"},
	fieldBackfill:       {"boolean", "declared history: fills the lake, is never late, and never causes advice"},
	fieldReplaces:       {"string", "the id of an earlier event of the patient that this one stands in for: an edit is the whole corrected event under a new id"},
	fieldDefect:         {"string", "what the reader of a foreign format found impossible; quarantines the event"},
	fieldValue:          {"number, or LOW or HIGH of a cgm", "glucose, in `unit`"},
	fieldUnit:           {"string", "mg/dL or mmol/L; never guessed"},
	fieldTrend:          {"string", "the sensor's arrow"},
	fieldCarbs:          {"number", "carbohydrate eaten, g; of a response, taken instead"},
	fieldKcal:           {"number", "energy, kcal"},
	fieldProtein:        {"number", "protein, g"},
	fieldFat:            {"number", "fat, g"},
	fieldFibre:          {"number", "fibre, g"},
	fieldMeal:           {"string", "breakfast, lunch, dinner, snack or rescue"},
	fieldSize:           {"string", "of a meal without grams: usual, more or less"},
	fieldUnits:          {"number", "insulin, international units; of a response, taken instead"},
	fieldKind:           {"string", "how the insulin acts"},
	fieldReason:         {"string", "of a dose: meal, correction or basal; of a response: why it was declined or changed"},
	fieldProduct:        {"string", "lispro, aspart, glargine, …"},
	fieldDuration:       {"number", "delivered evenly over so many minutes from `time`; absent: at once"},
	fieldBirthYear:      {"number", "year of birth"},
	fieldWeight:         {"number", "body mass, kg"},
	fieldDiabetes:       {"string", "type1 or type2"},
	fieldRegimen:        {"string", "pens, pump or basal insulin only"},
	fieldICR:            {"number or schedule", "carbohydrate that one unit covers, g/U"},
	fieldISF:            {"number or schedule", "fall of glucose by one unit, mg/dL per U"},
	fieldTargetLow:      {"number or schedule", "lower end of the target, mg/dL"},
	fieldTargetHigh:     {"number or schedule", "upper end of the target, mg/dL"},
	fieldBasal:          {"number or schedule", "basal insulin, U a day"},
	fieldMaxBolus:       {"number", "largest bolus allowed, U"},
	fieldDoseStep:       {"number", "smallest step that the pen or pump delivers, U"},
	fieldInsulin:        {"string", "rapid-acting product"},
	fieldDIA:            {"number", "duration of insulin action, minutes"},
	fieldTimezone:       {"string", "IANA zone of the schedules; UTC if absent"},
	fieldRecommendation: {"string", "id of the recommendation that is answered"},
	fieldAction:         {"string", "accepted, changed or declined"},
	fieldMinutes:        {"number", "how long the activity took"},
	fieldIntensity:      {"string", "light, moderate or vigorous"},
	fieldCode:           {"string", "what was observed: hypo-symptoms, sensor-start, calibration, ketones, …"},
	fieldText:           {"string", "in the sender's words"},
}

const wireHead = `# The wire event

This page is generated from the code: ` + "`go test ./cleanse -update`" + ` rewrites it, and a test fails where it differs.

An event is one JSON object, one message of the topic ` + "`events`" + ` and keyed by the patient, so that one patient's events are read in
one order. (Producers must partition by murmur2, as Java clients do.) Units are required where there are two, never guessed. null is the
same as absent. Members that are not listed here, or belong to another kind of event, are kept in the lake's column ` + "`extra`" + `.

A schedule is a list of steps ` + "`[{\"start\":\"06:00\",\"value\":9}, …]`" + ` in the patient's timezone; the last holds until the first of the next day.

An **edit** is the whole corrected event with a new id and ` + "`replaces`" + ` = the old one's id. A **delete** is an event of type retraction.
Nothing is changed in place: the lake keeps both, and its views leave out what was replaced.

What a field must hold is in the column *rules*; [rules.md](rules.md) says what each checks and what happens otherwise.

## Other encodings

With ` + "`--schema-registry URL`" + ` a message may be Avro, Protobuf or JSON Schema in Confluent's wire format: a zero byte, the id of the schema
(4 bytes, big endian), Protobuf's message index, the body. No JSON begins with a zero byte, so both may stand in one topic. The schemas are in
` + "[infra/kafka/schemas](../infra/kafka/schemas)" + `, versions 1 and 2, each BACKWARD compatible; yours may have more fields, which are kept in
` + "`extra`" + `. Their fields are those of this page, but for schedules (` + "`icr_g_per_u_schedule`" + ` stands in for ` + "`icr_g_per_u`" + `, and so on) and a sensor's limit
(` + "`special`" + `: low or high, in place of value). A message whose schema the registry doesn't have, or that isn't of it, is quarantined as
it is (rule payload_undecoded); while the registry doesn't answer, the job waits.
`

// examples are events of each kind, as the tests know them.
var examples = []string{"glucose", "meal", "insulin", "profile", "response", "activity", "note", "retraction"}

func TestTheWirePageIsWhatTheFieldsAre(t *testing.T) {
	for f := stranger + 1; f < fieldCount; f++ {
		if fieldDocs[f].says == "" || fieldDocs[f].form == "" {
			t.Errorf("nothing is said of %s", f)
		}
	}
	var b bytes.Buffer
	b.WriteString(wireHead)
	fmt.Fprintf(&b, "\n## Every event\n\n")
	writeFields(&b, "", commonFields)
	for i, word := range kinds.words {
		fmt.Fprintf(&b, "\n## %s\n\n    %s\n\n", word, strings.ReplaceAll(valid[examples[i]], `,"`, `, "`))
		if own := fieldsOf[i+1]; own != 0 {
			writeFields(&b, word, own)
		}
	}
	golden(t, "../docs/wire.md", b.Bytes())
}

func writeFields(b *bytes.Buffer, kind string, fields fieldSet) {
	b.WriteString("| field | type | meaning | rules |\n|---|---|---|---|\n")
	for f := stranger + 1; f < fieldCount; f++ {
		if fields&(1<<f) != 0 {
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", f, fieldDocs[f].form, fieldDocs[f].says, strings.Join(rulesOf(kind, f), ", "))
		}
	}
}

// rulesOf are the rules that look at a field of a kind of event, or of any if kind is
// empty.
func rulesOf(kind string, f field) (found []string) {
	for _, r := range Rules() {
		applies, names := "", r.Applies
		if before, after, ok := strings.Cut(r.Applies, ": "); ok {
			applies, names = before, after
		}
		if !slices.Contains(strings.Split(names, ", "), f.String()) || kind != "" && applies != "" && !slices.Contains(strings.Split(applies, ", "), kind) {
			continue
		}
		found = append(found, "`"+r.ID+"`")
	}
	return found
}

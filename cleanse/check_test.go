package cleanse

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/ingest"
)

func TestFieldsAreThoseOfTheWire(t *testing.T) {
	wire := reflect.TypeFor[ingest.Wire]()
	var want []string
	for i := range wire.NumField() {
		name, _, _ := strings.Cut(wire.Field(i).Tag.Get("json"), ",")
		want = append(want, name)
	}
	if got := fieldNames[stranger+1:]; !slices.Equal(got, want) {
		t.Errorf("fields %q, want those of ingest.Wire: %q", got, want)
	}
	for _, name := range want {
		if fieldOf([]byte(name)).String() != name {
			t.Errorf("field %q isn't found by its name", name)
		}
	}
}

// at is a time on the fixtures' day.
func at(hour, minute int) time.Time {
	return time.Date(2026, 11, 21, hour, minute, 0, 0, time.UTC)
}

func TestWhatAnEventHolds(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]Event{
		"glucose": {Kind: Glucose, At: at(8, 5), Device: "g7-8842", Source: "cgm", Glucose: GlucoseReading{MgdL: 143, Trend: "flat"}},
		"molar":   {Kind: Glucose, At: at(8, 5), Source: "cgm", Glucose: GlucoseReading{MgdL: 7.9 * MgdLPerMmolL}},
		"meal": {Kind: Meal, At: at(8, 10), Meal: MealEntry{Carbs: Some(Grams(45)), Kcal: Some(520.0), Protein: Some(Grams(20)),
			Fat: Some(Grams(18)), Fibre: Some(Grams(4)), Meal: "breakfast"}},
		"sized":   {Kind: Meal, At: at(8, 10), Meal: MealEntry{Size: "usual"}},
		"insulin": {Kind: Insulin, At: at(8, 11), Insulin: InsulinDose{4.5, "rapid", "meal", "lispro", 30 * time.Minute}},
		"profile": {Kind: Profile, At: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Profile: &Settings{
			BirthYear: 1984, WeightKg: 72, Diabetes: "type1", Regimen: "mdi", ICR: Schedule{{0, 12}, {360, 9}}, ISF: Schedule{{0, 45}},
			TargetLow: Schedule{{0, 100}}, TargetHigh: Schedule{{0, 120}}, BasalPerDay: Schedule{{0, 18}},
			MaxBolus: 10, DoseStep: 0.5, Insulin: "lispro", DIA: 6 * time.Hour, Zone: berlin}},
		"response": {Kind: Response, At: at(8, 11), Response: Answer{"r-1", "changed", Some(Units(4.5)), Some(Grams(10)), "exercise"}},
		"activity": {Kind: Activity, At: at(8, 0), Activity: Exercise{30 * time.Minute, "moderate"}},
		"note":     {Kind: Note, At: at(8, 0), Note: Remark{"hypo-symptoms", "shaky"}},
	}
	for base, want := range tests {
		want.Patient, want.Seen, want.Partition, want.Offset = "p-0007", seen, 3, 12345
		if got := accepted(t, record(valid[base])); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", base, got, want)
		}
	}
}

// What is allowed must not be quarantined.
func TestAccepted(t *testing.T) {
	tests := []struct{ base, old, new string }{
		{"glucose", "mg/dL", "mg/dl"}, {"molar", "mmol/L", "mmol/l"}, {"molar", "7.9", "1.2"}, {"molar", "7.9", "30"},
		{"fingerstick", "143", "19"}, {"fingerstick", "143", "1000"}, {"fingerstick", "143", "30.0"},
		{"glucose", "143", "1.43e2"}, {"glucose", `"flat"`, `"flat","battery":{"v":[1.5,null,true,"\u00e9"]}`},
		{"glucose", `"flat"`, `"flat","units":"mg/dL","minutes":"5"`}, // other kinds' fields are strangers here
		{"glucose", `"flat"`, `"flat","id":null`}, {"glucose", `"flat"`, `"flat","defect":""`},
		{"glucose", `"type"`, `"\u0074ype"`}, {"glucose", `{"type"`, " \t\r\n{ \"type\" "},
		{"glucose", "08:05:00Z", "08:20:00Z"}, {"glucose", "08:05:00Z", "10:05:00.5+02:00"}, {"glucose", "T08:05:00Z", " 08:05:00z"},
		{"glucose", "2026-11-21T08:05:00Z", `2026-11-20T23:05:00-09:00`},
		{"meal", "45", "0"}, {"meal", "45", "1000"}, {"sized", `"usual"`, `"less","carbs_g":null`},
		{"insulin", "4.5", "0"}, {"insulin", "4.5", "100"}, {"insulin", `,"duration_min":30`, ``}, {"insulin", "meal", "because"},
		{"profile", "1984", "2026"}, {"profile", `,"timezone":"Europe/Berlin"`, ``}, {"profile", "100", "120"},
		{"response", `"units":4.5,`, ``}, {"response", `"changed","units":4.5,"carbs_g":10`, `"declined"`},
		{"activity", `,"intensity":"moderate"`, ``}, {"note", `"code":"hypo-symptoms",`, ``}, {"note", `,"text":"shaky"`, ``},
		{"note", "shaky", strings.Repeat("é", maxText)},
	}
	for _, test := range tests {
		v := Check(record(mutated(t, test.base, test.old, test.new)))
		if v.Outcome != Accepted && v.Outcome != Late {
			t.Errorf("%s with %.60s for %s: %+v", test.base, test.new, test.old, v.Reasons)
		}
	}
}

func TestEveryReasonIsCollected(t *testing.T) {
	v := Check(record(`{"type":"insulin","patient":"p-9","time":"yesterday","units":"4","duration_min":-1,"units":5}`))
	var got []string
	for _, r := range v.Reasons {
		got = append(got, r.Field+" "+r.Code)
	}
	want := []string{"units duplicate_key", "patient patient_not_key", "time time_unparseable", "units field_type", "kind kind_missing", "duration_min duration_range"}
	if !slices.Equal(got, want) {
		t.Errorf("reasons %q, want %q", got, want)
	}
	if !reflect.DeepEqual(v.Event, Event{}) {
		t.Errorf("a quarantined record gave the event %+v", v.Event)
	}
}

func TestReasonsAreBounded(t *testing.T) {
	for _, payload := range []string{
		mutated(t, "profile", `[{"start":"00:00","value":12},{"start":"06:00","value":9}]`, "["+strings.Repeat("1,", 200_000)+"1]"),
		mutated(t, "note", `"shaky"`, `"shaky"`+strings.Repeat(`,"a":1`, 100_000)),
	} {
		if v := Check(record(payload)); len(v.Reasons) != maxReasons {
			t.Errorf("%d reasons, want %d", len(v.Reasons), maxReasons)
		}
	}
}

func TestManyStrangersStandOnce(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		b.WriteString(`,"x` + strings.Repeat("y", i%40) + string(rune('a'+i/40)) + `":1`)
	}
	accepted(t, record(mutated(t, "note", `"shaky"`, `"shaky"`+b.String())))
	v := Check(record(mutated(t, "note", `"shaky"`, `"shaky"`+b.String()+`,"xyc":2`)))
	if len(v.Reasons) != 1 || v.Reasons[0].Code != duplicateKey {
		t.Errorf("reasons %+v, want %s", v.Reasons, duplicateKey)
	}
}

func TestTimesHaveTheLakesResolution(t *testing.T) {
	rec := record(mutated(t, "glucose", "08:05:00Z", "09:05:00.123456789+01:00"))
	rec.Seen = rec.Seen.Add(999 * time.Nanosecond).In(time.FixedZone("", 3600))
	e := accepted(t, rec)
	if want := at(8, 5).Add(123456 * time.Microsecond); e.At != want || e.Seen != seen {
		t.Errorf("at %v, seen %v; want %v and %v", e.At, e.Seen, want, seen)
	}
}

func TestLeapYears(t *testing.T) {
	for year, want := range map[string]shape{"1999": impossible, "2000": wellFormed, "2024": wellFormed, "2100": impossible} {
		if _, got := parseMoment([]byte(year + "-02-29T00:00:00Z")); got != want {
			t.Errorf("29 February %s: %d, want %d", year, got, want)
		}
	}
}

func TestTheVerdictSharesNoMemoryWithTheRecord(t *testing.T) {
	rec := record(valid["glucose"])
	v, want := Check(rec), Check(record(valid["glucose"]))
	for i := range rec.Value {
		rec.Value[i] = 'x'
	}
	if !reflect.DeepEqual(v, want) {
		t.Errorf("the verdict changed with the record: %+v", v)
	}
}

func TestMinusZeroIsZero(t *testing.T) {
	for _, text := range []string{"-0", "-0.0", "-0e5", "-1e-400"} {
		e := accepted(t, record(mutated(t, "meal", "45", text)))
		if math.Signbit(float64(e.Meal.Carbs.V)) {
			t.Errorf("%s g is %v", text, e.Meal.Carbs.V)
		}
	}
}

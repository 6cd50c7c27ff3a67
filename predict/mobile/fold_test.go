package mobile

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

const settings = `"type":"profile","birth_year":1984,"weight_kg":72,"diabetes":"type1","regimen":"mdi","icr_g_per_u":10,` +
	`"isf_mgdl_per_u":45,"target_low_mgdl":100,"target_high_mgdl":120,"basal_u_per_day":18,"max_bolus_u":10,"dose_step_u":0.5,` +
	`"insulin":"lispro","dia_min":360,"timezone":"Europe/Berlin"`

// steady tells an hour of readings that end at morning.
func (w *ward) steady() {
	for m := -60; m <= 0; m += 5 {
		w.glucose(time.Duration(m)*time.Minute, 150)
	}
}

func TestAdviceAndForecastAreTheScorers(t *testing.T) {
	w := newWard(t)
	scorer := predict.NewScorer(train.Prior())
	twin, cleaner := predict.NewPerson(person, train.Prior()), cleanse.New()
	w.also = func(rec ingest.Record) {
		scorer.Apply(rec)
		v := cleaner.Clean(rec)
		twin.Observe(&v.Event)
	}
	w.tell(person, -24*time.Hour, settings)
	w.steady()
	w.tell(person, time.Second, `"type":"insulin","units":1.5,"kind":"rapid","reason":"correction"`)
	w.tell(person, 2*time.Second, `"type":"meal","carbs_g":30`)
	w.set(time.Minute)

	var here predict.Recommendation
	w.ask("POST", "/v1/patients/"+person+"/advice", `{"carbs_g":45}`, &here)
	there, _ := scorer.Advise(person, morning.Add(time.Minute), 45)
	if a, b := text(t, here), text(t, there); a != b || len(here.Gates) == 0 || len(here.Forecast) == 0 {
		t.Errorf("the page advises\n%s\nthe scorer\n%s", a, b)
	}
	c, _ := w.chart(person)
	ahead, want := c.forecast(), twin.Forecast(morning.Add(time.Minute))
	if len(want) == 0 || !reflect.DeepEqual(ahead.Points, want) {
		t.Errorf("the page forecasts\n%v\nthe scorer\n%v", ahead.Points, want)
	}
}

// TestALowByAClockAheadIsKnownToThePage: what it advises is the scorer's, who holds insulin
// back; the reading isn't drawn.
func TestALowByAClockAheadIsKnownToThePage(t *testing.T) {
	w := newWard(t)
	scorer := predict.NewScorer(train.Prior())
	w.also = func(rec ingest.Record) { scorer.Apply(rec) }
	w.tell(person, -24*time.Hour, settings)
	w.steady()
	c, _ := w.chart(person)
	drawn := len(c.glucose)
	rec := ingest.Record{Topic: "events", Partition: 3, Offset: 1000, Seen: morning.Add(time.Minute), Key: []byte(person),
		Value: fmt.Appendf(nil, `{"type":"glucose","patient":%q,"time":%q,"value":60,"unit":"mg/dL","source":"cgm"}`, person, morning.Add(time.Hour).Format(time.RFC3339))}
	w.Observe(rec)
	w.also(rec)
	w.set(2 * time.Minute)

	var here predict.Recommendation
	w.ask("POST", "/v1/patients/"+person+"/advice", `{"carbs_g":45}`, &here)
	there, _ := scorer.Advise(person, morning.Add(2*time.Minute), 45)
	if a, b := text(t, here), text(t, there); a != b || here.Kind != predict.Check {
		t.Errorf("the page advises\n%s\nthe scorer\n%s", a, b)
	}
	if got := len(c.glucose); got != drawn {
		t.Errorf("%d readings are drawn, want %d", got, drawn)
	}
}

func text(t *testing.T, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSettingsThatAreRememberedLaterAreTaken: the page may begin to read before the scorer
// has got through the past, and then knew of nobody's profile. One that it saw itself stays.
func TestSettingsThatAreRememberedLaterAreTaken(t *testing.T) {
	first := newWard(t)
	first.tell(person, -30*24*time.Hour, settings)
	c, _ := first.chart(person)
	memory := ingest.Record{Key: []byte(person), Value: c.person.Memory()}

	own := strings.Replace(settings, `"icr_g_per_u":10`, `"icr_g_per_u":15`, 1)
	for name, want := range map[string]float64{"no profile": 4.5, "one of its own": 3} {
		w := newWard(t)
		if name == "one of its own" {
			w.tell(person, -2*time.Hour, own)
		}
		w.steady()
		w.SetReady()
		for range 2 {
			if err := w.Informed(memory); err != nil {
				t.Fatal(err)
			}
		}
		var r predict.Recommendation
		w.ask("POST", "/v1/patients/"+person+"/advice", `{"carbs_g":45}`, &r)
		if float64(r.Components.MealU) != want || r.Units == 0 {
			t.Errorf("%s: 45 g are %v U (%s), want %v", name, r.Components.MealU, r.Because, want)
		}
		if here, _ := w.chart(person); len(here.glucose) != 13 {
			t.Errorf("%s: %d readings are left", name, len(here.glucose))
		}
	}
	w := newWard(t) // before anything came of them it is memory like any other
	if err := w.Informed(memory); err != nil {
		t.Fatal(err)
	}
	if c, ok := w.chart(person); !ok || !c.remembered {
		t.Error("what comes before the events isn't remembered")
	}
	w.steady()
	if err := w.Informed(memory); err != nil {
		t.Fatal(err)
	}
	if c, _ := w.chart(person); len(c.glucose) != 13 || c.person.Advise(morning, 45).Units == 0 {
		t.Error("the same memory again makes the past forgotten")
	}
	w = newWard(t)
	w.SetReady()
	if err := w.Informed(memory); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.chart(person); ok {
		t.Error("somebody of whom nothing came has a page")
	}
}

func TestPersonIsRememberedFromBeforeTheLogThatIsRead(t *testing.T) {
	first := newWard(t)
	first.tell(person, -30*24*time.Hour, settings)
	c, _ := first.chart(person)
	memory := c.person.Memory()

	w := newWard(t)
	if err := w.Remembered(ingest.Record{Key: []byte(person), Value: memory}); err != nil {
		t.Fatal(err)
	}
	w.steady()
	w.SetReady()
	var r predict.Recommendation
	w.ask("POST", "/v1/patients/"+person+"/advice", `{"carbs_g":45}`, &r)
	if r.Components.MealU != 4.5 {
		t.Errorf("45 g at the remembered 10 g/U are %v U (%s)", r.Components.MealU, r.Because)
	}
	var list struct{ Patients []Summary }
	if w.ask("GET", "/v1/patients", "", &list); list.Patients[0].Zone != "Europe/Berlin" {
		t.Errorf("time zone %q", list.Patients[0].Zone)
	}
}

// Memory holds what the replayed part of the log did too; counted twice, yesterday's
// insulin would be double. What comes afterwards is new to both.
func TestRememberedPersonIsTheOneWhoSawEverything(t *testing.T) {
	scorer := predict.NewScorer(train.Prior())
	var log []ingest.Record
	first := newWard(t)
	first.also = func(rec ingest.Record) {
		scorer.Apply(rec)
		log = append(log, rec)
	}
	first.tell(person, -30*24*time.Hour, settings)
	for h := -72; h < 0; h += 6 {
		first.tell(person, time.Duration(h)*time.Hour, `"type":"insulin","units":5,"kind":"rapid","reason":"meal"`)
	}
	first.steady()
	memory := scorer.Memory(person)

	w := newWard(t)
	if err := w.Remembered(ingest.Record{Key: []byte(person), Value: memory}); err != nil {
		t.Fatal(err)
	}
	for _, rec := range log {
		if !rec.Seen.Before(morning.Add(-predict.Lookback)) {
			w.Observe(rec)
		}
	}
	w.SetReady()
	w.offset, w.also = first.offset, func(rec ingest.Record) { scorer.Apply(rec) }
	w.tell(person, time.Second, `"type":"activity","minutes":30,"intensity":"moderate"`)
	w.set(5 * time.Minute)

	var here predict.Recommendation
	w.ask("POST", "/v1/patients/"+person+"/advice", `{"carbs_g":45}`, &here)
	there, _ := scorer.Advise(person, morning.Add(5*time.Minute), 45)
	if a, b := text(t, here), text(t, there); a != b {
		t.Errorf("remembered:\n%s\nwho saw everything:\n%s", a, b)
	}
}

func TestMemoryDoesNotUndoWhatTheLogTold(t *testing.T) {
	w := newWard(t)
	stranger := predict.NewPerson(person, nil).Memory()
	w.tell(person, -24*time.Hour, settings)
	w.steady()
	if err := w.Remembered(ingest.Record{Key: []byte(person), Value: stranger}); err != nil {
		t.Fatal(err)
	}
	var r predict.Recommendation
	if got := w.ask("POST", "/v1/patients/"+person+"/advice", `{"carbs_g":45}`, &r); got != http.StatusOK || r.Components.MealU != 4.5 {
		t.Errorf("status %d, meal part %v U", got, r.Components.MealU)
	}
}

func TestGarbledMemoryIsAnError(t *testing.T) {
	w := newWard(t)
	if err := w.Remembered(ingest.Record{Key: []byte(person), Value: []byte("{")}); err == nil {
		t.Error("no error")
	}
	if err := w.Remembered(ingest.Record{Key: []byte("gone")}); err != nil {
		t.Errorf("a tombstone: %v", err)
	}
	if _, ok := w.chart("gone"); ok {
		t.Error("a forgotten person is shown")
	}
}

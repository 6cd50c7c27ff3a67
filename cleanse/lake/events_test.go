package lake_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/lake"
	"github.com/titrate/titrate/ingest"
)

// rich are messages that fill every field of every kind.
var rich = []string{
	`{"type":"profile",%s,"birth_year":1984,"weight_kg":72.3,"diabetes":"type1","regimen":"mdi","icr_g_per_u":[{"start":"06:00","value":9.1},{"start":"11:30","value":12}],"isf_mgdl_per_u":45,"target_low_mgdl":100,"target_high_mgdl":[{"start":"00:00","value":120},{"start":"22:00","value":140}],"basal_u_per_day":18.25,"max_bolus_u":10,"dose_step_u":0.05,"insulin":"lispro","dia_min":361,"timezone":"Europe/Berlin"}`,
	`{"type":"profile",%s,"birth_year":1991}`,
	`{"type":"glucose",%s,"value":7.7,"unit":"mmol/L","source":"cgm","device":"g7-8842","trend":"flat"}`,
	`{"type":"glucose",%s,"value":143,"unit":"mg/dL","source":"fingerstick"}`,
	`{"type":"glucose",%s,"value":39,"unit":"mg/dL","source":"cgm","trend":"doubleDown"}`,
	`{"type":"meal",%s,"carbs_g":45.5,"kcal":520,"protein_g":0,"fat_g":18.1,"fibre_g":3,"meal":"breakfast"}`,
	`{"type":"meal",%s,"size":"more"}`,
	`{"type":"insulin",%s,"units":4.05,"kind":"rapid","reason":"meal","product":"lispro"}`,
	`{"type":"insulin",%s,"units":0.333333,"kind":"rapid","reason":"basal","duration_min":7.1}`,
	`{"type":"response",%s,"recommendation":"r-1","action":"changed","units":0}`,
	`{"type":"response",%s,"recommendation":"r-2","action":"declined","reason":"not eating"}`,
	`{"type":"activity",%s,"minutes":30.2,"intensity":"moderate"}`,
	`{"type":"note",%s,"code":"sensor-start","text":"left arm"}`,
	`{"type":"meal",%s,"carbs_g":40,"replaces":"m-0","brand":{"name":"é"},"units":1}`,
	`{"type":"retraction",%s,"replaces":"m-1"}`,
}

// richLog is a log of people who live through all of rich, over several days.
func richLog(p ingest.Partition, people, days int) *log {
	l := &log{Partition: p}
	for d := range days {
		for i, form := range rich {
			for person := range people {
				patient := fmt.Sprintf("a-patient-with-a-long-name-%d-%02d", p.Number, person)
				at := epoch.AddDate(0, 0, d).Add(time.Duration(i)*time.Minute + 123456*time.Microsecond)
				head := fmt.Sprintf(`"patient":%q,"time":%q`, patient, at.Format(time.RFC3339Nano))
				if i%3 == 2 {
					head += fmt.Sprintf(`,"id":"m-%d"`, len(l.records))
				}
				l.records = append(l.records, ingest.Record{
					Topic: p.Topic, Partition: p.Number, Offset: int64(len(l.records)), Seen: at.Add(time.Second),
					Key: []byte(patient), Value: fmt.Appendf(nil, form, head),
				})
			}
		}
	}
	return l
}

// accepted are the events of logs by person, as a cleaner gives them.
func accepted(t *testing.T, logs ...*log) map[string][]cleanse.Event {
	t.Helper()
	events := map[string][]cleanse.Event{}
	for _, l := range logs {
		cleaner := cleanse.New()
		for _, rec := range l.records {
			v := cleaner.Clean(rec)
			if v.Outcome != cleanse.Accepted && v.Outcome != cleanse.Late {
				t.Fatalf("%s: %v", rec.Value, v.Reasons)
			}
			events[v.Event.Patient] = append(events[v.Event.Patient], v.Event)
		}
	}
	return events
}

func readEvents(t *testing.T, b lake.Bucket, o lake.EventOptions) (people []string, events map[string][]cleanse.Event) {
	t.Helper()
	events = map[string][]cleanse.Event{}
	err := lake.Events(context.Background(), b, o, func(patient string, own []cleanse.Event) error {
		people = append(people, patient)
		events[patient] = slices.Clone(own)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return people, events
}

func TestEventsComeBackAsTheyWere(t *testing.T) {
	logs := []*log{richLog(topic("A", 0), 7, 4), richLog(topic("A", 1), 3, 9)}
	b := newMemory()
	drain(t, b, lake.WriterOptions{RotateRows: 100}, 33, logs...)
	want := accepted(t, logs...)
	for _, atOnce := range []int{0, 1, 100} {
		people, got := readEvents(t, b, lake.EventOptions{AtOnce: atOnce})
		if !slices.IsSorted(people) || len(people) != 10 {
			t.Errorf("at once %d: people %q", atOnce, people)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("at once %d: events differ: %s", atOnce, difference(got, want))
		}
	}
}

func difference(got, want map[string][]cleanse.Event) string {
	for patient, events := range want {
		if len(got[patient]) != len(events) {
			return fmt.Sprintf("%s has %d events, want %d", patient, len(got[patient]), len(events))
		}
		for i, e := range events {
			if g := got[patient][i]; !reflect.DeepEqual(g, e) {
				return fmt.Sprintf("\n got %+v %+v\nwant %+v %+v", g, g.Profile, e, e.Profile)
			}
		}
	}
	return "more people than there should be"
}

func TestEventsWithinBounds(t *testing.T) {
	l := richLog(topic("A", 0), 5, 6)
	b := newMemory()
	drain(t, b, lake.WriterOptions{RotateRows: 100}, 33, l)
	all := accepted(t, l)
	patient := "a-patient-with-a-long-name-0-03"
	first, second := all[patient][5].At, all[patient][40].At
	for _, o := range []lake.EventOptions{
		{Since: first},
		{Until: second},
		{Since: first, Until: second},
		{Since: first.Add(time.Nanosecond), Until: second.Add(time.Nanosecond)},
		{Patients: []string{patient, "nobody"}},
		{Patients: []string{}},
		{Since: second, Until: first},
		{Patients: []string{patient}, Since: first, Until: second, AtOnce: 1},
	} {
		want := map[string][]cleanse.Event{}
		for who, events := range all {
			for _, e := range events {
				inTime := !e.At.Before(o.Since) && (o.Until.IsZero() || e.At.Before(o.Until))
				if inTime && (o.Patients == nil || slices.Contains(o.Patients, who)) {
					want[who] = append(want[who], e)
				}
			}
		}
		if _, got := readEvents(t, b, o); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v: %s", o, difference(got, want))
		}
	}
}

func TestEventsOfTopicMadeAnewComeAfter(t *testing.T) {
	old, young := richLog(topic("Z", 0), 1, 2), richLog(topic("A", 0), 1, 2)
	for i := range young.records {
		young.records[i].Seen = young.records[i].Seen.AddDate(0, 0, 10)
	}
	b := newMemory()
	drain(t, b, lake.WriterOptions{AcceptGap: true}, 10, old, young)
	_, got := readEvents(t, b, lake.EventOptions{})
	if want := accepted(t, old, young); !reflect.DeepEqual(got, want) {
		t.Error(difference(got, want))
	}
}

// TestNumbersKeepTheirBits puts odd values through rows, not through cleansing,
// which would reject them.
func TestNumbersKeepTheirBits(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	odd := []float64{math.Copysign(0, -1), 5e-324, math.MaxFloat64, 0.1, 1.0 / 3}
	for range 200 {
		odd = append(odd, math.Float64frombits(random.Uint64()&^(1<<62)))
	}
	for _, v := range odd {
		if got := lake.ThroughRows(v); math.Float64bits(got) != math.Float64bits(v) {
			t.Errorf("%x came back as %x", v, got)
		}
	}
	for range 10_000 {
		d := time.Duration(random.Int64N(int64(24 * time.Hour)))
		if got := lake.DurationThroughRows(d); got != d {
			t.Fatalf("%d ns came back as %d", d, got)
		}
	}
}

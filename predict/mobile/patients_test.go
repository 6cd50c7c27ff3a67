package mobile

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/predict"
)

func TestPatientsShowsWhoNeedsAttention(t *testing.T) {
	w := newWard(t)
	w.tell("p-0009", -time.Minute, `"type":"meal","carbs_g":20`)
	w.glucose(-10*time.Minute, 80)
	w.glucose(-5*time.Minute, 74)
	w.glucose(0, 68)
	w.advise("a", 0, nil)

	var got struct{ Patients []Summary }
	w.ask("GET", "/v1/patients", "", &got)
	if len(got.Patients) != 2 || got.Patients[0].ID != person || got.Patients[1].Last != nil {
		t.Fatalf("patients: %+v", got.Patients)
	}
	p := got.Patients[0]
	if p.Last.MgdL != 68 || p.Last.Trend != "fortyFiveDown" {
		t.Errorf("last reading: %+v", p.Last)
	}
	if p.Advice == nil || p.Advice.ID != "a" || p.Alert == nil || p.Alert.Code != "low" {
		t.Errorf("advice %+v, alert %+v", p.Advice, p.Alert)
	}
	if !p.Simulated || p.Speed != 60 || !p.Now.Equal(morning) {
		t.Errorf("simulated %v ×%v at %v", p.Simulated, p.Speed, p.Now)
	}
}

func TestGlucoseIsInOrderAndSinceAsAsked(t *testing.T) {
	w := newWard(t)
	for _, minute := range []time.Duration{-20, -5, -15, -10} { // -15 and -10 arrive late
		w.glucose(minute*time.Minute, 100-float64(minute))
	}
	w.tell(person, 0, `"type":"meal","carbs_g":45`)
	w.tell(person, 0, `"type":"insulin","units":4.5,"kind":"rapid","reason":"meal"`)

	var all, some History
	w.ask("GET", "/v1/patients/"+person+"/glucose", "", &all)
	w.ask("GET", "/v1/patients/"+person+"/glucose?since=2026-11-21T07:50:00Z", "", &some)
	want := []cleanse.MgdL{120, 115, 110, 105}
	for i, r := range all.Glucose {
		if r.MgdL != want[i] {
			t.Errorf("reading %d is %v, want %v", i, r.MgdL, want[i])
		}
	}
	if len(all.Glucose) != 4 || len(some.Glucose) != 2 || len(some.Meals) != 1 || len(some.Insulin) != 1 {
		t.Errorf("all %+v, since 07:50 %+v", all, some)
	}
	if m := all.Meals[0]; m.CarbsG != 45 || m.Event != (predict.EventRef{Partition: 3, Offset: 5}) {
		t.Errorf("meal %+v", m)
	}
	w.refused("GET", "/v1/patients/"+person+"/glucose?since=yesterday", "", http.StatusBadRequest, "yesterday", "RFC 3339")
}

func TestRefusedEventsAreNotShown(t *testing.T) {
	w := newWard(t)
	w.glucose(0, 143)
	w.tell(person, 0, `"type":"glucose","value":7.9`) // no unit
	w.tell("p-0666", 0, `"type":"nonsense"`)
	var got History
	w.ask("GET", "/v1/patients/"+person+"/glucose", "", &got)
	if len(got.Glucose) != 1 {
		t.Errorf("readings: %+v", got.Glucose)
	}
	w.refused("GET", "/v1/patients/p-0666/glucose", "", http.StatusNotFound)
}

func TestADayIsKeptAndNoMoreThanFits(t *testing.T) {
	var points []Reading
	for i := range 3 * maxPoints {
		points = insert(points, Reading{Time: morning.Add(time.Duration(i) * time.Second)})
	}
	if len(points) != maxPoints {
		t.Errorf("%d points of a sensor that doesn't stop, want %d", len(points), maxPoints)
	}
	points = insert(points, Reading{Time: morning.Add(25 * time.Hour)})
	if !points[0].Time.After(morning.Add(time.Hour - time.Second)) {
		t.Errorf("oldest is %v", points[0].Time)
	}
}

func TestTrendIsTheSensorsOrTheSlope(t *testing.T) {
	at := func(minutes int, mgdl cleanse.MgdL) Reading {
		return Reading{Time: morning.Add(time.Duration(minutes) * time.Minute), MgdL: mgdl}
	}
	said := at(10, 100)
	said.Trend = "flat"
	for _, c := range []struct {
		name     string
		readings []Reading
		want     string
	}{
		{"one reading", []Reading{at(0, 100)}, ""},
		{"too near", []Reading{at(0, 100), at(5, 120)}, ""},
		{"a gap", []Reading{at(0, 100), at(40, 200)}, ""},
		{"flat", []Reading{at(0, 100), at(5, 101), at(10, 102)}, "flat"},
		{"rising", []Reading{at(0, 100), at(5, 115), at(15, 137)}, "singleUp"},
		{"falling fast", []Reading{at(0, 200), at(10, 160)}, "doubleDown"},
		{"what the sensor said", []Reading{at(0, 200), said}, "flat"},
	} {
		if got := trend(c.readings); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAlertOncePerEpisode(t *testing.T) {
	w := newWard(t)
	var codes []string
	for i, mgdl := range []float64{100, 68, 66, 53, 60, 75, 80, 251, 252, 200} {
		w.glucose(time.Duration(5*i)*time.Minute, mgdl)
	}
	c, _ := w.chart(person)
	for _, m := range c.feed.ring {
		if m.event == "alert" {
			codes = append(codes, between(string(m.data), `"code":"`, `"`))
		}
	}
	want := "[low urgent_low low clear high clear]"
	if got := fmt.Sprint(codes); got != want {
		t.Errorf("alerts %s, want %s", got, want)
	}
}

func TestOlderProfileDoesNotMoveSomebody(t *testing.T) {
	w := newWard(t)
	for _, zone := range []struct {
		after time.Duration
		name  string
	}{{-time.Hour, "Europe/Berlin"}, {-48 * time.Hour, "Asia/Tokyo"}} {
		w.tell(person, zone.after, fmt.Sprintf(`"type":"profile","diabetes":"type1","timezone":%q`, zone.name))
	}
	c, ok := w.chart(person)
	if !ok || c.zone != "Europe/Berlin" {
		t.Errorf("zone %q", c.zone)
	}
}

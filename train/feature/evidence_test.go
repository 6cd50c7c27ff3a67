package feature

import (
	"math"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
)

func dosed(minutes float64, units cleanse.Units) cleanse.Event {
	return at(minutes, cleanse.Event{Kind: cleanse.Insulin, Insulin: cleanse.InsulinDose{Units: units, Action: "rapid"}})
}

func settled(isf, icr float64) cleanse.Event {
	return at(-600, cleanse.Event{Kind: cleanse.Profile, Profile: &cleanse.Settings{
		ISF: cleanse.Schedule{{Value: isf}}, ICR: cleanse.Schedule{{Value: icr}}, DIA: 6 * time.Hour, Zone: time.UTC}})
}

// TestLastHour: what came of an hour, and what insulin and carbs say of it by the settings.
func TestLastHour(t *testing.T) {
	hour := trace(5, 150, 150, 150, 150, 150, 150, 150, 150, 150, 150, 150, 150, 140)
	with := func(more ...cleanse.Event) *Window { return observe(append(more, hour...)...) }
	if _, _, ok := observe(hour[1:]...).LastHour(); ok {
		t.Error("55 minutes are an hour")
	}
	if changed, explained, ok := with().LastHour(); !ok || changed != -10 || explained != 0 {
		t.Errorf("nothing logged: %v, %v, %v", changed, explained, ok)
	}
	if _, _, ok := with(dosed(-90, 2)).LastHour(); ok {
		t.Error("without settings nobody knows what insulin does")
	}
	w := with(settled(50, 10), dosed(-90, 2))
	acted := float64(w.IOB(monday.Add(-time.Hour)) - w.IOB(monday))
	if changed, explained, ok := w.LastHour(); !ok || changed != -10 || math.Abs(explained+50*acted) > 1e-9 || acted < 0.5 {
		t.Errorf("2 U, of which %v acted: %v, %v, %v", acted, changed, explained, ok)
	}
	w = with(settled(50, 10), at(-90, meals(40)))
	eaten := float64(w.COB(monday.Add(-time.Hour)) - w.COB(monday))
	if _, explained, ok := w.LastHour(); !ok || math.Abs(explained-5*eaten) > 1e-9 || eaten < 5 {
		t.Errorf("40 g, of which %v were absorbed: %v, %v", eaten, explained, ok)
	}
	if _, _, ok := observe(append([]cleanse.Event{settled(50, 10)}, meter(hour)...)...).LastHour(); ok {
		t.Error("a meter's readings say what a sensor's would")
	}
}

// TestPace: a sensor that measures each quarter of an hour has a pace where it has no trend.
func TestPace(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []cleanse.Event
		want   float64
		ok     bool
	}{
		{"nothing", nil, 0, false},
		{"one reading", trace(15, 100), 0, false},
		{"two", trace(15, 115, 100), -1, true},
		{"each five minutes", trace(5, 130, 120, 110, 100), -2, true},
		{"each half hour", trace(30, 130, 100), 0, false},
		{"by meter", meter(trace(15, 115, 100)), 0, false},
		{"calibrated", append(trace(15, 115, 100), note(-5, "calibration")), 0, false},
	} {
		if got, ok := observe(c.events...).Pace(); ok != c.ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, %v; want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

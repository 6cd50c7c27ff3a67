package predict

import (
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// usualMornings are three above the goal, of somebody on 18 U whom the clinic gave 18.
func usualMornings() Situation {
	s := usualReading()
	set(&s, 120)
	s.Basal = Titration{Fasting: []float64{150, 140, 160}, Clinic: 18}
	s.Need = 1
	return s
}

// TestBasal: the published rule, one change a row.
func TestBasal(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Situation)
		kind   Kind
		units  cleanse.Units
	}{
		"above the goal":                {func(*Situation) {}, Basal, 19},
		"30 U a day":                    {func(s *Situation) { dosed(s, 30); s.Settings.WeightKg = 90 }, Basal, 32},
		"8 U a day":                     {func(s *Situation) { dosed(s, 8) }, Basal, 8.5},
		"at the goal":                   {func(s *Situation) { s.Basal.Fasting = []float64{150, 130, 110} }, Hold, 0},
		"two mornings":                  {func(s *Situation) { s.Basal.Fasting = s.Basal.Fasting[:2] }, Hold, 0},
		"changed less than 3 days ago":  {func(s *Situation) { s.Basal.Last = noon.Add(-72*time.Hour + time.Minute) }, Hold, 0},
		"changed 3 days ago":            {func(s *Situation) { s.Basal.Last = noon.Add(-72 * time.Hour) }, Basal, 19},
		"low within a day":              {func(s *Situation) { s.Basal.Low = true }, Hold, 0},
		"the day asks for less":         {func(s *Situation) { s.Need = 0.95 }, Hold, 0},
		"a low morning":                 {func(s *Situation) { s.Basal.Lows = 1 }, Basal, 16},
		"30 % above the clinic's":       {func(s *Situation) { s.Basal.Clinic = 14 }, Hold, 0},
		"30 % below the clinic's":       {func(s *Situation) { s.Basal.Lows, s.Basal.Clinic = 1, 25 }, Basal, 17},
		"weight unknown":                {func(s *Situation) { s.Settings.WeightKg = 0 }, Basal, 19},
		"half a unit per kg":            {func(s *Situation) { s.Settings.WeightKg = 36 }, Hold, 0},
		"a pump":                        {func(s *Situation) { s.Settings.Regimen = "pump" }, Hold, 0},
		"no basal dose":                 {func(s *Situation) { s.Settings.BasalPerDay = nil }, Hold, 0},
		"long-acting insulin twice":     {func(s *Situation) { s.Insulin.LongPrev = Injection{noon.Add(-20 * time.Hour), 18} }, Hold, 0},
		"basal insulin only":            {func(s *Situation) { s.Settings.Regimen = "basal" }, Basal, 19},
		"no carb ratio, nor any target": {func(s *Situation) { s.Settings.ICR, s.Settings.TargetLow = nil, nil }, Basal, 19},
		"nothing that 10 % are of":      {func(s *Situation) { dosed(s, 0) }, Hold, 0},
		"half a unit, and low":          {func(s *Situation) { dosed(s, 0.5); s.Basal.Lows = 1 }, Hold, 0},
		"10 U go by whole units":        {func(s *Situation) { dosed(s, 10); s.Settings.WeightKg = 21 }, Hold, 0},
		"a dose is missing":             {func(s *Situation) { daily(s, 28*time.Hour+1); s.Insulin.AskedLong = noon.Add(-time.Hour) }, Hold, 0},
		"a dose is 4 h late":            {func(s *Situation) { daily(s, 28*time.Hour) }, Basal, 19},
		"a dose is missing, and lows":   {func(s *Situation) { daily(s, 50*time.Hour); s.Basal.Lows = 1 }, Basal, 16},
		"missed less than 3 days ago":   {func(s *Situation) { s.Basal.Gap = noon.Add(-72*time.Hour + 1) }, Hold, 0},
		"missed 3 days ago":             {func(s *Situation) { s.Basal.Gap = noon.Add(-72 * time.Hour) }, Basal, 19},
		"low now":                       {func(s *Situation) { set(s, 65) }, Carbs, 0},
	} {
		s := usualMornings()
		c.change(&s)
		if d := Decide(s); d.Kind != c.kind || d.Units != c.units {
			t.Errorf("%s: %s of %v U, want %s of %v U: %s", name, d.Kind, d.Units, c.kind, c.units, d.Because)
		}
	}
}

func dosed(s *Situation, units float64) {
	s.Settings.BasalPerDay, s.Basal.Clinic = constant(units), units
}

// TestMornings: fasting readings from 4 to 7, closed by the first reading after them,
// each day once.
func TestMornings(t *testing.T) {
	var m mornings
	midnight := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	at := func(minute int, mgdl cleanse.MgdL, fasting bool) (over int) {
		e := cleanse.Event{At: midnight.Add(time.Duration(minute) * time.Minute), Glucose: cleanse.GlucoseReading{MgdL: mgdl}}
		m.observe(&e, time.UTC, func() bool { return fasting })
		return len(m.Done)
	}
	for minute := 3*60 + 55; minute < 7*60; minute += 5 {
		if at(minute, 150, minute < 6*60) != 0 {
			t.Fatalf("over at minute %d", minute)
		}
	}
	if at(7*60, 300, true) != 1 || m.Done[0].N != 24 || m.Done[0].mean() != 150 || m.Done[0].low() {
		t.Errorf("%+v", m.Done)
	}
	if at(7*60+5, 300, true) != 1 {
		t.Error("over twice")
	}
	for minute := 28 * 60; minute < 28*60+25; minute += 5 {
		at(minute, 150, true)
	}
	if at(31*60, 150, true); len(m.Done) != 1 {
		t.Error("five readings are a morning")
	}
	for day := 2; day < 6; day++ {
		for i := range 12 {
			mgdl := cleanse.MgdL(150)
			if i < 4 {
				mgdl = 69
			}
			at(day*24*60+240+5*i, mgdl, true)
		}
		at(day*24*60+600, 150, true)
	}
	if len(m.Done) != morningsKept || !m.Done[2].low() || m.Done[2].Date != "2026-11-25" {
		t.Errorf("%+v", m.Done)
	}
}

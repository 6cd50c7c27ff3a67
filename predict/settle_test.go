package predict

import (
	"slices"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// TestWhatIsSaid: kind, alert and worth of what a reading deserves, on both sides
// of each limit.
func TestWhatIsSaid(t *testing.T) {
	old := func(age time.Duration) func(*Situation) {
		return func(s *Situation) { s.Glucose.At = noon.Add(-age) }
	}
	forecast := func(mgdl cleanse.MgdL) func(*Situation) {
		return func(s *Situation) { set(s, 100); s.Forecast = level(mgdl, mgdl) }
	}
	// falls is a glucose that is forecast to be so high at one horizon, and as high as now at others.
	falls := func(from cleanse.MgdL, minutes int, to cleanse.MgdL) func(*Situation) {
		return func(s *Situation) {
			set(s, from)
			s.Forecast = func(train.Plan) train.Forecast {
				f := level(from, from)(train.Plan{})
				f.P50[slices.Index(train.Horizons[:], minutes)] = to
				return f
			}
		}
	}
	ate := func(mgdl cleanse.MgdL, carbs cleanse.Grams) func(*Situation) {
		return func(s *Situation) { set(s, mgdl); s.Insulin.CarbsJustEaten = carbs }
	}
	// left makes a pump user's insulin on board leave so much of the 1.58 U.
	left := func(units cleanse.Units) func(*Situation) {
		return func(s *Situation) {
			pump := *s.Settings
			pump.DoseStep = 0.05
			s.Settings, s.Insulin.OnBoard = &pump, 1.58-units
		}
	}
	behind := func(s *Situation) { s.Glucose.Behind = time.Hour }
	for name, c := range map[string]struct {
		changes []func(*Situation)
		kind    Kind
		alert   string
		worth   bool
	}{
		"180 mg/dL":                        {[]func(*Situation){ate(180, 0)}, Hold, "", false},
		"181 mg/dL":                        {[]func(*Situation){ate(181, 0)}, Correction, "", true},
		"181 mg/dL, 0.65 U are left":       {[]func(*Situation){ate(181, 0), left(0.66)}, Hold, "", false},
		"181 mg/dL, 0.7 U are left":        {[]func(*Situation){ate(181, 0), left(0.71)}, Correction, "", true},
		"240 mg/dL, rising by 0.5":         {[]func(*Situation){ate(240, 0), func(s *Situation) { s.Glucose.Slope = 0.5 }}, Correction, "", true},
		"240 mg/dL, rising by 0.6":         {[]func(*Situation){ate(240, 0), func(s *Situation) { s.Glucose.Slope, s.Insulin.CarbsOnBoard = 0.6, 30 }}, Hold, "", false},
		"251 mg/dL, rising by 0.6":         {[]func(*Situation){ate(251, 0), func(s *Situation) { s.Glucose.Slope, s.Insulin.CarbsOnBoard = 0.6, 30 }}, Correction, "", true},
		"150 mg/dL, rising by 1.5":         {[]func(*Situation){ate(150, 0), rising}, Hold, "", false},
		"151 mg/dL, rising by 1.5":         {[]func(*Situation){ate(151, 0), rising}, Check, AlertMissedBolus, true},
		"151 mg/dL, rising, just asked":    {[]func(*Situation){ate(151, 0), rising, func(s *Situation) { s.Insulin.AskedMeal = noon.Add(-time.Minute) }}, Hold, "", false},
		"151 mg/dL, rising, 10 g on board": {[]func(*Situation){ate(151, 0), rising, func(s *Situation) { s.Insulin.CarbsOnBoard = 10 }}, Hold, "", false},
		"151 mg/dL, rising, was low":       {[]func(*Situation){ate(151, 0), rising, func(s *Situation) { s.Insulin.Rescued = noon.Add(-time.Hour) }}, Hold, "", false},
		"260 mg/dL, asked 14 min ago":      {[]func(*Situation){ate(260, 0), func(s *Situation) { s.Insulin.AskedMeal = noon.Add(-14 * time.Minute) }}, Hold, "", false},
		"260 mg/dL, asked 15 min ago":      {[]func(*Situation){ate(260, 0), func(s *Situation) { s.Insulin.AskedMeal = noon.Add(-15 * time.Minute) }}, Correction, "", true},
		"nobody answered":                  {[]func(*Situation){ate(110, 0), func(s *Situation) { s.Unheard = Unanswered{"x", noon, 2} }}, Check, "", true},
		"nobody answered, but another holds": {[]func(*Situation){ate(110, 0), func(s *Situation) {
			s.Unheard, s.Advised = Unanswered{"x", noon, 2}, Advised{noon.Add(-time.Minute), 110}
		}}, Hold, "", false},
		"60 mg/dL, jumped":                     {[]func(*Situation){ate(60, 0), func(s *Situation) { s.Glucose.Jump = -31 }}, Check, AlertLow, true},
		"60 mg/dL, fell at night":              {[]func(*Situation){atNight, ate(60, 0)}, Check, AlertLow, true},
		"60 mg/dL, fell, 1.4 U on board":       {[]func(*Situation){atNight, ate(60, 0), func(s *Situation) { s.Insulin.OnBoard = 1.4 }}, Carbs, AlertLow, true},
		"LOW at night":                         {[]func(*Situation){atNight, ate(39, 0), func(s *Situation) { s.Glucose.Special = cleanse.Low }}, Carbs, AlertUrgentLow, true},
		"forecast 60, but it jumped":           {[]func(*Situation){forecast(60), func(s *Situation) { s.Glucose.Jump = 31 }}, Hold, "", false},
		"a chance of 9 %":                      {[]func(*Situation){ate(100, 0), chance(0.09)}, Hold, "", false},
		"a chance of 10 %":                     {[]func(*Situation){ate(100, 0), chance(0.1)}, Carbs, AlertPredictedLow, true},
		"181 mg/dL, jumped":                    {[]func(*Situation){ate(181, 0), func(s *Situation) { s.Glucose.Jump = 31 }}, Check, AlertSensor, true},
		"181 mg/dL, jumped, basal only":        {[]func(*Situation){ate(181, 0), func(s *Situation) { s.Glucose.Jump, s.Settings.Regimen = 31, "basal" }}, Hold, "", false},
		"flat, basal only":                     {[]func(*Situation){ate(120, 0), func(s *Situation) { s.Glucose.FlatFor, s.Settings.Regimen = time.Hour, "basal" }}, Check, AlertSensor, true},
		"180 mg/dL, jumped":                    {[]func(*Situation){ate(180, 0), func(s *Situation) { s.Glucose.Jump = 31 }}, Hold, "", false},
		"low 12 min ago":                       {[]func(*Situation){ate(60, 0), old(12 * time.Minute)}, Carbs, AlertLow, true},
		"low 13 min ago":                       {[]func(*Situation){ate(60, 0), old(13 * time.Minute)}, Hold, "", false},
		"low 72 min ago, by a clock 60 behind": {[]func(*Situation){ate(60, 15), old(72 * time.Minute), behind}, Check, AlertLow, true},
		"LOW 72 min ago, by a clock 60 behind": {[]func(*Situation){ate(39, 15), old(72 * time.Minute), behind}, Check, AlertUrgentLow, true},
		"low 73 min ago, by a clock 60 behind": {[]func(*Situation){ate(60, 0), old(73 * time.Minute), behind}, Hold, "", false},
		"a meal, and low by a clock 60 behind": {[]func(*Situation){ate(60, 0), old(time.Hour), behind, func(s *Situation) {
			s.Ask, s.Meal = AboutMeal, Announced{Carbs: cleanse.Some(cleanse.Grams(45)), At: noon}
		}}, Check, AlertLow, true},
		"low, a clock 60 behind since mended": {[]func(*Situation){ate(60, 0), behind}, Carbs, AlertLow, true},
		"a meter's 60, 70 min ago":            {[]func(*Situation){ate(60, 0), old(70 * time.Minute), behind, func(s *Situation) { s.Glucose.Source = "fingerstick" }}, Hold, "", false},
		"low, ate 14 g":                       {[]func(*Situation){ate(60, 14)}, Carbs, AlertLow, true},
		"low, ate 15 g":                       {[]func(*Situation){ate(60, 15)}, Carbs, AlertLow, false},
		"urgent, ate 15 g":                    {[]func(*Situation){ate(54, 15)}, Carbs, AlertUrgentLow, true},
		"forecast 70":                         {[]func(*Situation){forecast(70), chance(0)}, Hold, "", false},
		"81 in 30 min, chances unknown":       {[]func(*Situation){falls(100, 30, 81)}, Hold, "", false},
		"80.9 in 30 min, chances unknown":     {[]func(*Situation){falls(100, 30, 80.9)}, Carbs, AlertPredictedLow, true},
		"80.9 in 30 min, a chance of 9 %":     {[]func(*Situation){falls(100, 30, 80.9), chance(0.09)}, Hold, "", false},
		"80.9 in 15 min, chances unknown":     {[]func(*Situation){falls(100, 15, 80.9)}, Hold, "", false},
		"80.9 in 45 min, chances unknown":     {[]func(*Situation){falls(100, 45, 80.9)}, Hold, "", false},
		"81 → 80 in 30 min, chances unknown":  {[]func(*Situation){falls(81, 30, 80)}, Carbs, AlertPredictedLow, true},
		"81 → 80.1 in 30 min":                 {[]func(*Situation){falls(81, 30, 80.1)}, Hold, "", false},
		"forecast 69.9":                       {[]func(*Situation){forecast(69.9)}, Carbs, AlertPredictedLow, true},
		"forecast 55":                         {[]func(*Situation){forecast(55)}, Carbs, AlertPredictedLow, true},
		"forecast 54.9":                       {[]func(*Situation){forecast(54.9)}, Carbs, AlertUrgentSoon, true},
		"forecast 60, 12 min ago":             {[]func(*Situation){forecast(60), old(12 * time.Minute)}, Carbs, AlertPredictedLow, true},
		"forecast 60, 13 min ago":             {[]func(*Situation){forecast(60), old(13 * time.Minute)}, Hold, "", false},
		"forecast 60, no reading":             {[]func(*Situation){forecast(60), func(s *Situation) { s.Glucose.OK = false }}, Hold, "", false},
		"forecast 60, ate 4 g":                {[]func(*Situation){forecast(60), ate2(4)}, Carbs, AlertPredictedLow, true},
		"forecast 60, ate 5 g":                {[]func(*Situation){forecast(60), ate2(5)}, Carbs, AlertPredictedLow, false},
		"no forecast":                         {[]func(*Situation){ate(100, 0), func(s *Situation) { s.Forecast = nil }}, Hold, "", false},
		"basal 4 h late":                      {[]func(*Situation){ate(110, 0), taken(28*time.Hour, 24*time.Hour)}, Hold, "", false},
		"basal more than 4 h late":            {[]func(*Situation){ate(110, 0), taken(28*time.Hour+1, 24*time.Hour)}, Check, AlertLongLate, true},
		"basal late, no second one known":     {[]func(*Situation){ate(110, 0), func(s *Situation) { s.Insulin.Long.At = noon.Add(-30 * time.Hour) }}, Hold, "", false},
		"basal late, taken each 28 h":         {[]func(*Situation){ate(110, 0), taken(29*time.Hour, 28*time.Hour)}, Check, AlertLongLate, true},
		"basal late, taken each 29 h":         {[]func(*Situation){ate(110, 0), taken(29*time.Hour, 29*time.Hour)}, Hold, "", false},
		"basal late, and asked":               {[]func(*Situation){ate(110, 0), taken(29*time.Hour, 24*time.Hour), func(s *Situation) { s.Insulin.AskedLong = noon.Add(-time.Hour) }}, Hold, "", false},
		"basal 20 h late":                     {[]func(*Situation){ate(110, 0), taken(44*time.Hour, 24*time.Hour)}, Check, AlertLongLate, true},
		"basal more than 20 h late":           {[]func(*Situation){ate(110, 0), taken(44*time.Hour+1, 24*time.Hour)}, Hold, "", false},
		"basal late, on a pump":               {[]func(*Situation){ate(110, 0), taken(29*time.Hour, 24*time.Hour), func(s *Situation) { s.Settings.Regimen = "pump" }}, Hold, "", false},
		"basal late, none prescribed":         {[]func(*Situation){ate(110, 0), taken(29*time.Hour, 24*time.Hour), func(s *Situation) { s.Settings.BasalPerDay = nil }}, Hold, "", false},
		"basal late, 0 U prescribed":          {[]func(*Situation){ate(110, 0), taken(29*time.Hour, 24*time.Hour), func(s *Situation) { s.Settings.BasalPerDay = constant(0) }}, Hold, "", false},
		"basal late, asked now":               {[]func(*Situation){ate(110, 0), taken(29*time.Hour, 24*time.Hour), func(s *Situation) { s.Ask = AboutNow }}, Hold, "", true},
		"basal late at night":                 {[]func(*Situation){ate(110, 0), func(s *Situation) { moveTo(s, 3); daily(s, 29*time.Hour) }}, Hold, "", false},
		"basal late at night, 250 mg/dL":      {[]func(*Situation){ate(250, 0), func(s *Situation) { moveTo(s, 3); daily(s, 29*time.Hour) }}, Correction, "", true},
		"basal late at night, 251 mg/dL":      {[]func(*Situation){ate(251, 0), func(s *Situation) { moveTo(s, 3); daily(s, 29*time.Hour) }}, Check, AlertLongLate, true},
		"half of split basal 4 h late":        {[]func(*Situation){ate(110, 0), split(28*time.Hour, 12*time.Hour, 9)}, Hold, "", false},
		"half of split basal more late":       {[]func(*Situation){ate(110, 0), split(28*time.Hour+1, 12*time.Hour, 9)}, Check, AlertLongLate, true},
		"basal late after it was given twice": {[]func(*Situation){ate(110, 0), split(29*time.Hour, 12*time.Hour, 18)}, Hold, "", false},
		"basal 18 h apart, 29 h ago":          {[]func(*Situation){ate(110, 0), taken(29*time.Hour, 18*time.Hour)}, Check, AlertLongLate, true},
		"advice at 100, now 120":              {[]func(*Situation){ate(120, 0), advised}, Hold, "", false},
		"advice at 100, now 121":              {[]func(*Situation){ate(121, 0), advised}, Hold, "", true},
		"high for 2 h, 13 min ago, no say":    {[]func(*Situation){ate(300, 0), old(13 * time.Minute), func(s *Situation) { s.Glucose.HighFor = 3 * time.Hour }}, Hold, "", false},
	} {
		s := usualReading()
		for _, change := range c.changes {
			change(&s)
		}
		d := Decide(s)
		if d.Kind != c.kind || d.Worth != c.worth || d.Alert != c.alert {
			t.Errorf("%s: %s, alert %q, worth %v: %s", name, d.Kind, d.Alert, d.Worth, d.Because)
		}
	}
}

// taken is two doses of long-acting insulin: the newer so long ago, the older so much
// before it.
func taken(ago, apart time.Duration) func(*Situation) {
	return func(s *Situation) {
		s.Insulin.Long = Injection{s.Now.Add(-ago), 18}
		s.Insulin.LongPrev = Injection{s.Now.Add(-ago - apart), 18}
	}
}

// daily is a habit of taking it, last so long ago.
func daily(s *Situation, ago time.Duration) { taken(ago, 24*time.Hour)(s) }

// split is two parts of it: the older so long ago.
func split(ago, apart time.Duration, units cleanse.Units) func(*Situation) {
	return func(s *Situation) {
		s.Insulin.LongPrev = Injection{s.Now.Add(-ago), units}
		s.Insulin.Long = Injection{s.Now.Add(-ago + apart), units}
	}
}

func rising(s *Situation) { s.Glucose.Slope = 1.5 }

// atNight is an hour at which people lie on their sensors, after a steep fall.
func atNight(s *Situation) {
	moveTo(s, 3)
	s.Glucose.FellAt = s.Now.Add(-5 * time.Minute)
}

// chance is a calibrated model that gives a low the same chance at all times.
func chance(of float64) func(*Situation) {
	return func(s *Situation) { s.Calibrated, s.Below = true, chances(0, of) }
}

func ate2(carbs cleanse.Grams) func(*Situation) {
	return func(s *Situation) { s.Insulin.CarbsJustEaten = carbs }
}

func advised(s *Situation) {
	s.Advised = Advised{At: noon.Add(-5 * time.Minute), MgdL: 100}
	s.Forecast = level(100, 100)
}

// TestGramsAgainstALow: undershoot ÷ rise per gram, up to the next five, within
// bounds.
func TestGramsAgainstALow(t *testing.T) {
	for forecast, want := range map[cleanse.MgdL]cleanse.Grams{
		69: 10, 56: 10, 55: 10, 54: 15, 33: 15, 32: 15, 20: 15,
	} {
		s := usualReading()
		set(&s, 90)
		s.Forecast = level(forecast, forecast)
		if d := Decide(s); d.Carbs != want {
			t.Errorf("forecast %v: %v g, want %v: %s", forecast, d.Carbs, want, d.Because)
		}
	}
	s := usualReading()
	set(&s, 50)
	s.Settings.ICR, s.Settings.ISF = constant(20), constant(20)
	if d := Decide(s); d.Carbs != 20 {
		t.Errorf("never more than 20 g at once: %v", d.Carbs)
	}
	s.Settings.WeightKg, s.Settings.ISF = 20, constant(100)
	if d := Decide(s); d.Carbs != 10 {
		t.Errorf("0.3 g/kg for a child of 20 kg, in whole packages: %v", d.Carbs)
	}
	s.Settings = nil
	if d := Decide(s); d.Carbs != 15 {
		t.Errorf("15 g without settings: %v", d.Carbs)
	}
}

// TestOnlyCurableRefusalsAreHeld: a meal that no reading can make right is not
// taken up again.
func TestOnlyCurableRefusalsAreHeld(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Situation)
		held   bool
	}{
		"dosed":        {func(*Situation) {}, false},
		"stale":        {func(s *Situation) { s.Glucose.At = noon.Add(-time.Hour) }, false},
		"stale, low":   {func(s *Situation) { s.Glucose.At = noon.Add(-time.Hour); s.Glucose.LowAt = s.Glucose.At }, true},
		"low":          {func(s *Situation) { set(s, 60) }, true},
		"no profile":   {func(s *Situation) { s.Settings = nil }, true},
		"no grams":     {func(s *Situation) { s.Meal.Carbs.OK = false; s.Glucose.OK = false }, false},
		"rescue":       {func(s *Situation) { s.Meal.Rescue = true }, false},
		"twice":        {func(s *Situation) { s.Meal.Twice = true }, false},
		"too much":     {func(s *Situation) { s.Meal.Carbs.V = 400 }, false},
		"basal only":   {func(s *Situation) { s.Settings.Regimen = "basal" }, false},
		"not a meal":   {func(s *Situation) { s.Ask = AboutReading; s.Glucose.At = noon.Add(-time.Hour) }, false},
		"nothing owed": {func(s *Situation) { set(s, 110); s.Meal.Carbs.V = 0 }, false},
	} {
		s := usualMeal()
		c.change(&s)
		var k kernel
		if k.weigh(&s); k.curable() != c.held {
			t.Errorf("%s: held %v", name, k.curable())
		}
	}
}

package predict

import (
	"math"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// sensed is what sense makes of readings five minutes apart, the last at noon.
func sensed(values ...float64) Sense {
	var w feature.Window
	for i, v := range values {
		at := noon.Add(time.Duration(i-len(values)+1) * 5 * time.Minute)
		w.Observe(&cleanse.Event{Kind: cleanse.Glucose, At: at, Source: "cgm", Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(v)}})
	}
	return sense(&w, noon, &trace{})
}

func repeat(n int, v float64) (out []float64) {
	for range n {
		out = append(out, v)
	}
	return out
}

func TestZigzag(t *testing.T) {
	for name, c := range map[string]struct {
		values      []float64
		least, most float64
	}{
		"a line":             {[]float64{100, 110, 120, 130, 140, 150}, 0, 1e-9},
		"a peak":             {[]float64{120, 130, 138, 142, 143, 141, 136, 128}, 0, noiseLight},
		"a tremble":          {[]float64{120, 122, 119, 121, 120, 122, 121, 120}, 0, noiseLight},
		"a scribble":         {[]float64{120, 145, 118, 147, 121, 144, 119, 146}, noiseMost, 1},
		"too few to tell":    {[]float64{100, 160, 90}, 0, 0},
		"only the last ones": {append([]float64{60, 200, 60, 200}, 100, 101, 102, 103, 104, 105, 106, 107), 0, 1e-9},
	} {
		if g := sensed(c.values...); g.Noise < c.least || g.Noise > c.most {
			t.Errorf("%s: zigzag %v, want %v to %v", name, g.Noise, c.least, c.most)
		}
	}
}

func TestTrace(t *testing.T) {
	if g := sensed(100, 131); g.Jump != 31 {
		t.Errorf("jump %v", g.Jump)
	}
	if g := sensed(append([]float64{149}, repeat(10, 150)...)...); g.FlatFor != 45*time.Minute {
		t.Errorf("flat for %v", g.FlatFor)
	}
	if g := sensed(append([]float64{240}, repeat(25, 251)...)...); g.HighFor != 2*time.Hour {
		t.Errorf("high for %v", g.HighFor)
	}
	if g := sensed(251, 251, 250); g.HighFor != 0 {
		t.Errorf("high for %v at 250", g.HighFor)
	}
	if g := sensed(118, 108, 98, 100, 102); !g.FellAt.Equal(noon.Add(-10 * time.Minute)) {
		t.Errorf("fell at %v", g.FellAt)
	}
	if g := sensed(118, 109, 99, 100, 102); !g.FellAt.IsZero() {
		t.Errorf("19 mg/dL in 10 min is not steep, fell at %v", g.FellAt)
	}
	if g := sensed(); g.OK || g.MgdL != 0 {
		t.Errorf("of nothing: %+v", g)
	}
}

// TestTraceIsOfTheSensor: a meter's reading is the newest, but no part of a trace.
func TestTraceIsOfTheSensor(t *testing.T) {
	var w feature.Window
	for i, source := range []string{"cgm", "cgm", "cgm", "cgm", "fingerstick"} {
		at := noon.Add(time.Duration(i-4) * 5 * time.Minute)
		w.Observe(&cleanse.Event{Kind: cleanse.Glucose, At: at, Source: source, Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(100 + 40*(i/4))}})
	}
	g := sense(&w, noon, &trace{})
	if g.MgdL != 140 || g.Source != "fingerstick" || g.Jump != 0 || g.Noise != 0 {
		t.Errorf("%+v", g)
	}
}

// TestLimitsAreNoMeasurements: LOW after 90 is no jump.
func TestLimitsAreNoMeasurements(t *testing.T) {
	var w feature.Window
	for i, special := range []cleanse.Special{cleanse.Measured, cleanse.Low} {
		w.Observe(&cleanse.Event{Kind: cleanse.Glucose, Source: "cgm", At: noon.Add(time.Duration(5*i) * time.Minute),
			Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(90 - 51*i), Special: special}})
	}
	if g := sense(&w, noon.Add(5*time.Minute), &trace{}); g.Jump != 0 || g.Special != cleanse.Low {
		t.Errorf("%+v", g)
	}
}

// TestBookedIsTheLedger: the hours taken from a window add up to what was given.
func TestBookedIsTheLedger(t *testing.T) {
	var w feature.Window
	given := 0.0
	for i := range 40 {
		units := 0.5 + float64(i%7)/3
		given += math.Round(units*1e4) / 1e4
		w.Observe(&cleanse.Event{Kind: cleanse.Insulin, At: noon.Add(time.Duration(i*211) * time.Minute),
			Insulin: cleanse.InsulinDose{Action: "rapid", Reason: "basal", Units: cleanse.Units(units), Duration: time.Duration(i%4) * time.Hour}})
	}
	var sum uint32
	for _, amount := range w.Booked() {
		sum += amount
	}
	if math.Abs(float64(sum)/1e4-given) > 1e-9 {
		t.Errorf("booked %v U, given %v U", float64(sum)/1e4, given)
	}
}

// TestHeaded: a trend that leads below 80 mg/dL by the time insulin sets in, at one of
// the readings of the 20 minutes before the newest.
func TestHeaded(t *testing.T) {
	down := func(from, by float64, n int) (values []float64) {
		for i := range n {
			values = append(values, from-by*float64(i))
		}
		return values
	}
	at := func(minutes int) time.Time { return noon.Add(-time.Duration(minutes) * time.Minute) }
	for name, c := range map[string]struct {
		values []float64
		want   time.Time
	}{
		"110, falling by 1":             {down(130, 5, 5), time.Time{}}, // 80 in half an hour
		"109, falling by 1":             {down(129, 5, 5), at(0)},
		"97, falling by 0.6":            {down(109, 3, 5), at(0)},
		"level at 81":                   {repeat(6, 81), time.Time{}},
		"rising from 81":                {down(81, -5, 5), time.Time{}},
		"falling, then level 20 min":    {append(down(120, 5, 5), 99, 99, 99, 99, 99), at(20)},
		"falling, then a jump":          {append(down(115, 5, 5), 150), at(5)},
		"falling, then well for 25 min": {append(down(115, 5, 5), 150, 151, 150, 151, 150, 151), time.Time{}},
		"150, falling steeply":          {down(190, 10, 5), time.Time{}}, // FellAt tells
		"two readings":                  {[]float64{95, 90}, time.Time{}},
		"none":                          {nil, time.Time{}},
	} {
		var w feature.Window
		for i, v := range c.values {
			w.Observe(&cleanse.Event{Kind: cleanse.Glucose, At: noon.Add(time.Duration(i-len(c.values)+1) * 5 * time.Minute), Source: "cgm",
				Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(v)}})
		}
		if got := headed(&w); !got.Equal(c.want) {
			t.Errorf("%s: headed at %v, want %v", name, got, c.want)
		}
	}
}

// TestOldRiseIsNotExtrapolated: from a reading more than 5 minutes old no rise is, a fall
// is, and the insulin that acted since is taken off.
func TestOldRiseIsNotExtrapolated(t *testing.T) {
	at := func(seconds int, by float64, units cleanse.Units) feature.Vector {
		var w feature.Window
		for i := range 5 {
			w.Observe(&cleanse.Event{Kind: cleanse.Glucose, At: noon.Add(time.Duration(i-4) * 5 * time.Minute), Source: "cgm",
				Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(150 + by*float64(i))}})
		}
		w.Observe(&cleanse.Event{Kind: cleanse.Insulin, At: noon.Add(-time.Hour), Insulin: cleanse.InsulinDose{Units: units, Action: "rapid"}})
		d := newDesk(train.Prior())
		if !d.look(&w, noon.Add(time.Duration(seconds)*time.Second)) {
			t.Fatal("no forecast")
		}
		return d.vector
	}
	if v := at(300, 5, 0); v[feature.Trend] != 1 || v[feature.Drive] != 1 || v[feature.Glucose] != 170 {
		t.Errorf("5 min old: trend %v, drive %v, glucose %v", v[feature.Trend], v[feature.Drive], v[feature.Glucose])
	}
	if v := at(301, 5, 0); v[feature.Trend] != 0 || v[feature.Drive] != 0 || v[feature.Glucose] != 170 {
		t.Errorf("older: trend %v, drive %v, glucose %v", v[feature.Trend], v[feature.Drive], v[feature.Glucose])
	}
	if v := at(301, -5, 0); math.Abs(v[feature.Trend]+1) > 1e-9 || v[feature.Drive] != v[feature.Trend] {
		t.Errorf("older, falling: trend %v, drive %v", v[feature.Trend], v[feature.Drive])
	}
	if v := at(360, 0, 10); math.Abs(v[feature.Glucose]-(150-v[feature.Activity]*v[feature.ISF]/10)) > 1e-9 || v[feature.Activity] < 1 {
		t.Errorf("6 min after, of 10 U: glucose %v, %v U per h", v[feature.Glucose], v[feature.Activity])
	}
	v := feature.Vector{feature.Glucose: 42, feature.Age: 6, feature.Activity: 10, feature.ISF: 50}
	if outdate(&v); v[feature.Glucose] != sensorLow {
		t.Errorf("lowered to %v", v[feature.Glucose])
	}
	v = feature.Vector{feature.Glucose: 30, feature.Age: 6, feature.Uptake: 100, feature.CSF: 5}
	if outdate(&v); v[feature.Glucose] != 30 {
		t.Errorf("carbs raised what was measured to %v", v[feature.Glucose])
	}
}

// TestClockBehind: two readings that came apart, each an hour late, tell of a clock; one
// that is of the present ends it, and held back ones say nothing.
func TestClockBehind(t *testing.T) {
	var c contact
	seen := noon
	see := func(lag time.Duration, source string, flags cleanse.Flags) time.Duration {
		seen = seen.Add(5 * time.Minute)
		c.observe(&cleanse.Event{Kind: cleanse.Glucose, At: seen.Add(-lag), Seen: seen, Source: source, Flags: flags})
		return c.clock(seen)
	}
	see(time.Hour, "cgm", "clock_skew")
	if c.clock(seen.Add(8*time.Hour)) != time.Hour || c.clock(seen.Add(8*time.Hour+1)) != 0 {
		t.Error("what was found isn't kept for 8 hours")
	}
	see(0, "cgm", "")
	for i, step := range []struct {
		lag, want time.Duration
		source    string
		flags     cleanse.Flags
	}{
		{time.Hour, 0, "cgm", ""},
		{time.Hour, time.Hour, "cgm", "clock_skew"},
		{61 * time.Minute, 61 * time.Minute, "cgm", "clock_skew,flat_line"},
		{time.Minute, 61 * time.Minute, "fingerstick", ""},
		{20 * time.Minute, 61 * time.Minute, "cgm", ""},
		{10*time.Minute + 1, 61 * time.Minute, "cgm", ""},
		{10 * time.Minute, 0, "cgm", ""},
		{-2 * time.Minute, 0, "cgm", "clock_skew"},
	} {
		if got := see(step.lag, step.source, step.flags); got != step.want {
			t.Errorf("step %d: %v behind, want %v", i, got, step.want)
		}
	}
}

// TestALowOfAClockBehindIsOfThePresent: what is late by ten minutes more or less than the
// clock is behind, isn't history and is low.
func TestALowOfAClockBehindIsOfThePresent(t *testing.T) {
	p := NewPerson("p-1", nil)
	p.contact.skew = &skew{time.Hour, stampOf(noon)}
	for name, c := range map[string]struct {
		lag    time.Duration
		mgdl   cleanse.MgdL
		change func(*cleanse.Event)
		want   bool
	}{
		"a low":              {time.Hour, 69.4, nil, true},
		"which rounds to 70": {time.Hour, 69.5, nil, false},
		"70 min late":        {70 * time.Minute, 60, nil, true},
		"more than that":     {70*time.Minute + 1, 60, nil, false},
		"50 min late":        {50 * time.Minute, 60, nil, true},
		"less than that":     {50*time.Minute - 1, 60, nil, false},
		"declared history":   {time.Hour, 60, func(e *cleanse.Event) { e.Backfill = true }, false},
		"of a meter":         {time.Hour, 60, func(e *cleanse.Event) { e.Source = "fingerstick" }, false},
		"no glucose":         {time.Hour, 0, func(e *cleanse.Event) { e.Kind = cleanse.Insulin }, false},
	} {
		e := cleanse.Event{Kind: cleanse.Glucose, At: noon.Add(-c.lag), Seen: noon, Source: "cgm", Glucose: cleanse.GlucoseReading{MgdL: c.mgdl}}
		if c.change != nil {
			c.change(&e)
		}
		if got := p.showsLow(&e); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestDeletedInjectionWasNotTaken: the ones before it count, and whether one was missed
// is asked anew. What is unknown, or has no id, is not forgotten.
func TestDeletedInjectionWasNotTaken(t *testing.T) {
	for name, c := range map[string]struct {
		replaced string
		left     []float64 // hours of those that count
		gap      float64   // hour of the dose that followed a missed one
	}{
		"the newest": {"c", []float64{30, 0}, 30},
		"the second": {"b", []float64{54, 0}, 54},
		"the third":  {"a", []float64{54, 30}, 30},
		"unknown":    {"d", []float64{54, 30}, 30},
		"no id":      {"", []float64{54, 30}, 30},
	} {
		var f facts
		at := func(hours float64) stamp { return stampOf(noon.Add(time.Duration(hours * float64(time.Hour)))) }
		f.long(injected{at(0), 18, short("a")})
		f.long(injected{at(30), 18, short("b")})
		f.long(injected{at(54), 18, short("c")})
		known := f.forget(c.replaced)
		if f.Long.At != at(c.left[0]) || f.longBefore().LongPrev.At != at(c.left[1]) || f.longBefore().LongGap != at(c.gap) || known != (c.replaced == "a" || c.replaced == "b" || c.replaced == "c") {
			t.Errorf("%s: left %v and %v, missed before %v, known %v", name, f.Long.At.time(), f.longBefore().LongPrev.At.time(), f.longBefore().LongGap.time(), known)
		}
		if again := f.forget(c.replaced); again {
			t.Errorf("%s: forgotten twice", name)
		}
	}
	var late facts // a dose that followed a missed one wasn't taken either
	late.long(injected{stampOf(noon), 18, short("a")})
	late.long(injected{stampOf(noon.Add(30 * time.Hour)), 18, short("b")})
	if late.forget("b"); late.longBefore().LongGap != 0 || late.Long.At != stampOf(noon) || late.longBefore().LongPrev.At != 0 {
		t.Errorf("%+v", late)
	}
}

// TestMissedDoseIsNoted: a dose that comes more than 28 h after the last follows a missed
// one, and no other does.
func TestMissedDoseIsNoted(t *testing.T) {
	var f facts
	give := func(hours float64) time.Time {
		f.long(injected{stampOf(noon.Add(time.Duration(hours * float64(time.Hour)))), 18, 0})
		return f.longBefore().LongGap.time()
	}
	for i, step := range []struct {
		hours float64
		noted bool
	}{{0, false}, {28, false}, {40, false}, {68.1, true}} {
		if got := give(step.hours); got.IsZero() == step.noted {
			t.Errorf("dose %d: missed before %v", i, got)
		}
	}
	if at := f.longBefore().LongGap.time(); give(60) != at || give(68.1) != at {
		t.Error("an older dose, or the same again, changes when")
	}
}

// TestLastingIsSaidAsPeopleDo, in the unit that they would use.
func TestLastingIsSaidAsPeopleDo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		20 * time.Second: "0 min", 50*time.Minute + 40*time.Second: "51 min", 2*time.Hour - time.Second: "120 min", 2 * time.Hour: "2 h", 17*time.Hour + 40*time.Minute: "17.7 h",
	} {
		if number, unit := lasting(d); figure(number)+" "+unit != want {
			t.Errorf("%v: %v %s, want %s", d, number, unit, want)
		}
	}
}

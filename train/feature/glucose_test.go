package feature

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
)

func TestSlope(t *testing.T) {
	rising := trace(5, 100, 110, 120, 130, 140)
	low := at(-5, glucose(39))
	low.Glucose.Special = cleanse.Low
	for _, c := range []struct {
		name   string
		events []cleanse.Event
		want   float64
		ok     bool
	}{
		{"nothing", nil, 0, false},
		{"two points", trace(5, 100, 110), 0, false},
		{"rising", rising, 2, true},
		{"falling", trace(5, 130, 120, 110), -2, true},
		{"three points in three minutes", trace(1, 100, 101, 102, 103), 0, false},
		{"every minute", trace(1, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114), 1, true},
		{"15-minute sensor", trace(15, 100, 110, 120), 0, false},
		{"gap", []cleanse.Event{at(-20, glucose(1)), at(-5, glucose(110)), at(0, glucose(120))}, 0, false},
		{"newest is old", []cleanse.Event{at(-20, glucose(100)), at(-15, glucose(110)), at(-10, glucose(120))}, 0, false},
		{"LOW between", []cleanse.Event{at(-10, glucose(100)), low, at(0, glucose(120))}, 0, false},
		{"LOW aside", append(trace(5, 100, 110, 120, 130), low), 2, true},
		{"calibrated 10 min ago", append(trace(5, 100, 110, 120, 130, 140), note(-10, "calibration")), 0, false},
		{"calibrated 3 h ago", append(trace(5, 100, 110, 120, 130, 140), note(-180, "calibration")), 2, true},
		{"sensor put in", append(trace(5, 100, 110, 120, 130, 140), note(-50, "sensor-start")), 0, false},
		{"by meter", meter(trace(5, 100, 110, 120)), 0, false},
	} {
		got, ok := observe(c.events...).Slope(monday)
		if ok != c.ok || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: slope %v, %v; want %v, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

func note(minutes float64, code string) cleanse.Event {
	return at(minutes, cleanse.Event{Kind: cleanse.Note, Note: cleanse.Remark{Code: code}})
}

func meter(events []cleanse.Event) []cleanse.Event {
	for i := range events {
		events[i].Source = "fingerstick"
	}
	return events
}

func TestLastIsTheNewestByTheTimeItWasMeasured(t *testing.T) {
	if _, ok := new(Window).Last(); ok {
		t.Error("an empty window has a last reading")
	}
	w := observe(at(0, glucose(140)), at(-5, glucose(120)))
	if last, ok := w.Last(); !ok || last.MgdL != 140 || !last.At.Equal(monday) || last.Source != "cgm" {
		t.Errorf("last is %+v", last)
	}
}

func TestReadingsKeepThreeHoursInOrder(t *testing.T) {
	w := observe(at(-200, glucose(1)), at(-100, glucose(2)), at(0, glucose(4)), at(-50, glucose(3)))
	var got []float64
	for r := range w.Readings() {
		got = append(got, float64(r.MgdL))
	}
	if !slices.Equal(got, []float64{2, 3, 4}) {
		t.Errorf("readings are %v", got)
	}
}

func TestMinuteSensorsAreThinnedToTheNewest(t *testing.T) {
	var mgdl []float64
	for i := range 181 {
		mgdl = append(mgdl, float64(100+i))
	}
	w := observe(trace(1, mgdl...)...)
	if last, _ := w.Last(); last.MgdL != 280 {
		t.Errorf("the newest reading is %v, want 280", last.MgdL)
	}
	n := 0
	for range w.Readings() {
		n++
	}
	if n < 44 || n > 46 {
		t.Errorf("%d readings of three hours, want one in four minutes", n)
	}
}

func TestLagsAreInterpolatedAndNeverGuessedAcrossGaps(t *testing.T) {
	var v Vector
	w := observe(at(-60, glucose(200)), at(-15, glucose(115)), at(0, glucose(130)))
	if !w.Vector(monday, &v) {
		t.Fatal("no vector")
	}
	for i, want := range []float64{-5, -10, -15, -15} {
		if got := v[Lag+i]; math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", Names[Lag+i], got, want)
		}
	}
}

func TestAVectorNeedsAFreshReading(t *testing.T) {
	var v Vector
	w := observe(at(0, glucose(130)))
	if !w.Vector(monday.Add(Fresh), &v) || v[Age] != 30 {
		t.Errorf("a reading of 30 minutes age: %v", v[Age])
	}
	if w.Vector(monday.Add(Fresh+time.Second), &v) {
		t.Error("a vector of a stale reading")
	}
	if w.Vector(monday.Add(-time.Second), &v) {
		t.Error("a vector of a reading that was still to come")
	}
}

func TestTheWeeksLevelForgetsWhatIsOlder(t *testing.T) {
	var events []cleanse.Event
	for hour := range 24 * 7 * 3 {
		mgdl := 100. // of the older two weeks
		if hour >= 24*7*2 {
			mgdl = 180 + 20*float64(hour%2*2-1)
		}
		events = append(events, at(60*float64(hour-24*7*3+1), glucose(mgdl)))
	}
	var v Vector
	observe(events...).Vector(monday, &v)
	n := 24*7 - 5. // the newest period has just begun
	mean := (n*180 + 20 + levelWeight*levelUsual) / (n + levelWeight)
	if got := v[Glucose] + v[MeanWeek]; math.Abs(got-mean) > 1 {
		t.Errorf("the week's mean is %v, want about %v", got, mean)
	}
	if v[SpreadWeek] < 20 || v[SpreadWeek] > 30 {
		t.Errorf("the week's deviation is %v, want 20 and a little", v[SpreadWeek])
	}
}

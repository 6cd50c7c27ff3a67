package train

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

func collect(t *testing.T, replay Replay) *Examples {
	t.Helper()
	x, err := Collect(replay)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// hours are five hours of readings that rise by one mg/dL a minute.
func hours() []cleanse.Event {
	var events []cleanse.Event
	for m := 0; m <= 300; m += 5 {
		events = append(events, reading(float64(m), 100+float64(m)))
	}
	return events
}

func TestTargetsAreWhatCameTrue(t *testing.T) {
	x := collect(t, only(hours()...))
	for i, at := range x.At {
		minutes := time.UnixMicro(at).Sub(monday).Minutes()
		for h, came := range x.Outcome(i) {
			want := 100 + minutes + float64(Horizons[h])
			if minutes+float64(Horizons[h]) > 300 {
				if came == came {
					t.Errorf("%v min: an outcome %v after the end", minutes, came)
				}
			} else if math.Abs(float64(came)-want) > 1e-3 {
				t.Errorf("%v min, %d ahead: %v, want %v", minutes, Horizons[h], came, want)
			}
		}
	}
	if x.Len() != 30 {
		t.Errorf("%d examples of five hours, want one in ten minutes with an outcome", x.Len())
	}
}

func TestNoTargetIsGuessedAcrossAGap(t *testing.T) {
	x := collect(t, only(reading(0, 100), reading(5, 105), reading(40, 140)))
	for h, came := range x.Outcome(0) {
		if known := came == came; known != (Horizons[h] == 5) {
			t.Errorf("%d min ahead: %v", Horizons[h], came)
		}
	}
}

// A dose after the moment is what the outcome came about under: it must not be in
// the features, and must be in the course.
func TestLaterDosesAreAPlanAndNoFeature(t *testing.T) {
	events := hours()
	place := func(minutes float64, e cleanse.Event) []cleanse.Event {
		i := int(minutes)/5 + 1
		return append(append(append([]cleanse.Event(nil), events[:i]...), e), events[i:]...)
	}
	plain := collect(t, only(events...))
	for name, c := range map[string]struct {
		minutes float64
		later   bool
	}{"within a quarter of an hour": {12, false}, "after it": {32, true}} {
		dosed := collect(t, only(place(c.minutes, bolus(c.minutes, 2))...))
		for j := range feature.Size {
			if plain.Features[j] != dosed.Features[j] {
				t.Errorf("%s: a dose in %v min changes %s", name, c.minutes, feature.Names[j])
			}
		}
		var course Course
		dosed.Course(0, &course)
		now, later := course.SoonInsulin, course.LaterInsulin
		if c.later {
			now, later = later, now
		}
		curve := feature.CurveFor("", 0, false)
		for h, minutes := range Horizons {
			if want := 2 * (1 - curve.IOB(float64(minutes)-c.minutes)); math.Abs(now[h]-want) > 1e-6 || later[h] != 0 {
				t.Errorf("%s: %v and %v U act in %d min, want %v", name, now[h], later[h], minutes, want)
			}
		}
	}
}

// A dose that the phone sent too late was unknown at the moment: live, nobody
// could have planned with it.
func TestDosesThatCameLateAreHidden(t *testing.T) {
	events := hours()
	late := append(append(append([]cleanse.Event(nil), events[:20]...), bolus(-10, 3)), events[20:]...)
	x := collect(t, only(late...))
	var c Course
	x.Course(0, &c)
	if c != (Course{}) || x.Features[feature.IOB] != 0 {
		t.Errorf("the first moment knows of a dose that was logged 95 minutes later: %+v", c)
	}
}

func TestMealsAndBolusesAreMomentsToo(t *testing.T) {
	events := append(hours()[:3], meal(11, 30), bolus(12, 3))
	x := collect(t, only(append(events, hours()[3:]...)...))
	ages := map[float32]bool{}
	for i := range x.Len() {
		ages[x.Features[i*feature.Size+feature.Age]] = true
	}
	if !ages[1] || !ages[2] {
		t.Errorf("ages of the newest reading are %v, want also those of a meal and a bolus", ages)
	}
}

func TestDeclaredHistoryIsPutInOrder(t *testing.T) {
	events := hours()
	mixed := make([]cleanse.Event, 0, len(events))
	for i := range events {
		e := events[len(events)-1-i]
		e.Backfill = true
		mixed = append(mixed, e)
	}
	a, b := collect(t, only(events...)), collect(t, only(mixed...))
	if a.Len() != b.Len() || a.Features[feature.Size*5] != b.Features[feature.Size*5] {
		t.Errorf("%d examples in order, %d of history sent backwards", a.Len(), b.Len())
	}
}

func TestPeopleAreSplitAndNeverRows(t *testing.T) {
	names := []string{}
	for i := range 60 {
		names = append(names, "p-"+string(rune('a'+i%26))+string(rune('a'+i/26)))
		s, again := SplitPeople(names), SplitPeople(append([]string{names[i]}, names[:i]...))
		if !reflect.DeepEqual(s, again) {
			t.Fatalf("another order, another split of %d", len(names))
		}
		if len(s.Train)+len(s.Tune)+len(s.Test) != len(names) {
			t.Fatalf("%d people became %d, %d and %d", len(names), len(s.Train), len(s.Tune), len(s.Test))
		}
		if i >= 2 && (len(s.Train) == 0 || len(s.Tune) == 0 || len(s.Test) == 0) {
			t.Fatalf("%d people became %d, %d and %d", len(names), len(s.Train), len(s.Tune), len(s.Test))
		}
	}
}

// Who judged a model must not train the next because others joined.
func TestManyPeopleKeepTheirPlaces(t *testing.T) {
	var names []string
	for i := range 200 {
		names = append(names, string(rune('a'+i%26))+string(rune('a'+i/26)))
	}
	few, many := SplitPeople(names[:60]), SplitPeople(names)
	of := map[string]bool{}
	for _, name := range many.Test {
		of[name] = true
	}
	for _, name := range few.Test {
		if !of[name] {
			t.Errorf("%s judged before and doesn't any more", name)
		}
	}
}

// What the window knows already must not be planned a second time.
func TestADoseOfTheSameInstantCountsOnce(t *testing.T) {
	events := append([]cleanse.Event{bolus(0, 2)}, hours()...)
	x := collect(t, only(events...))
	var c Course
	x.Course(0, &c)
	if x.Features[feature.IOB] != 2 || c != (Course{}) {
		t.Errorf("%v U on board, and planned %+v", x.Features[feature.IOB], c)
	}
}

// A phone that was out of reach delivers an old meal behind newer readings: the
// window knows already what a forecast at that meal could not.
func TestMealsBehindNewerEventsAreNoMoments(t *testing.T) {
	events := hours()
	late := append(append(append([]cleanse.Event(nil), events[:20]...), meal(62, 30)), events[20:]...)
	x := collect(t, only(late...))
	for _, at := range x.At {
		if time.UnixMicro(at).Sub(monday).Minutes() == 62 {
			t.Error("an example at a meal that was not known yet")
		}
	}
}

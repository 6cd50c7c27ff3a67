package feature

import (
	"math"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
)

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestIOBCountsWhatIsStillToAct(t *testing.T) {
	adultCurve := CurveFor("", 0, false)
	extended := dose("rapid", "meal", 4)
	extended.Insulin.Duration = 4 * time.Hour
	fiasp := dose("rapid", "", 2)
	fiasp.Insulin.Product = "Fiasp"
	for _, c := range []struct {
		name   string
		events []cleanse.Event
		want   float64
	}{
		{"nothing", nil, 0},
		{"rapid", []cleanse.Event{at(-60, dose("rapid", "meal", 2))}, 2 * adultCurve.IOB(60)},
		{"two", []cleanse.Event{at(-60, dose("rapid", "", 2)), at(-120, dose("rapid", "", 1))},
			2*adultCurve.IOB(60) + adultCurve.IOB(120)},
		{"another product", []cleanse.Event{at(-60, fiasp)}, 2 * CurveFor("fiasp", 0, false).IOB(60)},
		{"regular", []cleanse.Event{at(-60, dose("short", "", 2))}, 2 * CurveFor("regular", 0, false).IOB(60)},
		{"premix", []cleanse.Event{at(-60, dose("mixed", "", 10))}, 3 * adultCurve.IOB(60)},
		{"long", []cleanse.Event{at(-60, dose("long", "", 20))}, 0},
		{"pump basal", []cleanse.Event{at(-60, dose("rapid", "basal", 1))}, 0},
		{"worn off", []cleanse.Event{at(-361, dose("rapid", "", 5))}, 0},
		{"by a fast clock", []cleanse.Event{at(3, dose("rapid", "", 5))}, 5},
		{"far ahead", []cleanse.Event{at(30, dose("rapid", "", 5))}, 0},
		{"extended, at its start", []cleanse.Event{at(0, extended)}, 4},
	} {
		near(t, c.name, float64(observe(c.events...).IOB(monday)), c.want)
	}
}

// TestIOBBehind: by a clock that is an hour behind, a dose acts an hour later than it
// says, and never later than the log took it, nor than now.
func TestIOBBehind(t *testing.T) {
	curve := CurveFor("", 0, false)
	late := func(minutes, by, units float64) cleanse.Event {
		e := at(minutes, dose("rapid", "", units))
		e.Seen = e.At.Add(time.Duration(by * float64(time.Minute)))
		return e
	}
	w := observe(late(-300, 300, 4), late(-90, 60, 2), late(-80, 20, 3), late(-70, 0, 1), late(-30, 30, 1), late(3, 0, 1))
	near(t, "an hour behind", float64(w.IOBBehind(monday, time.Hour)),
		4*curve.IOB(240)+2*curve.IOB(30)+3*curve.IOB(60)+curve.IOB(70)+1+1)
	near(t, "as it says", float64(w.IOBBehind(monday, 0)), float64(w.IOB(monday)))
}

func TestIOBFollowsThePersonsSettings(t *testing.T) {
	s := settings(50)
	s.Insulin, s.DIA, s.BirthYear = "lyumjev", 5*time.Hour, 2015
	w := observe(at(-60, dose("rapid", "", 1)), at(-5, cleanse.Event{Kind: cleanse.Profile, Profile: s}))
	near(t, "iob", float64(w.IOB(monday)), CurveFor("lyumjev", 5*time.Hour, true).IOB(60))
}

func TestExtendedBolusActsLater(t *testing.T) {
	e := dose("rapid", "meal", 4)
	e.Insulin.Duration = 2 * time.Hour
	at120 := float64(observe(at(-120, e)).IOB(monday))
	whole := 4 * CurveFor("", 0, false).IOB(120)
	if at120 <= whole || at120 >= 4 {
		t.Errorf("%v U left of an extended bolus, %v of one given at once", at120, whole)
	}
}

func TestVectorTellsWhatWillHaveActedByEachHorizon(t *testing.T) {
	w := observe(append(trace(5, 150, 150, 150, 150), at(-60, dose("rapid", "", 3)), at(-30, meals(40)))...)
	var v Vector
	w.Vector(monday, &v)
	curve := CurveFor("", 0, false)
	for h, minutes := range Horizons {
		m := float64(minutes)
		near(t, Names[Used+h], v[Used+h], 3*(curve.IOB(60)-curve.IOB(60+m)))
		near(t, Names[Eaten+h], v[Eaten+h], 40*(Absorbed(30+m)-Absorbed(30)))
		near(t, Names[UnitUsed+h], v[UnitUsed+h], 1-curve.IOB(m))
	}
	near(t, "drive", v[Drive], 3*curve.Activity(60)*v[ISF]-40*absorption(30)*v[CSF])
}

func TestCOBCountsWhatIsStillToBeAbsorbed(t *testing.T) {
	unsized := at(-20, cleanse.Event{Kind: cleanse.Meal, Meal: cleanse.MealEntry{Size: "more"}})
	w := observe(at(-60, meals(50)), at(-10, meals(20)), at(2, meals(5)), unsized)
	near(t, "cob", float64(w.COB(monday)), 50*(1-Absorbed(60))+20*(1-Absorbed(10))+5)
}

func TestTotalsCountAllInsulin(t *testing.T) {
	basal := dose("rapid", "basal", 12)
	basal.Insulin.Duration = 12 * time.Hour
	w := observe(at(-60*26, dose("long", "", 100)), at(-60*20, basal), at(-60, dose("rapid", "meal", 5.25)))
	near(t, "total", float64(w.Total24(monday)), 17.25)
	near(t, "total ten hours ago", float64(w.Total24(monday.Add(-14*time.Hour-time.Minute))), 106)
}

func TestDailyTotalWantsTwoDays(t *testing.T) {
	w := observe(at(-60*24, dose("long", "", 20)))
	if _, ok := w.DailyTotal(monday); ok {
		t.Error("a daily total of one day")
	}
	w = observe(at(-60*71, dose("long", "", 30)), at(-60*40, dose("long", "", 30)), at(-30, dose("rapid", "", 30)))
	got, ok := w.DailyTotal(monday)
	near(t, "daily total", float64(got), 30)
	if !ok {
		t.Error("no daily total of three days")
	}
}

func TestLongActingIsTheNewest(t *testing.T) {
	w := observe(at(-100, dose("long", "", 20)), at(-1500, dose("intermediate", "", 8)), at(-10, dose("rapid", "", 1)))
	when, units, ok := w.LongActing()
	if !ok || units != 20 || !when.Equal(monday.Add(-100*time.Minute)) {
		t.Errorf("%v U at %v, %v", units, when, ok)
	}
}

func TestAFullWindowKeepsTheNewestDoses(t *testing.T) {
	var events []cleanse.Event
	for i := range 90 {
		events = append(events, at(float64(-5*i), dose("rapid", "", float64(i))))
	}
	n := 0
	for d := range observe(events...).Doses() {
		if d.Units > 47 {
			t.Errorf("a dose of %v minutes ago is kept", 5*d.Units)
		}
		n++
	}
	if n != 48 {
		t.Errorf("%d doses kept", n)
	}
}

package feature

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/slab"
)

// Scoring restarts from a bounded stretch of the log: a window that saw only that
// must say the same as one that saw everything.
func TestRebuiltWindowsGiveTheSameVectors(t *testing.T) {
	events := days(7, 24)
	start := monday.Add(20 * 24 * time.Hour)
	var whole, rebuilt Window
	var profile *cleanse.Event
	compared := 0
	for i := range events {
		e := &events[i]
		whole.Observe(e)
		if e.Kind == cleanse.Profile {
			profile = e
		}
		if e.At.Before(start.Add(-Reach)) {
			continue
		}
		if rebuilt.Newest().IsZero() {
			rebuilt.Observe(profile)
		}
		rebuilt.Observe(e)
		if e.At.Before(start) {
			continue
		}
		var a, b Vector
		okA, okB := whole.Vector(e.At, &a), rebuilt.Vector(e.At, &b)
		if okA != okB || a != b {
			t.Fatalf("at %v the rebuilt window differs: %s", e.At, difference(&a, &b))
		}
		compared++
	}
	if compared < 500 {
		t.Fatalf("only %d vectors compared", compared)
	}
}

// A window of which the sums of days are recalled, and that has seen a day again, says the
// same, whatever is taken back on either side.
func TestRecalledWindowsGiveTheSameVectors(t *testing.T) {
	events, dice := days(7, 24), rand.New(rand.NewPCG(8, 1))
	for i := range events {
		events[i].ID = fmt.Sprint(i)
		if dice.IntN(9) == 0 && events[max(0, i-5)].Kind != cleanse.Profile {
			events[i] = cleanse.Event{Kind: cleanse.Retraction, At: events[i].At, Replaces: fmt.Sprint(i - dice.IntN(6))}
		}
	}
	known, again := monday.Add(20*24*time.Hour), 24*time.Hour
	var whole, recalled Window
	for i := range events {
		e := &events[i]
		whole.Observe(e)
		if !e.At.Before(known) {
			recalled.Observe(e)
			var a, b Vector
			okA, okB := whole.Vector(e.At, &a), recalled.Vector(e.At, &b)
			if okA != okB || a != b {
				t.Fatalf("at %v the recalled window differs: %s", e.At, difference(&a, &b))
			}
			continue
		}
		if e.Kind == cleanse.Profile || known.Sub(e.At) < again {
			recalled.Again(e)
		}
		if i+1 < len(events) && !events[i+1].At.Before(known) {
			recalled.RecallHours(whole.Booked())
			for l := range whole.Levels() {
				recalled.RecallLevel(l)
			}
			at, units, _ := whole.LongActing()
			recalled.Recall(&cleanse.Event{Kind: cleanse.Insulin, At: at, Insulin: cleanse.InsulinDose{Action: "long", Units: units}})
		}
	}
	if a, b := slices.Collect(whole.Levels()), slices.Collect(recalled.Levels()); len(a) == 0 || !slices.Equal(a, b) {
		t.Errorf("levels are %v, recalled %v", a, b)
	}
}

func TestWholeWeeksShiftNothing(t *testing.T) {
	var here, there Window
	for _, e := range days(3, 9) {
		here.Observe(&e)
		shifted := e
		shifted.At = e.At.AddDate(0, 0, 7*5)
		there.Observe(&shifted)
		var a, b Vector
		okA, okB := here.Vector(e.At, &a), there.Vector(shifted.At, &b)
		if okA != okB || a != b {
			t.Fatalf("at %v five weeks make a difference: %s", e.At, difference(&a, &b))
		}
	}
}

// content is what w holds, wherever it lies.
func content(w *Window) []any {
	c := *w
	c.settings = slab.List{}
	c.room, c.readings, c.doses, c.meals, c.totals.packed, c.level.periods = nil, slab.List{}, slab.List{}, slab.List{}, slab.List{}, slab.List{}
	return []any{c, w.Settings().Clone(), w.samples(), w.shots(), w.plates(), w.insulin(), w.periods()}
}

// A phone that was offline delivers old events after newer ones.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	events := days(5, 9)
	want := observe(events...)
	for seed := range uint64(5) {
		shuffled := append([]cleanse.Event(nil), events...)
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(shuffled), func(i, j int) {
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		})
		got := observe(shuffled...)
		if !reflect.DeepEqual(content(got), content(want)) {
			var a, b Vector
			last := events[len(events)-1].At
			got.Vector(last, &a)
			want.Vector(last, &b)
			t.Fatalf("shuffled by seed %d the window differs: %s", seed, difference(&a, &b))
		}
	}
}

func TestObservingAllocatesNothing(t *testing.T) {
	events := days(1, 9)
	w := observe(events[:2000]...)
	var v Vector
	i := 2000
	if n := testing.AllocsPerRun(400, func() {
		w.Observe(&events[i])
		w.Vector(events[i].At, &v)
		for range w.Readings() {
			i += 0
		}
		w.IOB(events[i].At)
		i++
	}); n != 0 {
		t.Errorf("%v allocations an event", n)
	}
}

func TestVectorsAreFinite(t *testing.T) {
	var w Window
	var v Vector
	for _, e := range days(11, 3) {
		w.Observe(&e)
		if !w.Vector(e.At, &v) {
			continue
		}
		for i, x := range v {
			if x-x != 0 {
				t.Fatalf("%s is %v", Names[i], x)
			}
		}
	}
}

func TestEveryFeatureHasANameAndMoves(t *testing.T) {
	seen := map[string]bool{}
	for i, name := range Names {
		if name == "" || seen[name] {
			t.Errorf("feature %d is named %q", i, name)
		}
		seen[name] = true
	}
}

func difference(a, b *Vector) string {
	var parts []string
	for i := range a {
		if a[i] != b[i] {
			parts = append(parts, fmt.Sprintf("%s %v ≠ %v", Names[i], a[i], b[i]))
		}
	}
	return strings.Join(parts, ", ")
}

func BenchmarkObserve(b *testing.B) {
	events := days(1, 30)
	var w Window
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i == len(events) {
			i, w = 0, Window{}
		}
		w.Observe(&events[i])
		i++
	}
}

func BenchmarkVector(b *testing.B) {
	events := days(1, 10)
	w := observe(events...)
	var v Vector
	b.ReportAllocs()
	for b.Loop() {
		w.Vector(events[len(events)-1].At, &v)
	}
}

package feature

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// Fingerprint identifies what this program computes: the version, and a hash over
// names, horizons and the vectors of a small probe. A model remembers it and
// refuses to score with other features. Values enter with five decimals, since the
// last bits of exp and fused multiply-adds differ between processors.
func Fingerprint() string {
	sum := sha256.New()
	fmt.Fprintln(sum, Version, Names, Horizons)
	probe(sum)
	return fmt.Sprintf("%s:%x", Version, sum.Sum(nil)[:4])
}

// probe writes vectors of a made-up day that touches every feature.
func probe(sum hash.Hash) {
	var w Window
	var v Vector
	start := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	observe := func(hours float64, e cleanse.Event) {
		e.At = start.Add(time.Duration(hours * float64(time.Hour)))
		w.Observe(&e)
	}
	observe(0, cleanse.Event{Kind: cleanse.Profile, Profile: &cleanse.Settings{
		BirthYear: 2012, WeightKg: 50, Diabetes: "type2", Regimen: "pump", Zone: time.UTC, Insulin: "fiasp",
		DIA: 5 * time.Hour, ISF: cleanse.Schedule{{Value: 60}}, ICR: cleanse.Schedule{{Value: 12}},
	}})
	for day := range 3 {
		observe(float64(24*day), insulin("long", 18, 0))
	}
	observe(60, cleanse.Event{Kind: cleanse.Activity, Activity: cleanse.Exercise{Duration: time.Hour}})
	observe(60, cleanse.Event{Kind: cleanse.Meal, Meal: cleanse.MealEntry{Size: "usual"}})
	for i := range 40 {
		hours := 58 + float64(i)/12
		reading := cleanse.GlucoseReading{MgdL: cleanse.MgdL(110 + i*i%17)}
		observe(hours, cleanse.Event{Kind: cleanse.Glucose, Source: "cgm", Glucose: reading})
	}
	observe(61, insulin("rapid", 3, 0))
	observe(61, insulin("short", 2, time.Hour))
	observe(61, insulin("mixed", 10, 0))
	observe(61, cleanse.Event{Kind: cleanse.Meal, Meal: cleanse.MealEntry{Carbs: cleanse.Some(cleanse.Grams(40))}})
	for _, minutes := range []int{-20, 0, 15} {
		at := start.Add(61*time.Hour + 15*time.Minute + time.Duration(minutes)*time.Minute)
		fmt.Fprintln(sum, w.Vector(at, &v))
		for _, x := range v {
			fmt.Fprint(sum, int64(math.Round(x*1e5)), " ")
		}
	}
}

func insulin(action string, units cleanse.Units, d time.Duration) cleanse.Event {
	return cleanse.Event{Kind: cleanse.Insulin, Insulin: cleanse.InsulinDose{Action: action, Units: units, Duration: d}}
}

package train

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// monday is when the tests' people begin.
var monday = time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)

// crowd replays n made-up people for some days: a sensor, a meal with its bolus
// three minutes later every six hours, and glucose that wanders around 140.
func crowd(n, days int) Replay {
	return func(fn func(string, []cleanse.Event) error) error {
		for i := range n {
			if err := fn(fmt.Sprintf("p-%02d", i), life(uint64(i), days)); err != nil {
				return err
			}
		}
		return nil
	}
}

func life(seed uint64, days int) []cleanse.Event {
	r := rand.New(rand.NewPCG(seed, 9))
	events := []cleanse.Event{{Kind: cleanse.Profile, At: monday, Profile: &cleanse.Settings{
		Zone: time.UTC, ISF: cleanse.Schedule{{Value: 50}}, ICR: cleanse.Schedule{{Value: 10}},
	}}}
	mgdl := 140.0
	for m := 0; m < days*24*60; m += 5 {
		mgdl += 5*r.NormFloat64() + (140-mgdl)/30
		events = append(events, reading(float64(m), mgdl))
		if m%360 == 180 {
			events = append(events, meal(float64(m)+1, 40), bolus(float64(m)+4, 4))
		}
	}
	return events
}

func at(minutes float64) time.Time { return monday.Add(time.Duration(minutes * float64(time.Minute))) }

func reading(minutes, mgdl float64) cleanse.Event {
	return cleanse.Event{Kind: cleanse.Glucose, At: at(minutes), Source: "cgm", Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(mgdl)}}
}

func meal(minutes float64, grams cleanse.Grams) cleanse.Event {
	return cleanse.Event{Kind: cleanse.Meal, At: at(minutes), Meal: cleanse.MealEntry{Carbs: cleanse.Some(grams)}}
}

func bolus(minutes float64, units cleanse.Units) cleanse.Event {
	return cleanse.Event{Kind: cleanse.Insulin, At: at(minutes), Insulin: cleanse.InsulinDose{Action: "rapid", Reason: "meal", Units: units}}
}

// only replays one person.
func only(events ...cleanse.Event) Replay {
	return func(fn func(string, []cleanse.Event) error) error { return fn("p-01", events) }
}

// asIs is a Fit that learns the inputs' statistics and nothing else.
func asIs(_ context.Context, x *Examples, o FitOptions) (Fitted, error) {
	return Fitted{Weights: NewWeights(x, o.Train), Stopped: "epochs", Epochs: []Epoch{{Number: 1, Of: 1, Train: 0.3, Tune: 0.3}}}, nil
}

// learned are weights as training might leave them: every number random.
func learned(seed uint64) *Model {
	r := rand.New(rand.NewPCG(seed, 0))
	m := Prior()
	for _, matrix := range m.Weights.matrices() {
		for i := range *matrix.numbers {
			(*matrix.numbers)[i] = 0.3 * r.NormFloat64()
			switch matrix.name {
			case "InsulinDoubt", "CarbsDoubt":
				(*matrix.numbers)[i] *= 30
			case "BoardInsulin", "BoardCarbs", "Std", "Spread", "SpreadBolus", "LaterInsulin", "LaterCarbs":
				(*matrix.numbers)[i] = math.Abs((*matrix.numbers)[i]) + 0.1
			}
		}
	}
	m.Weights.Onset = slices.Clone(onset[:])
	return m
}

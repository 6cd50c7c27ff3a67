package cleanse

import (
	"math"
	"time"
)

// MgdL is a glucose concentration in mg/dL.
type MgdL float64

// Grams is a mass of carbohydrate, protein, fat or fibre.
type Grams float64

// Units is an amount of insulin in international units.
type Units float64

// MgdLPerMmolL converts mmol/L of glucose to mg/dL (molar mass 180.1559 g/mol).
const MgdLPerMmolL = 18.01559

// MmolL is m in mmol/L.
func (m MgdL) MmolL() float64 { return float64(m) / MgdLPerMmolL }

// Opt is a value that may be absent. The zero Opt is absent.
type Opt[T any] struct {
	V  T
	OK bool
}

// Some is a present value.
func Some[T any](v T) Opt[T] { return Opt[T]{V: v, OK: true} }

// Schedule is a setting that changes with the time of day in the person's zone,
// sorted by Start. One step is a constant; none means not given.
type Schedule []Step

// Step sets Value from Start (minutes after local midnight) until the next step.
type Step struct {
	Start int
	Value float64
}

// At is the value in force at t in zone; the last step of the day holds until the
// first of the next. It is NaN for an empty schedule.
func (s Schedule) At(t time.Time, zone *time.Location) float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	if len(s) == 1 {
		return s[0].Value
	}
	local := t.In(zone)
	return s.at(local.Hour()*60 + local.Minute())
}

// at is the value in force at a minute of the day; s has a step.
func (s Schedule) at(minute int) float64 {
	value := s[len(s)-1].Value
	for _, step := range s {
		if step.Start > minute {
			break
		}
		value = step.Value
	}
	return value
}

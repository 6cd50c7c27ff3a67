package lake

import (
	"errors"
	"fmt"
	"time"

	"github.com/titrate/titrate/cleanse"
)

func (r *row) event(kind cleanse.Kind) cleanse.Event {
	return cleanse.Event{
		Kind: kind, Patient: r.Patient, At: micros(r.Time), Seen: micros(r.Received),
		ID: r.ID, Device: r.Device, Source: r.Source, Backfill: r.Backfill, Late: r.Late,
		Partition: r.Partition, Offset: r.Offset,
		Replaces: r.Replaces, Flags: cleanse.Flags(r.Flags), Extra: r.Extra,
	}
}

func (r *glucoseRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Glucose)
	e.Glucose = cleanse.GlucoseReading{MgdL: cleanse.MgdL(r.MgdL), Trend: r.Trend}
	for special, word := range specials {
		if r.Special == word {
			e.Glucose.Special = cleanse.Special(special)
			return e, nil
		}
	}
	return e, fmt.Errorf("special is %q, not low or high", r.Special)
}

func (r *mealRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Meal)
	e.Meal = cleanse.MealEntry{
		Carbs: option[cleanse.Grams](r.CarbsG), Kcal: option[float64](r.Kcal),
		Protein: option[cleanse.Grams](r.ProteinG), Fat: option[cleanse.Grams](r.FatG),
		Fibre: option[cleanse.Grams](r.FibreG), Meal: r.Meal, Size: r.Size,
	}
	return e, nil
}

func (r *insulinRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Insulin)
	e.Insulin = cleanse.InsulinDose{
		Units: cleanse.Units(r.Units), Action: r.Kind, Reason: r.Reason, Product: r.Product,
		Duration: minutes(r.DurationMin),
	}
	return e, nil
}

func (r *profileRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Profile)
	zone, err := time.LoadLocation(r.Timezone)
	if err != nil {
		return e, fmt.Errorf("timezone %q: %w", r.Timezone, err)
	}
	s := &cleanse.Settings{
		BirthYear: int(r.BirthYear), WeightKg: r.WeightKg, Diabetes: r.Diabetes, Regimen: r.Regimen,
		MaxBolus: cleanse.Units(r.MaxBolusU), DoseStep: cleanse.Units(r.DoseStepU),
		Insulin: r.Insulin, DIA: minutes(r.DIAMin), Zone: zone,
	}
	var errs [5]error
	s.ICR, errs[0] = decodeSchedule(r.ICR, r.ICRSchedule)
	s.ISF, errs[1] = decodeSchedule(r.ISF, r.ISFSchedule)
	s.TargetLow, errs[2] = decodeSchedule(r.TargetLow, r.TargetLowSchedule)
	s.TargetHigh, errs[3] = decodeSchedule(r.TargetHigh, r.TargetHighSchedule)
	s.BasalPerDay, errs[4] = decodeSchedule(r.Basal, r.BasalSchedule)
	e.Profile = s
	return e, errors.Join(errs[:]...)
}

func (r *responseRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Response)
	e.Response = cleanse.Answer{
		Recommendation: r.Recommendation, Action: r.Action, Units: option[cleanse.Units](r.Units),
		Carbs: option[cleanse.Grams](r.CarbsG), Reason: r.Reason,
	}
	return e, nil
}

func (r *activityRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Activity)
	e.Activity = cleanse.Exercise{Duration: minutes(r.Minutes), Intensity: r.Intensity}
	return e, nil
}

func (r *noteRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Note)
	e.Note = cleanse.Remark{Code: r.Code, Text: r.Text}
	return e, nil
}

func (r *retractionRow) decode() (cleanse.Event, error) { return r.event(cleanse.Retraction), nil }

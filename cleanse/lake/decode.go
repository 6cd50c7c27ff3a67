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
		ID: said(r.ID), Device: said(r.Device), Source: said(r.Source), Backfill: r.Backfill, Late: r.Late,
		Partition: r.Partition, Offset: r.Offset,
		Replaces: said(r.Replaces), Flags: cleanse.Flags(said(r.Flags)), Extra: said(r.Extra),
	}
}

func (r *glucoseRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Glucose)
	e.Glucose = cleanse.GlucoseReading{MgdL: cleanse.MgdL(r.MgdL), Trend: said(r.Trend)}
	for special, word := range specials {
		if said(r.Special) == word {
			e.Glucose.Special = cleanse.Special(special)
			return e, nil
		}
	}
	return e, fmt.Errorf("special is %q, not low or high", said(r.Special))
}

func (r *mealRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Meal)
	e.Meal = cleanse.MealEntry{
		Carbs: option[cleanse.Grams](r.CarbsG), Kcal: option[float64](r.Kcal),
		Protein: option[cleanse.Grams](r.ProteinG), Fat: option[cleanse.Grams](r.FatG),
		Fibre: option[cleanse.Grams](r.FibreG), Meal: said(r.Meal), Size: said(r.Size),
	}
	return e, nil
}

func (r *insulinRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Insulin)
	e.Insulin = cleanse.InsulinDose{
		Units: cleanse.Units(r.Units), Action: said(r.Kind), Reason: said(r.Reason), Product: said(r.Product),
		Duration: minutes(said(r.DurationMin)),
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
		BirthYear: int(said(r.BirthYear)), WeightKg: said(r.WeightKg), Diabetes: said(r.Diabetes), Regimen: said(r.Regimen),
		MaxBolus: cleanse.Units(said(r.MaxBolusU)), DoseStep: cleanse.Units(said(r.DoseStepU)),
		Insulin: said(r.Insulin), DIA: minutes(said(r.DIAMin)), Zone: zone,
	}
	var errs [5]error
	s.ICR, errs[0] = decodeSchedule(r.ICR, said(r.ICRSchedule))
	s.ISF, errs[1] = decodeSchedule(r.ISF, said(r.ISFSchedule))
	s.TargetLow, errs[2] = decodeSchedule(r.TargetLow, said(r.TargetLowSchedule))
	s.TargetHigh, errs[3] = decodeSchedule(r.TargetHigh, said(r.TargetHighSchedule))
	s.BasalPerDay, errs[4] = decodeSchedule(r.Basal, said(r.BasalSchedule))
	e.Profile = s
	return e, errors.Join(errs[:]...)
}

func (r *responseRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Response)
	e.Response = cleanse.Answer{
		Recommendation: r.Recommendation, Action: r.Action, Units: option[cleanse.Units](r.Units),
		Carbs: option[cleanse.Grams](r.CarbsG), Reason: said(r.Reason),
	}
	return e, nil
}

func (r *activityRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Activity)
	e.Activity = cleanse.Exercise{Duration: minutes(r.Minutes), Intensity: said(r.Intensity)}
	return e, nil
}

func (r *noteRow) decode() (cleanse.Event, error) {
	e := r.event(cleanse.Note)
	e.Note = cleanse.Remark{Code: said(r.Code), Text: said(r.Text)}
	return e, nil
}

func (r *retractionRow) decode() (cleanse.Event, error) { return r.event(cleanse.Retraction), nil }

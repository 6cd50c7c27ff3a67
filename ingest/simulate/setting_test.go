package simulate

import (
	"math"
	"strings"
	"testing"
)

func TestWrongSettingsAreWrongByTheFactor(t *testing.T) {
	o := Options{Patients: 3, Seed: 1, Cohort: "adult"}
	right := people(t, o)
	o.Settings = Settings{"icr": 1.5, "isf": 0.8, "basal": 1.25}
	for i, p := range people(t, o) {
		want, got := right[i].Therapy(), p.Therapy()
		if math.Abs(got.ICR-1.5*want.ICR) > 0.051 || math.Abs(got.ISF-0.8*want.ISF) > 0.51 || math.Abs(got.BasalPerDay()-1.25*want.BasalPerDay()) > 1e-9 {
			t.Errorf("%s: %+v, want of %+v", p.Patient(), got, want)
		}
		if string(p.Profile().ICR) == string(right[i].Profile().ICR) {
			t.Errorf("%s: the profile doesn't tell", p.Patient())
		}
		if p.Body().Params() != right[i].Body().Params() {
			t.Errorf("%s has another body", p.Patient())
		}
	}
}

func TestSettingsOutsideGuardrailsAreRefused(t *testing.T) {
	for want, c := range map[string]struct {
		cohort   string
		settings Settings
	}{
		`unknown setting "dia": want some of icr, isf, basal`: {"adult", Settings{"dia": 1}},
		"setting icr times 4: want a factor from 0.33 to 3":   {"adult", Settings{"icr": 4}},
		"setting isf times -1":                                {"adult", Settings{"isf": -1}},
		"setting basal times NaN":                             {"adult", Settings{"basal": math.NaN()}},
		"outside the guardrails of 2 to 150 g/U":              {"adolescent", Settings{"icr": 0.34}},
		"outside the guardrails of 10 to 500 mg/dL per U":     {"child", Settings{"isf": 3}},
	} {
		_, err := People(Options{Patients: 20, Seed: 1, Start: day1, Cohort: c.cohort, Settings: c.settings})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want it to say %q", c.settings, err, want)
		}
	}
}

func TestClinicsKeepToTheGuardrails(t *testing.T) {
	for _, cohort := range Cohorts() {
		for _, p := range people(t, Options{Patients: 60, Seed: 3, Cohort: cohort}) {
			rx := p.Therapy()
			if !within(rx.ICR, guardrails.icr) || !within(rx.ISF, guardrails.isf) || rx.MaxBolus > 30 {
				t.Errorf("%s %s: %+v", cohort, p.Patient(), rx)
			}
		}
	}
}

package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// noon is a moment at which nothing special is the case.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// constant is a setting that holds all day.
func constant(x float64) cleanse.Schedule { return cleanse.Schedule{{Value: x}} }

// usualSettings are those of an adult with type 1 on a half-unit pen.
func usualSettings() *cleanse.Settings {
	return &cleanse.Settings{
		BirthYear: 1984, WeightKg: 72, Diabetes: "type1", Regimen: "mdi",
		ICR: constant(10), ISF: constant(45), TargetLow: constant(100), TargetHigh: constant(120), BasalPerDay: constant(18),
		MaxBolus: 10, DoseStep: 0.5, Insulin: "lispro", DIA: 6 * time.Hour, Zone: time.UTC,
	}
}

// usualMeal is a meal of 45 g at 164 mg/dL, to which every gate says pass: 4.5 U
// for the carbs and 1.2 U for the correction, rounded down to 5.5 U.
func usualMeal() Situation {
	s := usualReading()
	s.Ask = AboutMeal
	s.Meal = Announced{Carbs: cleanse.Some(cleanse.Grams(45)), At: noon}
	s.Glucose.MgdL = 164
	s.Forecast = body(&s)
	return s
}

// usualReading is a glucose of 236 mg/dL, steady, that deserves 2.5 U.
func usualReading() Situation {
	s := Situation{
		Now: noon, Settings: usualSettings(),
		Glucose: Sense{OK: true, MgdL: 236, At: noon.Add(-2 * time.Minute), Source: "cgm", Slope: 0.2, SlopeOK: true},
		Insulin: Taken{PerDay: 36, Total24: 30, Long: Injection{noon.Add(-14 * time.Hour), 18}},
	}
	s.Forecast = body(&s)
	return s
}

// body forecasts by plain physiology, with a spread too narrow to matter. It reads
// s when it is asked, so that it follows a mutation.
func body(s *Situation) func(train.Plan) train.Forecast {
	settings := usualSettings()
	isf, csf := settings.ISF[0].Value, settings.ISF[0].Value/settings.ICR[0].Value
	curve := feature.CurveFor("lispro", 0, false)
	bg, iob := float64(s.Glucose.MgdL), float64(s.Insulin.OnBoard)
	return func(plan train.Plan) (f train.Forecast) {
		for h, m := range train.Horizons {
			used := 1 - curve.IOB(float64(m))
			x := bg + csf*float64(plan.Carbs)*feature.Absorbed(float64(m)) - isf*(float64(plan.Dose)+iob)*used
			f.P05[h], f.P25[h], f.P50[h] = cleanse.MgdL(x-10), cleanse.MgdL(x-4), cleanse.MgdL(x)
			f.P75[h], f.P95[h] = cleanse.MgdL(x+4), cleanse.MgdL(x+10)
		}
		return f
	}
}

// shifted is body with the whole forecast moved, in mg/dL.
func shifted(s *Situation, by cleanse.MgdL) func(train.Plan) train.Forecast {
	inner := body(s)
	return func(plan train.Plan) train.Forecast {
		f := inner(plan)
		for h := range train.Horizons {
			f.P05[h] += by
			f.P25[h] += by
			f.P50[h] += by
			f.P75[h] += by
			f.P95[h] += by
		}
		return f
	}
}

package trial

import (
	"math"

	"github.com/titrate/titrate/train/glycemia"
)

// Outcome is one number that a trial reports.
type Outcome struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Unit  string `json:"unit"`
	of    func(c *Course, m *glycemia.Metrics, days float64) float64
}

// The outcomes on which arms are judged.
const (
	inRange = "tir"
	below70 = "tbr70"
)

// Outcomes are what is reported, in order. Lows are episodes of true glucose below
// 70 mg/dL for 15 minutes.
func Outcomes() []Outcome {
	return []Outcome{
		{inRange, "Time 70–180 mg/dL", "%", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TIR }},
		{below70, "Time below 70", "%", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TBR70 }},
		{"tbr54", "Time below 54", "%", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TBR54 }},
		{"tar180", "Time above 180", "%", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TAR180 }},
		{"tar250", "Time above 250", "%", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TAR250 }},
		{"mean", "Mean glucose", "mg/dL", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.Mean }},
		{"cv", "Coefficient of variation", "%", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.CV }},
		{"gmi", "GMI", "%", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.GMI }},
		{"gri", "Glycemia risk index", "", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.GRI }},
		{"lbgi", "Low glucose risk (LBGI)", "", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.LBGI }},
		{"hbgi", "High glucose risk (HBGI)", "", func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.HBGI }},
		{"lows", "Low episodes", "a week", func(c *Course, _ *glycemia.Metrics, days float64) float64 {
			return 7 * float64(glycemia.Episodes(c.MgdL, 70).Events) / days
		}},
		{"low_minutes", "Time in low episodes", "min a day", func(c *Course, _ *glycemia.Metrics, days float64) float64 {
			return glycemia.Episodes(c.MgdL, 70).Minutes / days
		}},
		{"treatments", "Carbs taken on advice", "a day", func(c *Course, _ *glycemia.Metrics, days float64) float64 { return float64(c.Treatments) / days }},
		{"rescues", "Lows treated by themselves", "a day", func(c *Course, _ *glycemia.Metrics, days float64) float64 { return float64(c.Rescues) / days }},
		{"boluses", "Boluses", "a day", func(c *Course, _ *glycemia.Metrics, days float64) float64 { return float64(c.Boluses) / days }},
		{"tdd", "Insulin, basal included", "U a day", func(c *Course, _ *glycemia.Metrics, days float64) float64 { return c.Units / days }},
		{"messages", "Messages unasked for", "a day", func(c *Course, _ *glycemia.Metrics, days float64) float64 { return float64(c.Pushed) / days }},
	}
}

// values are a person's outcomes, in the order of Outcomes.
func (c *Course) values() []float64 {
	m, days := glycemia.Measure(c.MgdL), float64(len(c.MgdL))*glycemia.Every/1440
	all := Outcomes()
	values := make([]float64, len(all))
	for i, o := range all {
		values[i] = o.of(c, &m, days)
	}
	return values
}

// mean is the plain mean; NaN of nothing.
func mean(x []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

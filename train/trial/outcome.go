package trial

import (
	"math"

	"github.com/titrate/titrate/train/glycemia"
)

// Outcome is one number that a trial reports.
type Outcome struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Unit     string `json:"unit"`
	Target   string `json:"target,omitempty"` // of consensus for most adults (Battelino T et al., Diabetes Care 2019;42:1593)
	Decimals int    `json:"-"`                // that are worth showing
	of       func(c *Course, m *glycemia.Metrics, days float64) float64
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
		{inRange, "Time 70–180 mg/dL", "%", "> 70", 1, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TIR }},
		{below70, "Time below 70", "%", "< 4", 1, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TBR70 }},
		{"tbr54", "Time below 54", "%", "< 1", 2, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TBR54 }},
		{"tar180", "Time above 180", "%", "< 25", 1, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TAR180 }},
		{"tar250", "Time above 250", "%", "< 5", 1, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.TAR250 }},
		{"on_target", "People with all five on target", "%", "", 0, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return percentIf(m.OnTarget()) }},
		{"mean", "Mean glucose", "mg/dL", "", 0, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.Mean }},
		{"cv", "Coefficient of variation", "%", "≤ 36", 1, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.CV }},
		{"gmi", "Glucose management indicator (GMI)", "%", "< 7", 1, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.GMI }},
		{"gri", "Glycemia risk index (GRI)", "", "", 1, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.GRI }},
		{"lbgi", "Low blood glucose index (LBGI)", "", "", 2, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.LBGI }},
		{"hbgi", "High blood glucose index (HBGI)", "", "", 1, func(_ *Course, m *glycemia.Metrics, _ float64) float64 { return m.HBGI }},
		{"lows", "Low episodes", "a week", "", 1, func(c *Course, _ *glycemia.Metrics, days float64) float64 {
			return 7 * float64(glycemia.Episodes(c.MgdL, 70).Events) / days
		}},
		{"lows54", "of these below 54", "a week", "", 2, func(c *Course, _ *glycemia.Metrics, days float64) float64 {
			return 7 * float64(glycemia.Episodes(c.MgdL, 54).Events) / days
		}},
		{"low_minutes", "Time in low episodes", "min a day", "", 0, func(c *Course, _ *glycemia.Metrics, days float64) float64 {
			return glycemia.Episodes(c.MgdL, 70).Minutes / days
		}},
		{"treatments", "Carbs taken on advice", "a day", "", 2, func(c *Course, _ *glycemia.Metrics, days float64) float64 { return float64(c.Treatments) / days }},
		{"rescues", "Lows treated by themselves", "a day", "", 2, func(c *Course, _ *glycemia.Metrics, days float64) float64 { return float64(c.Rescues) / days }},
		{"boluses", "Boluses", "a day", "", 1, func(c *Course, _ *glycemia.Metrics, days float64) float64 { return float64(c.Boluses) / days }},
		{"tdd", "Insulin, basal included", "U a day", "", 1, func(c *Course, _ *glycemia.Metrics, days float64) float64 { return c.Units / days }},
		{"messages", "Messages unasked for", "a day", "", 1, func(c *Course, _ *glycemia.Metrics, days float64) float64 { return float64(c.Pushed) / days }},
	}
}

func percentIf(yes bool) float64 {
	if yes {
		return 100
	}
	return 0
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

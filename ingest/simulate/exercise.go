package simulate

import "math"

// Exercise has the structure of Breton MD, J Diabetes Sci Technol 2008;2:169: an
// immediate glucose uptake that follows the effort within minutes, and a
// sensitivity that builds up with effort and wears off over ten hours. The gains
// are this project's, set so that 45 min of moderate aerobic exercise lowers
// glucose by some 2–4 mmol/L (García-García F et al., Sports Med 2015;45:587) and
// leaves sensitivity about a quarter higher.
const (
	effortLag      = 5.0   // min
	effortUptake   = 0.018 // 1/min at full effort
	afterglowGain  = 0.011 // 1/min at full effort
	afterglowDecay = 600.0 // min
)

// strain is the glucose, mmol/min, that muscle takes up in exercise at g mmol/L. It
// ends in a severe low (between 4.5 and 2.5 mmol/L), for so does the exercise.
func strain(x *vector, g float64) float64 {
	return effortUptake * x[effort] * x[q1] * math.Min(1, math.Max(0, (g-2.5)/2))
}

func (b *Body) exert(x *vector, in *Input, d *vector) {
	d[effort] = (in.Exercise - x[effort]) / effortLag
	d[afterglow] = afterglowGain*x[effort] - x[afterglow]/afterglowDecay
}

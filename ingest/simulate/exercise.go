package simulate

// Exercise has the structure of Breton MD, J Diabetes Sci Technol 2008;2:169: an
// immediate glucose uptake that follows the effort within minutes, and a
// sensitivity that builds up with effort and wears off over ten hours. The gains
// are this project's, set so that 45 min of moderate aerobic exercise lowers
// glucose by some 2–4 mmol/L (García-García F et al., Sports Med 2015;45:587) and
// leaves sensitivity about a quarter higher.
const (
	effortLag      = 5.0   // min
	effortUptake   = 0.010 // 1/min at full effort
	afterglowGain  = 0.011 // 1/min at full effort
	afterglowDecay = 600.0 // min
)

func (b *Body) exert(x *vector, in *Input, d *vector) {
	d[effort] = (in.Exercise - x[effort]) / effortLag
	d[afterglow] = afterglowGain*x[effort] - x[afterglow]/afterglowDecay
}

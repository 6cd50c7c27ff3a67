package trial

// curve is how a unit of insulin acts some minutes after it was given: the share
// that is still to act, and the rate per minute at which it acts.
type curve interface {
	IOB(minutes float64) float64
	Activity(minutes float64) float64
}

// bilinear is the curve of older calculators, that many pumps and pens still have,
// as oref0 has it (lib/iob/calculate.js): activity rises in a straight line and
// falls in another. Its number is the duration of action in minutes. It was fitted
// for three hours; other durations stretch it.
type bilinear float64

// The fitted curve: its peak and its end, in minutes.
const (
	bilinearPeak = 75
	bilinearEnd  = 180
)

// IOB implements curve.
func (b bilinear) IOB(minutes float64) float64 {
	switch m := minutes * bilinearEnd / float64(b); {
	case m <= 0:
		return 1
	case m < bilinearPeak:
		x := m/5 + 1
		return 1 - 0.001852*x*x + 0.001852*x
	case m < bilinearEnd:
		x := (m - bilinearPeak) / 5
		return max(0, 0.001323*x*x-0.054233*x+0.55556) // the fit ends a little below nothing
	}
	return 0
}

// Activity implements curve.
func (b bilinear) Activity(minutes float64) float64 {
	peak := 2 / float64(b)
	switch m := minutes * bilinearEnd / float64(b); {
	case m <= 0 || m >= bilinearEnd:
		return 0
	case m < bilinearPeak:
		return peak * m / bilinearPeak
	default:
		return peak * (bilinearEnd - m) / (bilinearEnd - bilinearPeak)
	}
}

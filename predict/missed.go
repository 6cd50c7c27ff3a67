package predict

import (
	"fmt"
	"time"
)

// A meal that nobody announced shows as a steep rise that neither carbs on board nor
// a treated low explain. Slope and level are a compromise: earlier, and sensors' noise
// asks; later, and the meal has run its course.
const (
	missedSlope = 1.5  // mg/dL per minute
	missedMost  = 5.0  // bodies rise no faster: two sensors do that disagree
	missedAbove = 30.0 // mg/dL above the target range
	missedCarbs = 10.0 // g on board that would explain it
	// missedWait is how long a correction waits for the answer.
	missedWait = 15 * time.Minute
)

// missesMeal tells whether a meal seems to have gone without being announced.
func (k *kernel) missesMeal() bool {
	g := &k.s.Glucose
	return k.s.Ask == AboutReading && k.rx.given && k.fromSensor() && k.age <= trendUntil && g.SlopeOK && !k.noTrend && !k.doubtful() &&
		k.outcomeOf("compression_low") == Pass && k.outcomeOf("regimen") == Pass &&
		g.Slope >= missedSlope && g.Slope <= missedMost && k.bg > k.rx.high+missedAbove &&
		float64(k.s.Insulin.CarbsOnBoard) < missedCarbs && !k.lately(k.s.Insulin.Rescued)
}

func (k *kernel) becauseMissed() string {
	return fmt.Sprintf("glucose %s mg/dL rises by %s mg/dL per min and no meal was logged: if you ate, log it with when you began, "+
		"and its dose is worked out from what is still to come", figure(k.bg), figure(k.s.Glucose.Slope))
}

package predict

import (
	"fmt"
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// How old a reading may be (H1; oref0 and AAPS refuse beyond 12 minutes), and how
// far ahead of the log's clock (H2).
const (
	staleAfter = 12 * time.Minute
	trendUntil = 5 * time.Minute
	aheadMost  = 5 * time.Minute
)

var staleGate = gate{Rule{
	ID: "stale", Stage: "quality", Hazards: []string{"H1"},
	Says: fmt.Sprintf("no correction on a reading more than %v min old, or on none; a meal then gets its carbs' part alone; from %v min on no correction unasked",
		staleAfter.Minutes(), trendUntil.Minutes()),
	Source: "oref0, AAPS; H1",
}, func(k *kernel) finding {
	switch minutes := k.age.Minutes(); {
	case !k.s.Glucose.OK:
		return k.doubt("no glucose reading is known: measure with a meter")
	case k.age > staleAfter:
		return k.doubt("glucose is %s min old (limit %s min): measure with a meter", minutes, staleAfter.Minutes())
	case k.age > trendUntil && k.s.Ask == AboutReading:
		return block("glucose is %s min old: no correction unasked beyond %s min", minutes, trendUntil.Minutes())
	default:
		return pass("glucose is %s min old", minutes)
	}
}}

var futureGate = gate{Rule{
	ID: "future", Stage: "quality", Hazards: []string{"H2"},
	Says:   fmt.Sprintf("no correction on a reading more than %v min ahead of the log's clock; a meal then gets its carbs' part alone", aheadMost.Minutes()),
	Source: "oref0; H2",
}, func(k *kernel) finding {
	if k.age < -aheadMost {
		return k.doubt("glucose is %s min in the future: check the device's clock", -k.age.Minutes())
	}
	return pass("the reading's time is plausible")
}}

// clockMost is by how much a device's clock may be behind the log (H2). It is the limit of
// cleanse's rule clock_skew, which tells it from a slow connection: two readings that
// came apart are late by as much.
const clockMost = 10 * time.Minute

var clockGate = gate{Rule{
	ID: "clock", Stage: "quality", Hazards: []string{"H2"},
	Says: fmt.Sprintf("while a sensor's readings come more than %v min late, each by as much, no correction, and a meal gets its carbs' part alone; "+
		"insulin on board then counts as taken so much later than it says, at most when the log took it; "+
		"no correction, and the carbs' part alone, for %v min after a sensor whose clock is ahead showed less than %v mg/dL, unless a reading of the present came since",
		clockMost.Minutes(), lowLately.Minutes(), nearLowUntil),
	Source: "H2",
}, func(k *kernel) finding {
	if k.lately(k.s.Glucose.Sighted) {
		return k.doubt("a sensor whose clock is ahead showed less than %s mg/dL %s min ago: measure with a meter", nearLowUntil, k.s.Now.Sub(k.s.Glucose.Sighted).Minutes())
	}
	if behind := k.s.Glucose.Behind; k.fromSensor() && behind > clockMost {
		return k.doubt("readings come %s min late, each by as much: set the device's clock", math.Round(behind.Minutes()))
	}
	return pass("no clock is known to be behind")
}}

// The ends of what a sensor measures, mg/dL: at or below the first, or at or above
// the second, the number is a limit (H3).
const (
	sensorLow  = 39.0
	sensorHigh = 401.0
)

var sensorRangeGate = gate{Rule{
	ID: "sensor_range", Stage: "quality", Hazards: []string{"H3"},
	Says: fmt.Sprintf("LOW (or ≤ %v mg/dL) is a low: no insulin; HIGH (or ≥ %v) corrects from the sensor's limit at most, "+
		"for an announced meal only, and asks for a meter and ketones", sensorLow, sensorHigh),
	Source: "Dexcom's special values; H3",
}, func(k *kernel) finding {
	switch {
	case k.clippedLow():
		return block("the sensor reads LOW: treat it as a low, and check with a meter")
	case k.clippedHigh() && k.s.Ask != AboutMeal:
		return block("the sensor reads HIGH: check with a meter and for ketones before correcting")
	case k.clippedHigh():
		return reduce("the sensor reads HIGH: corrected from %s mg/dL at most; check with a meter and for ketones", k.bg)
	}
	return pass("inside the sensor's range")
}}

func (k *kernel) clippedLow() bool {
	return k.s.Glucose.OK && (k.s.Glucose.Special == cleanse.Low || k.bg <= sensorLow)
}

func (k *kernel) clippedHigh() bool {
	return k.s.Glucose.Special == cleanse.High || k.fromSensor() && k.bg >= sensorHigh
}

func (k *kernel) fromSensor() bool { return k.s.Glucose.OK && k.s.Glucose.Source == "cgm" }

// Times at which a sensor's readings are not to be trusted (H6).
const (
	warmUp   = time.Hour
	settling = 15 * time.Minute
)

var warmUpGate = gate{Rule{
	ID: "warm_up", Stage: "quality", Hazards: []string{"H6"},
	Says:   fmt.Sprintf("no correction on a sensor's reading within %v min of its start; a meal then gets its carbs' part alone", warmUp.Minutes()),
	Source: "H6; the makers' warm-up times",
}, func(k *kernel) finding {
	g := &k.s.Glucose
	if since := g.At.Sub(g.SensorStart); k.fromSensor() && !g.SensorStart.IsZero() && since >= 0 && since < warmUp {
		return k.doubt("the sensor is warming up (started %s min ago): use a meter", since.Minutes())
	}
	return pass("the sensor is warm")
}}

var calibrationGate = gate{Rule{
	ID: "calibration", Stage: "quality", Hazards: []string{"H6"},
	Says:   fmt.Sprintf("no trend within %v min of a calibration, and therefore no correction unasked", settling.Minutes()),
	Source: "H6",
}, func(k *kernel) finding {
	g := &k.s.Glucose
	if since := g.At.Sub(g.Calibration).Abs(); k.fromSensor() && !g.Calibration.IsZero() && since < settling {
		k.noTrend = true
		return reduce("calibrated %s min ago: its trend is not used", since.Minutes())
	}
	return pass("no calibration just now")
}}

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
	Says: fmt.Sprintf("no insulin on a reading more than %v min old, or on none; from %v min on no correction unasked",
		staleAfter.Minutes(), trendUntil.Minutes()),
	Source: "oref0, AAPS; H1",
}, func(k *kernel) finding {
	switch minutes := k.age.Minutes(); {
	case !k.s.Glucose.OK:
		return block("no glucose reading is known: measure, then ask again")
	case k.age > staleAfter:
		return block("glucose is %s min old (limit %s min): measure, then ask again", minutes, staleAfter.Minutes())
	case k.age > trendUntil && k.s.Ask == AboutReading:
		return block("glucose is %s min old: no correction unasked beyond %s min", minutes, trendUntil.Minutes())
	default:
		return pass("glucose is %s min old", minutes)
	}
}}

var futureGate = gate{Rule{
	ID: "future", Stage: "quality", Hazards: []string{"H2"},
	Says:   fmt.Sprintf("no insulin on a reading more than %v min ahead of the log's clock", aheadMost.Minutes()),
	Source: "oref0; H2",
}, func(k *kernel) finding {
	if k.age < -aheadMost {
		return block("glucose is %s min in the future: check the device's clock", -k.age.Minutes())
	}
	return pass("the reading's time is plausible")
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

// Levels of zigzag, oref0's: light from the first on, unusable from the second
// (H4). Light noise raises the target.
const (
	noiseLight   = 0.35
	noiseMost    = 0.5
	noiseTargetX = 1.3
)

var noiseGate = gate{Rule{
	ID: "noise", Stage: "quality", Hazards: []string{"H4"},
	Says: fmt.Sprintf("no insulin on a trace whose zigzag is %v or more; from %v on the target is multiplied by %v",
		noiseMost, noiseLight, noiseTargetX),
	Source: "oref0 glucose-stats",
}, func(k *kernel) finding {
	noise := k.s.Glucose.Noise
	switch {
	case !k.fromSensor() || noise < noiseLight:
		return pass("zigzag %s", noise)
	case noise >= noiseMost:
		return block("the sensor's trace is a zigzag (%s, limit %s): check with a meter", noise, noiseMost)
	}
	k.aimAtLeast(k.rx.mid() * noiseTargetX)
	return reduce("the sensor's trace is unsteady (zigzag %s): target raised to %s mg/dL", noise, k.target)
}}

// A difference between two neighbouring readings that bodies don't make (H4).
const (
	jumpMost  = 30.0 // mg/dL
	jumpShare = 0.2
)

var jumpGate = gate{Rule{
	ID: "jump", Stage: "quality", Hazards: []string{"H4"},
	Says: fmt.Sprintf("no insulin on a sensor's reading that is more than %v mg/dL or %v %% from the one 5 min before",
		jumpMost, 100*jumpShare),
	Source: "oref0; H4",
}, func(k *kernel) finding {
	jump := math.Abs(float64(k.s.Glucose.Jump))
	if k.fromSensor() && (jump > jumpMost || jump > jumpShare*k.bg) {
		return block("glucose jumped by %s mg/dL in one step: check with a meter", jump)
	}
	return pass("changed by %s mg/dL in one step", jump)
}}

// flatMost is how long a sensor may show one number (H4), above flatAbove mg/dL.
const (
	flatMost  = 45 * time.Minute
	flatAbove = 60.0
)

var flatGate = gate{Rule{
	ID: "flat", Stage: "quality", Hazards: []string{"H4"},
	Says: fmt.Sprintf("no insulin if the sensor has shown the same number (above %v mg/dL) for %v min",
		flatAbove, flatMost.Minutes()),
	Source: "oref0, AAPS",
}, func(k *kernel) finding {
	flat := k.s.Glucose.FlatFor
	if k.fromSensor() && k.s.Glucose.Special == cleanse.Measured && k.bg > flatAbove && flat >= flatMost {
		return block("the sensor has shown the same number for %s min: check it, and measure with a meter", flat.Minutes())
	}
	return pass("the trace moves")
}}

// Times at which a sensor's readings are not to be trusted (H6).
const (
	warmUp   = time.Hour
	settling = 15 * time.Minute
)

var warmUpGate = gate{Rule{
	ID: "warm_up", Stage: "quality", Hazards: []string{"H6"},
	Says:   fmt.Sprintf("no insulin on a sensor's reading within %v min of its start", warmUp.Minutes()),
	Source: "H6; the makers' warm-up times",
}, func(k *kernel) finding {
	g := &k.s.Glucose
	if since := g.At.Sub(g.SensorStart); k.fromSensor() && !g.SensorStart.IsZero() && since >= 0 && since < warmUp {
		return block("the sensor is warming up (started %s min ago): use a meter", since.Minutes())
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

// A steep fall at night is what lying on the sensor looks like; the rise after it
// means nothing for an hour (H5). Before the rebound it can only be suspected, and
// the low alarm is never held back. Insulin on board would explain a fall, but is
// no reason to correct what follows: more of it must never allow more insulin.
const (
	fallSteep          = 2.0 // mg/dL per minute, over at least fallOver
	fallOver           = 10 * time.Minute
	compressionLasts   = time.Hour
	nightFrom, nightTo = 22, 7 // o'clock, local
)

var compressionGate = gate{Rule{
	ID: "compression_low", Stage: "quality", Hazards: []string{"H5"},
	Says: fmt.Sprintf("no correction for %v min after a fall of %v mg/dL per min or more over %v min at night (%v–%v h); the low alarm stays",
		compressionLasts.Minutes(), fallSteep, fallOver.Minutes(), nightFrom, nightTo),
	Source: "Nocturne's detector, its first half; H5",
}, func(k *kernel) finding {
	g := &k.s.Glucose
	since := k.s.Now.Sub(g.FellAt)
	if !k.fromSensor() || g.FellAt.IsZero() || since > compressionLasts || !k.night(g.FellAt) {
		return pass("no unexplained fall")
	}
	k.noCorrection = true
	if k.s.Ask != AboutMeal {
		return block("glucose fell steeply %s min ago, perhaps from lying on the sensor: no correction of the rebound", since.Minutes())
	}
	return reduce("glucose fell steeply %s min ago, perhaps from lying on the sensor: no correction with this meal", since.Minutes())
}}

func (k *kernel) night(t time.Time) bool {
	zone := time.UTC
	if k.rx.given && k.s.Settings.Zone != nil {
		zone = k.s.Settings.Zone
	}
	hour := t.In(zone).Hour()
	return hour >= nightFrom || hour < nightTo
}

package predict

import (
	"fmt"
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// Levels of zigzag, oref0's: light from the first on, unusable from the second
// (H4). Light noise raises the target.
const (
	noiseLight   = 0.35
	noiseMost    = 0.5
	noiseTargetX = 1.3
)

var noiseGate = gate{Rule{
	ID: "noise", Stage: "quality", Hazards: []string{"H4"},
	Says: fmt.Sprintf("no correction on a trace whose zigzag is %v or more, a meal then gets its carbs' part alone; from %v on the target is multiplied by %v",
		noiseMost, noiseLight, noiseTargetX),
	Source: "oref0 glucose-stats",
}, func(k *kernel) finding {
	noise := k.s.Glucose.Noise
	switch {
	case !k.fromSensor() || noise < noiseLight:
		return pass("zigzag %s", noise)
	case noise >= noiseMost:
		return k.doubt("the sensor's trace is a zigzag (%s, limit %s): check with a meter", noise, noiseMost)
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
	Says: fmt.Sprintf("no correction on a sensor's reading that is more than %v mg/dL or %v %% from the one 5 min before; a meal then gets its carbs' part alone",
		jumpMost, 100*jumpShare),
	Source: "oref0; H4",
}, func(k *kernel) finding {
	jump := math.Abs(float64(k.s.Glucose.Jump))
	if k.fromSensor() && (jump > jumpMost || jump > jumpShare*k.bg) {
		return k.doubt("glucose jumped by %s mg/dL in one step: check with a meter", jump)
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
	Says: fmt.Sprintf("no correction if the sensor has shown the same number (above %v mg/dL) for %v min; a meal then gets its carbs' part alone",
		flatAbove, flatMost.Minutes()),
	Source: "oref0, AAPS",
}, func(k *kernel) finding {
	flat := k.s.Glucose.FlatFor
	if k.fromSensor() && k.s.Glucose.Special == cleanse.Measured && k.bg > flatAbove && flat >= flatMost {
		return k.doubt("the sensor has shown the same number for %s min: check it, and measure with a meter", flat.Minutes())
	}
	return pass("the trace moves")
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
	return !nightEnd(t, zone).IsZero()
}

// nightEnd is when the night ends that t is in; zero by day.
func nightEnd(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	year, month, day := local.Date()
	switch hour := local.Hour(); {
	case hour >= nightFrom:
		day++
	case hour >= nightTo:
		return time.Time{}
	}
	return time.Date(year, month, day, nightTo, 0, 0, 0, zone)
}

package simulate

import (
	"fmt"
	"math"
	"time"
)

// sensor is a continuous glucose monitor in its present session.
//
// Its error is the model of Facchinetti A et al., IEEE Trans Biomed Eng
// 2014;61:620, with the numbers found for the factory-calibrated Dexcom G6 by
// Vettoretti M et al., EMBC 2019: reading = a(τ)·IG + b(τ) + common + own noise,
// with IG the interstitial glucose (the body's TauTissue lags it), τ the days since
// insertion, and the two noises autoregressive of order two, one step a reading.
// Sensors differ by a gain (SD 4 %) and an offset (SD 3 mg/dL), which the papers
// report only as part of the drift; the sizes are this project's.
type sensor struct {
	Number  int // of the session
	Since   time.Time
	Own     [2]float64 // the last two values of the sensor's own noise, mg/dL
	Common  [2]float64 // the same of the part common to sensors
	Shown   []reading  // what the wearer's display had in the last half hour
	Trouble trouble
}

// reading is what a display shows.
type reading struct {
	At   time.Time
	MgdL float64
}

const (
	interval    = 5 * time.Minute // between readings
	sessionDays = 10
	lowest      = 39.0  // reported below 40 mg/dL
	highest     = 401.0 // reported above 400 mg/dL
)

// firstSensor is one that was inserted up to a session's length ago.
func (p *Person) firstSensor() sensor {
	age := time.Duration(p.dice.nth("sensor-age", 0).IntN(sessionDays*24*60-180)+180) * time.Minute
	return sensor{Since: p.d.Now.Add(-age)}
}

// sense takes the reading that is due at t.
func (p *Person) sense(t time.Time) {
	s := &p.d.Sensor
	if t.Sub(s.Since) >= sessionDays*24*time.Hour {
		*s = sensor{Number: s.Number + 1, Since: t, Trouble: s.Trouble}
		if p.faults["warmup"] {
			p.note(t, "sensor-start", "new sensor")
		}
	}
	value := p.measure(t)
	p.report(t, p.disturb(t, value))
}

// measure is what a sensor without faults would read, mg/dL.
func (p *Person) measure(t time.Time) float64 {
	s, r := &p.d.Sensor, p.dice.at("noise", t)
	own := 1.220*s.Own[0] - 0.331*s.Own[1] + math.Sqrt(3.641)*r.NormFloat64()
	common := 1.34*s.Common[0] - 0.492*s.Common[1] + math.Sqrt(5.538)*r.NormFloat64()
	s.Own, s.Common = [2]float64{own, s.Own[0]}, [2]float64{common, s.Common[0]}

	unit := p.dice.nth("unit", int64(s.Number))
	gain, offset := 1+0.04*trunc(unit, 2), 3*trunc(unit, 2)
	days := t.Sub(s.Since).Hours() / 24
	a := 1.048 - 0.033*days + 0.002*days*days
	b := -6.398 + 6.179*days - 0.448*days*days
	return gain*a*p.body.Interstitial() + offset + b + own + common
}

// show remembers what the wearer sees, and lets them act on it.
func (p *Person) show(t time.Time, mgdl float64) {
	s := &p.d.Sensor
	for len(s.Shown) > 0 && t.Sub(s.Shown[0].At) > 30*time.Minute {
		s.Shown = s.Shown[1:]
	}
	s.Shown = append(s.Shown, reading{t, mgdl})
	p.react(t, mgdl)
}

// latest is what the display shows at t, if it is recent.
func (s *sensor) latest(t time.Time) (float64, bool) {
	if len(s.Shown) == 0 || t.Sub(s.Shown[len(s.Shown)-1].At) > 15*time.Minute {
		return 0, false
	}
	return s.Shown[len(s.Shown)-1].MgdL, true
}

// arrow is the trend that goes with a reading of mgdl at t: the slope over a
// quarter of an hour, empty where too little was read.
func (s *sensor) arrow(t time.Time, mgdl float64) string {
	for _, r := range s.Shown {
		if age := t.Sub(r.At).Minutes(); age >= 9 && age <= 16 {
			return trendName((mgdl - r.MgdL) / age)
		}
	}
	return ""
}

// trendName names a slope in mg/dL per minute as Dexcom does.
func trendName(slope float64) string {
	switch {
	case slope > 3:
		return "doubleUp"
	case slope > 2:
		return "singleUp"
	case slope > 1:
		return "fortyFiveUp"
	case slope >= -1:
		return "flat"
	case slope >= -2:
		return "fortyFiveDown"
	case slope >= -3:
		return "singleDown"
	}
	return "doubleDown"
}

// saturate is a value as a sensor reports it: whole mg/dL, its limits for LOW and
// HIGH.
func saturate(mgdl float64) float64 {
	switch value := math.Round(mgdl); {
	case value < 40:
		return lowest
	case value > 400:
		return highest
	default:
		return value
	}
}

// device is the sensor's name; each session has its own.
func (p *Person) device() string {
	return fmt.Sprintf("g6-%04x", p.dice.nth("device", int64(p.d.Sensor.Number)).IntN(1<<16))
}

// stick measures glucose with a meter: an error of 5 % or 5 mg/dL (SD), which keeps
// within ISO 15197:2013 (95 % within 15 % or 15 mg/dL).
func (p *Person) stick(t time.Time) {
	real := p.body.Glucose()
	sd := math.Max(5, 0.05*real)
	value := math.Round(math.Min(math.Max(real+sd*trunc(p.dice.at("meter", t), 3), 20), 600))
	w := p.wire(t, "glucose", "fingerstick")
	w.Value, w.Unit, w.Source, w.Device = &value, "mg/dL", "fingerstick", "meter-"+p.id[2:]
	p.post(t, w)
}

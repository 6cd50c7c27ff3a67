package predict

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
)

// therapy is what the settings say at one moment. Numbers are NaN where the
// profile gives none.
type therapy struct {
	icr, isf  float64 // g/U, mg/dL per U
	low, high float64 // the target range, mg/dL
	step      float64 // of the device, U
	most      float64 // per bolus, U
	hard      float64 // per bolus for the age class, U
	class     ageClass
	given     bool // there is a profile
}

// What is assumed where a profile says nothing. A step too large and a maximum too
// small err towards less insulin.
const (
	stepUnknown     = 1.0  // U: the coarsest pen, so that rounding down loses most
	stepPumpUnknown = 0.05 // U: the finest step that pumps share
	mostUnknown     = 10.0 // U, H9
)

// inForce is what the settings say at s.Now. Within a day of a large change of
// time zone the gentler of the old and the new hour's values counts (H18).
func inForce(s *Situation) therapy {
	rx := therapy{icr: math.NaN(), isf: math.NaN(), low: math.NaN(), high: math.NaN(), most: mostUnknown, step: stepUnknown}
	p := s.Settings
	if p != nil {
		rx.given = true
		rx.icr, rx.isf = gentler(p.ICR, s), gentler(p.ISF, s)
		rx.low, rx.high = gentler(p.TargetLow, s), gentler(p.TargetHigh, s)
		rx.step = deviceStep(p)
		if p.MaxBolus > 0 {
			rx.most = float64(p.MaxBolus)
		}
	}
	rx.class = classOf(p, s.Now)
	rx.hard = hardMost[rx.class]
	rx.most = min(rx.most, rx.hard)
	return rx
}

// gentler is the schedule's value now; of two zones in question the larger one:
// a larger carb ratio, sensitivity or target always means less insulin. Hundredths
// are as much as is printed.
func gentler(x cleanse.Schedule, s *Situation) float64 {
	zone := s.Settings.Zone
	if zone == nil {
		zone = time.UTC
	}
	value := x.At(s.Now, zone)
	if s.FormerZone != nil {
		value = max(value, x.At(s.Now, s.FormerZone))
	}
	return cents(value)
}

func deviceStep(p *cleanse.Settings) float64 {
	switch {
	case p.DoseStep > 0:
		return float64(p.DoseStep)
	case p.Regimen == "pump":
		return stepPumpUnknown
	}
	return stepUnknown
}

// mid is the middle of the target range, which corrections aim at.
func (rx *therapy) mid() float64 { return cents((rx.low + rx.high) / 2) }

// csf is by how much a gram of carbohydrate raises glucose, in mg/dL.
func (rx *therapy) csf() float64 { return rx.isf / rx.icr }

// ageClass is the class that the hard cap of a bolus depends on.
type ageClass uint8

const (
	child ageClass = iota // also where the age is unknown
	teen
	adult
	resistant // adults with type 2 diabetes
)

// Ages at which the classes begin, in completed years: adolescence as ICH E11 has it for
// medicines. At 12, many need more than a child's limit for a dinner, which their clinic's
// own maximum then bounds.
const (
	teenFrom  = 12
	adultFrom = 18
)

// hardMost is the most units of one bolus by age class (H20).
var hardMost = [...]float64{child: 5, teen: 10, adult: 17, resistant: 25}

func classOf(p *cleanse.Settings, now time.Time) ageClass {
	if p == nil || p.BirthYear == 0 {
		return child
	}
	// The birthday is unknown: the person may be a year younger than it seems.
	switch years := now.Year() - p.BirthYear - 1; {
	case years < teenFrom:
		return child
	case years < adultFrom:
		return teen
	case p.Diabetes == "type2":
		return resistant
	}
	return adult
}

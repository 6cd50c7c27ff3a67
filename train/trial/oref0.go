package trial

import (
	"fmt"
	"math"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/predict"
)

// oref0 is a rule after OpenAPS's oref0 (determine-basal), simplified to what a
// person can carry out by hand. From oref0 come the deviation, the eventual
// glucose, the low-glucose threshold, the insulin requirement of which half is
// given, and the carbs requirement. Left out: temporary basal rates, micro boluses
// every five minutes, autosens, and detection of unannounced meals. Meals get the
// calculator's bolus; corrections come at most every half hour, and not asleep.
// It is not oref0, and says nothing of how well oref0 does in a closed loop.
type oref0 struct {
	*Calculator
	dosed, fed time.Time
}

const (
	orefEvery  = 30 * time.Minute
	orefLasts  = 60.0  // minutes until a deviation has faded, on average
	orefDigest = 180.0 // minutes that carbs are assumed to take, evenly
	orefCarbs  = 8.0   // g; less isn't asked for
	orefMost   = 20.0  // g at once
	orefAhead  = 240
)

// Observe implements Policy.
func (o *oref0) Observe(at time.Time, w ingest.Wire) ([]Message, error) {
	if w.Type != "glucose" || w.Source != "cgm" || !o.doses {
		if w.Type == "glucose" {
			return nil, nil
		}
		return o.Calculator.Observe(at, w)
	}
	o.note(at, w)
	now, ok := o.latest(at)
	slope, straight := o.slope(at)
	if !ok || !straight {
		return nil, nil
	}
	eventual, least := o.predict(at, now, slope)
	target := (o.rx.TargetLow + o.rx.TargetHigh) / 2
	threshold := o.rx.TargetLow - 0.5*(o.rx.TargetLow-40)
	why := fmt.Sprintf("%.0f mg/dL, eventually %.0f, at least %.0f", now, eventual, least)
	switch csf := o.rx.ISF / o.rx.ICR; {
	case least < threshold:
		grams := math.Min(orefMost, math.Round((threshold-least)/csf))
		if grams < orefCarbs || at.Sub(o.fed) < orefEvery {
			return nil, nil
		}
		o.fed = at
		return []Message{{o.advice(at, "carbs", 0, grams), why + fmt.Sprintf(": %.0f g to stay above %.0f", grams, threshold), true, predict.AlertPredictedLow}}, nil
	case at.Sub(o.dosed) >= orefEvery && at.Sub(o.lastBolus()) >= orefEvery:
		return o.correctBy(at, math.Min(eventual, least)-target, why), nil
	}
	return nil, nil
}

// correctBy gives half of the insulin that is required for an excess in mg/dL.
func (o *oref0) correctBy(at time.Time, excess float64, why string) []Message {
	units := math.Floor(excess/o.rx.ISF/2/o.rx.DoseStep) * o.rx.DoseStep
	if units <= 0 {
		return nil
	}
	o.dosed = at
	units = math.Min(units, o.rx.MaxBolus)
	return []Message{{o.advice(at, "correction", units, 0), why + fmt.Sprintf(": half of %.2f U", excess/o.rx.ISF), true, aboutCorrection}}
}

// predict is the eventual glucose and the least on the way, in mg/dL: insulin on
// board lowers it, what the trend says beyond insulin and carbs fades within an
// hour, and carbs raise it at an even pace for three hours.
func (o *oref0) predict(at time.Time, now, slope float64) (eventual, least float64) {
	csf := o.rx.ISF / o.rx.ICR
	var activity float64
	for _, d := range o.taken {
		activity += d.amount * o.curve.Activity(at.Sub(d.at).Minutes())
	}
	deviation := slope + activity*o.rx.ISF - csf*(o.digested(at, 1)-o.digested(at, 0))
	board := o.iob(at)
	least = math.Inf(1)
	for m := 5; m <= orefAhead; m += 5 {
		later := at.Add(time.Duration(m) * time.Minute)
		fading := math.Min(float64(m), orefLasts)
		drift := deviation * (fading - fading*fading/(2*orefLasts))
		eventual = now - (board-o.iob(later))*o.rx.ISF + drift + csf*(o.digested(at, m)-o.digested(at, 0))
		eventual = math.Min(math.Max(eventual, 39), 401)
		least = math.Min(least, eventual)
	}
	return eventual, least
}

// digested is how many grams of the logged carbs are absorbed minutes from at.
func (o *oref0) digested(at time.Time, minutes int) (sum float64) {
	for _, m := range o.eaten {
		sum += m.amount * absorbedEvenly(at.Sub(m.at).Minutes()+float64(minutes), orefDigest)
	}
	return sum
}

// absorbedEvenly is the fraction of carbs that is absorbed some minutes after they
// were eaten, at an even pace over lasts minutes: Loop's linear absorption.
func absorbedEvenly(minutes, lasts float64) float64 {
	return math.Min(1, math.Max(0, minutes/lasts))
}

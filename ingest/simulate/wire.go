package simulate

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/titrate/titrate/ingest"
)

// posting is an event on its way.
type posting struct {
	At     time.Time // of transmission
	Number int
	Wire   ingest.Wire
}

// post transmits w a few seconds after t.
func (p *Person) post(t time.Time, w ingest.Wire) {
	seconds := 1 + p.dice.at("latency-"+w.Type, t).IntN(8)
	p.send(t.Add(time.Duration(seconds)*time.Second), w)
}

// send transmits w at a time; events of the same instant keep their order.
func (p *Person) send(at time.Time, w ingest.Wire) {
	p.d.Posted++
	next := posting{At: at, Number: p.d.Posted, Wire: w}
	i, _ := slices.BinarySearchFunc(p.d.Outbox, next, func(a, b posting) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return a.Number - b.Number
	})
	p.d.Outbox = slices.Insert(p.d.Outbox, i, next)
}

// wire begins an event. Its id follows from seed, person, type, time and what tells
// events of one minute apart.
func (p *Person) wire(t time.Time, kind, apart string) ingest.Wire {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s/%s/%d/%s", p.options.Seed, p.id, kind, t.Unix(), apart)
	return ingest.Wire{
		Type: kind, ID: strconv.FormatUint(scatter(h.Sum64()), 16),
		Patient: p.id, Time: t.UTC().Format(time.RFC3339),
	}
}

func (p *Person) insulin(t time.Time, units float64, reason string) ingest.Wire {
	w := p.wire(t, "insulin", reason)
	units = math.Round(units*1000) / 1000
	w.Units, w.Kind, w.Reason, w.Product = &units, "rapid", reason, p.product
	return w
}

func (p *Person) food(t time.Time, m meal) ingest.Wire {
	w := p.wire(t, "meal", m.Name)
	w.Meal, w.CarbsG = m.Name, &m.CountedG
	if m.CarbsG > 0 { // a meal; fast carbs have nothing else in them
		kcal := math.Round(4*(m.CountedG+m.ProteinG) + 9*m.FatG)
		w.Kcal, w.ProteinG, w.FatG = &kcal, &m.ProteinG, &m.FatG
	}
	return w
}

// Profile is the person's profile event. Its time is the start of the record, or
// when they last changed their basal, which they report themselves. People without
// rapid-acting insulin have no ratio, no sensitivity and no bolus limit.
func (p *Person) Profile() ingest.Wire {
	w := p.wire(p.d.ProfileAt, "profile", "")
	weight := math.Round(p.body.params.WeightKg)
	w.BirthYear, w.WeightKg, w.Timezone = &p.birth, &weight, p.zone.String()
	w.Diabetes, w.Regimen = "type1", p.regimen()
	if p.cohort.isType2() {
		w.Diabetes = "type2"
	}
	w.TargetLow, w.TargetHigh = number(p.therapy.TargetLow), number(p.therapy.TargetHigh)
	w.BasalUPerDay = p.basalSetting()
	step := p.therapy.DoseStep
	w.DoseStepU = &step
	if !p.cohort.boluses {
		return w
	}
	w.ICR, w.ISF = number(p.therapy.ICR), number(p.therapy.ISF)
	maxBolus, action := p.therapy.MaxBolus, actionMinutes
	w.MaxBolusU, w.DIAMin, w.Insulin = &maxBolus, &action, p.product
	return w
}

func (p *Person) regimen() string {
	switch {
	case p.pump:
		return "pump"
	case p.cohort.boluses:
		return "mdi"
	}
	return "basal"
}

// basalSetting is the basal in U a day: a number for injections, for pumps a
// schedule with a step where the hourly rate changes.
func (p *Person) basalSetting() json.RawMessage {
	if !p.pump {
		return number(nearest(p.therapy.BasalPerDay()*p.d.BasalScale, p.therapy.LongStep))
	}
	type step struct {
		Start string  `json:"start"`
		Value float64 `json:"value"`
	}
	var steps []step
	for hour, rate := range p.therapy.Basal {
		if hour == 0 || rate != p.therapy.Basal[hour-1] {
			value := math.Round(rate*p.d.BasalScale*24*1000) / 1000
			steps = append(steps, step{fmt.Sprintf("%02d:00", hour), value})
		}
	}
	raw, err := json.Marshal(steps)
	if err != nil {
		panic(err) // strings and finite numbers always encode
	}
	return raw
}

func number(x float64) json.RawMessage {
	return json.RawMessage(strconv.FormatFloat(x, 'g', -1, 64))
}

// tell passes a truth on, once the record has begun.
func (p *Person) tell(t Truth) {
	if p.OnTruth == nil || t.At.Before(p.start) {
		return
	}
	t.Patient = p.id
	p.OnTruth(t)
}

func (p *Person) response(t time.Time, a Advice, action, reason string) ingest.Wire {
	w := p.wire(t, "response", a.ID)
	w.Recommendation, w.Action, w.Reason = a.ID, action, reason
	return w
}

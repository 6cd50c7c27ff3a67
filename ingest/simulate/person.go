package simulate

import (
	"fmt"
	"math"
	"time"

	"github.com/titrate/titrate/ingest"
)

// Person is a virtual person. It isn't safe for concurrent use.
type Person struct {
	// OnTruth, if set, learns what really happened wherever the stream says
	// otherwise. It is called from Advance, before the event it speaks of is
	// emitted.
	OnTruth func(Truth)
	// OnMinute, if set, learns what enters the body in the minute that begins, before
	// it does: with a copy of the body, another course of the same life can be lived.
	OnMinute func(at time.Time, in Input)

	id      string
	options Options
	dice    dice
	cohort  cohort
	zone    *time.Location
	start   time.Time
	birth   int
	pump    bool
	product string // rapid-acting insulin
	long    string // long-acting insulin
	habits  habits
	rhythm  Rhythm
	therapy Therapy // what the clinic set
	faults  faults
	phase   int // minute of the five at which the sensor reads

	body   *Body
	intake Input // what this minute brings
	d      diary
}

// diary is all of a person that changes, besides the body.
type diary struct {
	Now       time.Time // the next minute to live
	Today     day
	Agenda    []intent
	Outbox    []posting
	Posted    int
	Inbox     []Advice
	Heard     []string   // ids of the latest advice
	Pending   *pending   // a logged meal that waits for its bolus
	Forgotten *forgotten // the newest meal that was not logged
	Doses     []dose     // of the last hours
	Sensor    sensor

	BasalScale float64   // the person's own changes of basal
	ProfileAt  time.Time // since when the present settings hold
	Digestion  float64
	TrainUntil time.Time
	Training   float64
	LastRescue time.Time
	Rescues    int // lows treated without advice
}

// zones are where people live.
var zones = []string{
	"Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago",
	"America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata", "Australia/Sydney",
}

func newPerson(o Options, number int) (*Person, error) {
	p := &Person{
		id: fmt.Sprintf("p-%04d", number), options: o, dice: newDice(o.Seed, number),
		start: o.Start.UTC().Truncate(time.Minute), faults: newFaults(o.Faults),
	}
	r := p.dice.nth("person", 0)
	p.cohort = pick(o.Cohort, r)
	age := p.cohort.age[0] + (p.cohort.age[1]-p.cohort.age[0])*r.Float64()
	p.birth = p.start.Year() - int(age)
	p.pump = r.Float64() < p.cohort.pump
	p.phase = r.IntN(5)
	p.product = []string{"lispro", "aspart"}[r.IntN(2)]
	p.long = []string{"glargine", "degludec"}[r.IntN(2)]
	var err error
	if p.zone, err = time.LoadLocation(zones[r.IntN(len(zones))]); err != nil {
		return nil, fmt.Errorf("load time zone: %w", err)
	}
	p.habits = drawHabits(p.dice.nth("habits", 0), p.cohort)
	o.Strain.on(&p.habits)
	return p, p.embody(age)
}

// embody draws the body and its therapy, and lives one unrecorded day, so that the
// record begins in the middle of a life.
func (p *Person) embody(age float64) error {
	params, rhythm, ideal, err := drawPatient(p.dice.nth("body", 0), p.cohort, age, p.pump)
	if err != nil {
		return fmt.Errorf("cohort %s: %w", p.cohort.name, err)
	}
	if p.long == "degludec" {
		params.LongHalfLife = degludecHalfLife
	}
	p.rhythm = rhythm
	if p.therapy, err = p.options.Settings.on(ideal.asInClinics(p.dice.nth("clinic", 0), params.WeightKg)); err != nil {
		return err
	}
	p.habits.Appetite *= math.Sqrt(params.WeightKg / p.cohort.typicalKg)
	p.body = NewBody(params)
	p.body.Settle(130, p.longShare())
	p.d = diary{Now: p.start.Add(-24 * time.Hour), BasalScale: 1, ProfileAt: p.start, Digestion: 1}
	p.d.Sensor = p.firstSensor()
	return nil
}

func (p *Person) longShare() float64 {
	if p.pump {
		return 0
	}
	return 1
}

// Patient is the person's id.
func (p *Person) Patient() string { return p.id }

// Cohort is the population the person was drawn from, never mixed.
func (p *Person) Cohort() string { return p.cohort.name }

// Glucose is the true plasma glucose, mg/dL.
func (p *Person) Glucose() float64 { return p.body.Glucose() }

// Body is a copy of the person's body as it is now, for counterfactuals.
func (p *Person) Body() *Body { return p.body.Clone() }

// Reads tells whether the sensor takes a reading in that minute.
func (p *Person) Reads(t time.Time) bool { return t.Minute()%5 == p.phase }

// Therapy is what the clinic set.
func (p *Person) Therapy() Therapy { return p.therapy }

// Advance lives until the given time and emits what is transmitted until then, in
// that order. at is the time of transmission, normally seconds after Wire.Time.
// Splitting an interval changes nothing. If emit fails, its error is returned and
// the same event is emitted first by the next call.
func (p *Person) Advance(until time.Time, emit func(at time.Time, w ingest.Wire) error) error {
	for {
		due := len(p.d.Outbox) > 0 && !p.d.Outbox[0].At.After(p.d.Now)
		switch {
		case due && !p.d.Outbox[0].At.After(until):
			if err := p.deliver(emit); err != nil {
				return err
			}
		case !due && !p.d.Now.After(until):
			p.live()
		default:
			return nil
		}
	}
}

func (p *Person) deliver(emit func(time.Time, ingest.Wire) error) error {
	next := p.d.Outbox[0]
	if next.At.Before(p.start) {
		p.d.Outbox = p.d.Outbox[1:]
		return nil
	}
	if err := emit(next.At, next.Wire); err != nil {
		return fmt.Errorf("emit %s of %s: %w", next.Wire.Type, p.id, err)
	}
	p.d.Outbox = p.d.Outbox[1:]
	return nil
}

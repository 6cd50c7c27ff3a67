package simulate

import (
	"math"
	"slices"
	"time"

	"github.com/titrate/titrate/ingest"
)

// Faults are the names of what can go wrong between a body and the stream. Without
// any, a sensor has the published noise and saturates at 40 and 400 mg/dL.
//
//   - clock: for half a day to two days, readings carry a time that is off by
//     minutes, or by an hour as after a missed change to or from summer time
//   - compression: lying on the sensor at night lowers readings by a quarter to a
//     half for 20 to 60 minutes
//   - delay: readings are held back for 20 minutes to 4 hours, then sent in a burst
//   - drift: one sensor in three loses 2.5 % of its sensitivity a day from its
//     fourth day on
//   - dropout: no readings for 15 minutes to 3 hours
//   - duplicate: a reading is sent twice, byte for byte
//   - noise: for an hour or two the noise is fourfold
//   - spike: one reading is off by 40 to 120 mg/dL
//   - warmup: a sensor's start is noted; there are no readings in its first two
//     hours, and an error that fades over the next ten
func Faults() []string {
	return []string{"clock", "compression", "delay", "drift", "dropout", "duplicate", "noise", "spike", "warmup"}
}

// faults are the switched-on ones.
type faults map[string]bool

func newFaults(names []string) faults {
	f := faults{}
	for _, name := range Faults() {
		f[name] = slices.Contains(names, name) || slices.Contains(names, "all")
	}
	return f
}

// trouble is which spells of fault a sensor is in, and until when.
type trouble struct {
	Until map[string]time.Time
	Since map[string]time.Time
	Size  map[string]float64
}

// spell describes when a fault begins, how long it lasts and how large it is.
type spell struct {
	perDay   float64 // expected beginnings
	min, max float64 // minutes
	low, hi  float64 // size
}

// spells: pressure-induced drop-outs occur 1.7 times a day over day and night
// (Emami A et al., Diabetes Technol Ther 2015;17); only the nightly part is called
// compression here. The other rates are chosen, not measured: often enough for
// recall to be estimated in two weeks.
var spells = map[string]spell{
	"clock":       {perDay: 0.12, min: 720, max: 2880, low: 0, hi: 1},
	"compression": {perDay: 1.8, min: 20, max: 60, low: 0.25, hi: 0.5}, // a day of nights: about 0.6 a night
	"delay":       {perDay: 0.4, min: 20, max: 240},
	"dropout":     {perDay: 0.6, min: 15, max: 180},
	"noise":       {perDay: 0.4, min: 60, max: 120, low: 4, hi: 4},
}

// spell says whether the fault holds at t, and its size; a new one may begin.
func (p *Person) spell(name string, t time.Time) (float64, bool) {
	if !p.faults[name] {
		return 0, false
	}
	tr := &p.d.Sensor.Trouble
	if t.Before(tr.Until[name]) {
		return tr.Size[name], true
	}
	kind, r := spells[name], p.dice.at("fault-"+name, t)
	if r.Float64() >= kind.perDay/288 || name == "compression" && !p.asleep(t) {
		return 0, false
	}
	if tr.Until == nil {
		*tr = trouble{map[string]time.Time{}, map[string]time.Time{}, map[string]float64{}}
	}
	readings := math.Round((kind.min + (kind.max-kind.min)*r.Float64()) / 5)
	tr.Since[name], tr.Until[name] = t, t.Add(time.Duration(readings)*interval)
	tr.Size[name] = kind.low + (kind.hi-kind.low)*r.Float64()
	return tr.Size[name], true
}

// disturbed is a value and the faults that shaped it.
type disturbed struct {
	value  float64
	faults []string
}

// disturb applies the faults that change a value.
func (p *Person) disturb(t time.Time, value float64) disturbed {
	d := disturbed{value: value}
	s := &p.d.Sensor
	days := t.Sub(s.Since).Hours() / 24
	if size, on := p.spell("noise", t); on {
		d.shape("noise", (size-1)*(s.Own[0]+s.Common[0]))
	}
	if p.faults["drift"] && days > 4 && p.dice.nth("drift", int64(s.Number)).Float64() < 1.0/3 {
		d.shape("drift", -0.025*(days-4)*value)
	}
	if p.faults["warmup"] && s.Number > 0 && days < 0.5 {
		bias := 30 * trunc(p.dice.nth("warmup", int64(s.Number)), 2)
		d.shape("warmup", bias*(0.5-days)/0.5)
	}
	if size, on := p.spell("compression", t); on {
		d.shape("compression", -size*d.value*p.pressed(t))
	}
	if r := p.dice.at("fault-spike", t); p.faults["spike"] && r.Float64() < 0.7/288 {
		d.shape("spike", (40+80*r.Float64())*math.Copysign(1, r.Float64()-0.5))
	}
	return d
}

// shape adds delta and remembers why. What rounding would hide is no fault.
func (d *disturbed) shape(name string, delta float64) {
	if math.Abs(delta) >= 1 {
		d.value += delta
		d.faults = append(d.faults, name)
	}
}

// pressed is how much of a compression's depth has built up: it comes and goes
// within ten minutes.
func (p *Person) pressed(t time.Time) float64 {
	tr := &p.d.Sensor.Trouble
	in, out := t.Sub(tr.Since["compression"]).Minutes()+5, tr.Until["compression"].Sub(t).Minutes()
	return math.Min(1, math.Min(in, out)/10)
}

// report sends a reading the way the faults of transmission let it go.
func (p *Person) report(t time.Time, d disturbed) {
	value := saturate(d.value)
	if p.silent(t) {
		return
	}
	w := p.wire(t, "glucose", "cgm")
	w.Value, w.Unit, w.Source = &value, "mg/dL", "cgm"
	w.Device, w.Trend = p.device(), p.d.Sensor.arrow(t, value)
	told := t
	if size, on := p.spell("clock", t); on {
		told = t.Add(clockError(size))
		w.Time = told.UTC().Format(time.RFC3339)
		d.faults = append(d.faults, "clock")
	}
	sent := t.Add(time.Duration(2+p.dice.at("latency", t).IntN(12)) * time.Second)
	if _, on := p.spell("delay", t); on {
		// All within the second in which the connection is back: the next reading is
		// sent two seconds after it at the earliest, and must not overtake.
		n := t.Sub(p.d.Sensor.Trouble.Since["delay"]) / interval
		sent = p.d.Sensor.Trouble.Until["delay"].Add(n * 20 * time.Millisecond)
		d.faults = append(d.faults, "delay")
	}
	truth := Truth{ID: w.ID, At: t, Told: told, Sent: sent, Reported: value, Real: p.body.Glucose()}
	p.transmit(t, sent, w, truth, d.faults)
	if !slices.Contains(d.faults, "delay") {
		p.show(t, value)
	}
}

// transmit sends w, perhaps twice, and tells the truth about it.
func (p *Person) transmit(t, sent time.Time, w ingest.Wire, truth Truth, why []string) {
	for _, truth.Fault = range why {
		p.tell(truth)
	}
	p.send(sent, w)
	if r := p.dice.at("fault-duplicate", t); p.faults["duplicate"] && r.Float64() < 0.02 {
		truth.Fault, truth.Sent = "duplicate", sent.Add(time.Duration(5+r.IntN(595))*time.Second)
		p.tell(truth)
		p.send(truth.Sent, w)
	}
}

// silent says whether no reading leaves the sensor at t, and tells why.
func (p *Person) silent(t time.Time) bool {
	why := ""
	if _, on := p.spell("dropout", t); on {
		why = "dropout"
	}
	if p.faults["warmup"] && p.d.Sensor.Number > 0 && t.Sub(p.d.Sensor.Since) < 2*time.Hour {
		why = "warmup"
	}
	if why != "" {
		p.tell(Truth{Fault: why, At: t, Real: p.body.Glucose()})
	}
	return why != ""
}

// clockError maps a number in [0, 1) to an error: an hour either way for a fifth
// each, otherwise 3 to 25 minutes either way.
func clockError(u float64) time.Duration {
	switch {
	case u < 0.2:
		return time.Hour
	case u < 0.4:
		return -time.Hour
	}
	v := (u - 0.4) / 0.6 // again uniform
	minutes := 3 + 22*math.Abs(2*v-1)
	return time.Duration(math.Copysign(minutes, v-0.5)) * time.Minute
}

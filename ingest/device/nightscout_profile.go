package device

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest"
)

// nsProfile is basal rates in force from a time on.
type nsProfile struct {
	file  string
	wire  ingest.Wire
	from  time.Time
	until time.Time // zero: until the next
	rates rates
}

// nsStore is the named profiles of one record.
type nsStore struct {
	from  time.Time
	named map[string]object
	units string
}

// readProfiles collects the named profiles in a list of items.
func (p *nsPerson) readProfiles(file string, items []item) {
	for _, it := range items {
		if nsKind(it.fields.has) != "profile" {
			continue
		}
		d := draft{wire: history("profile", p.patient), file: file, src: it.src}
		p.profileTime(&d, it.fields)
		named := map[string]object{}
		for name, raw := range it.fields.under("store") {
			named[name] = objectOf(raw)
		}
		p.stores = append(p.stores, nsStore{d.at, named, it.fields.text("units")})
	}
	slices.SortStableFunc(p.stores, func(a, b nsStore) int { return a.from.Compare(b.from) })
}

func (p *nsPerson) profileTime(d *draft, o object) {
	for _, name := range []string{"startDate", "created_at"} {
		if text := o.text(name); text != "" {
			d.moment(text, p.zone)
			return
		}
	}
	d.adrift = true
	d.fault("no time: neither startDate nor created_at")
}

// profileDrafts is the default profile of a record, in force from its start on.
func (p *nsPerson) profileDrafts(d draft, o object) {
	p.profileTime(&d, o)
	d.identified(o, "identifier", "_id")
	name := o.text("defaultProfile")
	chosen := objectOf(o.under("store")[name])
	if chosen == nil {
		d.wire.Type = "profile"
		d.fault("the default profile %q isn't among those of the record", name)
	} else {
		p.settings(&d, chosen, o.text("units"), 1)
	}
	p.drafts = append(p.drafts, d)
}

// switchTo is a change to another profile: a copy of it in the treatment, as AAPS
// writes it, or one of those on file, scaled by percentage.
func (p *nsPerson) switchTo(d *draft, o object) {
	d.wire.Type = "profile"
	name := o.text("profile")
	chosen, units := o.under("profileJson"), ""
	if chosen == nil {
		chosen, units = p.stored(name, d.at)
	}
	share := 1.0
	if percent, ok := o.number("percentage"); ok && percent > 0 {
		share = percent / 100
	}
	if shift, ok := o.number("timeshift"); ok && shift != 0 {
		d.fault("a profile shifted by %v h isn't read", shift)
		return
	}
	if chosen == nil {
		d.fault("profile %q isn't on file", name)
		return
	}
	p.settings(d, chosen, units, share)
	if minutes, ok := o.number("duration"); ok && minutes > 0 && minutes < forever && !d.adrift {
		p.profiles[len(p.profiles)-1].until = d.at.Add(time.Duration(minutes * float64(time.Minute)))
		d.keep("for_min", minutes)
	}
}

// forever is a duration in minutes that isn't one: ten years.
const forever = 10 * 366 * 24 * 60

// restore adds the profile that comes back into force when a switch for a limited
// time ends, unless another has replaced it before.
func (p *nsPerson) restore() {
	for _, f := range p.profiles {
		if f.until.IsZero() {
			continue
		}
		back := p.inForce(f.until)
		if back == nil || back.from.After(f.from) {
			continue
		}
		d := draft{wire: back.wire, file: f.file}
		d.wire.Defect = ""
		d.happened(f.until.UTC())
		d.keep("derived", "end of a profile for a limited time")
		p.drafts = append(p.drafts, d)
	}
}

// stored is the profile of that name in the latest record before at, or, if the
// records begin later, in the first.
func (p *nsPerson) stored(name string, at time.Time) (object, string) {
	var found *nsStore
	for i, s := range p.stores {
		if s.named[name] != nil && (found == nil || !s.from.After(at)) {
			found = &p.stores[i]
		}
	}
	if found == nil {
		return nil, ""
	}
	return found.named[name], found.units
}

// settings fills a profile from one of Nightscout's. share is what part of its
// insulin is given: more insulin is a smaller ratio and a smaller sensitivity.
func (p *nsPerson) settings(d *draft, o object, units string, share float64) {
	w := &d.wire
	w.Type, w.Timezone = "profile", o.text("timezone")
	zone, err := time.LoadLocation(w.Timezone)
	if err != nil {
		d.fault("timezone %q isn't known", w.Timezone)
		zone = time.UTC
	}
	if hours, ok := o.number("dia"); ok {
		w.DIAMin = ptr(micro(hours * 60))
	}
	w.ICR = steps(d, o, "carbratio", 1/share)
	w.BasalUPerDay = steps(d, o, "basal", 24*share)
	if o.has("units") {
		units = o.text("units")
	}
	switch factor := map[string]float64{"mg/dL": 1, "mmol/L": mgdlPerMmol}[unitNamed(units)]; factor {
	case 0:
		d.fault("units %q is neither mg/dl nor mmol, so sensitivity and targets aren't known", units)
	default:
		w.ISF = steps(d, o, "sens", factor/share)
		w.TargetLow = steps(d, o, "target_low", factor)
		w.TargetHigh = steps(d, o, "target_high", factor)
	}
	if !d.adrift {
		p.profiles = append(p.profiles, nsProfile{file: d.file, wire: *w, from: d.at, rates: ratesOf(w.BasalUPerDay, zone)})
	}
}

// step is one of the wire's schedule.
type step struct {
	Start string  `json:"start"`
	Value float64 `json:"value"`
}

// steps is a setting through the day, times factor: the wire's schedule, or a plain
// number where it is the same all day.
func steps(d *draft, o object, name string, factor float64) json.RawMessage {
	var all []step
	for _, s := range listOf(o[name]) {
		v, ok := s.number("value")
		start := s.text("time")
		clock, err := time.Parse("15:04", start)
		if err != nil || !ok {
			d.fault("%s: the step at %q with value %s isn't a time of day and a number", name, start, s["value"])
			return nil
		}
		all = append(all, step{clock.Format("15:04"), rounded(v * factor)})
	}
	slices.SortStableFunc(all, func(a, b step) int { return strings.Compare(a.Start, b.Start) })
	if v, ok := o.number(name); ok && len(all) == 0 {
		all = []step{{"00:00", rounded(v * factor)}}
	}
	return schedule(all)
}

func schedule(all []step) json.RawMessage {
	switch len(all) {
	case 0:
		return nil
	case 1:
		return rawNumber(all[0].Value)
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(fmt.Sprintf("a schedule of finite numbers: %v", err)) // JSON has no others
	}
	return text
}

// rounded is v to four decimals: settings are given to two, in either unit.
func rounded(v float64) float64 { return math.Round(v*1e4) / 1e4 }

package device

import (
	"slices"
	"time"
)

// temp is a temporary basal rate, a pause of the pump, or the end of either.
type temp struct {
	start    time.Time
	planned  time.Duration
	absolute float64  // U/h
	percent  *float64 // of the scheduled rate, in place of absolute: 100 + percent
	file     string   // with line and part: which draft it is
	line     int
	part     int
}

// suspended is how long a pause without an end is believed, as of any rate.
const suspended = longestBasal

// temporary reads a rate in force for duration minutes, unless another begins
// before. Nightscout's percent is what is added: 50 is one and a half times the
// scheduled rate.
func (p *nsPerson) temporary(d *draft, kind string, o object) {
	d.wire.Type, d.wire.Kind, d.wire.Reason = "insulin", "rapid", "basal"
	t := temp{start: d.at, file: d.file, line: d.src.number, part: d.part}
	minutes, timed := o.number("duration")
	t.planned = time.Duration(min(minutes, longestBasal.Minutes()) * float64(time.Minute))
	rate, rated := o.number("absolute")
	if !rated {
		rate, rated = o.number("rate")
	}
	t.absolute = rate
	switch percent, scaled := o.number("percent"); {
	case kind == "Suspend Pump":
		t.planned, t.absolute = suspended, 0
	case kind == "Resume Pump":
		t.planned, t.absolute = 0, 0
	case !timed || minutes < 0:
		d.fault("a temporary basal rate without a duration")
		return
	case !rated && scaled:
		t.percent = &percent
		d.keep("percent", percent)
	case !rated && minutes > 0:
		d.fault("a temporary basal rate with neither absolute, rate nor percent")
		return
	}
	if !d.adrift {
		p.temps = append(p.temps, t)
	}
}

// basal turns temporary rates into doses, and, for a person whose pump is known by
// them, the scheduled rates in between.
func (p *nsPerson) basal() {
	slices.SortStableFunc(p.profiles, func(a, b nsProfile) int { return a.from.Compare(b.from) })
	slices.SortStableFunc(p.temps, func(a, b temp) int { return a.start.Compare(b.start) })
	p.restore()
	drafts := map[place]*draft{}
	for i := range p.drafts {
		d := &p.drafts[i]
		drafts[place{d.file, d.src.number, d.part}] = d
		if d.wire.Type == "profile" && len(p.temps) > 0 {
			d.wire.Regimen = "pump"
		}
	}
	var ran []run
	for from := 0; from < len(p.temps); {
		to := from + 1
		for to < len(p.temps) && p.temps[to].start.Equal(p.temps[from].start) {
			to++
		}
		last := p.temps[to-1] // of several set at the same moment the last one ran
		r := run{last.start, last.start.Add(last.planned)}
		if to < len(p.temps) && p.temps[to].start.Before(r.end) {
			r.end = p.temps[to].start
		}
		for _, t := range p.temps[from:to] {
			p.deliver(drafts[place{t.file, t.line, t.part}], t, r, last)
		}
		ran = append(ran, r)
		from = to
	}
	p.scheduled(ran)
}

// run is a stretch of time.
type run struct{ start, end time.Time }

func (r run) minutes() float64 { return r.end.Sub(r.start).Minutes() }

// deliver gives a temporary rate its dose. One that another of the same moment
// replaced is a dose of nothing; an exact repeat of the one that ran gets the same
// dose, so that it stays recognisable as a repeat.
func (p *nsPerson) deliver(d *draft, t temp, r run, ran temp) {
	same := t.planned == ran.planned && t.absolute == ran.absolute && (t.percent == nil) == (ran.percent == nil) &&
		(t.percent == nil || *t.percent == *ran.percent)
	if !same {
		r.end = r.start
	}
	units, ok := t.absolute*r.minutes()/60, true
	if t.percent != nil {
		units, ok = p.planned(r)
		units *= (100 + *t.percent) / 100
	}
	if !ok {
		d.fault("a temporary rate in percent, but no profile with the scheduled rate is on file")
		return
	}
	d.wire.Units, d.wire.DurationMin = ptr(micro(units)), ptr(r.minutes())
	if t.percent == nil {
		d.keep(rateField, t.absolute)
	}
}

// planned is what the schedules in force deliver over r, in U; false if at any
// moment of it none is in force.
func (p *nsPerson) planned(r run) (units float64, ok bool) {
	for _, piece := range p.pieces(r) {
		if piece.profile == nil {
			return 0, false
		}
		units += piece.rate * piece.minutes() / 60
	}
	return units, true
}

// scheduled adds the doses that the schedules deliver wherever no temporary rate
// runs, as events of their own. It covers the time in which anything was recorded;
// a gap of more than a day in that is a gap in the record. Without one temporary
// rate on file nothing says that the person wears a pump.
func (p *nsPerson) scheduled(ran []run) {
	if len(ran) == 0 {
		return
	}
	for _, free := range without(stretches(p.spans), ran) {
		for _, piece := range p.pieces(free) {
			if piece.profile == nil {
				continue
			}
			d := draft{wire: history("insulin", p.patient), file: piece.profile.file}
			d.happened(piece.start.UTC())
			d.wire.Kind, d.wire.Reason = "rapid", "basal"
			d.wire.Units, d.wire.DurationMin = ptr(micro(piece.rate*piece.minutes()/60)), ptr(piece.minutes())
			d.keep(rateField, piece.rate)
			d.keep("derived", "scheduled basal of the profile")
			p.drafts = append(p.drafts, d)
		}
	}
}

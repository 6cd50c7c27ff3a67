package feature

import (
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/slab"
)

// kept is settings as a Room has them: without a pointer, so that the collector of garbage
// doesn't look through those of everybody.
type kept struct {
	birthYear                          int
	weightKg                           float64
	icr, isf                           slab.List // of steps
	targetLow, targetHigh, basalPerDay slab.List
	maxBolus, doseStep                 cleanse.Units
	dia                                time.Duration
	diabetes, regimen, insulin         uint32 // in the table of words
	zone                               uint32 // in that of zones
}

// therapy is where the settings of all windows of a Room lie.
type therapy struct {
	of    slab.Slab[kept] // a list of one for each window that has any
	steps slab.Slab[cleanse.Step]
	words table[string]
	zones table[*time.Location]

	// The settings last asked for, and whose they are.
	open   cleanse.Settings
	opened slab.List
}

// keep makes s the settings of l; nil: there are none. It copies s, which may be what
// look says of l.
func (r *therapy) keep(l *slab.List, s *cleanse.Settings) {
	was := *l
	*l = slab.List{}
	if s != nil {
		r.of.Grow(l, 1)[0] = kept{
			birthYear: s.BirthYear, weightKg: s.WeightKg, maxBolus: s.MaxBolus, doseStep: s.DoseStep, dia: s.DIA,
			icr: r.schedule(s.ICR), isf: r.schedule(s.ISF), targetLow: r.schedule(s.TargetLow), targetHigh: r.schedule(s.TargetHigh),
			basalPerDay: r.schedule(s.BasalPerDay),
			diabetes:    r.words.take(s.Diabetes), regimen: r.words.take(s.Regimen), insulin: r.words.take(s.Insulin),
			zone: r.zones.take(s.Zone),
		}
	}
	r.drop(was)
}

func (r *therapy) schedule(s cleanse.Schedule) (l slab.List) {
	r.steps.Put(&l, s, len(s))
	return l
}

// drop gives up what l has.
func (r *therapy) drop(l slab.List) {
	if l.Len() == 0 {
		return
	}
	k := &r.of.Of(l)[0]
	for _, s := range [...]*slab.List{&k.icr, &k.isf, &k.targetLow, &k.targetHigh, &k.basalPerDay} {
		r.steps.Free(s)
	}
	for _, w := range [...]uint32{k.diabetes, k.regimen, k.insulin} {
		r.words.drop(w)
	}
	r.zones.drop(k.zone)
	r.of.Free(&l)
	r.opened = slab.List{}
}

// look is what l has, nil for nothing: there until keep or drop is called, or look for
// another.
func (r *therapy) look(l slab.List) *cleanse.Settings {
	if l.Len() == 0 {
		return nil
	}
	if l != r.opened {
		k := &r.of.Of(l)[0]
		r.opened, r.open = l, cleanse.Settings{
			BirthYear: k.birthYear, WeightKg: k.weightKg, MaxBolus: k.maxBolus, DoseStep: k.doseStep, DIA: k.dia,
			ICR: r.steps.Of(k.icr), ISF: r.steps.Of(k.isf), TargetLow: r.steps.Of(k.targetLow), TargetHigh: r.steps.Of(k.targetHigh),
			BasalPerDay: r.steps.Of(k.basalPerDay),
			Diabetes:    r.words.of(k.diabetes), Regimen: r.words.of(k.regimen), Insulin: r.words.of(k.insulin),
			Zone: r.zones.of(k.zone),
		}
	}
	return &r.open
}

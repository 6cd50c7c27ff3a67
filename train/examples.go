package train

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// Replay calls fn with each person's events in log order, one person at a time.
type Replay func(fn func(patient string, events []cleanse.Event) error) error

// Examples are moments of which the outcome is known, as flat row-major tensors
// of N rows. Float32 halves the memory; sensors measure with two digits.
type Examples struct {
	People []string // who the numbers in Person stand for
	Person []int32  // [N] index into People
	At     []int64  // [N] microseconds since 1970

	Features []float32 // [N×feature.Size]
	// What was done after the moment and within the horizons is not a secret that
	// leaked: it is the plan under which the outcome came about.
	SoonInsulin  []float32 // [N×horizons] units, given by feature.Ahead, that had acted by the horizon
	SoonCarbs    []float32 // [N×horizons] grams, eaten by feature.Ahead, that were absorbed by then
	LaterInsulin []float32 // [N×horizons] the same, of what was given after it
	LaterCarbs   []float32 // [N×horizons]
	Glucose      []float32 // [N×horizons] mg/dL that came true; NaN where nothing was measured

	scratch *scratch // where the tensors lie; nil in memory
}

// tensor is one of Examples' and how many numbers it has a row.
type tensor struct {
	numbers *[]float32
	columns int
}

func (x *Examples) tensors() []tensor {
	return []tensor{
		{&x.Features, feature.Size}, {&x.SoonInsulin, horizons}, {&x.SoonCarbs, horizons},
		{&x.LaterInsulin, horizons}, {&x.LaterCarbs, horizons}, {&x.Glucose, horizons},
	}
}

// Len is the number of rows.
func (x *Examples) Len() int { return len(x.Person) }

// Vector writes the features of row i to v.
func (x *Examples) Vector(i int, v *feature.Vector) {
	for j, f := range x.Features[i*feature.Size : (i+1)*feature.Size] {
		v[j] = float64(f)
	}
}

// Outcome is the glucose of row i per horizon, in mg/dL; NaN where unknown.
func (x *Examples) Outcome(i int) []float32 {
	return x.Glucose[i*horizons : (i+1)*horizons]
}

// Course writes what was done after the moment of row i to c.
func (x *Examples) Course(i int, c *Course) {
	*c = Course{}
	for h := range horizons {
		j := i*horizons + h
		c.SoonInsulin[h], c.SoonCarbs[h] = float64(x.SoonInsulin[j]), float64(x.SoonCarbs[j])
		c.LaterInsulin[h], c.LaterCarbs[h] = float64(x.LaterInsulin[j]), float64(x.LaterCarbs[j])
	}
}

// every is the least time between two examples at readings: closer ones tell
// almost the same. A minute is forgiven for sensors whose five minutes are short.
const every = 9 * time.Minute

// Collect folds each person's events through a feature.Window and takes an
// example at a reading about every ten minutes, and at each meal and bolus, since
// that is when advice is asked for. A moment without a fresh reading before it,
// or without any reading at a horizon, makes none.
func Collect(replay Replay) (*Examples, error) { return gather(new(Examples), replay) }

// CollectIn is Collect with the examples in files below dir, so that they may be more
// than fit in memory. Close them.
func CollectIn(dir string, replay Replay) (*Examples, error) {
	x := new(Examples)
	if err := x.onDisk(dir); err != nil {
		return nil, err
	}
	if _, err := gather(x, replay); err != nil {
		x.Close()
		return nil, err
	}
	return x, nil
}

// releaseEvery is after how many rows memory is let go of: about 80 MB of them.
const releaseEvery = 1 << 17

func gather(x *Examples, replay Replay) (*Examples, error) {
	held := 0
	err := replay(func(patient string, events []cleanse.Event) error {
		before := x.Len()
		x.add(patient, events)
		if held += x.Len() - before; held > releaseEvery {
			x.Release()
			held = 0
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	x.Release()
	return x, nil
}

func (x *Examples) add(patient string, events []cleanse.Event) {
	events = arranged(events)
	later := outcomesOf(events)
	person := int32(len(x.People))
	before := x.Len()
	var w feature.Window
	var v feature.Vector
	var last time.Time
	for i := range events {
		e := &events[i]
		w.Observe(e)
		if !moment(e, &w) || e.Kind == cleanse.Glucose && e.At.Sub(last) < every {
			continue
		}
		if !w.Vector(e.At, &v) || !x.outcome(later, &w, e.At, i) {
			continue
		}
		x.Person, x.At = append(x.Person, person), append(x.At, e.At.UnixMicro())
		for _, f := range v {
			x.Features = append(x.Features, float32(f))
		}
		if e.Kind == cleanse.Glucose {
			last = e.At
		}
	}
	if x.Len() > before {
		x.People = append(x.People, patient)
	}
}

// moment tells whether an event is one at which a forecast would be made. What
// arrives behind newer events is not: the window knows its future already.
func moment(e *cleanse.Event, w *feature.Window) bool {
	if e.At.Before(w.Newest()) {
		return false
	}
	switch e.Kind {
	case cleanse.Glucose, cleanse.Meal:
		return true
	case cleanse.Insulin:
		return feature.Bolus(&e.Insulin)
	}
	return false
}

// outcome appends what came after at; false, and nothing appended, if no horizon
// was measured. known is the place in the log up to which the window knows.
func (x *Examples) outcome(later *outcomes, w *feature.Window, at time.Time, known int) bool {
	var glucose [horizons]float32
	measured := false
	for h, minutes := range Horizons {
		mgdl, ok := later.glucose(at.Add(time.Duration(minutes) * time.Minute))
		if !ok {
			mgdl = math.NaN()
		}
		glucose[h], measured = float32(mgdl), measured || ok
	}
	if !measured {
		return false
	}
	c := later.course(w, at, known)
	x.Glucose = append(x.Glucose, glucose[:]...)
	for h := range horizons {
		x.SoonInsulin = append(x.SoonInsulin, float32(c.SoonInsulin[h]))
		x.SoonCarbs = append(x.SoonCarbs, float32(c.SoonCarbs[h]))
		x.LaterInsulin = append(x.LaterInsulin, float32(c.LaterInsulin[h]))
		x.LaterCarbs = append(x.LaterCarbs, float32(c.LaterCarbs[h]))
	}
	return true
}

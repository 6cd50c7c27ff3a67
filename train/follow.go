package train

import (
	"slices"

	"github.com/titrate/titrate/train/feature"
)

// instant is a row with all that is needed to forecast it as it would have been live.
type instant struct {
	row  int
	v    feature.Vector
	net  [Outputs]float64
	c    Course    // what was done later
	came []float32 // mg/dL per horizon, NaN where unknown
	// What the person's log up to the moment says should be added, in mg/dL: to a
	// forecast that is told what is done later, and to one that isn't.
	told, untold [horizons]float64
	taught       *taught // of the second; what will have been taught by the next instant, then
}

// taught is what a person's log has taught up to a moment, as it is served: a step behind
// what was learned, if that moves faster than personalPace.
type taught struct {
	way     Way
	moments int
	at      int64 // the moment, in microseconds since 1970
}

func (t *taught) advance(p *Personal, at int64) {
	if t.at != 0 {
		t.way.pursue(&p.Way, personalPace*float64(at-t.at)/perDay)
	}
	t.moments, t.at = p.Learned, at
}

// perDay is a day in microseconds.
const perDay = 24 * 60 * 60e6

// follow calls fn with the rows of one person in order of time. What a row teaches of
// the person counts from when all its horizons have passed.
func (w *Weights) follow(x *Examples, rows []int, fn func(*instant)) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b int) int { return int(min(max(x.At[a]-x.At[b], -1), 1)) })
	told, untold, served := NewPersonal(), NewPersonal(), new(taught)
	type lesson struct {
		v            feature.Vector
		told, untold [horizons]float64 // left unexplained
	}
	lessons, next := make([]lesson, 0, len(rows)), 0
	var none Course
	m := new(instant)
	for _, i := range rows {
		for next < len(lessons) && x.At[rows[next]]+Settled*60e6 <= x.At[i] {
			told.Learn(&lessons[next].v, &lessons[next].told)
			untold.Learn(&lessons[next].v, &lessons[next].untold)
			next++
		}
		served.advance(untold, x.At[i])
		*m = instant{row: i, came: x.Outcome(i), taught: served}
		x.Vector(i, &m.v)
		x.Course(i, &m.c)
		w.run(&m.v, &m.net)
		l := lesson{v: m.v}
		for h, came := range m.came {
			l.told[h] = float64(came) - w.parts(&m.v, &m.net, h, &m.c).median
			l.untold[h] = float64(came) - w.parts(&m.v, &m.net, h, &none).median
		}
		m.told, m.untold = told.Correction(&m.v), served.way.correction(&m.v)
		fn(m)
		lessons = append(lessons, l)
	}
}

// forecast is the quantiles of a moment at horizon h, told what is done later.
func (m *instant) forecast(w *Weights, h int) quantiles {
	return w.planned(&m.v, &m.net, h, &m.c).moved(m.told[h])
}

// blind is the same, not told.
func (m *instant) blind(w *Weights, h int) quantiles {
	var none Course
	return w.planned(&m.v, &m.net, h, &none).moved(m.untold[h])
}

func (q quantiles) moved(mgdl float64) quantiles {
	for k := range q {
		q[k] += mgdl
	}
	return q
}

package bench

import (
	"time"

	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train"
)

// forker watches a life and lives other courses of it: at a bolus it keeps a copy
// of the body, and when the four hours after it are known, lives them again with
// another dose and all else the same.
type forker struct {
	person *simulate.Person
	wanted bool
	open   []*course
	done   []fork
	free   time.Time // before which no other fork begins
}

// course is four hours that are being lived.
type course struct {
	at     time.Time
	body   *simulate.Body
	inputs []simulate.Input // per minute
}

func newForker(p *simulate.Person, wanted bool) *forker { return &forker{person: p, wanted: wanted} }

const (
	courseMinutes = 240
	forkEvery     = 3 * time.Hour // often enough; the courses may overlap
)

func (f *forker) minute(at time.Time, in simulate.Input) {
	if !f.wanted || at.Before(lifeStart) {
		return
	}
	if in.RapidU > 0 && !at.Before(f.free) {
		f.open = append(f.open, &course{at: at, body: f.person.Body()})
		f.free = at.Add(forkEvery)
	}
	left := f.open[:0]
	for _, c := range f.open {
		c.inputs = append(c.inputs, in)
		if len(c.inputs) < courseMinutes {
			left = append(left, c)
			continue
		}
		f.done = append(f.done, c.fork())
	}
	f.open = left
}

// fork lives the course with the dose changed by a unit and by a half.
func (c *course) fork() fork {
	units := c.inputs[0].RapidU
	out := fork{at: c.at, units: units}
	base := c.live(0)
	for _, change := range []float64{1, -1, units / 2, -units / 2} {
		if units+change < 0 || change == 0 {
			continue
		}
		o := otherwise{units: change}
		for h, mgdl := range c.live(change) {
			o.effect[h] = mgdl - base[h]
		}
		out.other = append(out.other, o)
	}
	return out
}

// live is glucose by each horizon with so many units more.
func (c *course) live(more float64) (mgdl [len(train.Horizons)]float64) {
	body, h := c.body.Clone(), 0
	for minute, in := range c.inputs {
		if minute == 0 {
			in.RapidU += more
		}
		body.Step(1, in)
		if minute+1 == train.Horizons[h] {
			mgdl[h] = body.Glucose()
			h++
		}
	}
	return mgdl
}

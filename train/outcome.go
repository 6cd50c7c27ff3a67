package train

import (
	"slices"
	"sort"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// outcomes are what a person's log tells of any moment's future.
type outcomes struct {
	readings []measured // sorted by time, one an instant
	acts     []act      // meals and boluses, sorted by time
}

type measured struct {
	at   time.Time
	mgdl float64
}

// act is a meal or a bolus, and its place in the log.
type act struct {
	event *cleanse.Event
	place int
}

// outcomesOf gathers the outcomes of events. Who wears a sensor is judged by it
// alone: a meter's reading between two of the sensor's would look like a jump.
func outcomesOf(events []cleanse.Event) *outcomes {
	o := new(outcomes)
	sensor := slices.ContainsFunc(events, func(e cleanse.Event) bool {
		return e.Kind == cleanse.Glucose && e.Source == "cgm"
	})
	for i := range events {
		e := &events[i]
		switch e.Kind {
		case cleanse.Glucose:
			if !sensor || e.Source == "cgm" {
				o.readings = append(o.readings, measured{e.At, float64(e.Glucose.MgdL)})
			}
		case cleanse.Meal:
			if e.Meal.Carbs.OK {
				o.acts = append(o.acts, act{e, i})
			}
		case cleanse.Insulin:
			if feature.Bolus(&e.Insulin) {
				o.acts = append(o.acts, act{e, i})
			}
		}
	}
	sort.SliceStable(o.readings, func(i, j int) bool { return o.readings[i].at.Before(o.readings[j].at) })
	o.readings = slices.CompactFunc(o.readings, func(a, b measured) bool { return a.at.Equal(b.at) })
	sort.SliceStable(o.acts, func(i, j int) bool { return o.acts[i].event.At.Before(o.acts[j].event.At) })
	return o
}

const (
	nearby  = 7*time.Minute + 30*time.Second // of a target, a reading must lie
	gapMost = 20 * time.Minute               // across which a target is interpolated
)

// glucose is what was measured at a time, interpolated between two readings.
func (o *outcomes) glucose(at time.Time) (mgdl float64, ok bool) {
	i := sort.Search(len(o.readings), func(i int) bool { return !o.readings[i].at.Before(at) })
	if i < len(o.readings) && o.readings[i].at.Equal(at) {
		return o.readings[i].mgdl, true
	}
	if i == 0 || i == len(o.readings) {
		return 0, false
	}
	a, b := o.readings[i-1], o.readings[i]
	before, after := at.Sub(a.at), b.at.Sub(at)
	if before+after > gapMost || min(before, after) > nearby {
		return 0, false
	}
	return a.mgdl + (b.mgdl-a.mgdl)*float64(before)/float64(before+after), true
}

// course is the insulin and carbs of the acts after at, as far as the window did
// not know of them yet, that had taken effect by each horizon. An act that lies
// before at but came later in the log is left out: live, nobody would know of it.
func (o *outcomes) course(w *feature.Window, at time.Time, known int) *Course {
	c := new(Course)
	end := at.Add(time.Duration(Horizons[horizons-1]) * time.Minute)
	from := sort.Search(len(o.acts), func(i int) bool { return !o.acts[i].event.At.Before(at) })
	for _, a := range o.acts[from:] {
		if a.event.At.After(end) {
			break
		}
		if a.place <= known {
			continue
		}
		insulin, carbs := &c.SoonInsulin, &c.SoonCarbs
		if a.event.At.Sub(at) > feature.Ahead {
			insulin, carbs = &c.LaterInsulin, &c.LaterCarbs
		}
		a.take(w, at, insulin, carbs)
	}
	return c
}

// take adds what will have acted of the act by each horizon from at.
func (a *act) take(w *feature.Window, at time.Time, insulin, carbs *[horizons]float64) {
	for h, minutes := range Horizons {
		acting := float64(minutes) - a.event.At.Sub(at).Minutes()
		if a.event.Kind == cleanse.Meal {
			carbs[h] += float64(a.event.Meal.Carbs.V) * feature.Absorbed(acting)
		} else {
			insulin[h] += float64(w.Acted(&a.event.Insulin, a.event.At, acting))
		}
	}
}

// arranged is a person's log as it would have come. Events are taken in log
// order, but history that was declared as such was not sent in any: each run of
// it is put in order of time.
func arranged(events []cleanse.Event) []cleanse.Event {
	events = slices.Clone(events)
	for i := 0; i < len(events); {
		j := i
		for j < len(events) && events[j].Backfill {
			j++
		}
		run := events[i:j]
		sort.SliceStable(run, func(a, b int) bool { return run[a].At.Before(run[b].At) })
		i = max(j, i+1)
	}
	return events
}

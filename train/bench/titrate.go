package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// Titrate is this project's own model on glucose alone: the same features, fit and
// median as for people who also log meals and insulin.
func Titrate(fit train.Fit) Forecaster {
	return Forecaster{"Titrate, glucose alone", func(ctx context.Context, d *Division) (func(Series, []float64), error) {
		x, err := train.Collect(replayOf(d))
		if err != nil {
			return nil, err
		}
		o := train.FitOptions{Seed: uint64(d.Seed)}
		o.Train, o.Tune = rowsOf(x)
		fitted, err := fit(ctx, x, o)
		if err != nil {
			return nil, err
		}
		m := train.Prior()
		m.Weights = fitted.Weights
		return func(past Series, out []float64) { hourOf(m, past, out) }, nil
	}}
}

// start is when every series begins; the set has no dates to go by.
var start = time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)

const step = 5 * time.Minute

func eventsOf(s Series) []cleanse.Event {
	events := make([]cleanse.Event, len(s))
	for i, mgdl := range s {
		events[i] = cleanse.Event{
			Kind: cleanse.Glucose, At: start.Add(time.Duration(i) * step), Source: "cgm",
			Glucose: cleanse.GlucoseReading{MgdL: cleanse.MgdL(mgdl)},
		}
	}
	return events
}

// tuned marks the series to tune by.
const tuned = "tune"

// replayOf tells each series as a person of its own.
func replayOf(d *Division) train.Replay {
	return func(fn func(string, []cleanse.Event) error) error {
		for i, s := range slices.Concat(d.Train, d.Val) {
			name := fmt.Sprintf("learn-%d", i)
			if i >= len(d.Train) {
				name = fmt.Sprintf("%s-%d", tuned, i)
			}
			if err := fn(name, eventsOf(s)); err != nil {
				return err
			}
		}
		return nil
	}
}

// rowsOf are the rows to learn from and those to tune by: of the latter only what
// the protocol forecasts, since their first Past readings are in the former.
func rowsOf(x *train.Examples) (learn, tune []int) {
	first := start.Add(Past*step - step).UnixMicro()
	for i := range x.Len() {
		switch {
		case !strings.HasPrefix(x.People[x.Person[i]], tuned):
			learn = append(learn, i)
		case x.At[i] >= first:
			tune = append(tune, i)
		}
	}
	return learn, tune
}

// hourOf is the model's median, linear between its horizons.
func hourOf(m *train.Model, past Series, out []float64) {
	var w feature.Window
	events := eventsOf(past)
	for i := range events {
		w.Observe(&events[i])
	}
	var v feature.Vector
	last := past[len(past)-1]
	for k := range out {
		out[k] = last
	}
	if !w.Vector(events[len(events)-1].At, &v) {
		return
	}
	var f train.Forecast
	m.Forecast(&v, train.Plan{}, &f)
	for k := range out {
		minutes := 5 * (k + 1)
		h := slices.IndexFunc(train.Horizons[:], func(m int) bool { return m >= minutes })
		before, from := last, 0
		if h > 0 {
			before, from = float64(f.P50[h-1]), train.Horizons[h-1]
		}
		part := float64(minutes-from) / float64(train.Horizons[h]-from)
		out[k] = before + part*(float64(f.P50[h])-before)
	}
}

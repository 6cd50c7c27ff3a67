// Package bench turns a published protocol and its data into the table that the
// protocol prints, with our own forecasters as further lines: judged as others
// were, on the same people and the same forecasts.
package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// Series is glucose every five minutes without a gap, mg/dL, oldest first.
type Series []float64

// Division is what a protocol lets a forecaster learn from, tune by, and be judged
// on, for one seed.
type Division struct {
	Seed       int
	Train, Val []Series
	Known      []Series // of people who are also in Train
	Unknown    []Series // of people who are not
}

// Forecaster is a way to learn a forecast of the next Steps readings.
type Forecaster struct {
	Name string
	// Learn returns a forecast: from the past, oldest first and at least Past
	// readings, to out, which has room for Steps.
	Learn func(ctx context.Context, d *Division) (forecast func(past Series, out []float64), err error)
}

// GlucoBench's numbers: an hour ahead in steps of five minutes, from at least
// twelve hours of past, once every half hour.
const (
	Steps  = 12
	Past   = 144
	stride = 6
)

// Score is what GlucoBench prints, in mg/dL: the root of the median over forecasts
// of the mean squared error over an hour, the median of the mean absolute error, and
// the root of the mean of the squared ones, which single bad hours govern.
type Score struct {
	RMSE     float64 `json:"rmse_of_median"`
	MAE      float64 `json:"mae_of_median"`
	RMSEMean float64 `json:"rmse_of_mean,omitempty"`
}

// Result is one line of the table.
type Result struct {
	Name      string `json:"name"`
	Published bool   `json:"published"` // printed by others; not run here
	Known     Score  `json:"known"`     // people in the training data, later days: in distribution
	Unknown   Score  `json:"unknown"`   // people it has never seen: out of distribution
	Forecasts int    `json:"forecasts"` // judged in all
	Divisions int    `json:"divisions"` // seeds averaged over
}

// Run judges forecasters on every division of a protocol.
func Run(ctx context.Context, divisions []Division, forecasters []Forecaster, progress func(note string)) ([]Result, error) {
	var results []Result
	for _, f := range forecasters {
		r := Result{Name: f.Name, Divisions: len(divisions)}
		var known, unknown []errorsOf
		for i := range divisions {
			d := &divisions[i]
			if progress != nil {
				progress(fmt.Sprintf("%s, division %d", f.Name, d.Seed))
			}
			forecast, err := f.Learn(ctx, d)
			if err != nil {
				return nil, fmt.Errorf("bench %s, division %d: %w", f.Name, d.Seed, err)
			}
			known = append(known, judge(d.Known, forecast))
			unknown = append(unknown, judge(d.Unknown, forecast))
			r.Forecasts += len(known[i].squares) + len(unknown[i].squares)
		}
		r.Known, r.Unknown = average(known), average(unknown)
		results = append(results, r)
	}
	return results, nil
}

// errorsOf are the mean squared and absolute errors of each forecast.
type errorsOf struct{ squares, sizes []float64 }

func judge(series []Series, forecast func(Series, []float64)) (e errorsOf) {
	out := make([]float64, Steps)
	for _, s := range series {
		for at := Past; at+Steps <= len(s); at += stride {
			forecast(s[:at:at], out)
			var squares, sizes float64
			for k, came := range s[at : at+Steps] {
				d := out[k] - came
				squares, sizes = squares+d*d, sizes+math.Abs(d)
			}
			e.squares, e.sizes = append(e.squares, squares/Steps), append(e.sizes, sizes/Steps)
		}
	}
	return e
}

// average is the protocol's: medians and means per division, their mean over
// divisions, and the root at the very end.
func average(divisions []errorsOf) (s Score) {
	for _, e := range divisions {
		n := float64(len(divisions))
		s.RMSE += median(e.squares) / n
		s.MAE += median(e.sizes) / n
		s.RMSEMean += mean(e.squares) / n
	}
	return Score{math.Sqrt(s.RMSE), s.MAE, math.Sqrt(s.RMSEMean)}
}

func median(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	n := len(x)
	if n == 0 {
		return math.NaN()
	}
	return (x[(n-1)/2] + x[n/2]) / 2
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

package train

import (
	"context"
	"math"
)

// CurvePoint is what a part of the people taught.
type CurvePoint struct {
	People int     `json:"people"`
	Loss   float64 `json:"loss"`    // on the unseen people, as of Weights.Loss
	RMSE60 float64 `json:"rmse_60"` // told what was done later, before learning of the person
}

// curve fits on a quarter and on half of the people who teach, and tells what each is
// worth on those who judge, beside the model m of them all: whether more people would
// help.
func (o *Options) curve(ctx context.Context, x *Examples, r *Report, m *Model) ([]CurvePoint, error) {
	test, all := x.Rows(r.Split.Test), r.Split.Train
	var points []CurvePoint
	for _, share := range []int{4, 2} {
		part := *r
		part.Split.Train = all[:len(all)/share]
		if len(x.Rows(part.Split.Train)) < rowsLeast {
			continue
		}
		small := *o
		small.Keep, small.Resume = nil, nil
		small.Progress = func(Progress) { o.tell(Progress{Stage: "learning curve", Examples: x.Len()}) }
		fitted, err := small.fit(ctx, x, &part)
		if err != nil {
			return nil, err
		}
		points = append(points, fitted.Weights.point(x, test, len(part.Split.Train)))
	}
	return append(points, m.Weights.point(x, test, len(all))), nil
}

func (w *Weights) point(x *Examples, rows []int, people int) CurvePoint {
	rows = evenly(rows, linearRows)
	var sum, n float64
	x.each(w, rows, func(_, h int, q quantiles, came float64) {
		if h == hour {
			d := q.mean() - came
			sum, n = sum+d*d, n+1
		}
	})
	return CurvePoint{people, known(w.Loss(x, rows)), known(math.Sqrt(sum / n))}
}

package train

import (
	"math"
	"testing"

	"github.com/titrate/titrate/train/feature"
)

// A baseline that knew the person's future would be no baseline.
func TestAPersonsRidgeKnowsOnlyTheirPast(t *testing.T) {
	forecasts := func(x *Examples) (out [blocks][horizons]float64) {
		rows := x.Rows(x.People[:1])
		alone := own(x, rows, pooled(x, x.Rows(x.People[1:])))
		var v feature.Vector
		x.Vector(rows[0], &v)
		for b, l := range alone {
			out[b] = l.forecast(&v)
		}
		return out
	}
	x := collect(t, crowd(3, 8))
	before := forecasts(x)
	rows := x.Rows(x.People[:1])
	for _, i := range rows[len(rows)/2:] {
		for h := range x.Outcome(i) {
			x.Outcome(i)[h] += 100
		}
	}
	after := forecasts(x)
	for b := range after {
		if same := before[b] == after[b]; same != (b <= blocks/2) {
			t.Errorf("stretch %d of %d: forecasts the same: %v", b, blocks, same)
		}
	}
	if before[0] != before[1] || before[1] == before[2] {
		t.Error("in the first fifth the pooled ridge must stand in, and not after it")
	}
}

func TestPooledRidgeLearnsWhatIsLinear(t *testing.T) {
	x := collect(t, crowd(3, 4))
	rows := x.Rows(x.People)
	for _, i := range rows { // glucose ends half as far from 120 as it is now
		glucose := x.Features[i*feature.Size+feature.Glucose]
		for h := range x.Outcome(i) {
			x.Outcome(i)[h] = (glucose + 120) / 2
		}
	}
	l := pooled(x, rows)
	var v feature.Vector
	for _, i := range evenly(rows, 50) {
		x.Vector(i, &v)
		if got, want := l.forecast(&v)[4], (v[feature.Glucose]+120)/2; math.Abs(got-want) > 1.5 {
			t.Errorf("forecast %v from %v, want %v", got, v[feature.Glucose], want)
		}
	}
}

func TestImportanceFindsWhatAModelGoesBy(t *testing.T) {
	x := collect(t, crowd(3, 4))
	w := ZeroWeights()
	for h := range horizons {
		w.Skip[feature.DaySin*horizons+h] = 5
	}
	all := w.importance(x, x.Rows(x.People), 1)
	if len(all) != feature.Inputs {
		t.Fatalf("%d inputs", len(all))
	}
	for _, i := range all {
		if (i.Feature == feature.Names[feature.DaySin]) != (i.Grows != 0) {
			t.Errorf("%s: the loss grows by %v", i.Feature, i.Grows)
		}
	}
}

// Who is judged by a few hours has horizons of which nothing was learned in any stretch;
// each stretch asks the one before it once, not once for each horizon.
func TestAFewHoursAreJudged(t *testing.T) {
	x := collect(t, only(hours()[:40]...))
	l := own(x, x.Rows(x.People), &linear{inputs: ZeroWeights()})[blocks-1]
	v := feature.Vector{feature.Glucose: 150}
	if got := l.forecast(&v); got[horizons-1] != 150 {
		t.Errorf("four hours ahead, of which nothing was learned: %v", got)
	}
}

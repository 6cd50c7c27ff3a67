package train

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/titrate/titrate/train/feature"
)

// Somebody whose glucose always ends 20 mg/dL above what holds for everybody is
// believed more the longer they are known, and never in full at once.
func TestPersonalMovesTowardsThePerson(t *testing.T) {
	p := NewPersonal()
	var v feature.Vector
	v[feature.Glucose] = 150
	var left [horizons]float64
	for h := range left {
		left[h] = 20
	}
	left[0] = math.NaN()
	last := 0.0
	for day, least := range []float64{0, 0, 5, 12} {
		got := p.Correction(&v)
		if got[0] != 0 || got[4] < least || got[4] > 20 || got[4] < last {
			t.Errorf("day %d: correction %v, after %v", day, got[:5], last)
		}
		last = got[4]
		for range 144 * day * day {
			p.Learn(&v, &left)
		}
	}
	if first := NewPersonal().Correction(&v); first != [horizons]float64{} {
		t.Errorf("a stranger is corrected by %v", first)
	}
	for range 5000 {
		for h := range left {
			left[h] = 1e6
		}
		p.Learn(&v, &left)
	}
	for h, mgdl := range p.Correction(&v) {
		if mgdl > personalMost*Scale[h] {
			t.Errorf("corrected by %v mg/dL at %d min", mgdl, Horizons[h])
		}
	}
}

func TestPersonalOutlivesARestart(t *testing.T) {
	p := NewPersonal()
	var v feature.Vector
	v[feature.Glucose], v[feature.Lag] = 131, -3
	p.Learn(&v, &[horizons]float64{1, 2, 3})
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	again := new(Personal)
	if err := json.Unmarshal(data, again); err != nil || !reflect.DeepEqual(p, again) {
		t.Errorf("%v: %+v came back as %+v", err, p, again)
	}
}

// What will come must not correct what is forecast now.
func TestThePersonsFutureDoesNotCorrectTheirPast(t *testing.T) {
	corrections := func(x *Examples) (all [][horizons]float64) {
		w := ZeroWeights()
		w.follow(x, x.Rows(x.People[:1]), func(m *instant) { all = append(all, m.told) })
		return all
	}
	x := collect(t, crowd(1, 4))
	before := corrections(x)
	n := len(before)
	for i := n / 2; i < n; i++ {
		for h := range x.Outcome(i) {
			x.Outcome(i)[h] += 50
		}
	}
	after := corrections(x)
	settled := 0
	for i := range after {
		same := before[i] == after[i]
		if x.At[i] < x.At[n/2]+Settled*60e6 && !same {
			t.Fatalf("row %d is corrected by an outcome that had not come", i)
		}
		if !same {
			settled++
		}
	}
	if settled == 0 {
		t.Error("no correction changed, so the test shows nothing")
	}
}

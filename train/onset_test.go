package train

import (
	"slices"
	"strings"
	"testing"

	"github.com/titrate/titrate/train/feature"
)

// onsetOf is what a unit does at a horizon by which half of it has acted, mg/dL.
func onsetOf(m *Model, horizon int) (perUnit float64) {
	v := feature.Vector{feature.Glucose: 150, feature.ISF: 50}
	v[feature.UnitUsed+horizon] = 0.5
	var r Response
	m.Respond(&v, &r)
	return r.PerUnit(horizon, 2)
}

func TestOnsetDelaysADoseAndNothingLate(t *testing.T) {
	late := slices.Index(Horizons[:], int(onsetOver))
	if !slices.IsSorted(onset[:]) || onset[0] < onsetLeast || onset[late-1] >= 1 {
		t.Errorf("onset is %v", onset)
	}
	for _, share := range onset[late:] {
		if share != 1 {
			t.Errorf("from %v min on the settings' curve holds; onset is %v", onsetOver, onset)
		}
	}
	// LoopAlgorithm's delay of ten minutes, in full up to half an hour.
	curve, half := feature.CurveFor("", 0, false), slices.Index(Horizons[:], 30)
	if want := (1 - curve.IOB(20)) / (1 - curve.IOB(30)); onset[half] != want {
		t.Errorf("onset at 30 min is %v, want %v", onset[half], want)
	}
}

func TestTrainedModelsKnowTheOnsetAndOlderOnesStayAsTheyWere(t *testing.T) {
	half := slices.Index(Horizons[:], 30)
	trained, old := learned(3), learned(3)
	old.Weights.Onset = nil
	text, err := old.Encode()
	if err != nil || strings.Contains(string(text), "Onset") {
		t.Fatalf("error %v", err)
	}
	back, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	whole := onsetOf(back, half)
	if got := onsetOf(trained, half); whole >= 0 || got/whole < onset[half]-1e-9 || got/whole > onset[half]+1e-9 {
		t.Errorf("a unit does %v with the onset, %v without; want a share of %v", got, whole, onset[half])
	}
	if w := ZeroWeights(); !slices.Equal(w.Onset, onset[:]) {
		t.Errorf("training begins with the onset %v", w.Onset)
	}
}

func TestAnOnsetThatMakesADoseHarmlessIsRefused(t *testing.T) {
	for _, share := range []float64{0, -1, 1.5} {
		m := learned(3)
		m.Weights.Onset[2] = share
		if _, err := m.Encode(); err == nil || !strings.Contains(err.Error(), "the onset holds") {
			t.Errorf("%v: error %v", share, err)
		}
	}
}

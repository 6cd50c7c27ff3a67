package feature

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCurvesEqualTheirGoldenValues(t *testing.T) {
	at := []float64{15, 30, 60, 90, 120, 180, 240, 300}
	for _, c := range []struct {
		curve Curve
		iob   []float64
	}{
		{Curve{360, 75}, []float64{.9800, .9295, .7793, .6091, .4498, .2082, .0727, .0139}},
		{Curve{360, 65}, []float64{.9749, .9131, .7380, .5520, .3886, .1629, .0515, .0090}},
		{Curve{360, 55}, []float64{.9669, .8885, .6807, .4778, .3144, .1147, .0316, .0048}},
		{Curve{360, 45}, []float64{.9536, .8497, .5984, .3810, .2263, .0669, .0150, .0019}},
		{Curve{300, 75}, []float64{.9788, .9250, .7640, .5812, .4106, .1588, .0329, 0}},
		{Curve{300, 29}, []float64{.9026, .7170, .3746, .1697, .0699, .0091, .0007}},
	} {
		for i, want := range c.iob {
			if got := c.curve.IOB(at[i]); math.Abs(got-want) > 5e-5 {
				t.Errorf("%+v has %.4f on board after %v min, want %.4f", c.curve, got, at[i], want)
			}
		}
	}
	if got := (Curve{360, 75}).Activity(75); math.Abs(got-.005714) > 5e-7 {
		t.Errorf("peak activity %.6f U/min, want .005714", got)
	}
}

func TestActivityIsTheSlopeOfIOB(t *testing.T) {
	for c := range classes {
		curve := presets[c]
		for m := 1.0; m < curve.DIA; m += 7 {
			slope := (curve.IOB(m-1e-4) - curve.IOB(m+1e-4)) / 2e-4
			if math.Abs(slope-curve.Activity(m)) > 1e-7 {
				t.Errorf("%+v at %v min: activity %v, slope %v", curve, m, curve.Activity(m), slope)
			}
		}
	}
}

func TestCurveForKnowsProductsAndPeople(t *testing.T) {
	for _, c := range []struct {
		product string
		dia     time.Duration
		child   bool
		want    Curve
	}{
		{"", 0, false, Curve{360, 75}},
		{"lispro", 0, false, Curve{360, 75}},
		{"lispro", 0, true, Curve{360, 65}},
		{"Fiasp", 0, true, Curve{360, 55}},
		{"lyumjev", 5 * time.Hour, false, Curve{300, 55}},
		{"aspart", 3 * time.Hour, false, Curve{300, 75}},
		{"aspart", 30 * time.Hour, false, Curve{600, 75}},
		{"afrezza", 6 * time.Hour, false, Curve{300, 29}},
		{"regular", 6 * time.Hour, false, Curve{480, 140}},
	} {
		if got := CurveFor(c.product, c.dia, c.child); got != c.want {
			t.Errorf("CurveFor(%q, %v, %v) = %v, want %v", c.product, c.dia, c.child, got, c.want)
		}
	}
}

func TestCurvesEqualOref0(t *testing.T) {
	var points []struct {
		Model    string   `json:"model"`
		DIA      float64  `json:"dia_h"`
		Peak     *float64 `json:"peak_min"`
		Minutes  float64  `json:"minutes_since_bolus"`
		IOB      float64  `json:"iob_per_unit"`
		Activity float64  `json:"activity_per_unit_per_min"`
	}
	readShared(t, "oref0_vectors/iob_curve_dense.json", &points)
	n := 0
	for _, p := range points {
		if p.Model == "bilinear" || p.Peak == nil {
			continue
		}
		n++
		c := Curve{DIA: p.DIA * 60, Peak: *p.Peak}
		if math.Abs(c.IOB(p.Minutes)-p.IOB) > 1e-9 || math.Abs(c.Activity(p.Minutes)-p.Activity) > 1e-9 {
			t.Errorf("%+v at %v min: %v, %v; oref0 has %v, %v", c, p.Minutes, c.IOB(p.Minutes), c.Activity(p.Minutes), p.IOB, p.Activity)
		}
	}
	if n < 100 {
		t.Errorf("only %d exponential points found", n)
	}
}

func TestCurvesEqualLoopWithItsDelay(t *testing.T) {
	var points []struct {
		Start time.Time `json:"startDate"`
		Value float64   `json:"value"`
	}
	readShared(t, "loopalgorithm_vectors/fixtures/iob_timeline.json", &points)
	curve := CurveFor("lispro", 0, false)
	for _, p := range points {
		minutes := p.Start.Sub(points[0].Start).Minutes()
		if got := 2 * curve.IOB(minutes-10); math.Abs(got-p.Value) > 1e-9 {
			t.Errorf("%v U on board after %v min, Loop has %v", got, minutes, p.Value)
		}
	}
}

func TestAbsorptionRunsFromNothingToAll(t *testing.T) {
	if Absorbed(-1) != 0 || Absorbed(0) != 0 || Absorbed(600) < 0.9999 {
		t.Errorf("absorbed %v, %v, %v", Absorbed(-1), Absorbed(0), Absorbed(600))
	}
	if got := Absorbed(67.13); math.Abs(got-0.5) > 1e-3 {
		t.Errorf("%v absorbed after 67 min, want a half", got)
	}
	for m := 1.0; m < 400; m += 7 {
		slope := (Absorbed(m+1e-4) - Absorbed(m-1e-4)) / 2e-4
		if math.Abs(slope-absorption(m)) > 1e-8 {
			t.Errorf("at %v min the rate is %v, the slope %v", m, absorption(m), slope)
		}
	}
}

// readShared reads JSON of the reference data beside the repository, or skips.
func readShared(t *testing.T, name string, into any) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	data, err := os.ReadFile(filepath.Join(dir, "../shared/data", name))
	if os.IsNotExist(err) {
		t.Skipf("../shared/data not found: %s is compared where it is", name)
	}
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

package simulate

import (
	"math"
	"testing"
	"time"
)

// errorsOf lives days in five-minute steps and returns reading minus interstitial
// glucose, and the mean absolute relative difference from plasma, of a sensor
// without faults.
func errorsOf(t *testing.T, p *Person, days int) ([]float64, float64) {
	t.Helper()
	var diffs []float64
	var relative float64
	for i := range days * 288 {
		during(t, p, time.Duration(i*5+p.phase)*time.Minute)
		now := p.d.Sensor.Shown[len(p.d.Sensor.Shown)-1]
		if now.MgdL == lowest || now.MgdL == highest {
			continue
		}
		diffs = append(diffs, now.MgdL-p.body.Interstitial())
		relative += math.Abs(now.MgdL-p.Glucose()) / p.Glucose()
	}
	return diffs, relative / float64(len(diffs))
}

// The G6's published error: 7.9 mg/dL of autoregressive noise (from the
// coefficients: variances 25.6 and 37.8) with a lag-one correlation near 0.9, and a
// mean absolute relative difference of 9–10 % (Wadwa RP et al., Diabetes Technol
// Ther 2018;20:395).
func TestSensorErrsAsPublished(t *testing.T) {
	var relative, variance, lagged, n float64
	for _, p := range people(t, Options{Patients: 16, Seed: 6, Cohort: "adult"}) {
		diffs, mard := errorsOf(t, p, 5)
		relative += mard / 16
		var mean float64
		for _, d := range diffs {
			mean += d / float64(len(diffs))
		}
		for i := 1; i < len(diffs); i++ {
			variance += (diffs[i] - mean) * (diffs[i] - mean)
			lagged += (diffs[i] - mean) * (diffs[i-1] - mean)
			n++
		}
	}
	sd, rho := math.Sqrt(variance/n), lagged/variance
	t.Logf("MARD %.1f %%, SD within sensors %.1f mg/dL, lag-one correlation %.2f", 100*relative, sd, rho)
	if relative < 0.06 || relative > 0.12 {
		t.Errorf("MARD %.1f %%, want 6 to 12", 100*relative)
	}
	if sd < 6.5 || sd > 11.5 {
		t.Errorf("SD %.1f mg/dL, want 6.5 to 11.5", sd)
	}
	if rho < 0.8 || rho > 0.97 {
		t.Errorf("lag-one correlation %.2f, want 0.8 to 0.97", rho)
	}
}

// The stationary SD of an autoregression of order two follows from its
// coefficients: σ²(1-a₂)/((1+a₂)((1-a₂)²-a₁²)).
func TestNoiseHasTheVarianceOfItsCoefficients(t *testing.T) {
	stationary := func(a1, a2, variance float64) float64 {
		return math.Sqrt(variance * (1 - a2) / ((1 + a2) * ((1-a2)*(1-a2) - a1*a1)))
	}
	p := people(t, Options{Patients: 1, Seed: 6})[0]
	var own, common, n float64
	for at := day1; n < 40000; at = at.Add(interval) {
		p.measure(at)
		own += p.d.Sensor.Own[0] * p.d.Sensor.Own[0]
		common += p.d.Sensor.Common[0] * p.d.Sensor.Common[0]
		n++
	}
	if got, want := math.Sqrt(own/n), stationary(1.220, -0.331, 3.641); math.Abs(got/want-1) > 0.03 {
		t.Errorf("own noise has SD %.2f mg/dL, want %.2f", got, want)
	}
	if got, want := math.Sqrt(common/n), stationary(1.34, -0.492, 5.538); math.Abs(got/want-1) > 0.03 {
		t.Errorf("common noise has SD %.2f mg/dL, want %.2f", got, want)
	}
}

func TestASoundSensorReadsEveryFiveMinutes(t *testing.T) {
	p := people(t, Options{Patients: 1, Seed: 6})[0]
	var last time.Time
	n, devices := 0, map[string]bool{}
	for _, s := range during(t, p, 3*week) {
		if s.Wire.Source != "cgm" {
			continue
		}
		at, err := time.Parse(time.RFC3339, s.Wire.Time)
		if err != nil {
			t.Fatal(err)
		}
		if !last.IsZero() && at.Sub(last) != 5*time.Minute {
			t.Fatalf("%s after %s", at, last)
		}
		if v := *s.Wire.Value; v < lowest || v > highest || v != math.Round(v) {
			t.Fatalf("reading %g", v)
		}
		last, n = at, n+1
		devices[s.Wire.Device] = true
	}
	if n != 3*7*288 {
		t.Errorf("%d readings in three weeks, want %d", n, 3*7*288)
	}
	if len(devices) < 2 || len(devices) > 4 {
		t.Errorf("%d sensors in three weeks of ten-day sessions", len(devices))
	}
}

func TestSaturation(t *testing.T) {
	for in, want := range map[float64]float64{-20: 39, 39.4: 39, 39.6: 40, 40: 40, 123.4: 123, 400.4: 400, 400.6: 401, 900: 401} {
		if got := saturate(in); got != want {
			t.Errorf("saturate(%g) = %g, want %g", in, got, want)
		}
	}
}

func TestTrendNames(t *testing.T) {
	for slope, want := range map[float64]string{
		4: "doubleUp", 2.5: "singleUp", 1.5: "fortyFiveUp", 1: "flat", 0: "flat", -1: "flat",
		-1.5: "fortyFiveDown", -2.5: "singleDown", -3.5: "doubleDown",
	} {
		if got := trendName(slope); got != want {
			t.Errorf("%g mg/dL/min is %s, want %s", slope, got, want)
		}
	}
}

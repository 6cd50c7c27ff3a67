package simulate

import (
	"math"
	"testing"
)

// The six subjects of Hovorka 2002, Table 2.
var subjects = []struct{ k12, ka1, ka2, ka3, sit, sid, sie, egp0, f01 float64 }{
	{0.0343, 0.0031, 0.0752, 0.0472, 29.4, 0.9, 401, 0.0148, 0.0121},
	{0.0871, 0.0157, 0.0231, 0.0143, 18.7, 6.1, 379, 0.0143, 0.0075},
	{0.0863, 0.0029, 0.0495, 0.0691, 81.2, 20.1, 578, 0.0156, 0.0103},
	{0.0968, 0.0088, 0.0302, 0.0118, 86.1, 4.7, 720, 0.0213, 0.0119},
	{0.0390, 0.0007, 0.1631, 0.0114, 72.4, 15.3, 961, 0.0200, 0.0071},
	{0.0458, 0.0017, 0.0689, 0.0285, 19.1, 2.2, 82, 0.0105, 0.0092},
}

// logMoments are the mean and SD of logarithms.
func logMoments(column func(i int) float64) (mean, sd float64) {
	n := float64(len(subjects))
	for i := range subjects {
		mean += math.Log(column(i)) / n
	}
	for i := range subjects {
		d := math.Log(column(i)) - mean
		sd += d * d / (n - 1)
	}
	return mean, math.Sqrt(sd)
}

// Rates have the subjects' geometric means, to the digits Wilinska 2010 gives, and
// everything the spread of their logarithms.
func TestDistributionsAreThoseOfTheSubjects(t *testing.T) {
	p := MeanParams()
	for name, c := range map[string]struct {
		column   func(i int) float64
		mean, sd float64 // mean 0: Wilinska 2010 has another
	}{
		"k12":  {func(i int) float64 { return subjects[i].k12 }, p.K12, logSD.k12},
		"ka1":  {func(i int) float64 { return subjects[i].ka1 }, p.Ka1, logSD.ka1},
		"ka2":  {func(i int) float64 { return subjects[i].ka2 }, p.Ka2, logSD.ka2},
		"ka3":  {func(i int) float64 { return subjects[i].ka3 }, p.Ka3, logSD.ka3},
		"sit":  {func(i int) float64 { return subjects[i].sit }, 0, logSD.sit},
		"sid":  {func(i int) float64 { return subjects[i].sid }, p.SID * 1e4, logSD.sid},
		"sie":  {func(i int) float64 { return subjects[i].sie }, 0, logSD.sie},
		"egp0": {func(i int) float64 { return subjects[i].egp0 }, 0, logSD.egp0},
		"f01":  {func(i int) float64 { return subjects[i].f01 }, 0, logSD.f01},
	} {
		mean, sd := logMoments(c.column)
		if c.mean > 0 && math.Abs(math.Exp(mean)/c.mean-1) > 0.013 {
			t.Errorf("%s: geometric mean %g, have %g", name, math.Exp(mean), c.mean)
		}
		if math.Abs(sd-c.sd) > 0.006 {
			t.Errorf("%s: SD of logarithms %.3f, have %g", name, sd, c.sd)
		}
	}
}

func TestTitratedSettingsFitTheirBody(t *testing.T) {
	p := MeanParams()
	if icr := titrateICR(p, 60); icr < 8 || icr > 16 {
		t.Errorf("the mean adult's ICR is %.1f g/U, want 8 to 16", icr)
	}
	if isf := titrateISF(p); isf < 22 || isf > 55 {
		t.Errorf("the mean adult's ISF is %.0f mg/dL/U, want 22 to 55", isf)
	}
	if daily := NewBody(p).BasalFor(restMgdL) * 1440; daily < 15 || daily > 30 {
		t.Errorf("the mean adult's basal is %.1f U a day, want 15 to 30", daily)
	}
	q := p
	q.SIT, q.SID, q.SIE = 2*p.SIT, 2*p.SID, 2*p.SIE
	if titrateICR(q, 60) < 1.6*titrateICR(p, 60) || NewBody(q).BasalFor(restMgdL) > 0.6*NewBody(p).BasalFor(restMgdL) {
		t.Error("twice the sensitivity doesn't halve the insulin")
	}
}

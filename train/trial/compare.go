package trial

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Difference is an arm less the reference, of the same people: its mean and the
// interval that holds it with 95 % confidence.
type Difference struct {
	Mean float64 `json:"mean"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// resamples are drawn for an interval.
const resamples = 2000

// paired is the difference of two arms' outcomes, person by person, with the
// percentile bootstrap over people. People are what was drawn at random; their days
// and readings depend on each other.
func paired(arm, against []float64, seed uint64) Difference {
	r := rand.New(rand.NewPCG(seed, 0x7472_6961_6c))
	diffs := make([]float64, len(arm))
	for i := range arm {
		diffs[i] = arm[i] - against[i]
	}
	means := make([]float64, resamples)
	for k := range means {
		for range diffs {
			means[k] += diffs[r.IntN(len(diffs))] / float64(len(diffs))
		}
	}
	slices.Sort(means)
	return Difference{
		Mean: mean(diffs),
		Low:  stat.Quantile(0.025, stat.Empirical, means, nil),
		High: stat.Quantile(0.975, stat.Empirical, means, nil),
	}
}

// Margin is by how many percentage points time below 70 mg/dL may be larger for an
// arm to count as not inferior: a quarter of the 4 % that consensus allows. It is
// this project's choice.
const Margin = 1.0

// fewest people are needed for a claim: of fewer, a bootstrap draws intervals that
// are far too narrow.
const fewest = 10

// Verdict is what may be claimed of an arm.
type Verdict struct {
	SafeBelow70 bool   `json:"tbr70_noninferior"`
	BetterRange bool   `json:"tir_superior"`
	Text        string `json:"text"`
}

// judge tests in a fixed order, so that the error of both claims together stays at
// 2.5 %: only an arm that isn't inferior in time below 70 may be called superior in
// time in range.
func judge(tbr, tir Difference, people int) Verdict {
	if people < fewest {
		return Verdict{Text: fmt.Sprintf("%d people are too few for a claim: want %d", people, fewest)}
	}
	v := Verdict{SafeBelow70: tbr.High < Margin}
	v.BetterRange = v.SafeBelow70 && tir.Low > 0
	switch {
	case !v.SafeBelow70:
		v.Text = fmt.Sprintf("not shown to be as safe: time below 70 may be up to %.1f points larger; nothing is claimed of time in range", tbr.High)
	case v.BetterRange:
		v.Text = "as safe in time below 70, and superior in time in range"
	case tir.High < 0:
		v.Text = "as safe in time below 70, and inferior in time in range"
	default:
		v.Text = "as safe in time below 70; time in range does not differ for certain"
	}
	if v.SafeBelow70 && tbr.Low > 0 {
		v.Text += fmt.Sprintf(" (time below 70 is within the margin of %v point, but it is larger: by %.1f to %.1f)", Margin, tbr.Low, tbr.High)
	}
	return v
}

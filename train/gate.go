package train

import (
	"fmt"
	"math"
)

// Gate is one condition that a model must meet before it may be in charge.
type Gate struct {
	Name   string `json:"gate"`
	Passed bool   `json:"passed"`
	Note   string `json:"note"` // what was found, and what is wanted
}

// Gates judge a report. Whether the direction of doses and carbs is right is never
// a matter of degree. Errors and coverage are judged the more strictly the more unseen
// people judged: of two people they say little about others.
func (r *Report) Gates() []Gate {
	gates := []Gate{r.directionGate()}
	if r.Interventions != nil {
		gates = append(gates, r.interventionGates()...)
	}
	for _, minutes := range []int{30, 60} {
		gates = append(gates, r.errorGate(minutes))
	}
	for _, minutes := range []int{30, 60, 120} {
		gates = append(gates, r.coverGate(minutes))
	}
	return gates
}

// Failed are the gates that a report doesn't pass.
func (r *Report) Failed() (failed []Gate) {
	for _, g := range r.Gates() {
		if !g.Passed {
			failed = append(failed, g)
		}
	}
	return failed
}

func (r *Report) directionGate() Gate {
	wrong := r.Probes.DoseWrong + r.Probes.CarbsWrong
	return Gate{"direction", r.Probes.Asked > 0 && wrong == 0,
		fmt.Sprintf("wrong in %d of %d probes, none may be", wrong, 2*r.Probes.Asked)}
}

// rankLeast is how well the doses of a moment must be ranked; see reference H15.
const rankLeast = 0.95

func (r *Report) interventionGates() (gates []Gate) {
	sign, within := 1.0, 1.0
	for _, s := range r.Interventions.Horizons {
		sign, within = min(sign, s.Sign), min(within, s.Within)
	}
	pairs := r.Interventions.Pairs
	return []Gate{
		{"other doses: direction", pairs > 0 && sign == 1, fmt.Sprintf("right in %.2f %% of %d pairs, all must be", 100*sign, pairs)},
		{"other doses: rank", pairs > 0 && within >= rankLeast, fmt.Sprintf("correlation %.3f, at least %.2f is wanted", within, rankLeast)},
	}
}

const (
	errorSlack  = 1.02 // of a baseline's error
	manyPeople  = 5    // from which every baseline counts, not the last value alone
	coverLeast  = 0.88
	coverMost   = 0.92
	coverLoosed = 0.12 // over the root of the number of people: what chance may do
)

func (r *Report) errorGate(minutes int) Gate {
	g := Gate{Name: fmt.Sprintf("error at %d min", minutes)}
	s := r.Score(minutes)
	if s == nil {
		g.Note = "nobody was judged so far ahead"
		return g
	}
	model, least, of := s.Forecasters[theModel].RMSE.Value, math.Inf(1), ""
	for k, f := range s.Forecasters {
		if k < firstSimple || k > lastValue && len(r.Split.Test) < manyPeople {
			continue
		}
		if f.RMSE.Value < least {
			least, of = f.RMSE.Value, f.Name
		}
	}
	g.Passed = model <= errorSlack*least
	g.Note = fmt.Sprintf("RMSE %.1f mg/dL, %.1f of %s", model, least, of)
	return g
}

func (r *Report) coverGate(minutes int) Gate {
	loose := coverLoosed / math.Sqrt(float64(max(len(r.Split.Test), 1)))
	inside := r.inside(minutes)
	return Gate{fmt.Sprintf("coverage at %d min", minutes), inside >= coverLeast-loose && inside <= coverMost+loose,
		fmt.Sprintf("%.1f %% inside the 90 %% interval, %.1f to %.1f are wanted of %d people",
			100*inside, 100*(coverLeast-loose), 100*min(coverMost+loose, 1), len(r.Split.Test))}
}

package bench

import (
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// pair is a change of a dose: what the model says it does and what it did, mg/dL.
type pair struct {
	said, did [len(train.Horizons)]float64
}

// Intervene compares what a model says of other doses with what they did to people.
func (l *Lives) Intervene(m *train.Model) (*train.Interventions, error) {
	var moments [][]pair
	for _, p := range l.people {
		moments = append(moments, p.pairs(m)...)
	}
	out := &train.Interventions{People: len(l.people), Moments: len(moments)}
	all := slices.Concat(moments...)
	out.Pairs = len(all)
	if len(all) == 0 {
		return out, nil
	}
	for h, minutes := range train.Horizons {
		if minutes < 30 || minutes%30 != 0 {
			continue
		}
		s := train.InterventionScore{Minutes: minutes, Rank: rank(all, h), Sign: sign(all, h), Size: size(all, h)}
		for _, moment := range moments {
			s.Within += rank(moment, h) / float64(len(moments))
		}
		out.Horizons = append(out.Horizons, s)
	}
	return out, nil
}

// pairs asks the model at each fork, with what the log said by then.
func (p *life) pairs(m *train.Model) (moments [][]pair) {
	var w feature.Window
	var v feature.Vector
	var r train.Response
	known := 0
	for _, f := range p.forks {
		for known < len(p.events) && !p.events[known].Seen.After(f.at) {
			w.Observe(&p.events[known])
			known++
		}
		if len(f.other) < 2 || !w.Vector(f.at, &v) {
			continue
		}
		m.Respond(&v, &r)
		var moment []pair
		for _, o := range f.other {
			one := pair{did: o.effect}
			for h := range one.said {
				one.said[h] = o.units * r.PerUnit(h, len(train.Levels)/2)
			}
			moment = append(moment, one)
		}
		moments = append(moments, moment)
	}
	return moments
}

func sign(pairs []pair, h int) float64 {
	right := 0
	for _, p := range pairs {
		if p.said[h]*p.did[h] > 0 {
			right++
		}
	}
	return float64(right) / float64(len(pairs))
}

// size is how large the forecast effect is against the true one: median and quartiles.
func size(pairs []pair, h int) train.Interval {
	ratios := make([]float64, len(pairs))
	for i, p := range pairs {
		ratios[i] = p.said[h] / p.did[h]
	}
	slices.Sort(ratios)
	at := func(p float64) float64 { return stat.Quantile(p, stat.Empirical, ratios, nil) }
	return train.Interval{Value: at(0.5), Low: at(0.25), High: at(0.75)}
}

// rank is Spearman's correlation of what was said with what it did.
func rank(pairs []pair, h int) float64 {
	said, did := make([]float64, len(pairs)), make([]float64, len(pairs))
	for i, p := range pairs {
		said[i], did[i] = p.said[h], p.did[h]
	}
	return stat.Correlation(ranks(said), ranks(did), nil)
}

// ranks are the places in order of size; equals share theirs.
func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(x))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		for k := i; k < j; k++ {
			out[order[k]] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

package train

import (
	"slices"
	"time"

	"github.com/titrate/titrate/train/feature"
)

// Report is what training found, for people who must decide whether to trust it.
// All errors are in mg/dL on people whom the model has not seen.
type Report struct {
	Model     string    `json:"model"`
	Features  string    `json:"features"`
	Made      time.Time `json:"made"`
	Since     time.Time `json:"since"` // of the examples
	Until     time.Time `json:"until"`
	Seed      uint64    `json:"seed"`
	Examples  int       `json:"examples"`
	Split     Split     `json:"split"`
	TrainRows int       `json:"train_rows"`
	TuneRows  int       `json:"tune_rows"`
	TestRows  int       `json:"test_rows"`

	Horizons []HorizonScore `json:"horizons"`
	Coverage []CoverScore   `json:"coverage"`
	Persons  []PersonScore  `json:"persons"`
	Probes   Probes         `json:"probes"`
	// Zones is coverage by where glucose was at the forecast.
	Zones       []ZoneScore  `json:"zones"`
	Subgroups   []GroupScore `json:"subgroups"`
	Grids       []GridScore  `json:"grids"`
	Reliability []LevelScore `json:"reliability"`
	Alarm       Alarm        `json:"alarm"`
	Importance  []Importance `json:"importance"`
	// ImportanceRows are how many moments the inputs were shuffled among.
	ImportanceRows int            `json:"importance_rows,omitempty"`
	Curve          []CurvePoint   `json:"learning_curve,omitempty"`
	Interventions  *Interventions `json:"interventions,omitempty"` // nil where no simulator judged
	Epochs         []Epoch        `json:"epochs"`
	Stopped        string         `json:"stopped"`
	Lineage        Lineage        `json:"lineage"`
}

// Lineage is where a model comes from.
type Lineage struct {
	Lake   string        `json:"lake,omitempty"`
	Ledger []LedgerRange `json:"ledger,omitempty"` // what of the log the lake held
	Code   string        `json:"code,omitempty"`   // version of the program
	Since  string        `json:"since,omitempty"`  // as asked for
	Until  string        `json:"until,omitempty"`
	Only   []string      `json:"patients,omitempty"`
	Epochs int           `json:"epochs,omitempty"`
}

// LedgerRange is a stretch of a partition: offsets from Start up to Next.
type LedgerRange struct {
	Topic     string `json:"topic"` // its id
	Partition int32  `json:"partition"`
	Start     int64  `json:"start"`
	Next      int64  `json:"next"`
}

// HorizonScore is how the forecasters did some minutes ahead.
type HorizonScore struct {
	Minutes     int               `json:"minutes"`
	Outcomes    int               `json:"outcomes"`
	Forecasters []ForecasterScore `json:"forecasters"` // the model first
	// Gain is the model's RMSE less the last value's: negative is better. An
	// interval below zero says that it would be so for other people too.
	Gain Interval `json:"gain"`
}

// ForecasterScore is one forecaster's errors, with their 95 % intervals over people.
type ForecasterScore struct {
	Name string   `json:"name"`
	RMSE Interval `json:"rmse"`
	MAE  Interval `json:"mae"`
}

// CoverScore is the share of outcomes inside the intervals that promise 90 and
// 50 %, and inside the first in the three hours after a bolus.
type CoverScore struct {
	Minutes    int     `json:"minutes"`
	Wide       float64 `json:"inside_90"`
	Narrow     float64 `json:"inside_50"`
	AfterBolus float64 `json:"inside_90_after_bolus"`
	Boluses    int     `json:"outcomes_after_bolus"`
	Untold     float64 `json:"inside_90_untold"` // where later acts were not told
}

// PersonScore is one unseen person.
type PersonScore struct {
	Patient  string  `json:"patient"`
	Rows     int     `json:"rows"`
	Mean     float64 `json:"mean_mgdl"`
	Model30  float64 `json:"rmse_30"`
	Last30   float64 `json:"last_value_rmse_30"`
	Model60  float64 `json:"rmse_60"`
	Last60   float64 `json:"last_value_rmse_60"`
	Inside60 float64 `json:"inside_90_at_60"`
}

// reported are the minutes ahead that the report speaks of.
var reported = []int{15, 30, 60, 120, 240}

// Forecaster is the entry of a forecaster by its name; nil if there is none.
func (s *HorizonScore) Forecaster(name string) *ForecasterScore {
	for i := range s.Forecasters {
		if s.Forecasters[i].Name == name {
			return &s.Forecasters[i]
		}
	}
	return nil
}

// Score is the entry for some minutes ahead; nil if the report has none.
func (r *Report) Score(minutes int) *HorizonScore {
	for i := range r.Horizons {
		if r.Horizons[i].Minutes == minutes {
			return &r.Horizons[i]
		}
	}
	return nil
}

// scores fills in what the people of the test rows say.
func (r *Report) scores(people []judged) {
	for _, minutes := range reported {
		h := slices.Index(Horizons[:], minutes)
		score := horizonScore(people, h, r.Seed)
		if score.Outcomes > 0 {
			r.Horizons = append(r.Horizons, score)
		}
	}
	for h, minutes := range Horizons {
		var sum coverage
		for i := range people {
			sum.plus(people[i].covered[h])
		}
		if sum.n > 0 {
			r.Coverage = append(r.Coverage, CoverScore{
				Minutes: minutes, Wide: sum.wide / sum.n, Narrow: sum.narrow / sum.n,
				AfterBolus: sum.bolusWide / max(sum.bolusN, 1), Boluses: int(sum.bolusN), Untold: sum.untold / sum.n,
			})
		}
	}
	for i := range people {
		r.Persons = append(r.Persons, personScore(&people[i]))
	}
	r.detail(people)
}

func horizonScore(people []judged, h int, seed uint64) HorizonScore {
	people = slices.DeleteFunc(slices.Clone(people), func(p judged) bool { return p.errors[theModel][h].n == 0 })
	score := HorizonScore{Minutes: Horizons[h]}
	if len(people) == 0 {
		return score
	}
	for i := range people {
		score.Outcomes += int(people[i].errors[theModel][h].n)
	}
	for k := range forecasters {
		score.Forecasters = append(score.Forecasters, ForecasterScore{
			Name: forecasterNames[k],
			RMSE: bootstrap(people, seed, func(t *tallies) float64 { return known(t[k][h].rmse()) }),
			MAE:  bootstrap(people, seed, func(t *tallies) float64 { return known(t[k][h].mae()) }),
		})
	}
	score.Gain = bootstrap(people, seed, func(t *tallies) float64 { return t[theModel][h].rmse() - t[lastValue][h].rmse() })
	return score
}

func personScore(p *judged) PersonScore {
	half, hour := slices.Index(Horizons[:], 30), slices.Index(Horizons[:], 60)
	return PersonScore{
		Patient: p.name, Rows: p.rows, Mean: p.glucose.mae(),
		Model30: known(p.errors[theModel][half].rmse()), Last30: known(p.errors[lastValue][half].rmse()),
		Model60: known(p.errors[theModel][hour].rmse()), Last60: known(p.errors[lastValue][hour].rmse()),
		Inside60: p.covered[hour].wide / max(p.covered[hour].n, 1),
	}
}

// known is x, or 0 where nothing was measured: JSON has no NaN.
func known(x float64) float64 {
	if x != x {
		return 0
	}
	return x
}

// FeatureStat describes a feature over the train rows, to notice when live data
// drift away from what was learned.
type FeatureStat struct {
	Name string  `json:"name"`
	Mean float64 `json:"mean"`
	Std  float64 `json:"std"`
	P01  float64 `json:"p01"`
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
}

// statistics describe every feature over at most 20,000 of the rows.
func (x *Examples) statistics(rows []int) []FeatureStat {
	n := min(len(rows), 20_000)
	stats := make([]FeatureStat, feature.Size)
	values := make([]float64, n)
	for j, m := range momentsOf(x, rows) {
		for k := range values {
			values[k] = float64(x.Features[rows[k*len(rows)/n]*feature.Size+j])
		}
		stats[j] = FeatureStat{feature.Names[j], m.mean, m.deviation,
			quantile(values, 0.01), quantile(values, 0.5), quantile(values, 0.99)}
	}
	return stats
}

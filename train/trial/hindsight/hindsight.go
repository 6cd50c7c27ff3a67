// Package hindsight plays lives that were recorded to the scorer, as if each event came
// when it happened, and judges its warnings of lows by what glucose then did, beside the
// straight line that a plain CGM warns by. Nobody acts on the warnings: what people did of
// themselves counts for both.
package hindsight

import (
	"math"
	"slices"
	"sort"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/predict"
	"github.com/titrate/titrate/train"
)

// Score is how one who warns of lows did. A warning is right if a sensor's reading below 70
// mg/dL came within the hour after it; it counts only if any reading did. A low begins with
// the first such reading of an hour, and was foretold if a warning came in the hour before.
type Score struct {
	Who         string  `json:"who"` // titrate, line, or of whom nothing else is said
	People      int     `json:"people"`
	Days        float64 `json:"days"` // with readings
	Lows        int     `json:"lows"`
	Foretold    int     `json:"foretold"`
	Warnings    int     `json:"warnings"`
	Right       int     `json:"right"`
	PerDay      float64 `json:"warnings_a_day"`
	Precision   float64 `json:"precision"`
	Recall      float64 `json:"recall"`
	LeadMinutes float64 `json:"lead_minutes"` // mean, from the first warning to the low
}

// Warners are who is judged.
const (
	Titrate = "titrate"
	Line    = "line"
)

const (
	lowBelow = 70.0 // mg/dL
	ahead    = time.Hour
)

// Judge plays everybody's life to a scorer with the model, and scores its predicted lows and
// those of the line, in this order.
func Judge(replay train.Replay, model *train.Model) ([]Score, error) {
	scores := []Score{{Who: Titrate}, {Who: Line}}
	var leads [2][]float64
	err := replay(func(patient string, events []cleanse.Event) error {
		life := lived(events)
		for i, warned := range [...][]time.Time{warnings(patient, life, model), line(life)} {
			leads[i] = append(leads[i], scores[i].add(shown(life), warned)...)
		}
		return nil
	})
	for i := range scores {
		scores[i].sum(leads[i])
	}
	return scores, err
}

// lived are events in the order in which they happened, each as if the log had taken it then.
func lived(events []cleanse.Event) []cleanse.Event {
	life := slices.Clone(events)
	slices.SortStableFunc(life, func(a, b cleanse.Event) int { return a.At.Compare(b.At) })
	for i := range life {
		e := &life[i]
		e.Seen, e.Backfill, e.Late = e.At, false, false
		e.Partition, e.Offset = 0, int64(i)
	}
	return life
}

// warnings are when the scorer tells that a low is coming.
func warnings(patient string, life []cleanse.Event, model *train.Model) (at []time.Time) {
	p := predict.NewPerson(patient, model)
	for i := range life {
		for _, r := range p.Observe(&life[i]) {
			if r.Alert == predict.AlertPredictedLow || r.Alert == predict.AlertUrgentSoon {
				at = append(at, life[i].At)
			}
		}
	}
	return at
}

// reading is a sensor's, in mg/dL.
type reading struct {
	at   time.Time
	mgdl float64
}

func shown(life []cleanse.Event) (all []reading) {
	for i := range life {
		if e := &life[i]; e.Kind == cleanse.Glucose && e.Source == "cgm" {
			all = append(all, reading{e.At, float64(e.Glucose.MgdL)})
		}
	}
	return all
}

// The line is that of least squares through the last quarter of an hour, of two readings at
// least. It warns if it reaches 70 mg/dL within 20 minutes, and then is quiet for as long.
const (
	lineOver   = 15 * time.Minute
	lineAhead  = 20 * time.Minute
	lineSnooze = 20 * time.Minute
)

func line(life []cleanse.Event) (at []time.Time) {
	all := shown(life)
	for i, now := range all {
		if now.mgdl < lowBelow || len(at) > 0 && now.at.Sub(at[len(at)-1]) < lineSnooze {
			continue
		}
		if now.mgdl+slope(all[:i+1])*lineAhead.Minutes() < lowBelow {
			at = append(at, now.at)
		}
	}
	return at
}

// slope is that of the newest readings, in mg/dL per minute; 0 of one alone.
func slope(all []reading) float64 {
	now := all[len(all)-1].at
	var n, x, y, xx, xy float64
	for i := len(all) - 1; i >= 0 && now.Sub(all[i].at) <= lineOver; i-- {
		m := -now.Sub(all[i].at).Minutes()
		n, x, y, xx, xy = n+1, x+m, y+all[i].mgdl, xx+m*m, xy+m*all[i].mgdl
	}
	if n*xx-x*x < 1 {
		return 0
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

// add counts a person, and returns the leads in minutes.
func (s *Score) add(all []reading, warned []time.Time) (leads []float64) {
	s.People++
	s.Days += daysOf(all)
	for _, at := range warned {
		lowest, any := math.Inf(1), false
		for _, r := range all[after(all, at):] {
			if r.at.Sub(at) > ahead {
				break
			}
			lowest, any = min(lowest, r.mgdl), true
		}
		if any {
			s.Warnings++
		}
		if lowest < lowBelow {
			s.Right++
		}
	}
	for _, low := range lows(all) {
		s.Lows++
		if i := sort.Search(len(warned), func(i int) bool { return low.Sub(warned[i]) <= ahead }); i < len(warned) && warned[i].Before(low) {
			s.Foretold++
			leads = append(leads, low.Sub(warned[i]).Minutes())
		}
	}
	return leads
}

// after is the index of the first reading behind a moment.
func after(all []reading, at time.Time) int {
	return sort.Search(len(all), func(i int) bool { return all[i].at.After(at) })
}

// lows are when glucose fell below 70 mg/dL that hadn't been there for an hour.
func lows(all []reading) (onsets []time.Time) {
	var last time.Time
	for _, r := range all {
		if r.mgdl >= lowBelow {
			continue
		}
		if r.at.Sub(last) > ahead {
			onsets = append(onsets, r.at)
		}
		last = r.at
	}
	return onsets
}

// daysOf is how many days have a reading.
func daysOf(all []reading) float64 {
	days := map[int64]bool{}
	for _, r := range all {
		days[r.at.Unix()/86_400] = true
	}
	return float64(len(days))
}

func (s *Score) sum(leads []float64) {
	s.PerDay = float64(s.Warnings) / max(s.Days, 1)
	s.Precision = float64(s.Right) / float64(max(s.Warnings, 1))
	s.Recall = float64(s.Foretold) / float64(max(s.Lows, 1))
	for _, lead := range leads {
		s.LeadMinutes += lead / float64(len(leads))
	}
}

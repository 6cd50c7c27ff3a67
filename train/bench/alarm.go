package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train"
	"github.com/titrate/titrate/train/feature"
)

// AlarmScore is how one who foretells lows did on one kind of them.
type AlarmScore struct {
	Who         string `json:"who"`  // oracle, model, trend
	Lows        string `json:"lows"` // sensor: what it shows is low; true: plasma glucose is
	train.Alarm `json:"alarm"`
}

// Alarms trains on virtual people and judges on others, at every reading of the sensor,
// how well lows are foretold by the model, by the trend, and by an oracle: the true body,
// lived on with nothing that is yet to be eaten, dosed or done. The oracle is no strict
// bound, since it doesn't know the sensor's errors nor what comes, but no forecaster
// knows the body as well. Nobody acts on the alarms.
func Alarms(ctx context.Context, o VirtualOptions, t train.Options) ([]AlarmScore, error) {
	o.Truths = true
	lives, err := Live(o)
	if err != nil {
		return nil, fmt.Errorf("bench alarms: %w", err)
	}
	lives.teach(&t)
	result, err := train.Run(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("bench alarms: %w", err)
	}
	var scores []AlarmScore
	parts := lives.parts()
	tune, judge := parts.tune.watch(result.Model), parts.judge.watch(result.Model)
	for kind, lows := range lowKinds {
		for who, name := range watchers {
			scores = append(scores, AlarmScore{name, lows, train.JudgeAlarm(tune[who][kind], judge[who][kind])})
		}
	}
	return scores, nil
}

var (
	watchers = [...]string{"oracle", "model", "trend"}
	lowKinds = [...]string{"sensor", "true"}
)

// watches are everybody's readings by who foretells and by kind of low.
type watches [len(watchers)][len(lowKinds)][]*train.Watched

func (l *Lives) watch(m *train.Model) *watches {
	all := new(watches)
	for _, p := range l.people {
		for who := range watchers {
			for kind := range lowKinds {
				all[who][kind] = append(all[who][kind], new(train.Watched))
			}
		}
		p.watch(m, func(at time.Time, glucose [len(lowKinds)]float64, chance [len(watchers)]float64) {
			for who := range watchers {
				for kind := range lowKinds {
					own := all[who][kind]
					own[len(own)-1].Add(at.UnixMicro(), glucose[kind], chance[who])
				}
			}
		})
	}
	return all
}

// watch tells the sensor's readings as they come, with what each says of a low soon.
func (p *life) watch(m *train.Model, fn func(time.Time, [len(lowKinds)]float64, [len(watchers)]float64)) {
	var w feature.Window
	var v feature.Vector
	var f train.Forecast
	for i := range p.events {
		e := &p.events[i]
		w.Observe(e)
		real, ok := p.truths[e.At.Truncate(time.Minute)]
		if e.Kind != cleanse.Glucose || e.Source != "cgm" || !ok || !w.Vector(e.At, &v) || v[feature.Age] != 0 {
			continue
		}
		m.Forecast(&v, train.Plan{}, &f)
		fn(e.At, [...]float64{float64(e.Glucose.MgdL), real.now},
			[...]float64{scoreOf(real.lowest), f.LowSoon(), scoreOf(v[feature.Glucose] + trendAhead*v[feature.Trend])})
	}
}

// trendAhead is how many minutes the trend is followed.
const trendAhead = 20

// scoreOf makes a score of the lowest glucose expected, which lies between 40 and 150
// mg/dL where an alarm may go off.
func scoreOf(mgdl float64) float64 { return min(max((150-mgdl)/110, 0), 1) }

// oracle watches a life and knows what is true of it at each reading of the sensor.
type oracle struct {
	person *simulate.Person
	seen   map[time.Time]truth
}

// truth is plasma glucose in mg/dL, and the lowest to which it falls of itself.
type truth struct{ now, lowest float64 }

func newOracle(p *simulate.Person, wanted bool) *oracle {
	o := &oracle{person: p}
	if wanted {
		o.seen = map[time.Time]truth{}
	}
	return o
}

const oracleMinutes = 45

func (o *oracle) minute(at time.Time, in simulate.Input) {
	if o.seen == nil || at.Before(lifeStart) || !o.person.Reads(at) {
		return
	}
	body := o.person.Body()
	t := truth{body.Glucose(), body.Glucose()}
	for range oracleMinutes {
		body.Step(1, in)
		t.lowest = min(t.lowest, body.Glucose())
		in.CarbsG, in.FastCarbsG, in.RapidU, in.LongU, in.Exercise = 0, 0, 0, 0, 0
	}
	o.seen[at] = t
}

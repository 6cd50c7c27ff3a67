package train

import (
	"slices"

	"github.com/titrate/titrate/train/feature"
	"github.com/titrate/titrate/train/glycemia"
)

// detailed are the horizons that details are kept of: 30 and 60 minutes.
var detailed = [...]int{slices.Index(Horizons[:], 30), slices.Index(Horizons[:], 60)}

// hour is the place of 60 minutes in Horizons.
var hour = slices.Index(Horizons[:], 60)

// detail is what the report tells of a person beyond errors per horizon.
type detail struct {
	zones  [len(zoneNames)]coverage // an hour ahead, by glucose at the forecast
	below  [len(Levels)]float64     // outcomes an hour ahead that lay below each quantile
	n      float64
	grids  [len(detailed)]glycemia.Grids
	groups map[string]*group
}

// group is what the people of a kind say.
type group struct {
	people     int
	half, hour tally
	covered    coverage
}

var zoneNames = [...]string{"below 70", "70 to 180", "above 180"}

func zoneOf(mgdl float64) int {
	switch {
	case mgdl < 70:
		return 0
	case mgdl <= 180:
		return 1
	}
	return 2
}

func (d *detail) add(v *feature.Vector, h int, q *quantiles, came float64) {
	for k, place := range detailed {
		if h == place {
			d.grids[k].Add(came, q[2])
		}
	}
	if h == detailed[0] {
		for _, g := range d.of(v) {
			g.half.addMean(q, came)
		}
	}
	if h != hour {
		return
	}
	for _, g := range d.of(v) {
		g.hour.addMean(q, came)
		g.covered.add(*q, came, afterBolus(v))
	}
	d.zones[zoneOf(v[feature.Glucose])].add(*q, came, false)
	d.n++
	for k := range q {
		d.below[k] += truth(came < q[k])
	}
}

// of are the groups that a moment belongs to.
func (d *detail) of(v *feature.Vector) (groups []*group) {
	if d.groups == nil {
		d.groups = map[string]*group{}
	}
	for _, name := range groupNames(v) {
		if d.groups[name] == nil {
			d.groups[name] = &group{people: 1}
		}
		groups = append(groups, d.groups[name])
	}
	return groups
}

// groupOrder is how the groups are reported.
var groupOrder = [...]string{"under 18 years", "18 to 64 years", "65 years and older", "age unknown", "type 1", "type 2", "injections", "pump"}

func groupNames(v *feature.Vector) [3]string {
	age, kind, regimen := "age unknown", "type 1", "injections"
	switch years := v[feature.Years]; {
	case years > 0 && years < 18:
		age = "under 18 years"
	case years >= 65:
		age = "65 years and older"
	case years > 0:
		age = "18 to 64 years"
	}
	if v[feature.Type2] == 1 {
		kind = "type 2"
	}
	if v[feature.Pump] == 1 {
		regimen = "pump"
	}
	return [3]string{age, kind, regimen}
}

func (d *detail) plus(o *detail) {
	for i := range d.zones {
		d.zones[i].plus(o.zones[i])
	}
	for i := range d.below {
		d.below[i] += o.below[i]
	}
	d.n += o.n
	for i := range d.grids {
		d.grids[i].Plus(&o.grids[i])
	}
	for name, g := range o.groups {
		if d.groups == nil {
			d.groups = map[string]*group{}
		}
		if d.groups[name] == nil {
			d.groups[name] = new(group)
		}
		own := d.groups[name]
		own.people += g.people
		own.half.plus(g.half)
		own.hour.plus(g.hour)
		own.covered.plus(g.covered)
	}
}

// ZoneScore is the coverage of the 90 % interval an hour ahead by where glucose was
// when the forecast was made, in mg/dL.
type ZoneScore struct {
	Zone     string  `json:"zone"`
	Outcomes int     `json:"outcomes"`
	Wide     float64 `json:"inside_90"`
	Narrow   float64 `json:"inside_50"`
}

// GroupScore is how people of a kind are forecast.
type GroupScore struct {
	Group  string  `json:"group"`
	People int     `json:"people"`
	RMSE30 float64 `json:"rmse_30"`
	RMSE60 float64 `json:"rmse_60"`
	MAE60  float64 `json:"mae_60"`
	Inside float64 `json:"inside_90_at_60"`
}

// GridScore counts medians by the zones of the error grids.
type GridScore struct {
	Minutes int `json:"minutes"`
	glycemia.Grids
}

// LevelScore is how many outcomes an hour ahead lay below a quantile that promises a
// share of them.
type LevelScore struct {
	Promised float64 `json:"promised"`
	Came     float64 `json:"came"`
}

// detail fills in what people say beyond errors per horizon.
func (r *Report) detail(people []judged) {
	var all detail
	for i := range people {
		all.plus(&people[i].detail)
	}
	for i, z := range all.zones {
		if z.n > 0 {
			r.Zones = append(r.Zones, ZoneScore{zoneNames[i], int(z.n), z.wide / z.n, z.narrow / z.n})
		}
	}
	for _, name := range groupOrder {
		g := all.groups[name]
		if g == nil {
			continue
		}
		r.Subgroups = append(r.Subgroups, GroupScore{name, g.people, known(g.half.rmse()),
			known(g.hour.rmse()), known(g.hour.mae()), g.covered.wide / max(g.covered.n, 1)})
	}
	for k, h := range detailed {
		r.Grids = append(r.Grids, GridScore{Horizons[h], all.grids[k]})
	}
	for k, level := range Levels {
		r.Reliability = append(r.Reliability, LevelScore{level, all.below[k] / max(all.n, 1)})
	}
}

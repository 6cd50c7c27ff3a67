package nightscout

import (
	"strconv"
	"strings"
)

// arrows are the numbers of a sensor's trends.
var arrows = map[string]int{
	"NONE": 0, "DoubleUp": 1, "SingleUp": 2, "FortyFiveUp": 3, "Flat": 4, "FortyFiveDown": 5, "SingleDown": 6, "DoubleDown": 7,
	"NOT COMPUTABLE": 8, "RATE OUT OF RANGE": 9,
}

// pebble answers the followers on watches: the last readings, with the change since
// the one before, in ?units=mmol or mg/dL.
func (d *Door) pebble(c *call) {
	count, err := strconv.Atoi(c.values.Get("count"))
	if err != nil || count < 1 {
		count = 1
	}
	q := query{terms: []term{equals("type", "sgv")}}
	found := d.search(c.who.Patient, "entries", q, min(count, maxCount)+1)
	mmol := strings.HasPrefix(c.values.Get("units"), "mmol")
	bgs := []fields{}
	for i, doc := range found[:min(count, len(found))] {
		f, _ := decode(doc.raw) // a View keeps none that can't be read
		bg := fields{"sgv": shown(f, mmol, 0), "trend": arrows[f.text("direction")], "direction": f.text("direction"), "datetime": doc.at}
		if i+1 < len(found) {
			before, _ := decode(found[i+1].raw)
			v, _ := before.number("sgv")
			bg["bgdelta"] = shown(f, mmol, v)
		}
		bgs = append(bgs, bg)
	}
	answer(c.w, fields{"status": []fields{{"now": d.now().UnixMilli()}}, "bgs": bgs, "cals": []fields{}})
}

// shown is how far a reading lies above base, as text in the unit of the watch.
func shown(f fields, mmol bool, base float64) string {
	v, _ := f.number("sgv")
	if v -= base; mmol {
		return strconv.FormatFloat(v/mgdlPerMmol, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

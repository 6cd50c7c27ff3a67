package nightscout

import (
	"slices"
	"time"
)

// longestBasal is how far back a temporary rate is looked for that may still run.
const longestBasal = 24 * time.Hour

// isBasal reports whether a document begins a temporary basal rate, or, with a
// duration of 0, ends one. A pump runs one at a time: each ends the one before,
// whatever that was planned to last.
func isBasal(collection string, f fields) bool {
	return collection == "treatments" && f.text("eventType") == "Temp Basal" && f["isValid"] != false
}

// basalEnd is when a rate that begins at a moment was planned to end, in ms.
func basalEnd(f fields, at int64) int64 {
	minutes, ok := f.number("duration")
	if !ok || minutes < 0 || minutes > longestBasal.Minutes() {
		return at
	}
	return at + int64(minutes*60_000)
}

// nextBasal is when another rate cuts d short, or 0.
func (c *change) nextBasal(d *document) int64 {
	for _, o := range c.basals(d.at) {
		if o.at > d.at && o.at < d.ends && o.id != d.id {
			return o.at
		}
	}
	return 0
}

// recut corrects the rate before each moment at which one was or is, when another
// now cuts it short, or none does any more.
func (c *change) recut(old, d *document) {
	for _, o := range []*document{old, d} {
		if o == nil || !o.basal {
			continue
		}
		before := c.basals(o.at)
		i := slices.IndexFunc(before, func(b *document) bool { return b.at >= o.at })
		if i < 0 {
			i = len(before)
		}
		if i == 0 {
			continue
		}
		last := before[i-1]
		if until := c.nextBasal(last); until != last.until {
			again := *last
			again.until, again.modified = until, c.after(last)
			f, _ := decode(last.raw) // a View keeps none that can't be read
			c.store(last, &again, f)
		}
	}
}

// basals are the patient's rates around a moment, the batch's and the View's, the
// earliest first.
func (c *change) basals(at int64) []*document {
	from, to := at-longestBasal.Milliseconds(), at+longestBasal.Milliseconds()
	near := func(d *document) bool { return d.basal && d.at >= from && d.at <= to }
	var all []*document
	for _, d := range c.fresh.between(c.patient, c.collection, from, to) {
		if near(d) {
			all = append(all, d)
		}
	}
	for _, d := range c.door.view.between(c.patient, c.collection, from, to) {
		if near(d) && c.fresh.byID(c.patient, c.collection, d.id) == nil {
			all = append(all, d)
		}
	}
	slices.SortStableFunc(all, func(a, b *document) int { return int(min(1, max(-1, a.at-b.at))) })
	return all
}

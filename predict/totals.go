package predict

import (
	"math"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// hours is the insulin that a window has booked to one hour.
type hours struct {
	Hour   int64 `json:"h"` // since 1970
	Amount int64 `json:"u"` // ten-thousandths of a unit
}

// booksReach is how many hours back a window's ledger may tell of, and some more.
const booksReach = 400

// booked is a window's ledger by hour. The window tells the sum of the 25 hours
// that end with a given one; an hour is the difference of two such sums, plus the
// hour that fell out between them.
func booked(w *feature.Window) (out []hours) {
	newest := w.Newest()
	if newest.IsZero() {
		return nil
	}
	last := newest.Unix()/3600 + 25 // an extended dose is booked ahead
	first := last - booksReach
	amounts := make([]int64, booksReach+1)
	before := sum25(w, first-1)
	for h := first; h <= last; h++ {
		sum := sum25(w, h)
		amount := sum - before
		if i := h - first - 25; i >= 0 {
			amount += amounts[i]
		}
		amounts[h-first], before = amount, sum
		if amount > 0 {
			out = append(out, hours{h, amount})
		}
	}
	return out
}

func sum25(w *feature.Window, hour int64) int64 {
	return int64(math.Round(float64(w.Total24(time.Unix(hour*3600, 0))) * 1e4))
}

// settleBooks ends a replay. What memory knows of the insulin of the last week,
// and the replay was too short to tell, is booked: the last long-acting dose by
// itself, the rest by the hour.
func (p *Person) settleBooks() {
	m := p.books
	if m == nil {
		return
	}
	p.books = nil
	if at, _, _ := p.window.LongActing(); at.Before(m.LongAt) {
		p.book(m.LongAt, cleanse.InsulinDose{Action: "long", Units: m.LongUnits})
	}
	replayed := map[int64]int64{}
	for _, h := range booked(&p.window) {
		replayed[h.Hour] = h.Amount
	}
	for _, h := range m.Insulin {
		if missing := h.Amount - replayed[h.Hour]; missing > 0 {
			// Basal insulin is booked, and nothing else is made of it.
			p.book(time.Unix(h.Hour*3600, 0).UTC(),
				cleanse.InsulinDose{Action: "rapid", Reason: "basal", Units: cleanse.Units(float64(missing) / 1e4)})
		}
	}
}

func (p *Person) book(at time.Time, dose cleanse.InsulinDose) {
	p.window.Observe(&cleanse.Event{Kind: cleanse.Insulin, At: at, Insulin: dose})
}

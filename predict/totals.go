package predict

import (
	"slices"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// hours is the insulin that a window has booked to one hour.
type hours struct {
	Hour   int64 `json:"h"` // since 1970
	Amount int64 `json:"u"` // ten-thousandths of a unit
}

// books are the insulin and the glucose of the last week, as memory keeps them.
type books struct {
	// LongAt and LongUnits are the window's: it counts intermediate insulin, too.
	LongAt    time.Time       `json:"long_at,omitzero"`
	LongUnits cleanse.Units   `json:"long_units,omitempty"`
	Insulin   []hours         `json:"insulin,omitempty"`
	Glucose   []feature.Level `json:"glucose,omitempty"`
	// What is under way; facts and habits keep it.
	today   dayShare
	morning *morning
}

func (b *books) empty() bool { return b.LongAt.IsZero() && len(b.Insulin) == 0 && len(b.Glucose) == 0 }

// take reads a window's into b, in memory that is used again.
func (b *books) take(w *feature.Window) {
	b.Insulin, b.Glucose = booked(b.Insulin[:0], w), slices.AppendSeq(b.Glucose[:0], w.Levels())
	b.LongAt, b.LongUnits, _ = w.LongActing()
}

// booked is a window's ledger by hour, behind what is in out.
func booked(out []hours, w *feature.Window) []hours {
	for hour, amount := range w.Booked() {
		out = append(out, hours{hour, int64(amount)})
	}
	return out
}

// settleBooks ends a replay. What memory knows of the last week, and the replay was too
// short to tell, is booked: the last long-acting dose by itself, other insulin by the
// hour, glucose by the period. Memory has each hour and period that is over, since
// respond has it written anew when one begins; the replay has those of its own time: of
// the two, the one that knows more knows all.
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
	for _, h := range booked(nil, &p.window) {
		replayed[h.Hour] = h.Amount
	}
	for _, h := range m.Insulin {
		if missing := h.Amount - replayed[h.Hour]; missing > 0 {
			// Basal insulin is booked, and nothing else is made of it.
			p.book(time.Unix(h.Hour*3600, 0).UTC(),
				cleanse.InsulinDose{Action: "rapid", Reason: "basal", Units: cleanse.Units(float64(missing) / 1e4)})
		}
	}
	for _, l := range m.Glucose {
		p.window.Raise(l)
	}
	if today := &p.habits.Today; m.today.Day == today.Day && m.today.N > today.N {
		*today = m.today
	}
	if now := p.facts.Mornings.Current; m.morning != nil && (now == nil || m.morning.Date == now.Date && m.morning.N > now.N) {
		p.facts.Mornings.Current = m.morning
	}
}

func (p *Person) book(at time.Time, dose cleanse.InsulinDose) {
	p.window.Observe(&cleanse.Event{Kind: cleanse.Insulin, At: at, Insulin: dose})
}

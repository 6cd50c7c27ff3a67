package predict

import (
	"slices"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train/feature"
)

// books are the insulin and the glucose of the last week, as memory keeps them.
type books struct {
	// LongAt and LongUnits are the window's: it counts intermediate insulin, too.
	LongAt    time.Time       `json:"long_at,omitzero"`
	LongUnits cleanse.Units   `json:"long_units,omitempty"`
	Insulin   []hours         `json:"insulin,omitempty"`
	Glucose   []feature.Level `json:"glucose,omitempty"`
}

// hours is the insulin that a window has booked to one hour.
type hours struct {
	Hour   int64  `json:"h"` // since 1970
	Amount uint32 `json:"u"` // ten-thousandths of a unit
}

// take reads a window's into b, in memory that is used again.
func (b *books) take(w *feature.Window) {
	b.Insulin = b.Insulin[:0]
	for hour, amount := range w.Booked() {
		b.Insulin = append(b.Insulin, hours{hour, amount})
	}
	b.Glucose = slices.AppendSeq(b.Glucose[:0], w.Levels())
	b.LongAt, b.LongUnits, _ = w.LongActing()
}

// tell has a window that knows of nothing take them in.
func (b *books) tell(w *feature.Window) {
	w.RecallHours(func(yield func(int64, uint32) bool) {
		for _, h := range b.Insulin {
			if !yield(h.Hour, h.Amount) {
				return
			}
		}
	})
	for _, l := range b.Glucose {
		w.RecallLevel(l)
	}
	if !b.LongAt.IsZero() {
		w.Recall(&cleanse.Event{Kind: cleanse.Insulin, At: b.LongAt, Insulin: cleanse.InsulinDose{Action: "long", Units: b.LongUnits}})
	}
}

package feature

import (
	"encoding/binary"
	"iter"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/cleanse/slab"
)

const (
	hourly     = int64(time.Hour / time.Microsecond)
	ledgerSize = 8 * 24 // hours: seven days, and a day for basal that is still to flow
)

// ledger sums all insulin by hour. It counts in ten-thousandths of a unit, since
// whole numbers add up to the same in any order.
type ledger struct {
	head int64 // the newest hour, in hours since 1970
	// packed is the hours up to head, oldest first, as uvarints: one byte for an hour
	// without insulin, two for a pump's basal rate, three for a bolus.
	packed slab.List
}

// hours is a ledger that is open: an hour's amount at its number modulo the size.
type hours [ledgerSize]uint32

// turn moves the ring on to an hour, clearing what it passes, and returns the hour's
// place; not ok if the ring has forgotten it.
func (h *hours) turn(head *int64, hour int64) (place int, ok bool) {
	if hour < 0 || hour <= *head-ledgerSize {
		return 0, false
	}
	for p := max(*head+1, hour-ledgerSize+1); p <= hour; p++ {
		h[p%ledgerSize] = 0
	}
	*head = max(*head, hour)
	return int(hour % ledgerSize), true
}

// add books units that flow evenly over d from at on.
func (l *ledger) add(s *slab.Slab[byte], at micros, d time.Duration, units float64) {
	var open hours
	l.unpack(s, &open)
	flowing(at, d, units, func(hour int64, amount uint32) {
		if i, ok := open.turn(&l.head, hour); ok {
			open[i] += amount
		}
	})
	l.pack(s, &open)
}

// take undoes add.
func (l *ledger) take(s *slab.Slab[byte], at micros, d time.Duration, units float64) {
	var open hours
	l.unpack(s, &open)
	flowing(at, d, units, func(hour int64, amount uint32) {
		if hour > l.head-ledgerSize && hour <= l.head && hour >= 0 {
			i := hour % ledgerSize
			open[i] -= min(amount, open[i])
		}
	})
	l.pack(s, &open)
}

func (l *ledger) unpack(s *slab.Slab[byte], open *hours) {
	for hour, amount := range l.each(s.Of(l.packed)) {
		open[hour%ledgerSize] = amount
	}
}

func (l *ledger) pack(s *slab.Slab[byte], open *hours) {
	var room [ledgerSize * binary.MaxVarintLen32]byte
	packed := room[:0]
	for hour := max(l.head-ledgerSize+1, 0); hour <= l.head; hour++ {
		if amount := open[hour%ledgerSize]; amount > 0 || len(packed) > 0 {
			packed = binary.AppendUvarint(packed, uint64(amount))
		}
	}
	const step = 32 // sizes that many share
	s.Put(&l.packed, packed, min((len(packed)*9/8+step)/step*step, len(room)))
}

// each yields the hours up to head, as packed, from the oldest on that has insulin.
func (l *ledger) each(packed []byte) iter.Seq2[int64, uint32] {
	return func(yield func(hour int64, amount uint32) bool) {
		hour := l.head + 1
		for _, b := range packed {
			if b < 0x80 { // the last byte of an hour's amount
				hour--
			}
		}
		amount, shift := uint32(0), 0
		for _, b := range packed {
			amount |= uint32(b&0x7f) << shift
			shift += 7
			if b < 0x80 {
				if !yield(hour, amount) {
					return
				}
				hour, amount, shift = hour+1, 0, 0
			}
		}
	}
}

// flowing calls book with what flows in each hour.
func flowing(at micros, d time.Duration, units float64, book func(hour int64, amount uint32)) {
	total := uint32(units*1e4 + 0.5)
	flow := span(min(d, 24*time.Hour))
	if flow <= 0 {
		book(at/hourly, total)
		return
	}
	booked := uint32(0)
	for hour := at / hourly; hour*hourly < at+flow; hour++ {
		// What has flowed by the end of this hour, less what is booked: the parts
		// sum to the total exactly.
		part := float64(min((hour+1)*hourly, at+flow)-at) / float64(flow)
		upTo := uint32(float64(total)*part + 0.5)
		book(hour, upTo-booked)
		booked = upTo
	}
}

// sum is the units booked in the hours that the given number of hours before at
// touch, and how many hours ago the oldest of them flowed.
func (l *ledger) sum(packed []byte, at micros, hours int64) (units float64, oldest int64) {
	now, total := at/hourly, uint64(0)
	for hour, amount := range l.each(packed) {
		if amount > 0 && hour >= now-hours && hour <= now {
			total += uint64(amount)
			oldest = max(oldest, now-hour)
		}
	}
	return float64(total) / 1e4, oldest
}

// Total24 is all insulin, basal and bolus, of the 24 hours before at, rounded
// outwards to whole hours: it may count an hour too much, never too little.
func (w *Window) Total24(at time.Time) cleanse.Units {
	units, _ := w.totals.sum(w.insulin(), at.UnixMicro(), 24)
	return cleanse.Units(units)
}

// DailyTotal is the insulin per day over the last seven days. It is not ok with
// less than two days of it.
func (w *Window) DailyTotal(at time.Time) (perDay cleanse.Units, ok bool) {
	units, hours := w.totals.sum(w.insulin(), at.UnixMicro(), 7*24-1)
	if hours < 48 {
		return 0, false
	}
	return cleanse.Units(units * 24 / float64(hours+1)), true
}

// Booked yields the hours since 1970 that insulin flowed in, oldest first, and how much
// of it, in ten-thousandths of a unit: what Total24 and DailyTotal are summed from, for
// RecallHours.
func (w *Window) Booked() iter.Seq2[int64, uint32] {
	return func(yield func(int64, uint32) bool) {
		for hour, amount := range w.totals.each(w.insulin()) {
			if amount > 0 && !yield(hour, amount) {
				return
			}
		}
	}
}

// RecallHours takes in how much insulin is remembered to have flowed in each hour.
func (w *Window) RecallHours(booked iter.Seq2[int64, uint32]) {
	var open hours
	s, l := &w.lists().insulin, &w.totals
	l.unpack(s, &open)
	for hour, amount := range booked {
		if i, ok := open.turn(&l.head, hour); ok {
			open[i] = amount
		}
	}
	l.pack(s, &open)
}

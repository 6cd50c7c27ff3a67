package feature

import (
	"time"

	"github.com/titrate/titrate/cleanse"
)

const (
	hourly     = int64(time.Hour / time.Microsecond)
	ledgerSize = 8 * 24 // hours: seven days, and a day for basal that is still to flow
)

// ledger sums all insulin by hour. It counts in ten-thousandths of a unit, since
// whole numbers add up to the same in any order.
type ledger struct {
	head  int64 // the newest hour, in hours since 1970
	hours [ledgerSize]uint32
}

// add books units that flow evenly over d from at on.
func (l *ledger) add(at micros, d time.Duration, units float64) {
	flowing(at, d, units, func(hour int64, amount uint32) {
		if i, ok := turn(l.hours[:], &l.head, hour); ok {
			l.hours[i] += amount
		}
	})
}

// take undoes add.
func (l *ledger) take(at micros, d time.Duration, units float64) {
	flowing(at, d, units, func(hour int64, amount uint32) {
		if hour > l.head-ledgerSize && hour <= l.head && hour >= 0 {
			i := hour % ledgerSize
			l.hours[i] -= min(amount, l.hours[i])
		}
	})
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
func (l *ledger) sum(at micros, hours int64) (units float64, oldest int64) {
	now, total := at/hourly, uint64(0)
	for h := max(now-hours, l.head-ledgerSize+1); h <= min(now, l.head); h++ {
		if amount := l.hours[h%ledgerSize]; amount > 0 {
			total += uint64(amount)
			oldest = max(oldest, now-h)
		}
	}
	return float64(total) / 1e4, oldest
}

// Total24 is all insulin, basal and bolus, of the 24 hours before at, rounded
// outwards to whole hours: it may count an hour too much, never too little.
func (w *Window) Total24(at time.Time) cleanse.Units {
	units, _ := w.totals.sum(at.UnixMicro(), 24)
	return cleanse.Units(units)
}

// DailyTotal is the insulin per day over the last seven days. It is not ok with
// less than two days of it.
func (w *Window) DailyTotal(at time.Time) (perDay cleanse.Units, ok bool) {
	units, hours := w.totals.sum(at.UnixMicro(), 7*24-1)
	if hours < 48 {
		return 0, false
	}
	return cleanse.Units(units * 24 / float64(hours+1)), true
}

package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
)

// Early morning, in the person's own zone: by then the last meal and its insulin have
// acted, and what glucose does is the basal insulin's doing.
const (
	morningFrom, morningTo = 4, 7 // o'clock
	morningReadings        = 6    // least, for a morning to count
	morningInsulin         = 0.1  // of the day's basal insulin on board at most
	morningCarbs           = 5.0  // g on board at most
	morningsKept           = 3
)

// morning is the fasting glucose of one day.
type morning struct {
	Date string // in the person's own zone
	N    int
	Sum  float64 // mg/dL
	Low  int     // readings below lowBelow
}

// low tells whether a third of the morning was: less may be lying on the sensor.
func (m *morning) low() bool { return 3*m.Low >= m.N }

func (m *morning) mean() float64 { return m.Sum / float64(m.N) }

// mornings are the newest that are over, oldest first, and the one under way.
type mornings struct {
	Done    []morning
	Current *morning `json:",omitempty"` // nil: none is
}

// observe takes a reading in. Most come at other hours: only in a morning is asked whether
// the person fasts.
func (m *mornings) observe(e *cleanse.Event, zone *time.Location, fasting func() bool) {
	local := e.At.In(zone)
	hour := local.Hour()
	early := hour >= morningFrom && hour < morningTo
	if !early && m.Current == nil {
		return
	}
	date := local.Format(time.DateOnly)
	if early {
		if m.Current != nil && m.Current.Date != date {
			m.Current = nil
		}
		if fasting() {
			if m.Current == nil {
				m.Current = &morning{Date: date}
			}
			m.Current.N++
			m.Current.Sum += float64(e.Glucose.MgdL)
			if e.Glucose.MgdL < lowBelow {
				m.Current.Low++
			}
		}
		return
	}
	if m.Current.Date == date && hour < morningFrom {
		return
	}
	over := *m.Current
	m.Current = nil
	if over.N >= morningReadings && !m.known(over.Date) {
		m.Done = append(m.Done, over)
		m.Done = m.Done[max(0, len(m.Done)-morningsKept):]
	}
}

func (m *mornings) known(date string) bool {
	n := len(m.Done)
	return n > 0 && m.Done[n-1].Date >= date
}

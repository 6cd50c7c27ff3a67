package mobile

import (
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/predict"
)

// What is kept of one person. A sensor that reports each minute gives 1,440
// readings a day; the count bounds a sensor that doesn't stop.
const (
	kept       = 24 * time.Hour
	maxPoints  = 1500
	maxAdvices = 50
)

// chart is one person as the page shows them. Its lock covers all of it; the
// goroutine that observes writes, handlers read.
type chart struct {
	mu      sync.Mutex
	patient string
	now     func() time.Time
	label   func() Label

	glucose []Reading // oldest first
	meals   []Meal
	insulin []Dose
	advices []Advice  // in the order of the log
	alert   *Alert    // nil while nothing is wrong
	stopped string    // why nothing may be advised; empty: it may
	zone    string    // IANA name, from the profile
	zoned   time.Time // when that profile came into force

	person     *predict.Person
	remembered bool // person came from memory, of a later moment than the log's replay
	feed       feed
}

// Reading is one glucose value. Special is low or high where the sensor's range
// ended, and MgdL then is that limit.
type Reading struct {
	Time    time.Time    `json:"time"`
	MgdL    cleanse.MgdL `json:"mgdl"`
	Trend   string       `json:"trend,omitempty"`
	Special string       `json:"special,omitempty"`
	id      string       // of the event
}

// Meal is what was eaten; CarbsG is 0 where only a size was logged.
type Meal struct {
	Time   time.Time     `json:"time"`
	CarbsG cleanse.Grams `json:"carbs_g"`
	Size   string        `json:"size,omitempty"`
	Meal   string        `json:"meal,omitempty"`
	// Event is where the log has it: advice about this meal names the same place.
	Event predict.EventRef `json:"event"`
	id    string           // of the event
}

// Dose is insulin that was injected.
type Dose struct {
	Time   time.Time     `json:"time"`
	Units  cleanse.Units `json:"units"`
	Kind   string        `json:"kind"`
	Reason string        `json:"reason,omitempty"`
	id     string        // of the event
}

func (r Reading) at() time.Time { return r.Time }
func (m Meal) at() time.Time    { return m.Time }
func (d Dose) at() time.Time    { return d.Time }

func newChart(patient, epoch string, o Options) *chart {
	return &chart{
		patient: patient,
		now:     func() time.Time { return o.Clock(patient) },
		label:   func() Label { return o.Label(patient) },
		zone:    "UTC",
		person:  predict.NewPerson(patient, o.Model),
		feed:    newFeed(epoch),
	}
}

// insert puts p in its place by time (a late reading belongs where it happened)
// and drops what is older than a day before the newest, or too much.
func insert[P interface{ at() time.Time }](points []P, p P) []P {
	i := sort.Search(len(points), func(i int) bool { return points[i].at().After(p.at()) })
	points = slices.Insert(points, i, p)
	oldest := points[len(points)-1].at().Add(-kept)
	drop := sort.Search(len(points), func(i int) bool { return !points[i].at().Before(oldest) })
	drop = max(drop, len(points)-maxPoints)
	return slices.Delete(points, 0, drop)
}

// since is the points at t or later; a copy, so that it may leave the lock.
func since[P interface{ at() time.Time }](points []P, t time.Time) []P {
	i := sort.Search(len(points), func(i int) bool { return !points[i].at().Before(t) })
	return append([]P{}, points[i:]...)
}

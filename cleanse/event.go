package cleanse

import (
	"slices"
	"time"
)

// Kind tells which of an Event's parts is filled.
type Kind uint8

// The kinds of event, in the order of the lake's tables.
const (
	Glucose Kind = iota + 1
	Meal
	Insulin
	Profile
	Response
	Activity
	Note
	Retraction // only says that another event doesn't hold: Replaces
)

// Event is a wire event that was checked: its fields are in range, its units are
// known and its time is plausible. Only Check makes one. Exactly the part that
// Kind names is filled.
type Event struct {
	Kind     Kind
	Patient  string
	At       time.Time // when it happened, UTC
	Seen     time.Time // when the log took it, UTC
	ID       string
	Device   string
	Source   string // glucose: cgm, fingerstick, lab
	Backfill bool   // declared history: never causes advice
	Late     bool   // arrived more than LateAfter after it happened

	// Replaces is the ID of an earlier event of the same patient that this one
	// stands in for; empty if none. A Retraction stands in with nothing.
	Replaces string
	// Extra is the members of the message that its kind of event doesn't have, as
	// a JSON object; empty if none.
	Extra string
	// Flags are the rules that the event breaks and yet was accepted.
	Flags Flags

	Partition int32
	Offset    int64

	Glucose  GlucoseReading
	Meal     MealEntry
	Insulin  InsulinDose
	Profile  *Settings // shared, never written to
	Response Answer
	Activity Exercise
	Note     Remark
}

// GlucoseReading is what a sensor, meter or laboratory measured.
type GlucoseReading struct {
	MgdL    MgdL
	Trend   string
	Special Special // LOW or HIGH: the value is a limit, not a measurement
}

// Special marks a reading outside the sensor's range.
type Special uint8

// A sensor reports Low below its range and High above it.
const (
	Measured Special = iota
	Low
	High
)

// MealEntry is what was eaten, by the eater's own count.
type MealEntry struct {
	Carbs               Opt[Grams] // absent where only a size was logged
	Kcal                Opt[float64]
	Protein, Fat, Fibre Opt[Grams]
	Meal                string
	Size                string // usual, more, less
}

// InsulinDose is insulin delivered at once, or evenly over Duration.
type InsulinDose struct {
	Units    Units
	Action   string // rapid, short, intermediate, long, mixed
	Reason   string // meal, correction, basal
	Product  string
	Duration time.Duration
}

// Answer is what the person did about a recommendation.
type Answer struct {
	Recommendation string
	Action         string // accepted, changed, declined
	Units          Opt[Units]
	Carbs          Opt[Grams]
	Reason         string
}

// Exercise is a bout of physical activity that began at the event's time.
type Exercise struct {
	Duration  time.Duration
	Intensity string
}

// Remark is a coded observation, such as hypo-symptoms.
type Remark struct {
	Code, Text string
}

// Settings are a person's therapy settings, in force from the event's time on.
// Zero means not given.
type Settings struct {
	BirthYear   int
	WeightKg    float64
	Diabetes    string   // type1, type2
	Regimen     string   // mdi, pump, basal
	ICR         Schedule // grams of carbohydrate that one unit covers
	ISF         Schedule // mg/dL by which one unit lowers glucose
	TargetLow   Schedule // mg/dL
	TargetHigh  Schedule // mg/dL
	BasalPerDay Schedule // units per day
	MaxBolus    Units
	DoseStep    Units  // the smallest step the pen or pump can deliver
	Insulin     string // rapid-acting product
	DIA         time.Duration
	Zone        *time.Location // never nil; UTC if not given
}

// Clone is a copy of s, which may be nil, that shares no memory with it.
func (s *Settings) Clone() *Settings {
	if s == nil {
		return nil
	}
	c := *s
	for _, schedule := range [...]*Schedule{&c.ICR, &c.ISF, &c.TargetLow, &c.TargetHigh, &c.BasalPerDay} {
		*schedule = slices.Clone(*schedule)
	}
	return &c
}

package predict

import (
	"time"

	"github.com/titrate/titrate/cleanse"
	"github.com/titrate/titrate/train"
)

// Situation is everything that the safety kernel looks at: one value, so that an
// answer can be repeated from it alone. The zero Situation knows nothing and gets
// a hold.
type Situation struct {
	Now time.Time
	Ask Ask

	Settings *cleanse.Settings // nil: no profile was seen
	// FormerZone is the time zone of less than a day ago, if it was more than
	// two hours from the present one; else nil.
	FormerZone *time.Location

	Glucose  Sense
	Sight    Sight
	Meal     Announced
	Insulin  Taken
	Exercise Exertion
	Basal    Titration
	// Unseen is set of a silence in which a low may come.
	Unseen bool
	// Need is by what the day so far has asked for more or less insulin than the
	// settings say; 0 stands for 1.
	Need    float64
	Advised Advised
	Unheard Unanswered
	// Unsettled is insulin advice that holds no longer, since the settings that it was
	// worked out by changed; zero if there is none.
	Unsettled Unanswered
	// Withdrawn is insulin that was advised for a meal that was deleted since.
	Withdrawn cleanse.Units

	// Forecast answers what glucose would do if the plan were carried out now, in
	// addition to what was logged. Nil: no forecast can be made.
	Forecast func(train.Plan) train.Forecast
	// Raised is by how much what was learned of the person raises the forecast, in mg/dL
	// per horizon; never below zero. Doses and warnings are judged without it.
	Raised train.Correction
	// Belief is the share of what insulin and carbs on board say that the last hours bore out,
	// and Doubt by how much going by it moves the median, in mg/dL per horizon. Warnings and carbs
	// do, of a forecast that wasn't learned from data. 0 stands for 1.
	Belief float64
	Doubt  train.Correction
	// Modelled is set if there is a model: without one there is never any insulin.
	// With one, a forecast may still be missing, for want of a fresh reading.
	Modelled bool
	// Calibrated is set if the forecast's spread was learned from data. Else its
	// median counts, not its lower bound.
	Calibrated bool
	// Unlike is how many inputs of the model lie outside what it learned from, if the
	// moment is unlike that; else 0. The forecast is then the wider of its and the prior's.
	Unlike int
	// Below is the chance, at horizon h of a forecast, of less than train.LowLimits[limit].
	// Nil: as the forecast's quantiles have it.
	Below func(f *train.Forecast, h, limit int) float64
	// LowChance is the chance of less than 70 mg/dL that a dose may bring; 0 means
	// lowChanceMost. The trial varies it.
	LowChance float64
}

// Ask is the question that the kernel answers.
type Ask uint8

// The questions. A reading, or a sight, may deserve no answer; the others always get one.
const (
	AboutReading    Ask = iota // a reading came: is anything worth saying?
	AboutMeal                  // carbs are announced: how much insulin?
	AboutNow                   // a person asks: is anything to be done?
	AboutLong                  // long-acting insulin was logged: is it one too many?
	AboutSilence               // readings have not come for long
	AboutWithdrawal            // a meal was deleted that insulin is advised for, or settings changed
	AboutLongLate              // nothing came that asks it: was long-acting insulin missed?
	AboutSight                 // a sensor whose clock is ahead shows something: is it a low?
)

// Sense is the newest glucose reading and what the readings before it say of its
// worth.
type Sense struct {
	OK      bool // there is a reading
	MgdL    cleanse.MgdL
	At      time.Time
	Special cleanse.Special
	Source  string // cgm, fingerstick or lab

	Slope   float64 // mg/dL per minute
	SlopeOK bool

	Noise   float64       // 0 a straight line … 1 a scribble; see zigzag
	Jump    cleanse.MgdL  // from the sensor's reading some 5 minutes before; 0 if there is none
	FlatFor time.Duration // how long the sensor has shown the same number
	Arrived time.Time     // when the log took the newest of a sensor; zero if unknown
	Present time.Time     // when it took the newest that was of the present, of whatever source
	HighFor time.Duration // how long glucose has been above ketonesAbove
	FellAt  time.Time     // the latest end of a steep fall; zero if there is none
	Headed  time.Time     // of a meal: the latest reading whose trend led below nearLowUntil; zero if there is none
	Behind  time.Duration // by how much the sensor's clock is behind the log, where that is known
	Ahead   time.Duration // by how much the clock is ahead by which readings come, if none of the present comes; else 0
	Sighted time.Time     // a reading below nearLowUntil by a clock that is ahead, if none of the present came since; else zero
	LowAt   time.Time     // the latest reading below nearLowUntil, by whatever clock; zero if there is none

	SensorStart time.Time // zero if unknown
	Calibration time.Time // zero if unknown
}

// Announced is the meal that is asked about.
type Announced struct {
	Carbs  cleanse.Opt[cleanse.Grams] // absent where only a size was logged
	At     time.Time
	ID     string // of its event
	Rescue bool   // eaten against a low: needs no insulin
	// Rest is what the cap of a bolus cut off the meal's dose, if its second part is asked
	// about; else 0.
	Rest cleanse.Units
	// Twice is set if a meal of the same grams was logged less than
	// mealTwiceWithin before.
	Twice bool
	// Eaten is set if the forecast knows of the meal already: it was held when it
	// was announced, and is asked about again.
	Eaten bool
	// UsualMost is the largest meal that is usual for the person; 0 if unknown.
	UsualMost cleanse.Grams
	// Gone is the part of the carbs that had been absorbed when it was logged: glucose
	// shows it already.
	Gone float64
}

// Advised is insulin advice that still holds and that nobody has answered; zero if
// there is none.
type Advised struct {
	At   time.Time
	MgdL cleanse.MgdL // the glucose that it was based on
}

// Unanswered is insulin advice that has expired, of which nobody knows whether it
// was taken, and that was not asked about yet; zero if there is none.
type Unanswered struct {
	ID    string
	At    time.Time
	Units cleanse.Units
}

// Taken is the insulin that was taken, or has to be thought taken, and the carbs
// that were just eaten.
type Taken struct {
	OnBoard        cleanse.Units // logged and still to act
	Unconfirmed    cleanse.Units // advised, not confirmed: still to act, if it was taken
	LastCorrection time.Time     // taken or advised; zero if unknown
	ForMeal        cleanse.Units // logged just before the meal at hand, for it
	Total24        cleanse.Units // all insulin of 24 hours, with unconfirmed advice
	PerDay         cleanse.Units // over the last week; 0 if unknown
	PerDayShort    bool          // it is of fewer days than a week has working ones
	Long, LongPrev Injection     // the two newest of long-acting insulin
	AskedMeal      time.Time     // a missed meal was asked about, of late; else zero
	AskedLong      time.Time     // the same of a dose of long-acting insulin
	Rescued        time.Time     // carbs were taken against a low; zero if unknown
	CarbsOnBoard   cleanse.Grams // eaten before, and not absorbed yet
	CarbsJustEaten cleanse.Grams // in the last carbsWorkIn
}

// Injection is a dose of long-acting insulin; zero if there was none.
type Injection struct {
	At    time.Time
	Units cleanse.Units
}

// Exertion is the newest bout of exercise; zero if there was none.
type Exertion struct {
	At        time.Time
	Duration  time.Duration
	Intensity string
}

// Decision is the kernel's answer. Worth tells whether it should be said unasked.
type Decision struct {
	Kind       Kind
	Units      cleanse.Units // of the insulin kinds
	Carbs      cleanse.Grams // of Carbs
	Because    string
	Components Components
	Gates      []Gate
	Forecast   []ForecastPoint // of the decision being carried out
	Alert      string          // what kind of danger it is about, or empty; see Recommendation
	Worth      bool

	asks   string        // the id of the advice that is asked about
	meal   heldMeal      // that the dose is for
	rest   cleanse.Units // what the cap of a bolus cut off that
	second bool          // it is the second part of a meal's dose
	topic  topic
	level  float64 // how bad, by topic; worse is lower

	ketones bool // a dose is told with a reminder to check for them
}

package trial

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/titrate/titrate/ingest"
	"github.com/titrate/titrate/ingest/simulate"
	"github.com/titrate/titrate/train"
)

// Policy treats one person. It knows what an app knows: the events that were
// transmitted, beginning with the profile.
type Policy interface {
	// Observe takes the next event, transmitted at a time, and returns what is to be
	// said because of it.
	Observe(at time.Time, w ingest.Wire) ([]Message, error)
}

// Ticker is a Policy that also notices when nothing comes. It is told the time every
// five minutes.
type Ticker interface {
	Tick(at time.Time) []Message
}

// Message is something a policy says to a person.
type Message struct {
	Advice  simulate.Advice
	Because string // the reason, in words
	Pushed  bool   // it came up by itself; nobody asked
	About   string // an alert's name, or what is advised: its kind for PerDay
}

// What messages are about that no alert names.
const (
	aboutMeal       = "meal"
	aboutCorrection = "correction"
	aboutAnswer     = "was_it_taken"
	aboutBasal      = "basal"
	aboutChange     = "no_longer_holds"
)

// Names of the arms that Named makes.
const (
	NoBolus      = "no-bolus"
	ClinicHourly = "calculator-hourly"
	ClinicPlain  = "calculator"
	ClinicIOB    = "calculator-iob"
	ClinicShort  = "calculator-short"
	ClinicAlert  = "calculator-alert"
	Oref0        = "oref0"
	Titrate      = "titrate"
)

// reference is the arm that others are compared with: the care that most people
// with a calculator have.
const reference = ClinicIOB

// correctionEvery is how long the clinic has people wait after a bolus before they
// correct.
const correctionEvery = 3 * time.Hour

// shortAction is the duration of action that calculators were long delivered with.
const shortAction = 4 * time.Hour

// Names are the permitted names of arms.
func Names() []string {
	return []string{NoBolus, ClinicHourly, ClinicPlain, ClinicIOB, ClinicShort, ClinicAlert, Oref0, Titrate}
}

// Usual are the arms of a trial that names none: all but the calculators that are
// there to show what a mistake does, correcting every hour and forgetting insulin
// after four.
func Usual() []string {
	return []string{NoBolus, ClinicPlain, ClinicIOB, ClinicAlert, Oref0, Titrate}
}

// Named makes arms by their names. The model is Titrate's, and not needed without
// it. Unknown and repeated names are refused.
func Named(names []string, model *train.Model) ([]Arm, error) {
	var arms []Arm
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, fmt.Errorf("arm %q is named twice", name)
		}
		build := builder(name, model)
		if build == nil {
			return nil, fmt.Errorf("unknown arm %q: want some of %s", name, strings.Join(Names(), ", "))
		}
		arms = append(arms, Arm{name, build})
	}
	return arms, nil
}

func builder(name string, model *train.Model) func(*simulate.Person) Policy {
	switch name {
	case NoBolus:
		return func(*simulate.Person) Policy { return silent{} }
	case ClinicHourly:
		return func(p *simulate.Person) Policy { return NewCalculator(p, WithoutIOB, time.Hour) }
	case ClinicPlain:
		return func(p *simulate.Person) Policy { return NewCalculator(p, WithoutIOB, correctionEvery) }
	case ClinicIOB:
		return func(p *simulate.Person) Policy { return NewCalculator(p, WithIOB, correctionEvery) }
	case ClinicShort:
		return func(p *simulate.Person) Policy {
			c := NewCalculator(p, WithIOB, correctionEvery)
			c.curve = bilinear(shortAction.Minutes())
			return c
		}
	case ClinicAlert:
		return func(p *simulate.Person) Policy {
			return &alarmed{Calculator: NewCalculator(p, WithIOB, correctionEvery)}
		}
	case Oref0:
		return func(p *simulate.Person) Policy { return &oref0{Calculator: NewCalculator(p, WithIOB, correctionEvery)} }
	case Titrate:
		return func(*simulate.Person) Policy { return newScored(model) }
	}
	return nil
}

// about says what an arm does, for who reads the report.
func about(arm string) string {
	return map[string]string{
		NoBolus:      "Basal insulin alone.",
		ClinicHourly: "The clinic's bolus calculator, which ignores insulin on board and corrects every hour.",
		ClinicPlain:  "The clinic's bolus calculator: carbs ÷ ratio + (glucose − target) ÷ sensitivity, at each logged meal, and from 200 mg/dL if the last bolus was 3 h ago.",
		ClinicIOB:    "The same calculator, which takes insulin on board off corrections.",
		ClinicShort:  "The same with the bilinear curve of older calculators, by which no insulin is left after 4 h.",
		ClinicAlert:  "The calculator with insulin on board, with a plain CGM's predicted-low alert (15-minute trend): 12 g of carbs.",
		Oref0:        "The same meal boluses; between meals a rule after oref0, carried out by hand: half of the required insulin at most every 30 min, and carbs against a forecast low.",
		Titrate:      "Titrate: each event through the scorer that production runs.",
	}[arm]
}

// silent is no bolus at all: basal insulin only.
type silent struct{}

func (silent) Observe(time.Time, ingest.Wire) ([]Message, error) { return nil, nil }

// hardMost is more insulin than anybody is given at once, in units.
const hardMost = 25

// absurd says what is wrong with advice to somebody, or nothing. The person would
// refuse what is beyond their own limits; it must not go unnoticed that they did.
func absurd(a simulate.Advice, limit float64) error {
	switch {
	case math.IsNaN(a.Units) || math.IsInf(a.Units, 0) || math.IsNaN(a.CarbsG) || math.IsInf(a.CarbsG, 0):
		return fmt.Errorf("%s of %v U, %v g: not a number", a.Kind, a.Units, a.CarbsG)
	case a.Units < 0 || a.CarbsG < 0:
		return fmt.Errorf("%s of %v U, %v g: negative", a.Kind, a.Units, a.CarbsG)
	case (a.Kind == "bolus" || a.Kind == "correction") && a.Units > min(hardMost, 1.5*limit):
		return fmt.Errorf("%s of %v U: more than one and a half times the person's limit of %v U, or than %v U", a.Kind, a.Units, limit, hardMost)
	case a.Kind == "carbs" && a.CarbsG > 60:
		return fmt.Errorf("%v g of fast carbs: more than 60 g", a.CarbsG)
	}
	return nil
}

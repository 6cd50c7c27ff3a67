package predict

import (
	"fmt"
	"strconv"
)

// The outcomes of a gate. Reduce lowers the dose or drops a part of it; Block
// refuses insulin for the question asked.
const (
	Pass   = "pass"
	Reduce = "reduce"
	Block  = "block"
)

// Rule describes a gate: what it does, with its numbers, and where they are from.
type Rule struct {
	ID      string
	Stage   string   // validate, quality, state, formula, forecast or caps
	Hazards []string // of the list of hazards, H1 to H26
	Says    string
	Source  string
}

// Gates are the rules of all gates in the order in which they run.
func Gates() []Rule {
	out := make([]Rule, len(gates))
	for i := range gates {
		out[i] = gates[i].rule
	}
	return out
}

// gate is a rule and the check that enforces it.
type gate struct {
	rule  Rule
	check func(*kernel) finding
}

// gates is the order of the kernel. Those of the stages up to state run before
// the formula, the others on its result.
var gates = [gateCount]gate{
	numbersGate, settingsGate, regimenGate, timeZoneGate, ageClassGate,
	carbEntryGate, unusualMealGate, rescueGate, duplicateMealGate,
	staleGate, futureGate, clockGate, sensorRangeGate, noiseGate, jumpGate, flatGate, warmUpGate, calibrationGate, compressionGate,
	lowGate, nearLowGate, carbsOnlyGate, spacingGate, trendGate, exerciseGate, ketonesGate, longActingGate, longLateGate, needGate,
	unconfirmedGate, mealInsulinGate, correctionShareGate, unlikeGate,
	predictedLowGate, urgentLowGate,
	secondPartGate, maxBolusGate, insulinOnBoardGate, dailyTotalGate,
}

const gateCount = 39

// finding is what a gate found. Its note is put into words only if somebody will
// read it: most events deserve no answer.
type finding struct {
	outcome string
	note    string // a format for the numbers
	numbers [4]float64
	count   int
	doubt   bool // the glucose can't be trusted
}

func pass(note string, numbers ...float64) finding   { return found(Pass, note, numbers) }
func reduce(note string, numbers ...float64) finding { return found(Reduce, note, numbers) }
func block(note string, numbers ...float64) finding  { return found(Block, note, numbers) }

// doubt refuses insulin on a glucose that can't be trusted, but for a meal: its carbs
// will act whatever glucose is, so their part is given, and nothing more.
func (k *kernel) doubt(note string, numbers ...float64) finding {
	f := block(note, numbers...)
	if k.s.Ask == AboutMeal {
		f, k.blind = reduce(note, numbers...), true
	}
	f.doubt = true
	return f
}

func found(outcome, note string, numbers []float64) finding {
	f := finding{outcome: outcome, note: note}
	f.count = copy(f.numbers[:], numbers)
	return f
}

// words is the note with its numbers, each with two decimals at most.
func (f *finding) words() string {
	args := make([]any, f.count)
	for i := range args {
		args[i] = figure(f.numbers[i])
	}
	return fmt.Sprintf(f.note, args...)
}

// figure prints x with two decimals at most, and without trailing zeros.
func figure(x float64) string { return strconv.FormatFloat(cents(x), 'f', -1, 64) }

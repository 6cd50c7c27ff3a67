package predict

import (
	"math"
	"time"

	"github.com/titrate/titrate/train"
)

// kernel is the working state of one decision.
type kernel struct {
	s   *Situation
	odd string // what of s was no number
	rx  therapy
	bg  float64       // newest glucose, whole mg/dL as meters show it
	age time.Duration // of the newest glucose

	found [gateCount]finding
	after [gateCount]int // steps of the dose after each gate

	blind        bool // glucose can't be trusted: a meal is dosed for its carbs alone
	noTrend      bool
	noCorrection bool
	scale        float64 // what the state leaves of the dose
	need         float64 // what the last day makes of it
	target, high float64 // mg/dL, as raised by gates

	dose   dose
	wanted int // steps of the device that formula and model ask for
	steps  int // the dose so far
	said   Decision

	asked train.Plan // what ahead is the forecast of
	ahead train.Forecast
	known bool
}

// Decide answers the question that s asks. It is a pure function of s; every gate
// runs and reports, and insulin is advised only if none of them blocks.
func Decide(s Situation) Decision {
	var k kernel
	k.weigh(&s)
	return k.explain()
}

// weigh decides without finding words. It mends s if that holds what is no number.
func (k *kernel) weigh(s *Situation) {
	*k = kernel{s: s, odd: s.mend(), scale: 1, need: 1}
	k.rx = inForce(s)
	// A reading in mmol/L and the same one in mg/dL differ in the last bits. Whole
	// numbers don't, so the same glucose gets the same answer.
	k.bg = math.Round(float64(s.Glucose.MgdL))
	k.age = s.Now.Sub(s.Glucose.At)
	k.target, k.high = k.rx.mid(), k.rx.high

	k.run("validate")
	k.run("quality")
	k.run("state")
	k.work()
	k.run("formula")
	k.total()
	k.choose()
	k.wanted = k.steps
	k.run("forecast")
	k.run("caps")
	if k.blocked() {
		k.steps = 0
	}
	k.settle()
}

func (k *kernel) run(stage string) {
	for i := range gates {
		if gates[i].rule.Stage == stage {
			k.found[i] = gates[i].check(k)
			k.after[i] = k.steps
		}
	}
}

func (k *kernel) blocked() bool {
	for i := range k.found {
		if k.found[i].outcome == Block {
			return true
		}
	}
	return false
}

// iob is all insulin that is, or has to be thought, active.
func (k *kernel) iob() float64 {
	return cents(max(0, float64(k.s.Insulin.OnBoard)) + max(0, float64(k.s.Insulin.Unconfirmed)))
}

// aimAtLeast raises the target; it never lowers it.
func (k *kernel) aimAtLeast(mgdl float64) {
	k.target = max(k.target, cents(mgdl))
	k.high = max(k.high, k.target)
}

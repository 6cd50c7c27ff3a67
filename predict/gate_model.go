package predict

import (
	"fmt"

	"github.com/titrate/titrate/train"
)

var unlikeGate = gate{Rule{
	ID: "unlike", Stage: "formula", Hazards: []string{"H15"},
	Says: fmt.Sprintf("of a moment unlike those that the model learned from (more than %v inputs, or one by far, outside their range) "+
		"the formula's dose is multiplied by 1, the forecast is as wide as the model's and the prior's, and its median the lower of both", train.UnlikeMost),
	Source: "H15; the limits (train.UnlikeMost and beside it) are proposals",
}, func(k *kernel) finding {
	if n := k.s.Unlike; n > 0 {
		return reduce("%s of the model's inputs lie outside what it learned from: the formula alone, and a wider forecast", float64(n))
	}
	return pass("like what the model learned from")
}}

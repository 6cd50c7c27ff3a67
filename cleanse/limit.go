package cleanse

import (
	"math"
	"strings"
)

const maxFloat = math.MaxFloat64

// limit is what range a rule allows. The zero above excludes nothing: low and
// high are allowed themselves, unless above is set.
type limit struct {
	rule      string
	low, high float64
	unit      string
	above     bool // low itself is refused
}

func (l limit) holds(v float64) bool {
	return v <= l.high && (v > l.low || v == l.low && !l.above)
}

// String completes the sentence "it is …".
func (l limit) String() string {
	unit := ""
	if l.unit != "" {
		unit = " " + l.unit
	}
	if l.above {
		return "above " + decimal(l.low) + " and at most " + decimal(l.high) + unit
	}
	return "within " + decimal(l.low) + " to " + decimal(l.high) + unit
}

// vocabulary is the words that a field may hold, and the rules for its absence
// (if it is required) and for any other word.
type vocabulary struct {
	missing, unknown string
	words            []string
}

// String completes the sentence "it is …".
func (v vocabulary) String() string {
	if len(v.words) == 1 {
		return v.words[0]
	}
	last := len(v.words) - 1
	return strings.Join(v.words[:last], ", ") + " or " + v.words[last]
}

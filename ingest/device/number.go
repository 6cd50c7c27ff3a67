package device

import (
	"math"
	"strconv"
	"strings"
)

// decimal reads a plain decimal number. What strconv also takes (NaN, Inf, hex,
// 1e3, 1_000) is refused: no device writes a reading so, and an event couldn't
// carry the first two.
func decimal(text string) (float64, bool) {
	if strings.Trim(text, "+-.0123456789") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// micro rounds to six decimals, so that 1.425 U/h for 5 minutes is 0.11875 and
// not a binary neighbour of it. A pump resolves 0.0005 U at best.
func micro(v float64) float64 { return math.Round(v*1e6) / 1e6 }

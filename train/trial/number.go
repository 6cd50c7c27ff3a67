package trial

import (
	"math"
	"strconv"
	"strings"
)

// fixed is a number with so many decimals, and with a true minus sign; what rounds
// to nothing has no sign.
func fixed(x float64, decimals int) string {
	text := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	if x < 0 && strings.Trim(text, "0.") != "" {
		return "−" + text
	}
	return text
}

// signed is fixed with a plus sign before what is more than nothing.
func signed(x float64, decimals int) string {
	text := fixed(x, decimals)
	if x > 0 && strings.Trim(text, "0.") != "" {
		return "+" + text
	}
	return text
}

// difference is a mean and its interval.
func difference(d Difference, decimals int) string {
	return signed(d.Mean, decimals) + " (" + signed(d.Low, decimals) + " to " + signed(d.High, decimals) + ")"
}

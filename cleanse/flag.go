package cleanse

import (
	"math/bits"
	"slices"
	"strings"
)

// Flags are ids of rules, sorted, with commas between them.
type Flags string

// Has reports whether the rule with this id is among the flags.
func (f Flags) Has(id string) bool {
	for word := range strings.SplitSeq(string(f), ",") {
		if word == id {
			return true
		}
	}
	return false
}

// flagSet has a bit for each rule that flags or cleans: first those of flagWords,
// then those that an operator added.
type flagSet uint64

const (
	isHigh flagSet = 1 << iota
	isLow
	hasUnknown
	hasOddTrend
	isDoubled
	isFast
	isJump
	isFlat
	isNoisy
	isWarmingUp
	isFirstDay
	isCalibrating
	isCompression
	isSkewed
	isLongTwice
	isBolusAgain
	isMealAgain
	isMuchInsulin
	isManyCarbs
)

// flagWords are the rules of the bits.
var flagWords = []string{cgmHigh, cgmLow, fieldUnknown, trendUnknown, doubledReading, rateOfChange, jumpAfterGap, flatLine,
	sensorNoise, sensorWarmUp, sensorFirstDay, calibrationWindow, compressionLow, clockSkew, longActingTwice, repeatedBolus,
	repeatedMeal, dailyInsulin, dailyCarbs}

// mostAdded is how many rules can be added by an operator.
const mostAdded = 40

// each calls fn with the number of each bit that is set.
func (s flagSet) each(fn func(int)) {
	for ; s != 0; s &= s - 1 {
		fn(bits.TrailingZeros64(uint64(s)))
	}
}

// words is a set as text. Few sets occur, so their texts are remembered.
func (b *Book) words(s flagSet) Flags {
	if s == 0 {
		return ""
	}
	if text, ok := b.texts.Load(s); ok {
		return text.(Flags)
	}
	var words []string
	s.each(func(i int) { words = append(words, b.flagWords[i]) })
	slices.Sort(words)
	text := Flags(strings.Join(words, ","))
	b.texts.Store(s, text)
	return text
}

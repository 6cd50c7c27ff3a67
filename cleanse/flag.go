package cleanse

import (
	"math/bits"
	"strings"
	"sync"
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

// flagSet has a bit for each rule that flags or cleans: what flagWords has there.
type flagSet uint64

const (
	isHigh flagSet = 1 << iota
	isLow
	hasUnknown
	hasOddTrend
)

// flagWords are the rules of the bits, sorted by their names.
var flagWords = [...]string{cgmHigh, cgmLow, fieldUnknown, trendUnknown}

// flagTexts remembers the text of the sets that occur: there are few.
var flagTexts sync.Map // flagSet → Flags

// words is the set as text.
func (s flagSet) words() Flags {
	if s == 0 {
		return ""
	}
	if text, ok := flagTexts.Load(s); ok {
		return text.(Flags)
	}
	var words []string
	for rest := s; rest != 0; rest &= rest - 1 {
		words = append(words, flagWords[bits.TrailingZeros64(uint64(rest))])
	}
	text := Flags(strings.Join(words, ","))
	flagTexts.Store(s, text)
	return text
}

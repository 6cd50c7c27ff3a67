package predict

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/titrate/titrate/cleanse"
)

// InUnit is a recorded sentence or note in the reader's unit of glucose. What is recorded stays
// in mg/dL; only the rendering is another. It is false of a sentence with a number of which it
// isn't known whether it is a glucose: rather another unit than a wrong number. The page renders
// by the same forms (mobile/app/src/sentence.ts), and testdata/mmol holds both to the same words.
func InUnit(unit, sentence string) (string, bool) {
	if unit == MgPerDL {
		return sentence, true
	}
	var said strings.Builder
	for at := 0; at < len(sentence); {
		as, length := beginning(sentence[:at], sentence[at:])
		if length == 0 {
			return "", false
		}
		said.WriteString(as)
		at += length
	}
	return said.String(), true
}

// aNumber matches a number as sentences print it.
const aNumber = `(−?\d+(?:\.\d+)?)`

// glucoses are the forms in which a sentence tells a glucose, the longest first. What a form's
// last group, named end, matches is looked at only.
var glucoses = []struct {
	form *regexp.Regexp
	say  func(g []string) string
}{
	{form(`\(` + aNumber + ` − ` + aNumber + `\) ÷ ` + aNumber + `( mg/dL per [Ug])?(?P<end> =)`), func(g []string) string {
		return "(" + hundredth(g[1]) + " − " + hundredth(g[2]) + ") ÷ " + hundredth(g[3]) + strings.ReplaceAll(g[4], MgPerDL, MmolPerL)
	}},
	{form(aNumber + ` mg/dL per (U|g|min)\b`), func(g []string) string { return hundredth(g[1]) + " mmol/L per " + g[2] }},
	{form(aNumber + ` mg/dL`), func(g []string) string { return tenth(g[1]) + " mmol/L" }},
	{form(`from ` + aNumber + ` (to|below) ` + aNumber + ` mg/dL`), func(g []string) string {
		return "from " + tenth(g[1]) + " " + g[2] + " " + tenth(g[3]) + " mmol/L"
	}},
	{form(`(below|above|to reach|\(limit) ` + aNumber + `(?P<end> and|[,;:]| for| in \d| within| again|$| =)`), func(g []string) string {
		return g[1] + " " + tenth(g[2])
	}},
	{form(`glucose ` + aNumber + ` is in the range ` + aNumber + `–` + aNumber), func(g []string) string {
		return "glucose " + tenth(g[1]) + " is in the range " + tenth(g[2]) + "–" + tenth(g[3])
	}},
}

// numbers are what isn't a glucose.
var numbers = form(`(?:` + aNumber + ` (?:U|g|g/U|min|h|hours|%|d)(?P<end>[^\w/]|$)|× ` + aNumber + `|` +
	aNumber + ` of (?:three mornings|the model's inputs)|type \d|zigzag \(?` + aNumber + `(?:, limit ` + aNumber + `)?\)?)`)

func form(text string) *regexp.Regexp { return regexp.MustCompile(`^` + text) }

// beginning is how what is left of a sentence begins, as it is said, and how much of it that
// is; 0 if it begins with a number that isn't known.
func beginning(before, left string) (said string, length int) {
	if last, _ := utf8.DecodeLastRuneInString(before); !continues(last) {
		for _, f := range glucoses {
			if groups := f.form.FindStringSubmatch(left); groups != nil {
				return f.say(groups), len(groups[0]) - len(end(f.form, groups))
			}
		}
		if groups := numbers.FindStringSubmatch(left); groups != nil {
			length = len(groups[0]) - len(end(numbers, groups))
			return left[:length], length
		}
	}
	if left[0] >= '0' && left[0] <= '9' {
		return "", 0
	}
	_, length = utf8.DecodeRuneInString(left)
	return left[:length], length
}

// end is what a form only looked at.
func end(f *regexp.Regexp, groups []string) string {
	if i := f.SubexpIndex("end"); i >= 0 {
		return groups[i]
	}
	return ""
}

// continues tells whether what follows r is a part of the same word or number.
func continues(r rune) bool {
	return r == '_' || r == '.' || r == '−' ||
		r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// tenth is a glucose in mmol/L as meters show it.
func tenth(mgdl string) string { return minus(glucoseIn(MmolPerL, parsed(mgdl))) }

// hundredth is a glucose in mmol/L that is worked with, so that the sum can be checked.
func hundredth(mgdl string) string { return minus(figure(parsed(mgdl).MmolL())) }

func parsed(mgdl string) cleanse.MgdL {
	x, _ := strconv.ParseFloat(strings.Replace(mgdl, "−", "-", 1), 64) // a form matched it
	return cleanse.MgdL(x)
}

func minus(number string) string { return strings.Replace(number, "-", "−", 1) }

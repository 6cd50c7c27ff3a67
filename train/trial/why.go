package trial

import (
	"fmt"
	"strings"

	"github.com/titrate/titrate/train/glycemia"
)

// why tells by numbers what set a person's days apart: what they lacked or had too much
// of, how much insulin they got beside the same days with the reference, and what became
// of the doses that were advised.
func (c *Course) why(reference *Course) string {
	m := glycemia.Measure(c.MgdL)
	days := float64(len(c.MgdL)) * glycemia.Every / 1440
	parts := []string{"Mostly high"}
	if lows := 3.0*m.TBR54 + 2.4*(m.TBR70-m.TBR54); 2*lows > m.GRI {
		parts[0] = "Mostly low"
	}
	if reference != nil && reference != c && len(reference.MgdL) > 0 {
		parts = append(parts, fmt.Sprintf("%s U of insulin a day (%s with the reference)", fixed(c.Units/days, 1), fixed(reference.Units/days, 1)))
	}
	var doses, untaken, capped, refused int
	reasons := map[string]int{}
	for _, s := range c.Said {
		switch {
		case s.Advice.Units > 0 && s.Advice.Kind != "basal":
			doses++
			if s.Answer != "accepted" && s.Answer != "changed" {
				untaken++
			}
			if strings.Contains(s.Because, "at most") || strings.Contains(s.Because, "room for") {
				capped++
			}
		case s.About == aboutMeal && strings.Contains(s.Because, refusedBegins):
			refused++
			reasons[reasonOf(s.Because)]++
		}
	}
	parts = append(parts, fmt.Sprintf("%d of %d doses advised were not taken", untaken, doses))
	if capped > 0 {
		parts = append(parts, fmt.Sprintf("%d %s lowered by a cap", capped, number(capped, "was", "were")))
	}
	if refused > 0 {
		parts = append(parts, fmt.Sprintf("%d %s got none, most often because %s", refused, number(refused, "meal", "meals"), commonest(reasons)))
	}
	return strings.Join(parts, "; ")
}

// number is the word that goes with n.
func number(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// refusedBegins is how the scorer begins the reason of a meal without insulin.
const refusedBegins = "no insulin: "

// reasonOf is the first reason of a refusal, without its numbers' digits, so that the
// same reason counts as one.
func reasonOf(because string) string {
	_, text, _ := strings.Cut(because, refusedBegins)
	text, _, _ = strings.Cut(text, ";")
	text, _, _ = strings.Cut(text, ":")
	words := strings.Fields(text)
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789") {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}

func commonest(count map[string]int) (name string) {
	for reason, n := range count {
		if n > count[name] || n == count[name] && reason < name {
			name = reason
		}
	}
	return name
}

package trial

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// local is a time by the person's own clock, as it stood when the days began.
func (c *Course) local(at time.Time) time.Time {
	return at.In(time.FixedZone("", c.Offset*60))
}

// When is the time of a message by the person's own clock.
func (c *Course) When(s Said) string { return c.local(s.At).Format("Mon 2 Jan 15:04") }

// Settings are the person's therapy, in words.
func (c *Course) Settings() string {
	w := c.Profile
	parts := []string{strings.Replace(w.Diabetes, "type", "type ", 1) + ", " + regimens[w.Regimen]}
	if w.ICR != nil {
		parts = append(parts, fmt.Sprintf("carb ratio %s g/U, sensitivity %s mg/dL per U", setting(w.ICR), setting(w.ISF)))
	}
	parts = append(parts, fmt.Sprintf("target %s–%s mg/dL", setting(w.TargetLow), setting(w.TargetHigh)))
	if w.WeightKg != nil && w.BirthYear != nil {
		parts = append(parts, fmt.Sprintf("%.0f kg, born %d", *w.WeightKg, *w.BirthYear))
	}
	return strings.Join(parts, "; ")
}

var regimens = map[string]string{"pump": "pump", "mdi": "multiple daily injections", "basal": "basal insulin only"}

// setting is a number of a profile, or of a schedule the words that it varies.
func setting(raw json.RawMessage) string {
	var x float64
	if json.Unmarshal(raw, &x) != nil {
		return "varying"
	}
	return fmt.Sprintf("%g", x)
}

// What is what a message advises, with its amount.
func (s Said) What() string {
	switch a := s.Advice; {
	case a.CarbsG > 0:
		return fmt.Sprintf("%s %.0f g", a.Kind, a.CarbsG)
	case a.Units > 0:
		return fmt.Sprintf("%s %.2f U", a.Kind, a.Units)
	default:
		return a.Kind
	}
}

// Outcome is what the person did about a message: nothing is owed to a hold.
func (s Said) Outcome() string {
	switch {
	case s.Advice.Kind == "hold":
		return "nothing to do"
	case s.Declined != "":
		return s.Answer + ": " + s.Declined
	}
	return s.Answer
}

package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// guardrails are the limits within which settings are ever prescribed (those of
// Loop): carb ratio in g/U, sensitivity in mg/dL per U, basal rate in U/h.
var guardrails = struct{ icr, isf, basal [2]float64 }{icr: [2]float64{2, 150}, isf: [2]float64{10, 500}, basal: [2]float64{0, 30}}

// Settings multiply what the clinics set, by name from SettingNames: people whose
// settings are wrong by a known amount. A name that isn't there leaves a setting
// alone. A larger carb ratio or sensitivity means less insulin.
type Settings map[string]float64

// SettingNames are the settings that can be multiplied.
func SettingNames() []string { return []string{"icr", "isf", "basal"} }

// mostWrong is by how much a setting may be multiplied, or divided.
const mostWrong = 3

// check refuses unknown names and absurd factors, with the permitted ones.
func (s Settings) check() error {
	for name, factor := range s {
		if !slices.Contains(SettingNames(), name) {
			return fmt.Errorf("unknown setting %q: want some of %s", name, strings.Join(SettingNames(), ", "))
		}
		if math.IsNaN(factor) || factor < 1.0/mostWrong || factor > mostWrong {
			return fmt.Errorf("setting %s times %v: want a factor from %.2f to %d", name, factor, 1.0/mostWrong, mostWrong)
		}
	}
	return nil
}

func (s Settings) factor(name string) float64 {
	if f, ok := s[name]; ok {
		return f
	}
	return 1
}

// on multiplies the settings of a therapy, and refuses what then lies outside the
// guardrails.
func (s Settings) on(t Therapy) (Therapy, error) {
	if len(s) == 0 {
		return t, nil
	}
	t.ICR = math.Round(t.ICR*s.factor("icr")*10) / 10
	t.ISF = math.Round(t.ISF * s.factor("isf"))
	t.Basal = slices.Clone(t.Basal)
	for i := range t.Basal {
		t.Basal[i] *= s.factor("basal")
	}
	for _, c := range []struct {
		name, unit string
		value      float64
		limits     [2]float64
	}{
		{"icr", "g/U", t.ICR, guardrails.icr}, {"isf", "mg/dL per U", t.ISF, guardrails.isf},
		{"basal", "U/h", slices.Max(t.Basal), guardrails.basal},
	} {
		if !within(c.value, c.limits) {
			return t, fmt.Errorf("%s of %v %s is outside the guardrails of %v to %v %s: give another factor",
				c.name, c.value, c.unit, c.limits[0], c.limits[1], c.unit)
		}
	}
	return t, nil
}

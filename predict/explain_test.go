package predict

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/titrate/titrate/cleanse"
	"pgregory.net/rapid"
)

// The parts that the reason of a dose is made of, as a reader with a pocket
// calculator takes them.
var (
	mealPart     = regexp.MustCompile(`^(\S+) g ÷ (\S+) g/U = (\S+) U$`)
	correctPart  = regexp.MustCompile(`^\((\S+) − (\S+)\) ÷ (\S+) = (\S+) U(?:, less (\S+) U still active = (\S+) U)?(, not corrected now)?(?:, at most (\S+) U)?$`)
	takenPart    = regexp.MustCompile(`^less (\S+) U taken for this meal already$`)
	togetherPart = regexp.MustCompile(`^together (\S+) U$`)
	timesPart    = regexp.MustCompile(`^× (\S+) .* = (\S+) U$`)
	roundedPart  = regexp.MustCompile(`^rounded down to (\S+) U$`)
	loweredPart  = regexp.MustCompile(`^lowered to (\S+) U: `)
)

// recompute does the printed arithmetic again and returns the dose it comes to.
func recompute(t interface {
	Fatalf(string, ...any)
	Helper()
}, because string) float64 {
	t.Helper()
	number := func(s string) float64 {
		x, err := strconv.ParseFloat(strings.Replace(s, "−", "-", 1), 64)
		if err != nil {
			t.Fatalf("%q in %q is no number", s, because)
		}
		return x
	}
	equal := func(printed string, x float64) {
		// Printed numbers are rounded to hundredths, what they are made of is too.
		if math.Abs(number(printed)-x) > 0.0051+1e-3*math.Abs(x) {
			t.Fatalf("%s is printed where %v is right: %s", printed, x, because)
		}
	}
	sum := 0.0
	for _, part := range strings.Split(because, "; ") {
		switch {
		case mealPart.MatchString(part):
			m := mealPart.FindStringSubmatch(part)
			equal(m[3], number(m[1])/number(m[2]))
			sum += number(m[3])
		case correctPart.MatchString(part):
			m := correctPart.FindStringSubmatch(part)
			equal(m[4], (number(m[1])-number(m[2]))/number(m[3]))
			value := number(m[4])
			if m[5] != "" {
				equal(m[6], max(0, value-number(m[5])))
				value = number(m[6])
			}
			if m[7] != "" {
				value = 0
			}
			if m[8] != "" {
				value = number(m[8])
			}
			sum += value
		case takenPart.MatchString(part):
			sum -= number(takenPart.FindStringSubmatch(part)[1])
		case togetherPart.MatchString(part):
			equal(togetherPart.FindStringSubmatch(part)[1], max(0, sum))
		case timesPart.MatchString(part):
			m := timesPart.FindStringSubmatch(part)
			equal(m[2], max(0, sum)*number(m[1]))
			sum = number(m[2])
		case roundedPart.MatchString(part):
			x := number(roundedPart.FindStringSubmatch(part)[1])
			if x > sum+0.005 {
				t.Fatalf("%v is no rounding down of %v: %s", x, sum, because)
			}
			sum = x
		case loweredPart.MatchString(part):
			x := number(loweredPart.FindStringSubmatch(part)[1])
			if x >= sum {
				t.Fatalf("%v is not lower than %v: %s", x, sum, because)
			}
			sum = x
		}
	}
	return max(0, sum)
}

// TestTheSumThatIsPrintedIsScaled: 1.33 + 0.33 is a little more than 1.66 to a computer, and
// three quarters of it would be 1.25 where the reader's are 1.24.
func TestTheSumThatIsPrintedIsScaled(t *testing.T) {
	k := kernel{scale: 0.75, need: 1, dose: dose{meal: 1.33, correction: 0.33}}
	if k.total(); k.dose.formula != 1.24 || k.dose.scaled != 1.24 {
		t.Errorf("formula %v, scaled %v, want 1.24", k.dose.formula, k.dose.scaled)
	}
}

// TestBecauseAddsUp: whoever does the printed arithmetic again comes to the dose.
func TestBecauseAddsUp(t *testing.T) {
	seen, draws := map[Kind]int{}, 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawSituation(t)
		d := Decide(s)
		seen[d.Kind]++
		draws++
		if d.Kind != Bolus && d.Kind != Correction {
			return
		}
		if got := recompute(t, d.Because); math.Abs(got-float64(d.Units)) > 0.0051 {
			t.Fatalf("the reason comes to %v U, advised are %v U: %s", got, d.Units, d.Because)
		}
	})
	if seen[Bolus] == 0 && draws >= 100 { // with -short, and against mutants, there are fewer
		t.Errorf("no bolus among %v", seen)
	}
}

// TestBecauseOfDoses fixes the words.
func TestBecauseOfDoses(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*Situation)
		because string
	}{
		"carbs and correction": {func(*Situation) {},
			"45 g ÷ 10 g/U = 4.5 U; (164 − 110) ÷ 45 = 1.2 U; together 5.7 U; rounded down to 5.5 U"},
		"insulin on board": {func(s *Situation) { s.Insulin.OnBoard = 1.5 },
			"45 g ÷ 10 g/U = 4.5 U; (164 − 110) ÷ 45 = 1.2 U, less 1.5 U still active = 0 U"},
		"below the range": {func(s *Situation) { set(s, 84) },
			"45 g ÷ 10 g/U = 4.5 U; (84 − 110) ÷ 45 = −0.58 U; together 3.92 U; rounded down to 3.5 U"},
		"in range": {func(s *Situation) { set(s, 112) },
			"45 g ÷ 10 g/U = 4.5 U; glucose 112 is in the range 100–120, no correction"},
		"taken already": {func(s *Situation) { s.Insulin.ForMeal = 2 },
			"45 g ÷ 10 g/U = 4.5 U; (164 − 110) ÷ 45 = 1.2 U; less 2 U taken for this meal already; together 3.7 U; rounded down to 3.5 U"},
		"maximum": {func(s *Situation) { s.Settings.MaxBolus = 4 },
			"45 g ÷ 10 g/U = 4.5 U; (164 − 110) ÷ 45 = 1.2 U; together 5.7 U; rounded down to 5.5 U; lowered to 4 U: at most 4 U in one bolus"},
		"old reading": {func(s *Situation) { s.Glucose.At = noon.Add(-24 * 60e9) },
			"45 g ÷ 10 g/U = 4.5 U; no glucose to trust, for the carbs alone; measure with a meter"},
		"low": {func(s *Situation) { set(s, 62) },
			"glucose 62 mg/dL is below 70: (100 − 62) ÷ 4.5 mg/dL per g = 8.44 g, at least 15 g; check again in 15 min; no insulin for the meal before glucose is above 70 again"},
		"basal insulin only": {func(s *Situation) { s.Settings.Regimen, s.Settings.ICR, s.Settings.ISF = "basal", nil, nil },
			"no insulin: the regimen is basal insulin only: no mealtime or correction insulin is prescribed"},
		"nothing to cover": {func(s *Situation) { set(s, 110); s.Meal.Carbs = cleanse.Some(cleanse.Grams(0)) },
			"0 g ÷ 10 g/U = 0 U; glucose 110 is in the range 100–120, no correction: no insulin needed"},
	} {
		s := usualMeal()
		c.change(&s)
		if got := Decide(s).Because; got != c.because {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.because)
		}
	}
}

// TestNotes fixes the words of gates that only speak.
func TestNotes(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*Situation)
		gate, note string
	}{
		"age unknown": {func(s *Situation) { s.Settings.BirthYear = 0 }, "age_class", "age unknown: a child's limit of 5 U"},
		"no profile":  {func(s *Situation) { s.Settings = nil }, "age_class", "age unknown: a child's limit of 5 U"},
		"child":       {func(s *Situation) { s.Settings.BirthYear = 2018 }, "age_class", "child: at most 5 U"},
		"teenager":    {func(s *Situation) { s.Settings.BirthYear = 2010 }, "age_class", "teenager: at most 10 U"},
		"type 2":      {func(s *Situation) { s.Settings.Diabetes = "type2" }, "age_class", "adult with type 2: at most 25 U"},
		"adult":       {func(*Situation) {}, "age_class", "adult: at most 17 U"},
		"99 g":        {func(s *Situation) { s.Meal.Carbs.V = 99 }, "carb_entry", "99 g"},
		"100 g":       {func(s *Situation) { s.Meal.Carbs.V = 100 }, "carb_entry", "100 g is a lot: confirm it (more than 99 g)"},
		"over 250":    {func(s *Situation) { s.Glucose.HighFor = ketonesAfter }, "ketones", "above 250 mg/dL for 120 min: check ketones"},
		"55 mg/dL":    {func(s *Situation) { set(s, 55) }, "low", "glucose 55 mg/dL is below 70: carbs first, no insulin"},
		"54 mg/dL":    {func(s *Situation) { set(s, 54) }, "low", "glucose 54 mg/dL is below 55: carbs at once, no insulin"},
		"day's limit": {func(s *Situation) { s.Insulin.Total24 = 50 }, "daily_total", "room for 4 U beside 50 U in 24 hours (limit 54 U)"},
	} {
		s := usualMeal()
		c.change(&s)
		for _, g := range Decide(s).Gates {
			if g.ID == c.gate && g.Note != c.note {
				t.Errorf("%s: %q, want %q", name, g.Note, c.note)
			}
		}
	}
	for mgdl, alert := range map[cleanse.MgdL]string{69: AlertLow, 55: AlertLow, 54: AlertUrgentLow, 39: AlertUrgentLow} {
		s := usualReading()
		if set(&s, mgdl); Decide(s).Alert != alert {
			t.Errorf("%v mg/dL: alert %q", mgdl, Decide(s).Alert)
		}
	}
	for carbs, asks := range map[cleanse.Grams]bool{99: false, 100: true} {
		s := usualMeal()
		s.Meal.Carbs.V = carbs
		if got := strings.Contains(Decide(s).Because, "is it right?"); got != asks {
			t.Errorf("%v g: asks %v", carbs, got)
		}
	}
}

// TestFormatsMatchTheirNumbers: no note of any gate has a verb without a number or
// a number without a verb.
func TestFormatsMatchTheirNumbers(t *testing.T) {
	for _, m := range mutations {
		s := m.of()
		m.change(&s)
		d := Decide(s)
		if _, err := json.Marshal(d); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		for _, g := range d.Gates {
			if strings.Contains(g.Note, "%!") || g.Note == "" {
				t.Errorf("%s: gate %s says %q", m.name, g.ID, g.Note)
			}
		}
		if strings.Contains(d.Because, "%!") || d.Because == "" && d.Worth {
			t.Errorf("%s: because %q", m.name, d.Because)
		}
	}
}

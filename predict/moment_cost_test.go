package predict

import "testing"

// TestOnlyCheapConditionsGoUncounted: what could go on for long is stopped at momentCost.
func TestOnlyCheapConditionsGoUncounted(t *testing.T) {
	env, err := momentEnv()
	if err != nil {
		t.Fatal(err)
	}
	const tens = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"
	costly := "trend > 100 || " + tens + ".all(a, " + tens + ".all(b, " + tens + ".all(c, " + tens + ".all(d, a + b + c + d > 0))))"
	for when, counted := range map[string]bool{costly: true, "trend > 1 && hour < 6": false} {
		d := definition{Name: "x", On: "glucose", When: when, Says: "x"}
		if err := d.compile(env, nil); err != nil {
			t.Fatal(err)
		}
		ast, _ := env.Compile(when)
		if got := len(bounds(env, ast)) > 0; got != counted {
			t.Errorf("%s: counted %t", when, got)
		}
		if counted && d.holds(&occasion{}) {
			t.Errorf("%s went on for ever", when)
		}
	}
	for _, d := range StandardMoments().list {
		if ast, _ := env.Compile(d.When); len(bounds(env, ast)) > 0 {
			t.Errorf("the program's own %s is counted", d.Name)
		}
	}
}

package device

// uciCode tells what a record's code means and how to fill a draft with it.
type uciCode struct {
	word string // insulin kind, circumstances, size, or the note's code
	fill func(d *draft, c uciCode, value string)
}

// uciCodes are the documented codes (Data-Codes, in the set).
var uciCodes = map[string]uciCode{
	"33": {"short", uciInsulin},        // regular
	"34": {"intermediate", uciInsulin}, // NPH
	"35": {"long", uciInsulin},         // ultralente
	"48": {"unspecified", uciGlucose},
	"57": {"unspecified", uciGlucose},
	"58": {"pre-breakfast", uciGlucose},
	"59": {"post-breakfast", uciGlucose},
	"60": {"pre-lunch", uciGlucose},
	"61": {"post-lunch", uciGlucose},
	"62": {"pre-supper", uciGlucose},
	"63": {"post-supper", uciGlucose},
	"64": {"pre-snack", uciGlucose},
	"65": {"hypo-symptoms", uciNote},
	"66": {"usual", uciMeal},
	"67": {"more", uciMeal},
	"68": {"less", uciMeal},
	// The wire's activity needs minutes and intensity, which these lack.
	"69": {"exercise-usual", uciNote},
	"70": {"exercise-more", uciNote},
	"71": {"exercise-less", uciNote},
	"72": {"special-event", uciNote},
}

func uciInsulin(d *draft, c uciCode, value string) {
	d.wire.Type, d.wire.Kind = "insulin", c.word
	d.number("units", value, &d.wire.Units)
}

func uciGlucose(d *draft, c uciCode, value string) {
	d.wire.Type, d.wire.Unit, d.wire.Source = "glucose", "mg/dL", "fingerstick"
	d.number("value", value, &d.wire.Value)
	d.keep("note", c.word)
}

func uciMeal(d *draft, c uciCode, value string) {
	d.wire.Type, d.wire.Size = "meal", c.word
	d.uciValue(value)
}

func uciNote(d *draft, c uciCode, value string) {
	d.wire.Code = c.word
	d.uciValue(value)
}

// uciValue keeps the value of a code that has none, where it isn't the zero that
// fills the column: what it means isn't documented.
func (d *draft) uciValue(value string) {
	if v, ok := decimal(value); !ok || v != 0 {
		d.keep(uciField, value)
	}
}

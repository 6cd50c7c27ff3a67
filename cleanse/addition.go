package cleanse

import (
	"encoding/json"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
)

// addition is a rule that an operator added: a CEL expression over the fields of
// one kind of event, which is true where the rule is broken.
type addition struct {
	rule    Rule
	program cel.Program
	flag    flagSet // 0: it quarantines
}

// mostCost bounds what one evaluation may do.
const mostCost = 10_000

// additions judges the event by the added rules of its kind.
func (x *exam) additions() {
	added := x.book.added[x.event.Kind]
	if len(added) == 0 {
		return
	}
	event := *x.event // a copy: what an expression sees is on the heap
	for i := range added {
		a := &added[i]
		broken, note := a.broken(&event)
		switch {
		case broken && a.flag != 0:
			x.flags |= a.flag
		case broken:
			x.fault(a.rule.Applies, a.rule.ID, note)
		}
	}
}

// broken evaluates the rule. One that touches a field, or a member of extra, that
// wasn't given isn't broken, as a CHECK of SQL isn't by NULL; one that can't be evaluated otherwise is.
func (a *addition) broken(e *Event) (bool, string) {
	f := facts{event: e}
	out, _, err := a.program.Eval(&f)
	if err != nil {
		return !f.missing && !strings.Contains(err.Error(), "no such key"), a.rule.Checks + ": " + err.Error()
	}
	broken, ok := out.Value().(bool)
	return broken || !ok, a.rule.Checks
}

// facts are an event's fields as an expression names them.
type facts struct {
	event   *Event
	missing bool // a field was asked for that the event doesn't have
}

// Parent is nil: there is nothing else to name.
func (f *facts) Parent() cel.Activation { return nil }

// ResolveName is the field called name.
func (f *facts) ResolveName(name string) (any, bool) {
	for _, facts := range [...][]fact{commonFacts, kindFacts[f.event.Kind]} {
		for i := range facts {
			if facts[i].name != name {
				continue
			}
			v := facts[i].of(f.event)
			if v == nil {
				f.missing = true
			}
			return v, v != nil
		}
	}
	return nil, false
}

// fact is a field that expressions can name. Its value is nil where the event
// doesn't have it.
type fact struct {
	name string
	kind *cel.Type
	of   func(*Event) any
}

func words(name string, of func(*Event) string) fact {
	return fact{name, cel.StringType, func(e *Event) any { return of(e) }}
}

func figure(name string, of func(*Event) (float64, bool)) fact {
	return fact{name, cel.DoubleType, func(e *Event) any {
		if v, ok := of(e); ok {
			return v
		}
		return nil
	}}
}

func optionalFigure[T ~float64](name string, of func(*Event) Opt[T]) fact {
	return figure(name, func(e *Event) (float64, bool) { v := of(e); return float64(v.V), v.OK })
}

func certain[T ~float64](name string, of func(*Event) T) fact {
	return figure(name, func(e *Event) (float64, bool) { return float64(of(e)), true })
}

// positive is a figure of which 0 means that it wasn't given.
func positive(name string, of func(*Event) float64) fact {
	return figure(name, func(e *Event) (float64, bool) { v := of(e); return v, v != 0 })
}

var commonFacts = []fact{
	words("patient", func(e *Event) string { return e.Patient }),
	words("id", func(e *Event) string { return e.ID }),
	words("device", func(e *Event) string { return e.Device }),
	words("source", func(e *Event) string { return e.Source }),
	words("replaces", func(e *Event) string { return e.Replaces }),
	{"time", cel.TimestampType, func(e *Event) any { return e.At }},
	{"received", cel.TimestampType, func(e *Event) any { return e.Seen }},
	{"backfill", cel.BoolType, func(e *Event) any { return e.Backfill }},
	{"late", cel.BoolType, func(e *Event) any { return e.Late }},
	{"extra", cel.MapType(cel.StringType, cel.DynType), func(e *Event) any {
		members := map[string]any{}
		if e.Extra != "" && json.Unmarshal([]byte(e.Extra), &members) != nil {
			return nil
		}
		return members
	}},
}

var kindFacts = [...][]fact{
	Glucose: {
		certain("mgdl", func(e *Event) MgdL { return e.Glucose.MgdL }),
		words("trend", func(e *Event) string { return e.Glucose.Trend }),
		words("special", func(e *Event) string { return [...]string{"", "low", "high"}[e.Glucose.Special] }),
	},
	Meal: {
		optionalFigure("carbs_g", func(e *Event) Opt[Grams] { return e.Meal.Carbs }),
		optionalFigure("kcal", func(e *Event) Opt[float64] { return e.Meal.Kcal }),
		optionalFigure("protein_g", func(e *Event) Opt[Grams] { return e.Meal.Protein }),
		optionalFigure("fat_g", func(e *Event) Opt[Grams] { return e.Meal.Fat }),
		optionalFigure("fibre_g", func(e *Event) Opt[Grams] { return e.Meal.Fibre }),
		words("meal", func(e *Event) string { return e.Meal.Meal }),
		words("size", func(e *Event) string { return e.Meal.Size }),
	},
	Insulin: {
		certain("units", func(e *Event) Units { return e.Insulin.Units }),
		words("kind", func(e *Event) string { return e.Insulin.Action }),
		words("reason", func(e *Event) string { return e.Insulin.Reason }),
		words("product", func(e *Event) string { return e.Insulin.Product }),
		certain("duration_min", func(e *Event) float64 { return e.Insulin.Duration.Minutes() }),
	},
	Profile: {
		positive("birth_year", func(e *Event) float64 { return float64(e.Profile.BirthYear) }),
		positive("weight_kg", func(e *Event) float64 { return e.Profile.WeightKg }),
		words("diabetes", func(e *Event) string { return e.Profile.Diabetes }),
		words("regimen", func(e *Event) string { return e.Profile.Regimen }),
		steps("icr_g_per_u", func(e *Event) Schedule { return e.Profile.ICR }),
		steps("isf_mgdl_per_u", func(e *Event) Schedule { return e.Profile.ISF }),
		steps("target_low_mgdl", func(e *Event) Schedule { return e.Profile.TargetLow }),
		steps("target_high_mgdl", func(e *Event) Schedule { return e.Profile.TargetHigh }),
		steps("basal_u_per_day", func(e *Event) Schedule { return e.Profile.BasalPerDay }),
		positive("max_bolus_u", func(e *Event) float64 { return float64(e.Profile.MaxBolus) }),
		positive("dose_step_u", func(e *Event) float64 { return float64(e.Profile.DoseStep) }),
		words("insulin", func(e *Event) string { return e.Profile.Insulin }),
		positive("dia_min", func(e *Event) float64 { return e.Profile.DIA.Minutes() }),
		words("timezone", func(e *Event) string { return e.Profile.Zone.String() }),
	},
	Response: {
		words("recommendation", func(e *Event) string { return e.Response.Recommendation }),
		words("action", func(e *Event) string { return e.Response.Action }),
		optionalFigure("units", func(e *Event) Opt[Units] { return e.Response.Units }),
		optionalFigure("carbs_g", func(e *Event) Opt[Grams] { return e.Response.Carbs }),
		words("reason", func(e *Event) string { return e.Response.Reason }),
	},
	Activity: {
		certain("minutes", func(e *Event) float64 { return e.Activity.Duration.Minutes() }),
		words("intensity", func(e *Event) string { return e.Activity.Intensity }),
	},
	Note: {
		words("code", func(e *Event) string { return e.Note.Code }),
		words("text", func(e *Event) string { return e.Note.Text }),
	},
	Retraction: nil,
}

// steps is a schedule as the list of its values.
func steps(name string, of func(*Event) Schedule) fact {
	return fact{name, cel.ListType(cel.DoubleType), func(e *Event) any {
		values := []float64{}
		for _, step := range of(e) {
			values = append(values, step.Value)
		}
		return values
	}}
}

// compile makes a program of an expression over the fields of kind.
func compile(kind Kind, text string) (cel.Program, error) {
	options := []cel.EnvOption{ext.Strings()}
	var names []string
	for _, facts := range [...][]fact{commonFacts, kindFacts[kind]} {
		for _, f := range facts {
			options = append(options, cel.Variable(f.name, f.kind))
			names = append(names, f.name)
		}
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, fmt.Errorf("prepare expressions: %w", err)
	}
	ast, issues := env.Compile(text)
	if err := issues.Err(); err != nil {
		return nil, fmt.Errorf("%q isn't a CEL expression over %s: %w", text, strings.Join(names, ", "), err)
	}
	if !ast.OutputType().IsExactType(cel.BoolType) {
		return nil, fmt.Errorf("%q yields %s; it must be true where the rule is broken", text, ast.OutputType())
	}
	program, err := env.Program(ast, cel.CostLimit(mostCost))
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	return program, nil
}

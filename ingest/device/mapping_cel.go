package device

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// environment is what expressions of a mapping can name: row, the cells of a line
// by their columns; file, the file's name without its ending; number, which reads a
// cell as the mapping writes numbers; and CEL's own functions, with those on strings.
type environment struct{ cel *cel.Env }

// maxCost bounds what one evaluation may do: a mapping comes from anywhere.
const maxCost = 100_000

func (m *mapping) environment() (*environment, error) {
	number := func(v ref.Val) ref.Val {
		text, _ := v.Value().(string)
		f, ok := m.parse(text)
		if !ok {
			return types.NewErr("number(%q): not a number", text)
		}
		return types.Double(f)
	}
	env, err := cel.NewEnv(
		cel.Variable("row", cel.MapType(cel.StringType, cel.StringType)),
		cel.Variable("file", cel.StringType),
		cel.Function("number", cel.Overload("number_string", []*cel.Type{cel.StringType}, cel.DoubleType, cel.UnaryBinding(number))),
		ext.Strings(),
	)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: prepare expressions: %w", m.file, err)
	}
	return &environment{env}, nil
}

// expression is a compiled CEL expression.
type expression struct {
	program cel.Program
	text    string
}

// resultTypes are the types that an expression may have, by what it is for.
var resultTypes = map[string][]*cel.Type{
	"bool":   {cel.BoolType},
	"string": {cel.StringType},
	"value":  {cel.StringType, cel.DoubleType, cel.IntType},
}

// expression compiles the node's text; it must yield what is wanted.
func (n node) expression(env *environment, want string) (*expression, error) {
	text, err := n.text()
	if err != nil {
		return nil, err
	}
	ast, issues := env.cel.Compile(text)
	if err := issues.Err(); err != nil {
		return nil, n.fail("%q isn't a CEL expression over row, file and number(): %v", text, err)
	}
	ok := false
	var names []string
	for _, t := range resultTypes[want] {
		ok = ok || ast.OutputType().IsExactType(t)
		names = append(names, t.String())
	}
	if !ok {
		return nil, n.fail("%q yields %s; permitted: %s", text, ast.OutputType(), strings.Join(names, ", "))
	}
	program, err := env.cel.Program(ast, cel.CostLimit(maxCost))
	if err != nil {
		return nil, n.fail("%q: %v", text, err)
	}
	return &expression{program, text}, nil
}

// eval is the expression's value for one row: a bool, string, float64 or int64.
func (x *expression) eval(in mappedRow) (any, error) {
	out, _, err := x.program.Eval(map[string]any{"row": in.cells, "file": in.file})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", x.text, err)
	}
	return out.Value(), nil
}

// holds is a condition's value; no expression holds.
func (x *expression) holds(in mappedRow) (bool, error) {
	if x == nil {
		return true, nil
	}
	v, err := x.eval(in)
	yes, _ := v.(bool)
	return yes, err
}

package predict

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/cost"
	"github.com/titrate/titrate/train/feature"
	"go.yaml.in/yaml/v3"
)

// Moment is a named situation that a coach acts on, as it came up in somebody's life.
type Moment struct {
	ID      string    `json:"id"` // hash of patient, name and log position: a replay makes the same
	Patient string    `json:"patient"`
	Time    time.Time `json:"time"`
	Name    string    `json:"name"`
	Says    string    `json:"says"`
	Event   EventRef  `json:"event"`
}

// Moments are definitions that were read and checked. They are read-only, and safe for
// concurrent use.
type Moments struct {
	list []definition
}

// Len is how many there are.
func (m *Moments) Len() int { return len(m.list) }

// definition is a named situation: on which events it is asked about, when it holds, and
// how long it is not told again.
type definition struct {
	Name  string `yaml:"name"`
	On    string `yaml:"on"` // one of momentsOn
	When  string `yaml:"when"`
	Quiet string `yaml:"quiet"` // a duration; empty: none
	Says  string `yaml:"says"`

	quiet time.Duration

	program cel.Program
}

// momentsOn are the occasions on which a moment can be asked about: an event of that
// kind, or the first event of a day in the person's own zone.
var momentsOn = []string{"glucose", "meal", "insulin", "activity", "day"}

//go:embed moments.yaml
var standardMoments []byte

// StandardMoments are the definitions that come with the program; their text is
// StandardMomentsYAML.
func StandardMoments() *Moments {
	m, err := ReadMoments(standardMoments)
	if err != nil {
		panic(fmt.Sprintf("the program's own moments: %v", err))
	}
	return m
}

// StandardMomentsYAML is a file of definitions to begin from.
func StandardMomentsYAML() []byte { return standardMoments }

// What the library says of keys and values that don't fit, with the names of our types.
var (
	ofType  = regexp.MustCompile(` not found in type (predict\.definition|struct .*)`)
	ofShape = regexp.MustCompile(`cannot unmarshal !!.* into .*`)
)

// ReadMoments reads definitions from YAML. Every mistake is told at once, each with the
// name of its moment; then there are none.
func ReadMoments(text []byte) (*Moments, error) {
	var file struct {
		Moments []definition `yaml:"moments"`
	}
	strict := yaml.NewDecoder(bytes.NewReader(text))
	strict.KnownFields(true) // a misspelt quiet would be told at every reading
	var wrong []error
	var misfits *yaml.TypeError // the rest was read
	switch err := strict.Decode(&file); {
	case errors.As(err, &misfits):
		for _, text := range misfits.Errors {
			text = ofType.ReplaceAllString(text, ": a moment has name, on, when, quiet and says")
			wrong = append(wrong, errors.New(ofShape.ReplaceAllString(text, "doesn't fit into a list `moments:` of name, on, when, quiet and says")))
		}
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("read moments: %w", err)
	}
	if len(file.Moments) == 0 && wrong == nil {
		return nil, errors.New("read moments: there are none; the file holds a list `moments:` of name, on, when, quiet and says")
	}
	env, err := momentEnv()
	if err != nil {
		return nil, fmt.Errorf("read moments: %w", err)
	}
	seen := map[string]bool{}
	for i := range file.Moments {
		d := &file.Moments[i]
		if err := d.compile(env, seen); err != nil {
			wrong = append(wrong, fmt.Errorf("moment %d (%s): %w", i+1, d.Name, err))
		}
		seen[d.Name] = true
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return &Moments{file.Moments}, nil
}

// momentCost bounds what one evaluation may do.
const momentCost = 10_000

// compile collects all that is wrong with a definition.
func (d *definition) compile(env *cel.Env, seen map[string]bool) error {
	var wrong []error
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	switch {
	case d.Name == "":
		say("it has no name")
	case seen[d.Name]:
		say("another has the same name")
	}
	if !slices.Contains(momentsOn, d.On) {
		say("on: %q: want one of %s", d.On, strings.Join(momentsOn, ", "))
	}
	if d.Says == "" {
		say("it says nothing")
	}
	var err error
	if d.quiet, err = quietOf(d.Quiet); err != nil {
		say("quiet: %w", err)
	}
	if d.program, err = condition(env, d.When); err != nil {
		say("when: %w", err)
	}
	return errors.Join(wrong...)
}

func quietOf(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	quiet, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q: want a duration with its unit, such as 90m or 48h", text)
	}
	if quiet < 0 {
		return 0, fmt.Errorf("%v is negative", quiet)
	}
	return quiet, nil
}

func condition(env *cel.Env, when string) (cel.Program, error) {
	ast, issues := env.Compile(when)
	if err := issues.Err(); err != nil {
		return nil, err
	}
	if ast.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("%s is a %s, want a condition", when, ast.OutputType())
	}
	return env.Program(ast, bounds(env, ast)...)
}

// bounds has an evaluation stop at momentCost, unless it can be told beforehand that none
// will get there: counting takes longer than most conditions themselves.
func bounds(env *cel.Env, ast *cel.Ast) []cel.ProgramOption {
	if most, err := env.EstimateCost(ast, unknownSizes{}); err == nil && most.Max <= momentCost {
		return nil
	}
	return []cel.ProgramOption{cel.CostLimit(momentCost)}
}

// unknownSizes estimates nothing beyond what the expression itself tells.
type unknownSizes struct{}

func (unknownSizes) EstimateSize(cost.AstNode) *cost.SizeEstimate { return nil }

func (unknownSizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// momentEnv knows every feature of feature.Names and every habit by name; all are
// numbers.
func momentEnv() (*cel.Env, error) {
	var options []cel.EnvOption
	for _, name := range feature.Names {
		options = append(options, cel.Variable(name, cel.DoubleType))
	}
	for _, name := range habitNames {
		options = append(options, cel.Variable(name, cel.DoubleType))
	}
	// People write glucose_mgdl > 250, not 250.0.
	options = append(options, cel.CrossTypeNumericComparisons(true))
	return cel.NewEnv(options...)
}

// occasion is what a condition is judged on.
type occasion struct {
	vector *feature.Vector // nil: there is no fresh reading, and features can't be asked for
	habits [len(habitNames)]float64
}

// Parent is nil: there is nothing else to name.
func (o *occasion) Parent() cel.Activation { return nil }

// ResolveName is the number called name.
func (o *occasion) ResolveName(name string) (any, bool) {
	for i := range habitNames {
		if habitNames[i] == name {
			return o.habits[i], true
		}
	}
	if o.vector == nil {
		return nil, false
	}
	at, ok := featureAt[name]
	if !ok {
		return nil, false
	}
	return o.vector[at], true
}

// featureAt is where a feature lies in a vector.
var featureAt = func() map[string]int {
	at := map[string]int{}
	for i, name := range feature.Names {
		at[name] = i
	}
	return at
}()

// holds tells whether the condition is met. One that asks for a feature without a fresh
// reading, or can't be evaluated otherwise, is not.
func (d *definition) holds(o *occasion) bool {
	out, _, err := d.program.Eval(o)
	if err != nil {
		return false
	}
	met, ok := out.Value().(bool)
	return ok && met
}

package predict

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// mutate makes TestMutants run; make test-mutants sets it. It takes minutes.
var mutate = flag.Bool("mutants", false, "break the kernel in every way it knows, and see that a test notices")

// mutateOnly narrows TestMutants to one file while a test for it is written.
var mutateOnly = flag.String("mutants-of", "", "only the mutants of this file, such as need.go")

// mutable are the files of the kernel: every gate, the formula, the choice of the dose.
var mutable = []string{"gate_*.go", "need.go", "formula.go", "choose.go", "kernel.go", "basal.go", "belief.go"}

// TestMutants breaks the kernel in one place at a time and runs this package's tests,
// which must fail. All mutants are compiled into one binary, in which the environment
// switches one on: so each costs a run, not a build.
func TestMutants(t *testing.T) {
	if !*mutate {
		t.Skip("takes minutes: make test-mutants")
	}
	dir := t.TempDir()
	m := mutator{files: token.NewFileSet(), texts: map[ast.Node]string{}}
	binary := m.build(t, dir)
	survived := m.survivors(t, binary)
	for _, line := range survived {
		if _, ok := equivalent[line]; !ok {
			t.Errorf("no test notices: %s", line)
		}
	}
	for line := range equivalent {
		if *mutateOnly == "" && !slices.Contains(survived, line) {
			t.Errorf("is noticed after all, or isn't made any more: %s", line)
		}
	}
	t.Logf("%d mutants, %d killed", len(m.all), len(m.all)-len(survived))
	if *mutateOnly == "" && len(m.all) < 300 {
		t.Errorf("only %d mutants", len(m.all))
	}
}

// equivalent are mutants that change nothing anybody could notice, and why.
var equivalent = map[string]string{
	"gate_long.go: due.Sub(next) > longAskUntil → >=": "who would first be asked at the last moment was asked by a reading before",
	"gate_dose.go: known > usual → >=":                "of two equal numbers either is taken",
	"gate_dose.go: byWeight > byBasal → >=":           "of two equal numbers either is taken",
	"gate_forecast.go: k.steps = 0 → left out":        "the gate blocks, and who is blocked gets no insulin",
}

// mutator rewrites the kernel's files.
type mutator struct {
	files *token.FileSet
	texts map[ast.Node]string // what was there before anything was changed
	all   []string            // by number: where, what was there, what is there instead
}

// build compiles the tests with every mutant in them.
func (m *mutator) build(t *testing.T, dir string) string {
	overlay := map[string]map[string]string{"Replace": {}}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, text []byte) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		overlay["Replace"][filepath.Join(here, name)] = file
	}
	for _, pattern := range mutable {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		for _, name := range names {
			if !strings.HasSuffix(name, "_test.go") && (*mutateOnly == "" || name == *mutateOnly) {
				put(name, m.rewrite(t, name))
			}
		}
	}
	put("mutant_on.go", []byte(mutantSwitch))
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "mutants.test")
	if out, err := exec.Command("go", "test", "-c", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("compile mutants: %v\n%s", err, out)
	}
	return binary
}

// mutantSwitch tells which mutant is on.
const mutantSwitch = `package predict

import (
	"os"
	"strconv"
)

var mutantOn = func() int { n, _ := strconv.Atoi(os.Getenv("TITRATE_MUTANT")); return n }()

func mutant[T any](n int, was, is T) T {
	if mutantOn == n {
		return is
	}
	return was
}
`

// survivors runs the tests once per mutant, and once without.
func (m *mutator) survivors(t *testing.T, binary string) (names []string) {
	run := func(n int) (string, error) {
		cmd := exec.Command(binary, "-test.failfast", "-test.timeout=120s", "-states=1500", "-rapid.checks=40", "-rapid.nofailfile")
		cmd.Env = append(os.Environ(), fmt.Sprintf("TITRATE_MUTANT=%d", n))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := run(0); err != nil {
		t.Fatalf("the tests fail without a mutant: %v\n%s", err, out)
	}
	alive := make([]bool, len(m.all))
	var group sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := w; i < len(m.all); i += runtime.GOMAXPROCS(0) {
				_, err := run(i + 1)
				alive[i] = err == nil
			}
		})
	}
	group.Wait()
	for i, name := range m.all {
		if alive[i] {
			names = append(names, name)
		}
	}
	return names
}

// rewrite is a file with its mutants.
func (m *mutator) rewrite(t *testing.T, name string) []byte {
	file, err := parser.ParseFile(m.files, name, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	m.remember(name, file)
	for _, decl := range file.Decls {
		ast.Inspect(decl, func(n ast.Node) bool {
			switch f := n.(type) {
			case *ast.FuncDecl:
				m.block(f.Body)
				return false
			case *ast.FuncLit:
				m.block(f.Body)
				return false
			}
			return true
		})
	}
	var out bytes.Buffer
	if err := format.Node(&out, m.files, file); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// block mutates the statements of a function: some are left out, and expressions are
// turned.
func (m *mutator) block(body *ast.BlockStmt) {
	walk(body, func(e ast.Expr) ast.Expr { return m.expression(e) }, func(s ast.Stmt) ast.Stmt { return m.statement(s) })
}

// statement is s, left out in one mutant, if it only changes the kernel's state.
func (m *mutator) statement(s ast.Stmt) ast.Stmt {
	a, ok := s.(*ast.AssignStmt)
	if !ok || a.Tok == token.DEFINE {
		return s
	}
	if _, field := a.Lhs[0].(*ast.SelectorExpr); !field {
		return s
	}
	n := m.number(s, "left out")
	return &ast.IfStmt{
		Cond: &ast.BinaryExpr{X: ast.NewIdent("mutantOn"), Op: token.NEQ, Y: integer(n)},
		Body: &ast.BlockStmt{List: []ast.Stmt{s}},
	}
}

// turned are the operators that an operator is turned into.
var turned = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR}, token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD: {token.SUB}, token.SUB: {token.ADD}, token.MUL: {token.QUO}, token.QUO: {token.MUL},
}

// softer are the outcomes that an outcome is turned into.
var softer = map[string]string{"block": "reduce", "reduce": "pass"}

func (m *mutator) expression(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if spells(e) {
			return e
		}
		var out ast.Expr = e
		for _, op := range turned[e.Op] {
			n := m.number(e, op.String())
			out = choice(n, out, &ast.BinaryExpr{X: e.X, Op: op, Y: e.Y}, e.Op == token.LAND || e.Op == token.LOR)
		}
		return out
	case *ast.CallExpr:
		name, ok := e.Fun.(*ast.Ident)
		if !ok || softer[name.Name] == "" {
			return e
		}
		n := m.number(e, softer[name.Name])
		return choice(n, e, &ast.CallExpr{Fun: ast.NewIdent(softer[name.Name]), Args: e.Args, Ellipsis: e.Ellipsis}, false)
	case *ast.UnaryExpr:
		if e.Op != token.NOT {
			return e
		}
		return choice(m.number(e, "without !"), e, e.X, true)
	}
	return e
}

// choice is one of two expressions by mutant. Lazy ones are conditions, of which the
// second part may only hold if the first does.
func choice(n int, was, is ast.Expr, lazy bool) ast.Expr {
	if !lazy {
		return &ast.CallExpr{Fun: ast.NewIdent("mutant"), Args: []ast.Expr{integer(n), was, is}}
	}
	off := &ast.BinaryExpr{X: ast.NewIdent("mutantOn"), Op: token.NEQ, Y: integer(n)}
	on := &ast.BinaryExpr{X: ast.NewIdent("mutantOn"), Op: token.EQL, Y: integer(n)}
	and := func(a, b ast.Expr) ast.Expr {
		return &ast.BinaryExpr{X: a, Op: token.LAND, Y: &ast.ParenExpr{X: b}}
	}
	return &ast.ParenExpr{X: &ast.BinaryExpr{X: and(off, was), Op: token.LOR, Y: and(on, is)}}
}

// spells tells whether an expression puts text together.
func spells(e *ast.BinaryExpr) (text bool) {
	if e.Op != token.ADD && e.Op != token.EQL && e.Op != token.NEQ {
		return false
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			text = text || n.Kind == token.STRING && e.Op == token.ADD
		case *ast.Ident:
			text = text || e.Op == token.ADD && slices.Contains([]string{"text", "note", "why", "figure", "amount"}, n.Name) || n.Name == "nil"
		}
		return true
	})
	return text
}

// number books a mutant: numbers begin at 1.
func (m *mutator) number(n ast.Node, is string) int {
	m.all = append(m.all, m.texts[n]+" → "+is)
	return len(m.all)
}

// remember keeps the text of everything that may be changed.
func (m *mutator) remember(name string, file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.BinaryExpr, *ast.CallExpr, *ast.UnaryExpr, *ast.AssignStmt:
			var was bytes.Buffer
			if err := format.Node(&was, m.files, n); err != nil {
				panic(err)
			}
			m.texts[n] = fmt.Sprintf("%s: %.90s", name, strings.Join(strings.Fields(was.String()), " "))
		}
		return true
	})
}

func integer(n int) ast.Expr { return &ast.BasicLit{Kind: token.INT, Value: fmt.Sprint(n)} }

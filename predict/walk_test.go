package predict

import (
	"go/ast"
	"reflect"
)

// walk replaces expressions and statements of a tree, the innermost first. What
// replaces one is not walked again.
func walk(n ast.Node, expr func(ast.Expr) ast.Expr, stmt func(ast.Stmt) ast.Stmt) {
	replaceIn(reflect.ValueOf(n), expr, stmt)
}

var (
	exprType = reflect.TypeFor[ast.Expr]()
	stmtType = reflect.TypeFor[ast.Stmt]()
)

// replaceIn replaces what lies below a node, an interface or a slice of them.
func replaceIn(v reflect.Value, expr func(ast.Expr) ast.Expr, stmt func(ast.Stmt) ast.Stmt) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || v.Elem().Kind() != reflect.Struct {
			return
		}
		if v.Type() == reflect.TypeOf(ast.Ident{}.Obj) {
			return // declarations, which lead back up
		}
		for i := range v.Elem().NumField() {
			replaceIn(v.Elem().Field(i), expr, stmt)
		}
	case reflect.Slice:
		for i := range v.Len() {
			replaceIn(v.Index(i), expr, stmt)
		}
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		replaceIn(v.Elem(), expr, stmt)
		switch v.Type() {
		case exprType:
			v.Set(reflect.ValueOf(expr(v.Interface().(ast.Expr))))
		case stmtType:
			v.Set(reflect.ValueOf(stmt(v.Interface().(ast.Stmt))))
		}
	}
}

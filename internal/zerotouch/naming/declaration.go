package naming

import (
	"go/ast"
	"go/token"
)

// declaration is where a function declares a variable. value or typ is nil where it is
// not given.
type declaration struct {
	typ, value ast.Expr
	at         token.Pos
	// isElement says that the variable is an element of value, in a range loop.
	isElement   bool
	isParameter bool
}

// declaration returns the last declaration of the name before the resolver's place, or
// nil if the function has none.
func (r *resolver) declaration(name string) *declaration {
	var last *declaration
	keep := func(d declaration) {
		if d.at < r.at && (last == nil || d.at > last.at) {
			last = &d
		}
	}
	fields := func(list *ast.FieldList) {
		if list == nil {
			return
		}
		for _, field := range list.List {
			for _, id := range field.Names {
				if id.Name == name {
					keep(declaration{typ: field.Type, at: id.Pos(), isParameter: true})
				}
			}
		}
	}
	fields(r.decl.Recv)
	ast.Inspect(r.decl, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.FuncType:
			fields(x.Params)
			fields(x.Results)
		case *ast.AssignStmt:
			if x.Tok == token.DEFINE {
				assigned(x, name, keep)
			}
		case *ast.ValueSpec:
			for i, id := range x.Names {
				if id.Name == name {
					keep(declaration{typ: x.Type, value: valueAt(x.Values, i, len(x.Names)), at: id.Pos()})
				}
			}
		case *ast.RangeStmt:
			for _, v := range []ast.Expr{x.Key, x.Value} {
				if id, ok := v.(*ast.Ident); ok && id.Name == name && x.Tok == token.DEFINE {
					keep(declaration{value: x.X, at: id.Pos(), isElement: true})
				}
			}
		}
		return true
	})
	return last
}

func assigned(x *ast.AssignStmt, name string, keep func(declaration)) {
	for i, v := range x.Lhs {
		if id, ok := v.(*ast.Ident); ok && id.Name == name {
			keep(declaration{value: valueAt(x.Rhs, i, len(x.Lhs)), at: id.Pos()})
		}
	}
}

// valueAt returns the i-th of n variables' value. Where one call gives all of them, it
// is the call for the first.
func valueAt(values []ast.Expr, i, n int) ast.Expr {
	switch {
	case len(values) == n:
		return values[i]
	case len(values) == 1 && i == 0:
		return values[0]
	}
	return nil
}

package lockset

import "go/ast"

// origin is the declaration of what a variable of the function is an element of, or is set
// from, "" if it is set from nothing that has a declaration, or more than once.
func (w *walk) origin(e ast.Expr) string {
	id, is := ast.Unparen(e).(*ast.Ident)
	if !is || w.fn.decl == nil {
		return ""
	}
	v := w.info.ObjectOf(id)
	if v == nil {
		return ""
	}
	var from []ast.Expr
	isV := func(e ast.Expr) bool {
		id, is := e.(*ast.Ident)
		return is && w.info.ObjectOf(id) == v
	}
	ast.Inspect(w.fn.decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if n.Value != nil && isV(n.Value) {
				from = append(from, n.X)
			}
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if isV(lhs) {
					from = append(from, n.Rhs[min(i, len(n.Rhs)-1)])
				}
			}
		}
		return true
	})
	if len(from) != 1 {
		return ""
	}
	if set := w.variable(from[0]); set != nil && set != v {
		return w.position(set)
	}
	return ""
}

package syntax

import "go/ast"

// Base returns what a type, such as that of a receiver, is made of: T or pkg.T of *T,
// (*T) and T[A, B]. It reports whether the type is a pointer.
func Base(t ast.Expr) (base ast.Expr, isPointer bool) {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t, isPointer = x.X, true
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		default:
			return t, isPointer
		}
	}
}

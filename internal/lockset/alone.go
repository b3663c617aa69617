package lockset

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// WaitsAlone reports whether the line of a frame waits for a channel or a wait group that
// nothing but the function itself has: a local variable that is given to no call and used in
// no literal, a channel that is made there, or a nil one that is never set. Nothing can end
// such a wait, and that shows: its author wants it to stay.
func (s *Sources) WaitsAlone(frame finding.Frame) bool {
	f := s.file(frame.File)
	if f == nil {
		return false
	}
	fn, ok := s.functionAt(f, frame.Func, frame.Line)
	if !ok {
		return false
	}
	a := alone{info: s.typesOf(frame.File, f, fn.decl), fn: fn}
	awaited := 0
	ast.Inspect(fn.body, func(n ast.Node) bool {
		if n != nil && s.line(n.Pos()) == frame.Line {
			if e := awaitedBy(n); e != nil {
				awaited++
				ok = ok && a.has(e)
			}
		}
		_, isLiteral := n.(*ast.FuncLit)
		return !isLiteral
	})
	return ok && awaited > 0
}

// awaitedBy is what a node waits for, nil if it does not wait.
func awaitedBy(n ast.Node) ast.Expr {
	switch n := n.(type) {
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return n.X
		}
	case *ast.CallExpr:
		if sel, is := n.Fun.(*ast.SelectorExpr); is && sel.Sel.Name == "Wait" && len(n.Args) == 0 {
			return sel.X
		}
	}
	return nil
}

// alone reports whether a function has something for itself.
type alone struct {
	info *types.Info
	fn   function
}

func (a alone) has(e ast.Expr) bool {
	if call, is := ast.Unparen(e).(*ast.CallExpr); is {
		return calledName(call) == "make"
	}
	id, is := ast.Unparen(e).(*ast.Ident)
	if !is {
		return false
	}
	v, is := a.info.ObjectOf(id).(*types.Var)
	if !is || !a.declares(v) {
		return false
	}
	u := &plainUses{alone: a, v: v, plain: true}
	ast.Walk(u, a.fn.body)
	return u.plain
}

// declares reports whether the variable is declared in the body of the function.
func (a alone) declares(v *types.Var) bool {
	return a.fn.body.Pos() <= v.Pos() && v.Pos() < a.fn.body.End()
}

// plainUses looks at all uses of a variable.
type plainUses struct {
	alone
	v *types.Var
	// plain says that the function only makes it, receives from it, and calls its methods.
	plain bool
}

// Visit implements ast.Visitor.
func (u *plainUses) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.FuncLit:
		u.plain = u.plain && !u.isIn(n)
		return nil
	case *ast.UnaryExpr:
		if n.Op == token.ARROW && u.is(n.X) {
			return nil
		}
	case *ast.CallExpr:
		if sel, is := n.Fun.(*ast.SelectorExpr); is && u.is(sel.X) {
			for _, e := range n.Args {
				ast.Walk(u, e)
			}
			return nil
		}
	case *ast.AssignStmt:
		if len(n.Lhs) == 1 && len(n.Rhs) == 1 && u.is(n.Lhs[0]) {
			ast.Walk(u, n.Rhs[0])
			u.plain = u.plain && isNew(n.Rhs[0])
			return nil
		}
	case *ast.ValueSpec:
		if len(n.Names) == 1 && u.is(n.Names[0]) {
			u.plain = u.plain && (len(n.Values) == 0 || isNew(n.Values[0]))
			return nil
		}
	case *ast.Ident:
		u.plain = u.plain && !u.is(n)
	}
	return u
}

func (u *plainUses) is(e ast.Expr) bool {
	id, is := ast.Unparen(e).(*ast.Ident)
	return is && u.info.ObjectOf(id) == u.v
}

// isIn reports whether the literal uses the variable.
func (u *plainUses) isIn(lit *ast.FuncLit) (used bool) {
	ast.Inspect(lit, func(n ast.Node) bool {
		id, is := n.(*ast.Ident)
		used = used || is && u.is(id)
		return !used
	})
	return used
}

// isNew reports whether the expression makes a channel or a wait group.
func isNew(e ast.Expr) bool {
	e = ast.Unparen(e)
	if u, is := e.(*ast.UnaryExpr); is && u.Op == token.AND {
		e = u.X
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		return calledName(e) == "make" || calledName(e) == "new"
	case *ast.CompositeLit:
		return true
	}
	return false
}

package lockset

import (
	"go/ast"
	"go/token"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// expr walks an expression in the order of evaluation. Literals of functions are another
// walk's.
func (w *walk) expr(e ast.Expr, s *state) *state {
	if e == nil || s == nil {
		return s
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		return w.call(e, s)
	case *ast.UnaryExpr:
		s = w.expr(e.X, s)
		if s != nil && e.Op == token.ARROW && w.point.Op == Receive && w.isAt(e) {
			w.on(e.X, finding.Receive)
			w.meet(s)
		}
		return s
	case *ast.FuncLit:
		return s
	}
	for _, child := range operands(e) {
		s = w.expr(child, s)
	}
	return s
}

// operands are the expressions that an expression evaluates.
func operands(e ast.Expr) []ast.Expr {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return []ast.Expr{e.X}
	case *ast.SelectorExpr:
		return []ast.Expr{e.X}
	case *ast.StarExpr:
		return []ast.Expr{e.X}
	case *ast.BinaryExpr:
		return []ast.Expr{e.X, e.Y}
	case *ast.IndexExpr:
		return []ast.Expr{e.X, e.Index}
	case *ast.IndexListExpr:
		return []ast.Expr{e.X}
	case *ast.SliceExpr:
		return []ast.Expr{e.X, e.Low, e.High, e.Max}
	case *ast.TypeAssertExpr:
		return []ast.Expr{e.X}
	case *ast.KeyValueExpr:
		return []ast.Expr{e.Value}
	case *ast.CompositeLit:
		return e.Elts
	}
	return nil
}

func (w *walk) call(call *ast.CallExpr, s *state) *state {
	sel, _ := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if sel != nil {
		s = w.expr(sel.X, s)
	}
	s = w.arguments(call, s)
	if s == nil {
		return nil
	}
	name := calledName(call)
	w.meetCall(call, sel, name, s)
	if sel == nil {
		if ends(name) {
			return nil
		}
		w.opaque = w.opaque || mayLock(name)
		return s
	}
	return w.effect(sel, s)
}

// effect is what the call of a method does to the lockset.
func (w *walk) effect(sel *ast.SelectorExpr, s *state) *state {
	switch name := sel.Sel.Name; name {
	case "Lock", "RLock":
		s = s.clone()
		s.acquire(*w.hold(sel, name))
	case "Unlock", "RUnlock":
		s = s.clone()
		s.release(w.method(sel))
	default:
		if x, is := sel.X.(*ast.Ident); is && ends(x.Name+"."+name) {
			return nil
		}
		if !strings.HasPrefix(name, "Try") {
			w.opaque = w.opaque || mayLock(name)
		}
	}
	return s
}

// meetCall records the state if the call is the point.
func (w *walk) meetCall(call *ast.CallExpr, sel *ast.SelectorExpr, name string, s *state) {
	if !w.isAt(call) {
		return
	}
	switch w.point.Op {
	case Lock, RLock:
		if want := map[Op]string{Lock: "Lock", RLock: "RLock"}[w.point.Op]; sel != nil && name == want {
			w.target = w.method(sel)
			w.meet(s)
		}
	case Wait:
		if sel != nil && name == "Wait" {
			w.target = w.method(sel)
			w.meet(s)
		}
	case Call:
		if w.point.Callee == "" || name == w.point.Callee {
			if sel != nil {
				w.target = w.method(sel)
			}
			w.meet(s)
		}
	}
}

func calledName(call *ast.CallExpr) string {
	f := ast.Unparen(call.Fun)
	switch x := f.(type) {
	case *ast.IndexExpr: // with type arguments
		f = x.X
	case *ast.IndexListExpr:
		f = x.X
	}
	switch f := f.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// ends reports whether the call does not return.
func ends(name string) bool {
	switch name {
	case "panic", "os.Exit", "runtime.Goexit", "log.Fatal", "log.Fatalf", "log.Fatalln", "log.Panic", "log.Panicf",
		"t.Fatal", "t.Fatalf", "t.FailNow", "t.Skip", "t.Skipf", "t.SkipNow", "b.Fatal", "b.Fatalf", "tb.Fatal", "tb.Fatalf":
		return true
	}
	return false
}

// mayLock reports whether a function of that name may lock or unlock for its caller.
func mayLock(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "lock") && !strings.Contains(name, "block") && !strings.HasSuffix(name, "locked")
}

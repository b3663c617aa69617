package lockset

import (
	"go/ast"
	"go/token"
	"go/types"
)

// isOwn reports whether the channel is a variable that the declared function makes and gives
// to no other: nothing but the function and its literals can use it.
func (w *walk) isOwn(channel ast.Expr) bool {
	v := w.variable(channel)
	if _, is := ast.Unparen(channel).(*ast.Ident); !is || v == nil || w.fn.decl == nil {
		return false
	}
	o := owner{info: w.info, v: v, own: true}
	ast.Walk(&o, w.fn.decl)
	return o.made && o.own
}

// owner looks at all uses of a variable.
type owner struct {
	info *types.Info
	v    *types.Var
	// made says that it was seen to be made, own that no use gives it away.
	made, own bool
}

// Visit implements ast.Visitor.
func (o *owner) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.SendStmt:
		return o.skip(n.Chan, n.Value)
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return o.skip(n.X)
		}
	case *ast.RangeStmt:
		if o.is(n.X) {
			ast.Walk(o, n.Body)
			return nil
		}
	case *ast.CallExpr:
		if name, is := n.Fun.(*ast.Ident); is && len(n.Args) == 1 && (name.Name == "close" || name.Name == "len" || name.Name == "cap") {
			return o.skip(n.Args[0])
		}
	case *ast.AssignStmt:
		return o.assign(n)
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if o.is(name) && i < len(n.Values) {
				o.make(n.Values[i])
			}
		}
		for _, e := range n.Values {
			ast.Walk(o, e)
		}
		return nil
	case *ast.Ident:
		if o.is(n) {
			o.own = false
		}
	}
	return o
}

// skip visits the expressions that are not the variable itself.
func (o *owner) skip(all ...ast.Expr) ast.Visitor {
	for _, e := range all {
		if !o.is(e) {
			ast.Walk(o, e)
		}
	}
	return nil
}

func (o *owner) assign(a *ast.AssignStmt) ast.Visitor {
	for i, e := range a.Lhs {
		if o.is(e) && len(a.Lhs) == len(a.Rhs) {
			o.make(a.Rhs[i])
		} else if o.is(e) {
			o.own = false
		}
	}
	return o.skip(append(append([]ast.Expr{}, a.Lhs...), a.Rhs...)...)
}

// make notes what the variable is set to: it must be a new channel.
func (o *owner) make(e ast.Expr) {
	call, is := ast.Unparen(e).(*ast.CallExpr)
	if !is || calledName(call) != "make" {
		o.own = false
		return
	}
	o.made = true
}

func (o *owner) is(e ast.Expr) bool {
	id, is := ast.Unparen(e).(*ast.Ident)
	return is && o.info.ObjectOf(id) == o.v
}

package lockset

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Case is a channel operation that a goroutine waits in.
type Case struct {
	Object
	Mode finding.Mode
	// Timer says that a timer sends on the channel; Stop that it looks like the one that
	// ends the goroutine: a context's Done, or a channel that is named so.
	Timer, Stop bool
	// Elem is the type of what the channel carries, if it is one that a package declares: a
	// channel that is passed on has another declaration in each function.
	Elem string
	// Own says that the declared function made the channel, and that nothing but the function
	// and the literals in it can use it.
	Own bool
}

// IsOtherSide reports whether the cases may be the two sides of one channel: it has one
// declaration, or carries one type and was passed to one of the functions.
func (c Case) IsOtherSide(o Case) bool {
	if c.Mode == o.Mode {
		return false
	}
	return c.Class != "" && c.Class == o.Class || c.Elem != "" && c.Elem == o.Elem && (c.Local || o.Local)
}

func (w *walk) casesOf(stmt *ast.SelectStmt) []Case {
	var all []Case
	for _, c := range stmt.Body.List {
		clause, is := c.(*ast.CommClause)
		if !is {
			continue
		}
		switch comm := clause.Comm.(type) {
		case *ast.SendStmt:
			all = append(all, w.newCase(comm.Chan, finding.Send))
		case *ast.ExprStmt:
			all = w.received(all, comm.X)
		case *ast.AssignStmt:
			for _, e := range comm.Rhs {
				all = w.received(all, e)
			}
		}
	}
	return all
}

func (w *walk) received(all []Case, e ast.Expr) []Case {
	if u, is := ast.Unparen(e).(*ast.UnaryExpr); is && u.Op == token.ARROW {
		return append(all, w.newCase(u.X, finding.Receive))
	}
	return all
}

// stopNames are names of channels that are closed to end a goroutine.
var stopNames = regexp.MustCompile(`(?i)(done|stop|quit|exit|clos(e|ed|ing)|shut|cancel|abort|kill|term)`)

func (w *walk) newCase(channel ast.Expr, mode finding.Mode) Case {
	c := Case{Object: w.object(channel), Mode: mode, Elem: elemOf(w.info.TypeOf(channel)), Own: w.isOwn(channel)}
	if mode == finding.Send {
		return c
	}
	name := lastName(c.Expr)
	if call, is := ast.Unparen(channel).(*ast.CallExpr); is {
		name = calledName(call)
		c.Timer = name == "After" || name == "Tick" || name == "Done" && w.hasDeadline(call)
	}
	c.Timer = c.Timer || name == "C" || isTimer(w.info.TypeOf(channel))
	c.Stop = !c.Timer && stopNames.MatchString(name)
	return c
}

// hasDeadline reports whether the context of a call of Done was made with a deadline in
// the same function.
func (w *walk) hasDeadline(done *ast.CallExpr) bool {
	sel, is := ast.Unparen(done.Fun).(*ast.SelectorExpr)
	if !is || w.fn.decl == nil {
		return false
	}
	ctx := w.variable(sel.X)
	if ctx == nil {
		return false
	}
	found := false
	ast.Inspect(w.fn.decl, func(n ast.Node) bool {
		a, is := n.(*ast.AssignStmt)
		if !is || len(a.Lhs) == 0 || len(a.Rhs) != 1 || w.variable(a.Lhs[0]) != ctx {
			return true
		}
		if call, is := a.Rhs[0].(*ast.CallExpr); is {
			name := calledName(call)
			found = found || strings.HasPrefix(name, "WithTimeout") || strings.HasPrefix(name, "WithDeadline")
		}
		return true
	})
	return found
}

func (w *walk) isChannel(e ast.Expr) bool {
	t := w.info.TypeOf(e)
	if t == nil {
		return false
	}
	_, is := t.Underlying().(*types.Chan)
	return is
}

// elemOf is the declared type that a channel carries, "" for any other.
func elemOf(t types.Type) string {
	if t == nil {
		return ""
	}
	ch, is := t.Underlying().(*types.Chan)
	if !is {
		return ""
	}
	elem := ch.Elem()
	if p, is := elem.(*types.Pointer); is {
		elem = p.Elem()
	}
	if named, is := elem.(*types.Named); is && named.Obj().Pkg() != nil {
		return ch.Elem().String()
	}
	return ""
}

// isTimer reports whether the channel carries times.
func isTimer(t types.Type) bool {
	if t == nil {
		return false
	}
	ch, is := t.Underlying().(*types.Chan)
	if !is {
		return false
	}
	named, is := ch.Elem().(*types.Named)
	return is && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "time" && named.Obj().Name() == "Time"
}

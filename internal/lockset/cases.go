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
	// From is the declaration of the field or variable that a variable of the function was
	// set from, as in "for _, c := range h.subs", "" if it was not.
	From string
	// Elem is the type of what the channel carries, "" if it is not known. Declared says that
	// a package declares the type.
	Elem     string
	Declared bool
	// Own says that the declared function made the channel, and that nothing but the function
	// and the literals in it can use it.
	Own bool
}

// IsOtherSide reports whether the cases may be the two sides of one channel: it has one
// declaration, or carries one declared type and was passed to one of the functions.
func (c Case) IsOtherSide(o Case) bool {
	return c.Mode != o.Mode && (c.isOne(o) || c.Declared && c.Elem == o.Elem && (c.Local || o.Local))
}

// MayBeOtherSide reports whether they may be that as far as the source shows: a channel
// that a function has given away, or got, is any that carries what it does.
func (c Case) MayBeOtherSide(o Case) bool {
	isGiven := func(c Case) bool { return c.Local && !c.Own }
	return c.Mode != o.Mode && (c.isOne(o) || c.Elem == o.Elem && !c.Own && !o.Own && (isGiven(c) || isGiven(o)))
}

// isOne reports whether the channels have one declaration.
func (c Case) isOne(o Case) bool {
	for _, class := range [...]string{c.Class, c.From} {
		if class != "" && (class == o.Class || class == o.From) {
			return true
		}
	}
	return false
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
	c := Case{Object: w.object(channel), Mode: mode, Own: w.isOwn(channel), From: w.origin(channel)}
	c.Elem, c.Declared = elemOf(w.info.TypeOf(channel))
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

// elemOf is the type that a channel carries, and whether a package declares it.
func elemOf(t types.Type) (elem string, declared bool) {
	if t == nil {
		return "", false
	}
	ch, is := t.Underlying().(*types.Chan)
	if !is {
		return "", false
	}
	of := ch.Elem()
	if p, is := of.(*types.Pointer); is {
		of = p.Elem()
	}
	named, is := of.(*types.Named)
	return ch.Elem().String(), is && named.Obj().Pkg() != nil
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

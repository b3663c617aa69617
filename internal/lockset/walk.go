package lockset

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// walk goes through the statements of a function. Its methods take the state before a
// statement and return the state after it, nil if the way ends there.
type walk struct {
	resolver
	point  Point
	met    *state // at the point, nil until it was met
	target Object
	cases  []Case
	opaque bool
	// left is the state at the end of the function, returns that at its return
	// statements; defers are its defer statements, in order.
	left, returns *state
	defers        []*ast.DeferStmt
	// leave are the statements that a break or continue may leave, innermost last.
	leave []*exits
}

// exits are the states in which a statement is left early.
type exits struct {
	label        string
	loop         bool
	breaks, next *state
}

// meet records the state at the point.
func (w *walk) meet(s *state) { w.met = join(w.met, s.clone()) }

func (w *walk) isAt(n ast.Node) bool {
	// A call of several lines is at the line of its opening parenthesis or of its end,
	// depending on what the compiler noted.
	return w.fset.Position(n.Pos()).Line <= w.point.Frame.Line && w.point.Frame.Line <= w.fset.Position(n.End()).Line
}

func (w *walk) block(list []ast.Stmt, s *state) *state {
	for _, stmt := range list {
		if s == nil {
			return nil
		}
		s = w.stmt(stmt, s, "")
	}
	return s
}

func (w *walk) stmt(stmt ast.Stmt, s *state, label string) *state {
	switch stmt := stmt.(type) {
	case *ast.BlockStmt:
		return w.block(stmt.List, s)
	case *ast.LabeledStmt:
		return w.stmt(stmt.Stmt, s, stmt.Label.Name)
	case *ast.IfStmt:
		return w.branch(stmt, s)
	case *ast.ForStmt:
		return w.loop(stmt, s, label)
	case *ast.RangeStmt:
		return w.rangeLoop(stmt, s, label)
	case *ast.SwitchStmt:
		s = w.optional(stmt.Init, s)
		s = w.expr(stmt.Tag, s)
		return w.clauses(stmt.Body, s, label)
	case *ast.TypeSwitchStmt:
		s = w.optional(stmt.Init, s)
		s = w.optional(stmt.Assign, s)
		return w.clauses(stmt.Body, s, label)
	case *ast.SelectStmt:
		return w.selection(stmt, s, label)
	case *ast.BranchStmt:
		return w.jump(stmt, s)
	case *ast.ReturnStmt:
		for _, e := range stmt.Results {
			s = w.expr(e, s)
		}
		w.returns = join(w.returns, s)
		return nil
	case *ast.SendStmt:
		return w.send(stmt, s)
	case *ast.DeferStmt:
		return w.deferred(stmt, s)
	case *ast.GoStmt:
		return w.arguments(stmt.Call, s)
	}
	return w.simple(stmt, s)
}

func (w *walk) optional(stmt ast.Stmt, s *state) *state {
	if stmt == nil || s == nil {
		return s
	}
	return w.stmt(stmt, s, "")
}

// simple walks the expressions of a statement without others in it.
func (w *walk) simple(stmt ast.Stmt, s *state) *state {
	switch stmt := stmt.(type) {
	case *ast.ExprStmt:
		return w.expr(stmt.X, s)
	case *ast.AssignStmt:
		for _, e := range slices.Concat(stmt.Rhs, stmt.Lhs) {
			s = w.expr(e, s)
		}
	case *ast.IncDecStmt:
		return w.expr(stmt.X, s)
	case *ast.DeclStmt:
		decl, is := stmt.Decl.(*ast.GenDecl)
		if !is {
			return s
		}
		for _, spec := range decl.Specs {
			if v, is := spec.(*ast.ValueSpec); is {
				for _, e := range v.Values {
					s = w.expr(e, s)
				}
			}
		}
	}
	return s
}

func (w *walk) branch(stmt *ast.IfStmt, s *state) *state {
	s = w.optional(stmt.Init, s)
	s = w.expr(stmt.Cond, s)
	if s == nil {
		return nil
	}
	then, otherwise := s.clone(), s
	if tried, not := w.tried(stmt.Cond); tried != nil {
		if not {
			otherwise = otherwise.clone()
			otherwise.acquire(*tried)
		} else {
			then.acquire(*tried)
		}
	}
	then = w.block(stmt.Body.List, then)
	if stmt.Else != nil {
		otherwise = w.stmt(stmt.Else, otherwise.clone(), "")
	}
	return join(then, otherwise)
}

// tried is the lock that a condition such as mu.TryLock() or !mu.TryLock() acquires.
func (w *walk) tried(cond ast.Expr) (h *Held, not bool) {
	cond = ast.Unparen(cond)
	if u, is := cond.(*ast.UnaryExpr); is && u.Op == token.NOT {
		cond, not = ast.Unparen(u.X), true
	}
	call, is := cond.(*ast.CallExpr)
	if !is {
		return nil, false
	}
	sel, is := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !is || sel.Sel.Name != "TryLock" && sel.Sel.Name != "TryRLock" {
		return nil, false
	}
	return w.hold(sel, strings.TrimPrefix(sel.Sel.Name, "Try")), not
}

func (w *walk) hold(sel *ast.SelectorExpr, method string) *Held {
	mode := finding.Exclusive
	if method == "RLock" {
		mode = finding.Shared
	}
	return &Held{Object: w.method(sel), Mode: mode, Line: w.fset.Position(sel.Pos()).Line, Sure: true}
}

func (w *walk) enter(label string, loop bool) *exits {
	e := &exits{label: label, loop: loop}
	w.leave = append(w.leave, e)
	return e
}

func (w *walk) exit() { w.leave = w.leave[:len(w.leave)-1] }

func (w *walk) loop(stmt *ast.ForStmt, s *state, label string) *state {
	s = w.optional(stmt.Init, s)
	e := w.enter(label, true)
	defer w.exit()
	after := (*state)(nil)
	for range 2 { // a second time with what the first leaves behind
		if s == nil {
			break
		}
		if stmt.Cond != nil {
			s = w.expr(stmt.Cond, s)
			after = join(after, s)
		}
		end := w.block(stmt.Body.List, s.clone())
		end = join(end, e.next)
		end = w.optional(stmt.Post, end)
		if end == nil {
			break
		}
		s = join(s, end)
	}
	return join(after, e.breaks)
}

func (w *walk) rangeLoop(stmt *ast.RangeStmt, s *state, label string) *state {
	s = w.expr(stmt.X, s)
	e := w.enter(label, true)
	defer w.exit()
	for range 2 {
		if s == nil {
			break
		}
		if w.point.Op == Receive && w.fset.Position(stmt.Pos()).Line == w.point.Frame.Line {
			w.on(stmt.X, finding.Receive)
			w.meet(s)
		}
		s = join(s, join(w.block(stmt.Body.List, s.clone()), e.next))
	}
	return join(s, e.breaks)
}

// clauses walks the cases of a switch.
func (w *walk) clauses(body *ast.BlockStmt, s *state, label string) *state {
	if s == nil {
		return nil
	}
	e := w.enter(label, false)
	defer w.exit()
	out, hasDefault := (*state)(nil), false
	for _, c := range body.List {
		clause, is := c.(*ast.CaseClause)
		if !is {
			continue
		}
		hasDefault = hasDefault || clause.List == nil
		in := s.clone()
		for _, expr := range clause.List {
			in = w.expr(expr, in)
		}
		if in != nil {
			out = join(out, w.block(clause.Body, in))
		}
	}
	if !hasDefault {
		out = join(out, s)
	}
	return join(out, e.breaks)
}

func (w *walk) selection(stmt *ast.SelectStmt, s *state, label string) *state {
	if w.point.Op == Select && w.fset.Position(stmt.Pos()).Line == w.point.Frame.Line {
		w.cases = w.casesOf(stmt)
		w.meet(s)
	}
	e := w.enter(label, false)
	defer w.exit()
	out := (*state)(nil)
	for _, c := range stmt.Body.List {
		clause, is := c.(*ast.CommClause)
		if !is {
			continue
		}
		in := w.optional(clause.Comm, s.clone())
		if in != nil {
			out = join(out, w.block(clause.Body, in))
		}
	}
	return join(out, e.breaks)
}

// jump ends the way; break and continue lead it to where the statement is left.
func (w *walk) jump(stmt *ast.BranchStmt, s *state) *state {
	if stmt.Tok != token.BREAK && stmt.Tok != token.CONTINUE {
		if stmt.Tok == token.FALLTHROUGH {
			return s
		}
		return nil
	}
	for i := len(w.leave) - 1; i >= 0; i-- {
		e := w.leave[i]
		if stmt.Label != nil && e.label != stmt.Label.Name || stmt.Tok == token.CONTINUE && !e.loop {
			continue
		}
		if stmt.Tok == token.BREAK {
			e.breaks = join(e.breaks, s)
		} else {
			e.next = join(e.next, s)
		}
		break
	}
	return nil
}

func (w *walk) send(stmt *ast.SendStmt, s *state) *state {
	s = w.expr(stmt.Value, w.expr(stmt.Chan, s))
	if s != nil && w.point.Op == Send && w.isAt(stmt) {
		w.on(stmt.Chan, finding.Send)
		w.meet(s)
	}
	return s
}

// on notes the channel that the point is about.
func (w *walk) on(channel ast.Expr, mode finding.Mode) {
	w.target = w.object(channel)
	w.cases = []Case{w.newCase(channel, mode)}
}

// deferred evaluates the arguments only: the call comes when the function ends.
func (w *walk) deferred(stmt *ast.DeferStmt, s *state) *state {
	if !slices.Contains(w.defers, stmt) { // a loop is walked twice
		w.defers = append(w.defers, stmt)
	}
	return w.arguments(stmt.Call, s)
}

// meetDeferred looks for the point among the deferred calls. They run when the function
// has ended, the last one first, at a line of its end.
func (w *walk) meetDeferred() {
	s := join(w.returns, w.left)
	if s == nil {
		return
	}
	for _, d := range slices.Backward(w.defers) {
		sel, _ := ast.Unparen(d.Call.Fun).(*ast.SelectorExpr)
		name := calledName(d.Call)
		if w.isDeferred(d, name) {
			if sel != nil && w.point.Op != Call {
				w.target = w.method(sel)
			}
			w.meet(s)
			return
		}
		if sel != nil {
			if s = w.effect(sel, s); s == nil {
				return
			}
		}
	}
}

func (w *walk) isDeferred(d *ast.DeferStmt, name string) bool {
	switch w.point.Op {
	case Lock:
		return name == "Lock"
	case RLock:
		return name == "RLock"
	case Wait:
		return name == "Wait"
	case Call:
		_, isLiteral := ast.Unparen(d.Call.Fun).(*ast.FuncLit)
		return name != "" && name == w.point.Callee || isLiteral && w.point.Callee == ""
	}
	return false
}

func (w *walk) arguments(call *ast.CallExpr, s *state) *state {
	for _, e := range call.Args {
		s = w.expr(e, s)
	}
	return s
}

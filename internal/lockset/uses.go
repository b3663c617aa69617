package lockset

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Uses is what a function does to channels, wait groups, conds and locks, on whatever way
// through it, without the literals in it but for those that it defers or calls in place.
type Uses struct {
	// Channels are its sends, closes among them, and its receives.
	Channels []Case
	// Done are the wait groups of which it calls Done, Signalled the conds that it signals,
	// Released the locks that it releases and has not acquired.
	Done, Signalled, Released []Object
	// Notified are the channels given to signal.Notify.
	Notified []Object
}

// UsesOf returns what the function of a frame does.
func (s *Sources) UsesOf(frame finding.Frame) (u Uses, ok bool) {
	f := s.file(frame.File)
	if f == nil {
		return u, false
	}
	fn, ok := s.functionAt(f, frame.Func, frame.Line)
	if !ok {
		return u, false
	}
	w := &walk{resolver: resolver{fset: s.fset, info: s.typesOf(frame.File, f, fn.decl), fn: fn}}
	var own *ast.FuncLit // one that the function itself calls, at its end as a rule
	var started *ast.CallExpr
	ast.Inspect(fn.body, func(n ast.Node) bool {
		w.use(&u, n)
		switch n := n.(type) {
		case *ast.GoStmt:
			started = n.Call
		case *ast.CallExpr:
			if own = nil; n != started {
				own, _ = ast.Unparen(n.Fun).(*ast.FuncLit)
			}
		case *ast.FuncLit:
			return n == own
		}
		return true
	})
	u.Released = w.leftReleased()
	return u, true
}

// use adds what the node does.
func (w *walk) use(u *Uses, n ast.Node) {
	switch n := n.(type) {
	case *ast.SendStmt:
		u.Channels = append(u.Channels, w.newCase(n.Chan, finding.Send))
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			u.Channels = append(u.Channels, w.newCase(n.X, finding.Receive))
		}
	case *ast.RangeStmt:
		if w.isChannel(n.X) {
			u.Channels = append(u.Channels, w.newCase(n.X, finding.Receive))
		}
	case *ast.CallExpr:
		w.useCall(u, n)
	}
}

// leftReleased walks through the function and returns the locks that it has released by
// its end, on some way, without having acquired them.
func (w *walk) leftReleased() []Object {
	w.left = w.block(w.fn.body.List, &state{})
	s := join(w.returns, w.left)
	for _, d := range slices.Backward(w.defers) {
		if sel, is := ast.Unparen(d.Call.Fun).(*ast.SelectorExpr); is && s != nil {
			s = w.effect(sel, s)
		}
	}
	if s == nil {
		return nil
	}
	return s.released
}

func (w *walk) useCall(u *Uses, call *ast.CallExpr) {
	if name, is := call.Fun.(*ast.Ident); is && name.Name == "close" && len(call.Args) == 1 {
		u.Channels = append(u.Channels, w.newCase(call.Args[0], finding.Send))
		return
	}
	sel, is := call.Fun.(*ast.SelectorExpr)
	switch {
	case !is:
	case sel.Sel.Name == "Done" && len(call.Args) == 0:
		u.Done = append(u.Done, w.method(sel))
	case (sel.Sel.Name == "Signal" || sel.Sel.Name == "Broadcast") && len(call.Args) == 0:
		u.Signalled = append(u.Signalled, w.method(sel))
	case sel.Sel.Name == "Notify" && len(call.Args) > 0:
		u.Notified = append(u.Notified, w.object(call.Args[0]))
	}
}

// StarterOf returns the call or go statement that has the function of the frame, a
// literal, as its function or argument: for a goroutine that was started by a helper such
// as WaitGroup.Go it is the user's line.
func (s *Sources) StarterOf(frame finding.Frame) (starter finding.Frame, ok bool) {
	f := s.file(frame.File)
	if f == nil {
		return starter, false
	}
	fn, ok := s.functionAt(f, frame.Func, frame.Line)
	if !ok || fn.lit == nil {
		return starter, false
	}
	var call *ast.CallExpr
	ast.Inspect(f, func(n ast.Node) bool {
		if c, is := n.(*ast.CallExpr); is && c.Pos() <= fn.lit.Pos() && fn.lit.End() <= c.End() {
			if ast.Unparen(c.Fun) == fn.lit || hasArgument(c, fn.lit) {
				call = c
			}
		}
		return n != nil && n.Pos() <= fn.lit.Pos() && fn.lit.End() <= n.End() || n == nil
	})
	if call == nil {
		return starter, false
	}
	return finding.Frame{Func: enclosing(frame.Func), File: frame.File, Line: s.line(call.Pos())}, true
}

func hasArgument(call *ast.CallExpr, lit *ast.FuncLit) bool {
	for _, e := range call.Args {
		if ast.Unparen(e) == lit {
			return true
		}
	}
	return false
}

// enclosing is the name of the function that a literal of that name lies in.
func enclosing(name string) string {
	if at := closure.FindAllStringIndex(name, -1); len(at) > 0 {
		return name[:at[len(at)-1][0]]
	}
	return name[:max(0, strings.LastIndexByte(name, '.'))]
}

// DoesBoth reports whether the function of a frame both sends and receives on one channel, as
// far as its source shows; true if that is not at hand.
func (s *Sources) DoesBoth(frame finding.Frame) bool {
	u, ok := s.UsesOf(frame)
	if !ok {
		return true
	}
	return slices.ContainsFunc(u.Channels, func(c Case) bool {
		return slices.ContainsFunc(u.Channels, func(o Case) bool {
			return c.Mode != o.Mode && (c.isOne(o) || c.Elem == o.Elem && (c.Class == "" || o.Class == ""))
		})
	})
}

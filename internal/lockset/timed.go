package lockset

import (
	"go/ast"
	"regexp"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Timed is what functions do that a timer may run. A goroutine dump does not show them:
// the timer is one of the runtime's, and the call that set it may have returned.
type Timed struct {
	Uses
	// Any says that there is one of which the source does not show what it does.
	Any bool
}

// TimedBy returns what timers may run that the functions of the frames have set, or what
// these have called: as far as they are declared in one of the packages of the frames.
// Functions are followed by their names, so that a call of a method is one of each method
// of that name.
func (s *Sources) TimedBy(frames []finding.Frame) Timed {
	t := &timers{declared: make(map[string][]body), seen: make(map[ast.Node]bool)}
	packages := make(map[*pkg]bool)
	var called []body
	for _, frame := range frames {
		f := s.file(frame.File)
		if f == nil {
			continue
		}
		p := s.packageOf(frame.File, f)
		if !packages[p] {
			packages[p] = true
			t.declare(p)
		}
		if fn, ok := s.functionAt(f, frame.Func, frame.Line); ok && fn.decl != nil {
			called = append(called, body{p, fn.decl, fn.decl.Body})
		}
	}
	for _, name := range [...]string{"init", "TestMain"} {
		called = append(called, t.declared[name]...)
	}
	for _, b := range t.reach(called) {
		t.findRoots(b)
	}
	for i := 0; i < len(t.bodies); i++ {
		t.follow(t.bodies[i])
	}
	return s.timed(t)
}

// scheduling are names of functions that call the function which they are given later.
var scheduling = regexp.MustCompile(`(?i)after|later|delay|schedul|timer|timeout|every|cron`)

// cancels are names of functions that cancel a context: of a wait for that it is known
// that it may end.
var cancels = regexp.MustCompile(`(?i)^(cancel|stop)`)

// methods of package sync may be given to a timer themselves.
var methods = map[string]bool{"Done": true, "Unlock": true, "RUnlock": true}

// body is a function or literal with the declaration that it is, or lies in.
type body struct {
	pkg  *pkg
	decl *ast.FuncDecl
	node ast.Node
}

// timers finds the functions that timers may run, and those that these call in turn.
type timers struct {
	declared map[string][]body
	seen     map[ast.Node]bool
	bodies   []body
	any      bool
}

// declare notes the functions and methods of a package by their names.
func (t *timers) declare(p *pkg) {
	for _, f := range p.files {
		for _, d := range f.Decls {
			if decl, is := d.(*ast.FuncDecl); is && decl.Body != nil {
				t.declared[decl.Name.Name] = append(t.declared[decl.Name.Name], body{p, decl, decl.Body})
			}
		}
	}
}

// reach returns the functions and all whose names stand in them, in them in turn, and so on.
func (t *timers) reach(from []body) (reached []body) {
	seen := make(map[*ast.FuncDecl]bool)
	add := func(all []body) {
		for _, b := range all {
			if !seen[b.decl] {
				seen[b.decl] = true
				reached = append(reached, b)
			}
		}
	}
	add(from)
	for i := 0; i < len(reached); i++ {
		ast.Inspect(reached[i].node, func(n ast.Node) bool {
			if id, is := n.(*ast.Ident); is {
				add(t.declared[id.Name])
			}
			return true
		})
	}
	return reached
}

// findRoots finds the functions that a function gives to timers.
func (t *timers) findRoots(b body) {
	ast.Inspect(b.node, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is || len(call.Args) < 2 || !scheduling.MatchString(calledName(call)) {
			return true
		}
		for i, e := range call.Args {
			t.give(b, e, calledName(call) == "AfterFunc" && i == len(call.Args)-1)
		}
		return true
	})
}

// give notes that an expression is given to a timer, if it is a function; isFunc says that
// it is one.
func (t *timers) give(b body, e ast.Expr, isFunc bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		t.add(body{b.pkg, b.decl, e.Body})
	case *ast.SelectorExpr:
		switch {
		case isFunc && methods[e.Sel.Name]:
			t.add(body{b.pkg, b.decl, e})
		case isFunc && !t.addDeclared(e.Sel.Name):
			t.any = true
		}
	case *ast.Ident:
		if isFunc && !t.addDeclared(e.Name) && !t.addLocal(b, e.Name) && !cancels.MatchString(e.Name) {
			t.any = true
		}
	default:
		t.any = t.any || isFunc
	}
}

func (t *timers) add(b body) {
	if !t.seen[b.node] {
		t.seen[b.node] = true
		t.bodies = append(t.bodies, b)
	}
}

// addDeclared adds the functions and methods of that name.
func (t *timers) addDeclared(name string) bool {
	for _, b := range t.declared[name] {
		t.add(b)
	}
	return len(t.declared[name]) > 0
}

// addLocal adds the literal that is a variable of the declaration.
func (t *timers) addLocal(b body, name string) (found bool) {
	ast.Inspect(b.decl.Body, func(n ast.Node) bool {
		a, is := n.(*ast.AssignStmt)
		if !is || len(a.Lhs) != len(a.Rhs) {
			return true
		}
		for i, e := range a.Lhs {
			lit, isLit := a.Rhs[i].(*ast.FuncLit)
			if id, is := e.(*ast.Ident); is && isLit && id.Name == name {
				t.add(body{b.pkg, b.decl, lit.Body})
				found = true
			}
		}
		return true
	})
	return found
}

// follow adds what a body calls, and notes whether it calls a parameter.
func (t *timers) follow(b body) {
	ast.Inspect(b.node, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		name := calledName(call)
		if t.addDeclared(name) {
			return true
		}
		if _, is := call.Fun.(*ast.Ident); is && !t.addLocal(b, name) && isParameter(b.decl, name) && !cancels.MatchString(name) {
			t.any = true
		}
		return true
	})
}

// isParameter reports whether the name is a parameter of the declaration or of a literal in it.
func isParameter(decl *ast.FuncDecl, name string) (found bool) {
	ast.Inspect(decl, func(n ast.Node) bool {
		t, is := n.(*ast.FuncType)
		if !is || t.Params == nil {
			return true
		}
		for _, f := range t.Params.List {
			for _, id := range f.Names {
				found = found || id.Name == name
			}
		}
		return true
	})
	return found
}

// timed returns what the bodies do.
func (s *Sources) timed(t *timers) Timed {
	for _, b := range t.bodies {
		b.pkg.want(b.decl)
	}
	out := Timed{Any: t.any}
	for _, b := range t.bodies {
		if b.pkg.info == nil {
			b.pkg.info = s.check(b.pkg)
		}
		out.add(resolver{fset: s.fset, info: b.pkg.info, fn: function{decl: b.decl}}, b.node)
	}
	return out
}

// add adds what a body does, or the method that is given to a timer itself.
func (t *Timed) add(r resolver, node ast.Node) {
	w := &walk{resolver: r}
	switch node := node.(type) {
	case *ast.SelectorExpr:
		if node.Sel.Name == "Done" {
			t.Done = append(t.Done, w.method(node))
		} else {
			t.Released = append(t.Released, w.method(node))
		}
	case *ast.BlockStmt:
		ast.Inspect(node, func(n ast.Node) bool {
			w.use(&t.Uses, n)
			return true
		})
		w.fn.body = node
		t.Released = append(t.Released, w.leftReleased()...)
	}
}

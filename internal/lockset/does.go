package lockset

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Does is what a goroutine does, from its first function to its end and with all that it
// starts, that can end waits of other goroutines. It is more than the goroutine really does:
// channels are told apart by their types alone, conds and wait groups not at all.
type Does struct {
	sends, receives map[string]bool // by element type; a close is a send
	signals, dones  bool
	// releases says that a function unlocks without locking: it may be another goroutine's lock.
	releases bool
}

// Needs is what ends a wait, for a lock apart from what its holder does.
type Needs struct {
	sends, receives       []string // on channels of these element types
	signal, done, release bool
}

// Ends reports whether the goroutine may end such a wait.
func (d *Does) Ends(n Needs) bool {
	does := func(of map[string]bool, all []string) bool {
		return slices.ContainsFunc(all, func(element string) bool { return of[element] || of[unknownType] })
	}
	return n.signal && d.signals || n.done && d.dones || n.release && d.releases || does(d.sends, n.sends) || does(d.receives, n.receives)
}

// unknownType stands for the element types that the source does not show.
const unknownType = ""

// DoesOf returns what a goroutine does that was created by the go statement at created. It is
// false unless the source shows all: a call through an interface or a function value, or into a
// package that is not known to be harmless, may do anything.
func (s *Sources) DoesOf(created finding.Frame) (*Does, bool) {
	t := &task{sources: s, does: &Does{sends: make(map[string]bool), receives: make(map[string]bool)}, seen: make(map[ast.Node]bool), known: true}
	root := t.root(created)
	if root == nil {
		return nil, false
	}
	t.visit(root)
	for ; len(t.queue) > 0 && t.known; t.queue = t.queue[1:] {
		t.visit(t.queue[0])
	}
	return t.does, t.known
}

// task is a walk through all that a goroutine may run.
type task struct {
	sources *Sources
	pkg     *pkg
	info    *types.Info
	does    *Does
	seen    map[ast.Node]bool
	queue   []ast.Node
	known   bool
	// locks and unlocks are what the function that is looked at does.
	locks, unlocks bool
}

// root is the go statement of the goroutine; nil if it is not found. A helper such as
// WaitGroup.Go does more than the function that it is given.
func (t *task) root(created finding.Frame) ast.Node {
	f := t.open(created.File)
	if f == nil || created.IsStandard() {
		return nil
	}
	var found []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if g, is := n.(*ast.GoStmt); is && t.sources.line(g.Pos()) == created.Line {
			found = append(found, g)
		}
		return true
	})
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// open checks the package of a file with all its bodies.
func (t *task) open(name string) *ast.File {
	f := t.sources.file(name)
	if f == nil {
		return nil
	}
	t.pkg = t.sources.packageOf(name, f)
	t.info = t.sources.wholeTypes(name, f)
	return f
}

// visit looks at a function, and at the literals in it, whether they are called or not.
func (t *task) visit(n ast.Node) {
	t.locks, t.unlocks = false, false
	defer func() { t.does.releases = t.does.releases || t.unlocks && !t.locks }()
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			t.does.sends[elementOf(t.info, n.Chan)] = true
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				t.does.receives[elementOf(t.info, n.X)] = true
			}
		case *ast.RangeStmt:
			t.ranges(n)
		case *ast.CallExpr:
			t.call(n)
		}
		return t.known
	})
}

func (t *task) ranges(n *ast.RangeStmt) {
	typ := t.info.TypeOf(n.X)
	if typ == nil {
		t.known = false
		return
	}
	switch u := typ.Underlying().(type) {
	case *types.Chan:
		t.does.receives[elementOf(t.info, n.X)] = true
	case *types.Slice, *types.Array, *types.Map, *types.Pointer:
	case *types.Basic:
		t.known = t.known && u.Kind() != types.Invalid
	default:
		t.known = false
	}
}

// call looks at what is called. Literals are looked at where they stand.
func (t *task) call(n *ast.CallExpr) {
	fun := ast.Unparen(n.Fun)
	switch tv := t.info.Types[fun]; {
	case tv.IsType():
		return
	case tv.IsBuiltin():
		if id, is := fun.(*ast.Ident); is && id.Name == "close" && len(n.Args) == 1 {
			t.does.sends[elementOf(t.info, n.Args[0])] = true
		}
		return
	}
	switch fun := fun.(type) {
	case *ast.FuncLit:
		return
	case *ast.Ident:
		if f, is := t.info.Uses[fun].(*types.Func); is && t.enqueue(f) {
			return
		}
	case *ast.SelectorExpr:
		if t.selected(n, fun) {
			return
		}
	}
	t.known = false
}

// selected reports whether it is known what a call of a method or of another package's
// function does.
func (t *task) selected(n *ast.CallExpr, sel *ast.SelectorExpr) bool {
	if id, is := sel.X.(*ast.Ident); is {
		if p, is := t.info.Uses[id].(*types.PkgName); is {
			return isQuiet(p.Imported().Path(), sel.Sel.Name) && t.givesNoFunction(n)
		}
	}
	s := t.info.Selections[sel]
	if s == nil {
		return false
	}
	f, is := s.Obj().(*types.Func)
	if !is || f.Pkg() == nil {
		return false
	}
	path := f.Pkg().Path()
	if _, isStub := stubSources[path]; !isStub {
		return !types.IsInterface(s.Recv()) && t.enqueue(f)
	}
	switch {
	case path == "sync":
		return t.synchronizes(n, f)
	case types.IsInterface(s.Recv()):
		return path == "context"
	}
	return t.givesNoFunction(n)
}

// synchronizes notes what a method of package sync does.
func (t *task) synchronizes(n *ast.CallExpr, f *types.Func) bool {
	switch f.Name() {
	case "Lock", "RLock", "TryLock", "TryRLock":
		t.locks = true
	case "Unlock", "RUnlock":
		t.unlocks = true
	case "Signal", "Broadcast":
		t.does.signals = true
	case "Done", "Add", "Go":
		t.does.dones = true
	}
	return t.givesNoFunction(n)
}

// givesNoFunction reports whether no argument is a function, but for literals.
func (t *task) givesNoFunction(n *ast.CallExpr) bool {
	return !slices.ContainsFunc(n.Args, func(e ast.Expr) bool {
		if _, isLit := ast.Unparen(e).(*ast.FuncLit); isLit {
			return false
		}
		typ := t.info.TypeOf(e)
		if typ == nil {
			return true
		}
		switch u := typ.Underlying().(type) {
		case *types.Signature, *types.Interface:
			return true
		case *types.Basic:
			return u.Kind() == types.Invalid
		}
		return false
	})
}

// enqueue adds the body of a function of the package. It is false if that is not there.
func (t *task) enqueue(f *types.Func) bool {
	decl := t.pkg.declaration(f)
	if decl == nil || decl.Body == nil {
		return false
	}
	if !t.seen[decl] {
		t.seen[decl] = true
		t.queue = append(t.queue, decl.Body)
	}
	return true
}

// quiet are functions of the standard library that end no wait and call nothing of the
// program's, if no function is given to them. "" stands for all of a package.
var quiet = map[string][]string{
	"time":        {"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker", "Unix", "UnixMilli", "Date", "ParseDuration"},
	"sync":        {"NewCond"},
	"sync/atomic": {""}, "math": {""}, "math/bits": {""}, "math/rand": {""}, "math/rand/v2": {""}, "strconv": {""}, "strings": {""},
	"errors":  {"New"},
	"runtime": {"Gosched", "GC", "NumGoroutine", "NumCPU", "GOMAXPROCS", "KeepAlive", "ReadMemStats"},
	"context": {"Background", "TODO"},
}

func isQuiet(path, name string) bool {
	names := quiet[path]
	return slices.Contains(names, name) || slices.Contains(names, "")
}

// elementOf is the type of what a channel carries.
func elementOf(info *types.Info, channel ast.Expr) string {
	typ := info.TypeOf(channel)
	if typ == nil {
		return unknownType
	}
	c, is := typ.Underlying().(*types.Chan)
	if !is {
		return unknownType
	}
	element := types.TypeString(c.Elem(), nil)
	if strings.Contains(element, "invalid type") {
		return unknownType
	}
	return element
}

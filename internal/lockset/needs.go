package lockset

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// NeedsOf returns what ends the wait at the point. It is false unless the source shows it:
// channels must be variables or fields, and one that is received from must not be of a type that
// only receives, as a context's or a timer's is, which the standard library serves.
func (s *Sources) NeedsOf(p Point) (n Needs, ok bool) {
	f := s.file(p.Frame.File)
	if f == nil || p.Frame.IsStandard() {
		return n, false
	}
	fn, ok := s.functionAt(f, p.Frame.Func, p.Frame.Line)
	if !ok {
		return n, false
	}
	w := &wanting{info: s.wholeTypes(p.Frame.File, f)}
	found := 0
	ast.Inspect(fn.body, func(node ast.Node) bool {
		if node != nil && s.line(node.Pos()) == p.Frame.Line && w.isWait(p.Op, node) {
			found++
			w.ok = w.add(node)
			return false
		}
		return true
	})
	return w.needs, found == 1 && w.ok
}

// NeedsSignal, NeedsDone and NeedsRelease are what ends waits for conds, wait groups and locks.
var (
	NeedsSignal  = Needs{signal: true}
	NeedsDone    = Needs{done: true}
	NeedsRelease = Needs{release: true}
)

// wanting collects needs.
type wanting struct {
	info  *types.Info
	needs Needs
	ok    bool
}

func (w *wanting) isWait(op Op, n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SelectStmt:
		return op == Select
	case *ast.SendStmt:
		return op == Send
	case *ast.RangeStmt:
		typ := w.info.TypeOf(n.X)
		if typ == nil || op != Receive {
			return false
		}
		_, is := typ.Underlying().(*types.Chan)
		return is
	case *ast.UnaryExpr:
		return op == Receive && n.Op == token.ARROW
	}
	return false
}

// add adds what makes the operation ready.
func (w *wanting) add(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.SendStmt:
		return w.addChannel(n.Chan, &w.needs.receives, types.RecvOnly)
	case *ast.RangeStmt:
		return w.addChannel(n.X, &w.needs.sends, types.RecvOnly)
	case *ast.UnaryExpr:
		return n.Op == token.ARROW && w.addChannel(n.X, &w.needs.sends, types.RecvOnly)
	case *ast.SelectStmt:
		for _, c := range n.Body.List {
			if !w.addCase(c.(*ast.CommClause).Comm) {
				return false
			}
		}
		return true
	}
	return false
}

func (w *wanting) addCase(comm ast.Stmt) bool {
	switch comm := comm.(type) {
	case *ast.SendStmt:
		return w.add(comm)
	case *ast.ExprStmt:
		return w.add(ast.Unparen(comm.X))
	case *ast.AssignStmt:
		return len(comm.Rhs) == 1 && w.add(ast.Unparen(comm.Rhs[0]))
	}
	return false
}

func (w *wanting) addChannel(e ast.Expr, to *[]string, never types.ChanDir) bool {
	e = ast.Unparen(e)
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
	default:
		return false
	}
	typ := w.info.TypeOf(e)
	if typ == nil {
		return false
	}
	c, is := typ.Underlying().(*types.Chan)
	element := elementOf(w.info, e)
	if !is || c.Dir() == never || element == unknownType {
		return false
	}
	*to = append(*to, element)
	return true
}

// Imports returns what the packages in the directory of the frame import, tests included. It is
// false if that is not known, or if a file mentions what has functions called by no goroutine
// that is there now, such as time.AfterFunc.
func (s *Sources) Imports(frame finding.Frame) (paths []string, ok bool) {
	dir := filepath.Dir(s.path(frame.File))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, false
	}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		f := s.fileAt(filepath.Join(dir, e.Name()))
		if f == nil || mentions(f, "AfterFunc") || mentions(f, "SetFinalizer") || mentions(f, "AddCleanup") {
			return nil, false
		}
		for _, spec := range f.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	}
	return paths, true
}

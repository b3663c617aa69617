package naming

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"sync"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Op is what a line does to what is to be named.
type Op uint8

// The operations: of locks, of channels, of wait groups and conds, of a Once, of semaphores.
const (
	Lock Op = iota
	Send
	Receive
	Close
	Wait
	Do
	Acquire
)

// methods are the names by which an operation is called.
var methods = map[Op]map[string]bool{
	Lock: {"Lock": true, "RLock": true, "TryLock": true, "TryRLock": true, "Unlock": true, "RUnlock": true},
	Wait: {"Wait": true, "Add": true, "Done": true, "Go": true, "Signal": true, "Broadcast": true},
	Do:   {"Do": true},

	Acquire: {"Acquire": true, "Release": true},
}

// Namer names things and remembers the files that it has read. The zero value is ready
// to use, by several goroutines at once. It must not be copied after its first use.
type Namer struct {
	// mu protects what follows.
	mu    sync.Mutex
	files map[string]*file
	names map[question]string
	waits waits
}

type question struct {
	file     string
	line     int
	op       Op
	embedded string
	// byParameter also takes the name of a parameter of the function.
	byParameter bool
}

// The bounds of what is read: generated files of more than maxFileBytes name nothing
// that a person would look for.
const (
	maxFileBytes = 4 << 20
	maxFiles     = 4096
)

// Name returns what the line at the frame calls what it does op to, or "". Embedded is
// what a lock is called that a type embeds: Mutex or RWMutex.
func (n *Namer) Name(at finding.Frame, op Op, embedded string) string {
	return n.answer(question{at.File, at.Line, op, embedded, false})
}

// ParameterName is Name for what the function was given, where no other line has a name for
// it: the parameter's.
func (n *Namer) ParameterName(at finding.Frame, op Op) string {
	return n.answer(question{at.File, at.Line, op, "", true})
}

func (n *Namer) answer(q question) string {
	if q.file == "" || q.line == 0 || !filepath.IsAbs(q.file) {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	name, known := n.names[q]
	if !known {
		if f := n.open(q.file); f != nil {
			name = f.name(q)
		}
		if n.names == nil {
			n.names = make(map[question]string)
		}
		n.names[q] = name
	}
	return name
}

// file is one parsed file.
type file struct {
	set *token.FileSet
	ast *ast.File
}

// open returns nil for what is no Go source that can be read.
func (n *Namer) open(path string) *file {
	if f, known := n.files[path]; known {
		return f
	}
	if n.files == nil {
		n.files = make(map[string]*file)
	}
	if len(n.files) >= maxFiles {
		return nil
	}
	f := parse(path)
	n.files[path] = f
	return f
}

func parse(path string) *file {
	if info, err := os.Stat(path); err != nil || info.Size() > maxFileBytes {
		return nil
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	return &file{set: set, ast: tree}
}

func (f *file) line(p token.Pos) int { return f.set.Position(p).Line }

// name answers the question, or "".
func (f *file) name(q question) string {
	decl := f.function(q.line)
	if decl == nil {
		return "" // a variable's initial value
	}
	name := ""
	for i, operand := range f.operands(decl, q) {
		each := f.nameOf(decl, operand, q)
		if i > 0 && each != name {
			return "" // the line does it to more than one thing
		}
		name = each
	}
	return name
}

func (f *file) nameOf(decl *ast.FuncDecl, operand ast.Expr, q question) string {
	r := resolver{file: f, decl: decl, at: operand.Pos(), byParameter: q.byParameter}
	switch n := r.resolve(operand, maxAliases); {
	case n.isLock:
		return "" // a helper that is given the lock
	case n.isType && q.op == Lock && q.embedded != "":
		return n.text + "." + q.embedded
	case n.isType:
		return ""
	default:
		return n.text
	}
}

// function returns the function declaration around a line.
func (f *file) function(line int) *ast.FuncDecl {
	for _, d := range f.ast.Decls {
		if decl, ok := d.(*ast.FuncDecl); ok && f.line(decl.Pos()) <= line && line <= f.line(decl.End()) {
			return decl
		}
	}
	return nil
}

// operands returns what the line does the operation to.
func (f *file) operands(decl *ast.FuncDecl, q question) (found []ast.Expr) {
	ast.Inspect(decl, func(node ast.Node) bool {
		if node == nil || f.line(node.Pos()) > q.line || f.line(node.End()) < q.line {
			return false
		}
		if s, ok := node.(*ast.SelectStmt); ok && f.line(s.Select) == q.line {
			found = append(found, f.cases(s, q.op)...)
			return true
		}
		if x := f.operandOf(node, q); x != nil {
			found = append(found, x)
		}
		return true
	})
	return found
}

// operandOf returns what one node does the operation to at the line, if it does.
func (f *file) operandOf(node ast.Node, q question) ast.Expr {
	switch x := node.(type) {
	case *ast.CallExpr:
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok && methods[q.op][sel.Sel.Name] && f.line(sel.Sel.Pos()) == q.line {
			return sel.X
		}
		if fn, ok := x.Fun.(*ast.Ident); ok && q.op == Close && fn.Name == "close" && len(x.Args) == 1 && f.line(x.Pos()) == q.line {
			return x.Args[0]
		}
	case *ast.SendStmt:
		if q.op == Send && f.line(x.Pos()) <= q.line && q.line <= f.line(x.Arrow) {
			return x.Chan
		}
	case *ast.UnaryExpr:
		if q.op == Receive && x.Op == token.ARROW && f.line(x.OpPos) == q.line {
			return x.X
		}
	case *ast.RangeStmt:
		if q.op == Receive && f.line(x.For) == q.line {
			return x.X
		}
	}
	return nil
}

// cases returns the channels of a select statement that are sent to or received from.
func (f *file) cases(s *ast.SelectStmt, op Op) (channels []ast.Expr) {
	for _, c := range s.Body.List {
		switch comm := c.(*ast.CommClause).Comm.(type) {
		case *ast.SendStmt:
			if op == Send {
				channels = append(channels, comm.Chan)
			}
		case *ast.ExprStmt:
			channels = appendReceive(channels, comm.X, op)
		case *ast.AssignStmt:
			channels = appendReceive(channels, comm.Rhs[0], op)
		}
	}
	return channels
}

func appendReceive(channels []ast.Expr, x ast.Expr, op Op) []ast.Expr {
	if u, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && op == Receive && u.Op == token.ARROW {
		return append(channels, u.X)
	}
	return channels
}

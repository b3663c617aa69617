package lockset

import (
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Services are the functions that could end a wait on a channel, where all that could are run
// by goroutines of their own, as "go s.loop()" starts one. No other goroutine can come to
// their operations.
type Services struct {
	sources *Sources
	bodies  map[*ast.BlockStmt]bool
	// statements are the go statements that start such functions directly.
	statements map[token.Position]bool
}

// ServicesOf returns the functions that do the other side of the channel operation at the
// point. It is false unless the source shows all of them: the channel is an unexported field
// or variable of which the package does nothing but to make it, send, receive, close and
// compare, and each function that does the other side is only started, never called.
func (s *Sources) ServicesOf(p Point) (Services, bool) {
	f := s.file(p.Frame.File)
	if f == nil || p.Op != Send && p.Op != Receive {
		return Services{}, false
	}
	pk := s.packageOf(p.Frame.File, f)
	s.wholeTypes(p.Frame.File, f) // before the first question: it checks the package
	facts, ok := s.At(p)
	if !ok || len(facts.Cases) != 1 || facts.Cases[0].Class == "" {
		return Services{}, false
	}
	u := &channelUses{
		resolver: resolver{fset: s.fset, info: s.typesOf(p.Frame.File, f, nil)}, class: facts.Cases[0].Class, name: lastName(facts.Cases[0].Expr),
		receives: p.Op == Send, doers: make(map[ast.Node]bool), direct: true,
	}
	u.direct = isPrivate(u.name) && !s.isInTests(p.Frame.File, u.name)
	u.visit(pk.files)
	services := Services{s, make(map[*ast.BlockStmt]bool), make(map[token.Position]bool)}
	for doer := range u.doers {
		if !u.direct || !services.addRoots(u.info, pk.files, doer) {
			return Services{}, false
		}
	}
	return services, u.direct
}

// Has reports whether a goroutine runs one of the functions: one that begins with the function
// at start, or was created by the go statement at created. The compiler calls some functions
// through one of its own.
func (s Services) Has(start, created finding.Frame) bool {
	if s.statements[token.Position{Filename: s.sources.path(created.File), Line: created.Line}] {
		return true
	}
	f := s.sources.file(start.File)
	if f == nil {
		return false
	}
	fn, ok := s.sources.functionAt(f, start.Func, start.Line)
	return ok && s.bodies[fn.body]
}

// isPrivate reports whether no other package can use the name.
func isPrivate(name string) bool { return name != "" && !ast.IsExported(name) }

// isInTests reports whether tests of the package, which are not looked at with a file that is
// no test, have the name.
func (s *Sources) isInTests(file, name string) bool {
	if strings.HasSuffix(file, testSuffix) {
		return false
	}
	dir := filepath.Dir(s.path(file))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return true
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), testSuffix) {
			continue
		}
		if f := s.parse(filepath.Join(dir, e.Name())); f == nil || mentions(f, name) {
			return true
		}
	}
	return false
}

func mentions(n ast.Node, name string) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		id, is := n.(*ast.Ident)
		found = found || is && id.Name == name
		return !found
	})
	return found
}

// channelUses are all uses of a channel in a package.
type channelUses struct {
	resolver
	class, name string
	// receives says that the other side receives: else it sends and closes.
	receives bool
	// doers are the declared functions and literals that do the other side.
	doers map[ast.Node]bool
	// direct says that nothing else can have the channel.
	direct bool
	path   []ast.Node // see inspect
}

func (u *channelUses) visit(files []*ast.File) {
	inspect(files, func(path []ast.Node) {
		if id, is := path[len(path)-1].(*ast.Ident); is && id.Name == u.name {
			u.path = path
			u.use(id)
		}
	})
}

// inspect calls visit for each node of the files, with the path that leads to it, itself last.
func inspect(files []*ast.File, visit func(path []ast.Node)) {
	var path []ast.Node
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				path = path[:len(path)-1]
				return true
			}
			path = append(path, n)
			visit(path)
			return true
		})
	}
}

// use looks at one place that has the name: what is not resolved may be the channel.
func (u *channelUses) use(id *ast.Ident) {
	o := u.info.ObjectOf(id)
	if v, is := o.(*types.Var); o != nil && (!is || u.position(v.Origin()) != u.class) {
		return
	}
	at := len(u.path) - 2
	var e ast.Expr = id
	for ; at >= 0; at-- {
		switch n := u.path[at].(type) {
		case *ast.SelectorExpr:
			if n.Sel != e && n.Sel != id {
				u.direct = false // a field of it, which a channel has not
			}
			e = n
			continue
		case *ast.ParenExpr:
			e = n
			continue
		case *ast.IndexExpr:
			if n.X == e {
				e = n
				continue
			}
		}
		break
	}
	if at < 0 || o == nil && !u.isKey(at, id) {
		u.direct = false
		return
	}
	u.context(u.path[at], e, at)
}

// isKey reports whether the name, which has no object there, is the key of a literal of a
// struct.
func (u *channelUses) isKey(at int, id *ast.Ident) bool {
	kv, is := u.path[at].(*ast.KeyValueExpr)
	return is && kv.Key == id
}

// context judges what the node does with the channel e.
func (u *channelUses) context(n ast.Node, e ast.Expr, at int) {
	switch n := n.(type) {
	case *ast.Field, *ast.ValueSpec: // its declaration
		if spec, is := n.(*ast.ValueSpec); is {
			u.direct = u.direct && (len(spec.Values) == 0 || allNew(spec.Values))
		}
	case *ast.SendStmt:
		u.does(n.Chan == e, !u.receives, at)
	case *ast.UnaryExpr:
		u.does(n.Op == token.ARROW, u.receives, at)
	case *ast.RangeStmt:
		u.does(n.X == e, u.receives, at)
	case *ast.CallExpr:
		name := calledName(n)
		_, isBuiltin := n.Fun.(*ast.Ident)
		u.does(isBuiltin && (name == "close" || name == "len" || name == "cap"), name == "close" && !u.receives, at)
	case *ast.AssignStmt:
		u.direct = u.direct && len(n.Lhs) == len(n.Rhs) && allNew(n.Rhs)
	case *ast.KeyValueExpr:
		u.direct = u.direct && n.Key == e && allNew([]ast.Expr{n.Value})
	case *ast.BinaryExpr:
		u.direct = u.direct && (n.Op == token.EQL || n.Op == token.NEQ)
	default:
		u.direct = false
	}
}

// does notes an operation; known says that it is one of those that give nothing away.
func (u *channelUses) does(known, otherSide bool, at int) {
	u.direct = u.direct && known
	if !otherSide {
		return
	}
	for i := at; i >= 0; i-- {
		switch n := u.path[i].(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			u.doers[n] = true
			return
		}
	}
	u.direct = false
}

// allNew reports whether the expressions make channels, or are nil.
func allNew(all []ast.Expr) bool {
	for _, e := range all {
		if id, is := e.(*ast.Ident); !isNew(e) && !(is && id.Name == "nil") {
			return false
		}
	}
	return true
}

// addRoots adds the functions that goroutines which run the doer begin with. It is false
// if others may run it too.
func (s Services) addRoots(info *types.Info, files []*ast.File, doer ast.Node) bool {
	decl, is := doer.(*ast.FuncDecl)
	if lit, isLit := doer.(*ast.FuncLit); isLit {
		s.bodies[lit.Body] = true
		return isStarted(files, lit)
	}
	if !is || ast.IsExported(decl.Name.Name) && files[0].Name.Name != "main" || decl.Name.Name == "main" || decl.Name.Name == "init" {
		return false
	}
	s.bodies[decl.Body] = true
	references, started := 0, true
	inspect(files, func(path []ast.Node) {
		id, is := path[len(path)-1].(*ast.Ident)
		if is && id.Name == decl.Name.Name && id != decl.Name && mayBe(info, id, decl) {
			references++
			started = started && s.isStartedAt(path)
		}
	})
	return started && references > 0
}

// mayBe reports whether the name may be the declared function: it may if it has no object.
func mayBe(info *types.Info, id *ast.Ident, decl *ast.FuncDecl) bool {
	o := info.ObjectOf(id)
	f, is := o.(*types.Func)
	return o == nil || is && f.Origin() == info.Defs[decl.Name]
}

// isStartedAt reports whether the function that the path leads to is what a go statement
// calls, what a method called Go is given, or is called by a literal that is.
func (s Services) isStartedAt(path []ast.Node) bool {
	i := len(path) - 2
	var e ast.Node = path[len(path)-1]
	if sel, is := path[i].(*ast.SelectorExpr); is && sel.Sel == e {
		e, i = sel, i-1
	}
	call, is := path[i].(*ast.CallExpr)
	if !is {
		return false
	}
	if call.Fun != e {
		return calledName(call) == "Go"
	}
	for i--; i >= 0; i-- {
		switch n := path[i].(type) {
		case *ast.GoStmt:
			p := s.sources.fset.Position(n.Pos())
			s.statements[token.Position{Filename: p.Filename, Line: p.Line}] = n.Call == call
			return n.Call == call
		case *ast.FuncLit:
			s.bodies[n.Body] = true
			return isStartedLiteral(path[:i], n)
		case *ast.FuncDecl:
			return false
		}
	}
	return false
}

// isStartedLiteral reports whether the literal, that the path leads to, is one that a go
// statement calls or a method called Go is given.
func isStartedLiteral(path []ast.Node, lit *ast.FuncLit) bool {
	call, is := path[len(path)-1].(*ast.CallExpr)
	if !is {
		return false
	}
	if call.Fun != lit {
		return calledName(call) == "Go"
	}
	g, is := path[len(path)-2].(*ast.GoStmt)
	return is && g.Call == call
}

// isStarted reports whether goroutines begin with the literal.
func isStarted(files []*ast.File, lit *ast.FuncLit) (is bool) {
	inspect(files, func(path []ast.Node) {
		if last := len(path) - 1; path[last] == lit {
			is = isStartedLiteral(path[:last], lit)
		}
	})
	return is
}

package naming

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/concdoctor/concdoctor/internal/zerotouch/syntax"
)

// maxAliases is through how many local variables a name is followed.
const maxAliases = 4

// named is what an expression is called.
type named struct {
	text string
	// isType says that text is a type of which it is not known which variable is meant,
	// isLock that the type is one of package sync's.
	isType, isLock bool
}

// resolver names the expressions of one function.
type resolver struct {
	*file
	decl *ast.FuncDecl
	at   token.Pos // declarations after this one do not count
	// byParameter says that a parameter's name will do.
	byParameter bool
}

// resolve names an expression.
func (r *resolver) resolve(x ast.Expr, depth int) named {
	if depth < 0 {
		return named{text: text(x)}
	}
	switch x := x.(type) {
	case *ast.Ident:
		return r.ident(x, depth)
	case *ast.SelectorExpr:
		if base, ok := x.X.(*ast.Ident); ok && r.isImport(base.Name) {
			return named{text: base.Name + "." + x.Sel.Name}
		}
		return named{text: r.base(x.X, depth) + "." + x.Sel.Name}
	case *ast.IndexExpr:
		return named{text: r.base(x.X, depth) + "[]"}
	case *ast.CallExpr:
		if t := r.newType(x); t != nil {
			return typeNamed(t)
		}
		return named{text: r.base(x.Fun, depth) + "()"}
	case *ast.ParenExpr:
		return r.resolve(x.X, depth)
	case *ast.StarExpr:
		return r.resolve(x.X, depth)
	case *ast.UnaryExpr:
		return r.resolve(x.X, depth)
	case *ast.CompositeLit:
		return typeNamed(x.Type)
	case *ast.TypeAssertExpr:
		return typeNamed(x.Type)
	}
	return named{text: text(x)}
}

func (r *resolver) base(x ast.Expr, depth int) string {
	if n := r.resolve(x, depth); n.text != "" {
		return n.text
	}
	return text(x)
}

// newType returns the type that new(T), make(T) or a function of the same file that
// returns one type makes, else nil.
func (r *resolver) newType(call *ast.CallExpr) ast.Expr {
	fn, ok := call.Fun.(*ast.Ident)
	if !ok {
		return nil
	}
	if fn.Name == "new" && len(call.Args) == 1 {
		return call.Args[0]
	}
	for _, d := range r.ast.Decls {
		if decl, ok := d.(*ast.FuncDecl); ok && decl.Recv == nil && decl.Name.Name == fn.Name && decl.Type.Results != nil {
			return decl.Type.Results.List[0].Type
		}
	}
	return nil
}

// ident names a variable: by its type where it is one of the function's own, by its
// package where it is not.
func (r *resolver) ident(x *ast.Ident, depth int) named {
	d := r.declaration(x.Name)
	switch {
	case d == nil:
		return named{text: r.ast.Name.Name + "." + x.Name}
	case d.value != nil && !d.isElement && isPlain(d.value):
		return r.local(x)
	case d.value != nil:
		n := (&resolver{r.file, r.decl, d.at, r.byParameter}).resolve(d.value, depth-1)
		if d.isElement {
			n = named{text: n.text + "[]"}
		}
		if n.isLock {
			return r.local(x)
		}
		return n
	case d.typ == nil:
		return r.local(x)
	}
	n := typeNamed(d.typ)
	if (n.isLock || !n.isType) && (!d.isParameter || r.byParameter) {
		return r.local(x)
	}
	return n
}

// isPlain reports whether an expression says nothing of what a variable is: a channel, a cond
// or a context that is made, a literal.
func isPlain(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.CallExpr:
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok {
			pkg, ok := sel.X.(*ast.Ident)
			return ok && (pkg.Name == "sync" && sel.Sel.Name == "NewCond" || pkg.Name == "context" && strings.HasPrefix(sel.Sel.Name, "With"))
		}
		fn, ok := x.Fun.(*ast.Ident)
		return ok && fn.Name == "make"
	case *ast.BasicLit, *ast.FuncLit:
		return true
	}
	return false
}

// local names a variable of the function that has no type to speak of.
func (r *resolver) local(x *ast.Ident) named {
	return named{text: x.Name + " of " + functionName(r.decl)}
}

func functionName(decl *ast.FuncDecl) string {
	if decl.Recv == nil || len(decl.Recv.List) == 0 {
		return decl.Name.Name
	}
	return typeNamed(decl.Recv.List[0].Type).text + "." + decl.Name.Name
}

// typeNamed writes a type as the receiver of a method: "(*Server)". Types that say
// nothing of the variable (channels, maps, functions) have no name.
func typeNamed(t ast.Expr) named {
	base, _ := syntax.Base(t)
	switch x := base.(type) {
	case *ast.Ident:
		return named{text: "(*" + x.Name + ")", isType: true}
	case *ast.SelectorExpr:
		if pkg, ok := x.X.(*ast.Ident); ok && pkg.Name == "sync" {
			return named{text: "(*sync." + x.Sel.Name + ")", isType: true, isLock: true}
		}
		return named{text: "(*" + text(x) + ")", isType: true}
	}
	return named{}
}

func (r *resolver) isImport(name string) bool {
	if r.declaration(name) != nil {
		return false
	}
	for _, spec := range r.ast.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		switch {
		case spec.Name != nil && spec.Name.Name == name:
			return true
		case spec.Name == nil && (path == name || strings.HasSuffix(path, "/"+name)):
			return true
		}
	}
	return false
}

// text is the expression as it stands in the source, in one line.
func text(x ast.Expr) string { return types.ExprString(x) }

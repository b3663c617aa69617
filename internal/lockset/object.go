package lockset

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
)

// Object is a lock or the like as an expression names it.
type Object struct {
	// Class is the declaration of the field or variable: equal for all instances of a
	// field. It is "" where the declaration is not known.
	Class string
	// Expr is the expression.
	Expr string
	// Word is which word among the arguments of the call points to the variable that the
	// expression begins with: 0 for a receiver, -1 if none does or it is not known.
	Word int
	// Path is what follows that variable, as in ".store.mu". Direct says that no pointer
	// lies on the way, so that the object lies in what Word points to.
	Path   string
	Direct bool
	// Offset is how many bytes behind that the object lies, -1 if it is not known.
	Offset int64
	// Root says that the expression begins with a variable whose declaration is known, Local
	// that it is one of a function, which a goroutine has for itself unless a literal
	// captures it.
	Root, Local bool
}

// same reports whether both are one object within one call.
func (o Object) same(p Object) bool { return o.Class == p.Class && o.Expr == p.Expr }

// resolver finds what expressions of one function mean.
type resolver struct {
	fset *token.FileSet
	info *types.Info
	fn   function
}

// object returns what the expression stands for.
func (r resolver) object(e ast.Expr) Object {
	o, _ := r.rooted(e)
	return o
}

// rooted returns what the expression stands for, and the variable that it begins with.
func (r resolver) rooted(e ast.Expr) (Object, *types.Var) {
	e = ast.Unparen(e)
	if u, is := e.(*ast.UnaryExpr); is && u.Op == token.AND {
		e = ast.Unparen(u.X)
	}
	o := Object{Expr: types.ExprString(e), Word: -1, Offset: -1}
	if v := r.variable(e); v != nil {
		o.Class = r.position(v)
	}
	root, path, direct := r.split(e)
	if root == nil {
		return o, nil
	}
	o.Path, o.Direct = path, direct
	v, _ := r.info.ObjectOf(root).(*types.Var)
	if v == nil {
		return o, nil
	}
	o.Root = true
	o.Local = v.Parent() != nil && v.Pkg() != nil && v.Parent() != v.Pkg().Scope()
	if _, points := v.Type().Underlying().(*types.Pointer); points {
		o.Word = r.word(root.Name, v)
	}
	o.measure(v)
	return o, v
}

// measure sets the offset from the variable that the expression begins with.
func (o *Object) measure(root *types.Var) {
	o.Offset = -1
	if o.Direct && root != nil {
		o.Offset = offset(root.Type(), o.Path)
	}
}

// method returns the object whose method the selector calls, with the embedded field
// that the method comes from.
func (r resolver) method(sel *ast.SelectorExpr) Object {
	o, root := r.rooted(sel.X)
	s := r.info.Selections[sel]
	if s == nil || len(s.Index()) < 2 {
		return o
	}
	if v := embedded(s.Recv(), s.Index()[:len(s.Index())-1]); v != nil {
		o.Class = r.position(v)
		o.Path += "." + v.Name()
		o.Direct = o.Direct && !isPointer(v.Type())
		o.measure(root)
	}
	return o
}

// embedded follows the path of embedded fields.
func embedded(t types.Type, path []int) (v *types.Var) {
	for _, i := range path {
		if p, is := t.Underlying().(*types.Pointer); is {
			t = p.Elem()
		}
		s, is := t.Underlying().(*types.Struct)
		if !is || i >= s.NumFields() {
			return nil
		}
		v = s.Field(i)
		t = v.Type()
	}
	return v
}

// variable is the declaration that the expression ends with.
func (r resolver) variable(e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := r.info.ObjectOf(e).(*types.Var)
		return v
	case *ast.SelectorExpr:
		v, _ := r.info.ObjectOf(e.Sel).(*types.Var)
		return v
	case *ast.IndexExpr:
		return r.variable(e.X)
	case *ast.StarExpr:
		return r.variable(e.X)
	}
	return nil
}

func (r resolver) position(v *types.Var) string {
	p := r.fset.Position(v.Pos())
	if !p.IsValid() {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", filepath.ToSlash(p.Filename), p.Line, p.Column)
}

// split takes an expression apart into the variable that it begins with and the rest.
func (r resolver) split(e ast.Expr) (root *ast.Ident, path string, direct bool) {
	direct = true
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return x, path, direct
		case *ast.SelectorExpr:
			path = "." + x.Sel.Name + path
			if _, isRoot := ast.Unparen(x.X).(*ast.Ident); !isRoot {
				// What lies between the root and the last field must be no pointer.
				direct = direct && !isPointer(r.info.TypeOf(x.X))
			}
			e = x.X
		case *ast.IndexExpr:
			path = "[" + types.ExprString(x.Index) + "]" + path
			direct = false
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return nil, "", false
		}
	}
}

// isPointer also says so of what is not known.
func isPointer(t types.Type) bool {
	if t == nil || t == types.Typ[types.Invalid] {
		return true
	}
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Map, *types.Slice, *types.Chan:
		return true
	}
	return false
}

// word returns which word of the call's arguments the parameter is, -1 if it is none or
// the size of one before it is not known.
func (r resolver) word(name string, v *types.Var) int {
	if r.fn.decl == nil || r.fn.lit != nil {
		return r.wordIn(r.litType(), name, v)
	}
	if recv := r.fn.decl.Recv; recv != nil {
		for _, f := range recv.List {
			for _, n := range f.Names {
				if r.info.ObjectOf(n) == v {
					return 0
				}
			}
		}
		if n := r.wordIn(r.fn.decl.Type, name, v); n >= 0 && isPointer(r.info.TypeOf(recv.List[0].Type)) {
			return n + 1
		}
		return -1
	}
	return r.wordIn(r.fn.decl.Type, name, v)
}

func (r resolver) litType() *ast.FuncType {
	if r.fn.lit == nil {
		return nil
	}
	return r.fn.lit.Type
}

func (r resolver) wordIn(t *ast.FuncType, name string, v *types.Var) int {
	if t == nil || t.Params == nil {
		return -1
	}
	at := 0
	for _, f := range t.Params.List {
		size := words(r.info.TypeOf(f.Type))
		for _, n := range f.Names {
			if n.Name == name && r.info.ObjectOf(n) == v {
				return at
			}
			if size < 0 {
				return -1
			}
			at += size
		}
		if len(f.Names) == 0 {
			return -1
		}
	}
	return -1
}

// words is how many words a dump prints for an argument of the type, -1 if not known.
func words(t types.Type) int {
	if t == nil || t == types.Typ[types.Invalid] {
		return -1
	}
	switch t := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case t.Info()&types.IsString != 0, t.Info()&types.IsComplex != 0:
			return 2
		}
		return 1
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature:
		return 1
	case *types.Interface:
		return 2
	case *types.Slice:
		return 3
	case *types.Struct:
		sum := 0
		for i := range t.NumFields() {
			n := words(t.Field(i).Type())
			if n < 0 {
				return -1
			}
			sum += n
		}
		return sum
	}
	return -1
}

// sizes are those of the 64-bit machines that dumps come from.
var sizes = types.SizesFor("gc", "amd64")

// offset is how many bytes into what a pointer of the type points to the field of the
// path lies, -1 if the size of a field before it is not known.
func offset(t types.Type, path string) int64 {
	p, is := t.Underlying().(*types.Pointer)
	if !is {
		return -1
	}
	t = p.Elem()
	sum := int64(0)
	if path == "" {
		return 0
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(path, "."), ".") {
		s, is := t.Underlying().(*types.Struct)
		if !is {
			return -1
		}
		var fields []*types.Var
		for i := range s.NumFields() {
			f := s.Field(i)
			if !isSized(f.Type(), maxDepth) {
				return -1
			}
			fields = append(fields, f)
			if f.Name() == name {
				break
			}
		}
		if len(fields) == 0 || fields[len(fields)-1].Name() != name {
			return -1
		}
		sum += sizes.Offsetsof(fields)[len(fields)-1]
		t = fields[len(fields)-1].Type()
	}
	return sum
}

// maxDepth bounds types in types: an invalid one may contain itself.
const maxDepth = 20

// isSized reports whether the size of the type is known.
func isSized(t types.Type, depth int) bool {
	if depth == 0 {
		return false
	}
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() != types.Invalid
	case *types.Array:
		return isSized(t.Elem(), depth-1)
	case *types.Struct:
		for i := range t.NumFields() {
			if !isSized(t.Field(i).Type(), depth-1) {
				return false
			}
		}
	case *types.TypeParam:
		return false
	}
	return true
}

// lastName is the last identifier of an expression such as "s.cond".
func lastName(expr string) string { return expr[strings.LastIndexByte(expr, '.')+1:] }

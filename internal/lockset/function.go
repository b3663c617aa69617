package lockset

import (
	"go/ast"
	"regexp"
	"strings"
)

// function is one function or function literal.
type function struct {
	// decl is the declaration that it is, or lies in; nil for a literal outside of all.
	decl *ast.FuncDecl
	// lit is nil for a declared function.
	lit  *ast.FuncLit
	body *ast.BlockStmt
}

// closure is a part of a function's name that stands for a literal in it.
var closure = regexp.MustCompile(`\.(func)?\d+(\.|$)`)

// depthOf is how many literals deep the function of that name lies: 2 for "main.f.func1.2".
func depthOf(name string) int {
	name, _, _ = strings.Cut(name, "-range") // the body of a loop over a function
	depth := 0
	for {
		at := closure.FindStringIndex(name)
		if at == nil {
			return depth
		}
		depth++
		name = name[at[0]+1:]
		if i := strings.IndexByte(name, '.'); i >= 0 {
			name = name[i:]
		} else {
			name = ""
		}
	}
}

// functionAt returns the function of that name that has the line, if there is one.
func (s *Sources) functionAt(f *ast.File, name string, line int) (fn function, ok bool) {
	depth := depthOf(name)
	for _, d := range f.Decls {
		if !s.covers(d, line) {
			continue
		}
		decl, _ := d.(*ast.FuncDecl)
		if decl != nil && (decl.Body == nil || !hasName(name, decl)) {
			continue
		}
		if depth == 0 {
			if decl == nil {
				return fn, false
			}
			return function{decl: decl, body: decl.Body}, true
		}
		if lit := s.literalAt(d, depth, line); lit != nil {
			return function{decl: decl, lit: lit, body: lit.Body}, true
		}
	}
	return fn, false
}

// hasName reports whether the function may be the declaration, or lie in it. Of a
// function that was inlined the literals have the name of the outer one in front.
func hasName(name string, decl *ast.FuncDecl) bool {
	return strings.Contains(name[strings.LastIndexByte(name, '/')+1:], "."+decl.Name.Name)
}

func (s *Sources) covers(n ast.Node, line int) bool {
	return s.line(n.Pos()) <= line && line <= s.line(n.End())
}

// literalAt returns the literal at that depth below the node that has the line. Where
// several begin on the line, it is the first.
func (s *Sources) literalAt(n ast.Node, depth, line int) *ast.FuncLit {
	var found *ast.FuncLit
	var walk func(n ast.Node, depth int)
	walk = func(n ast.Node, depth int) {
		ast.Inspect(n, func(n ast.Node) bool {
			lit, is := n.(*ast.FuncLit)
			if !is || found != nil {
				return found == nil
			}
			switch {
			case !s.covers(lit, line):
			case depth == 1:
				found = lit
			default:
				walk(lit.Body, depth-1)
			}
			return false
		})
	}
	walk(n, depth)
	return found
}

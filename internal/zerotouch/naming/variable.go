package naming

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// VariableName returns what the source calls the variable that one line writes and another one
// accesses, or "" where the lines do not show which it is: the one thing that the first line assigns to
// and that the other line names too, or else the only thing that the first assigns to.
func (n *Namer) VariableName(write, other finding.Frame) string {
	written := n.variables(write, (*file).assigned)
	accessed := n.variables(other, (*file).named)
	both := slices.DeleteFunc(slices.Clone(written), func(name string) bool { return !slices.Contains(accessed, name) })
	switch {
	case len(both) == 1:
		return both[0]
	case len(both) == 0 && len(written) == 1:
		return written[0]
	}
	return ""
}

// variables returns the names of the expressions that find finds at a line, each once.
func (n *Namer) variables(at finding.Frame, find func(*file, *ast.FuncDecl, int) []ast.Expr) (names []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	f := n.open(at.File)
	if f == nil {
		return nil
	}
	decl := f.function(at.Line)
	if decl == nil {
		return nil
	}
	for _, x := range find(f, decl, at.Line) {
		r := resolver{file: f, decl: decl, at: x.Pos()}
		if id, ok := x.(*ast.Ident); ok {
			if id.Name == "_" {
				continue
			}
			if r.declaration(id.Name) != nil {
				names = append(names, r.local(id).text)
				continue
			}
		}
		if name := r.resolve(x, maxAliases); name.text != "" && !name.isType {
			names = append(names, name.text)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// assigned returns what a line assigns to.
func (f *file) assigned(decl *ast.FuncDecl, line int) (found []ast.Expr) {
	ast.Inspect(decl, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.AssignStmt:
			if x.Tok != token.DEFINE && f.line(x.TokPos) == line {
				found = append(found, x.Lhs...)
			}
		case *ast.IncDecStmt:
			if f.line(x.TokPos) == line {
				found = append(found, x.X)
			}
		case *ast.RangeStmt:
			if x.Tok == token.ASSIGN && f.line(x.TokPos) == line {
				found = append(found, x.Key, x.Value)
			}
		case *ast.CallExpr:
			if fn, ok := x.Fun.(*ast.Ident); ok && fn.Name == "delete" && len(x.Args) == 2 && f.line(x.Pos()) == line {
				found = append(found, &ast.IndexExpr{X: x.Args[0], Index: x.Args[1]})
			}
		}
		return true
	})
	return slices.DeleteFunc(found, func(x ast.Expr) bool { return x == nil })
}

// named returns all that a line could access.
func (f *file) named(decl *ast.FuncDecl, line int) (found []ast.Expr) {
	ast.Inspect(decl, func(node ast.Node) bool {
		if node == nil || f.line(node.Pos()) > line || f.line(node.End()) < line {
			return false
		}
		switch x := node.(type) {
		case *ast.SelectorExpr:
			if f.line(x.Sel.Pos()) == line {
				found = append(found, x)
			}
		case *ast.Ident, *ast.IndexExpr, *ast.StarExpr:
			if x, ok := x.(ast.Expr); ok && f.line(x.Pos()) == line {
				found = append(found, x)
			}
		}
		return true
	})
	return found
}

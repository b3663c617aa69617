package lockset

import (
	"go/ast"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// IsWrapper reports whether the function of the frame is a method Lock or RLock of a lock that
// is made of another one: it acquires that one, on some way at least, and leaves it to the
// caller, to whom it is as if the method were package sync's.
func (s *Sources) IsWrapper(frame finding.Frame) bool {
	f := s.file(frame.File)
	if f == nil || frame.IsStandard() {
		return false
	}
	fn, ok := s.functionAt(f, frame.Func, frame.Line)
	if !ok || fn.lit != nil || fn.decl.Recv == nil || fn.decl.Type.Params.NumFields() > 0 || fn.decl.Type.Results.NumFields() > 0 {
		return false
	}
	name := fn.decl.Name.Name
	acquires, other := false, name != "Lock" && name != "RLock"
	ast.Inspect(fn.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			acquires = acquires || calledName(n) == name
			other = other || calledName(n) != name
		case *ast.FuncLit, *ast.GoStmt, *ast.DeferStmt, *ast.SendStmt:
			other = true
		}
		return true
	})
	return acquires && !other
}

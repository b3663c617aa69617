package oldtrace

import (
	"golang.org/x/exp/trace"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
	"github.com/concdoctor/concdoctor/internal/trace/symbol"
)

// stackTable interns the library's stacks. Its handles hold for one generation only,
// so there are two levels: by handle, which is what an event costs, and by content,
// which is what a stack costs once a generation.
type stackTable struct {
	*symbol.Table
	handles map[trace.Stack]stream.StackID
}

func newStackTable() stackTable {
	return stackTable{symbol.NewTable(), make(map[trace.Stack]stream.StackID)}
}

// forgetHandles drops the handles of a finished generation, which would keep its
// tables alive.
func (t *stackTable) forgetHandles() { clear(t.handles) }

// intern returns the stack's id and announces it if it is new.
func (t *stackTable) intern(s trace.Stack) stream.StackID {
	if s == trace.NoStack {
		return 0
	}
	if id, ok := t.handles[s]; ok {
		return id
	}
	t.Begin()
	for f := range s.Frames() {
		t.Add(f.PC, finding.Frame{Func: f.Func, File: f.File, Line: int(f.Line)})
	}
	id := t.End()
	t.handles[s] = id
	return id
}

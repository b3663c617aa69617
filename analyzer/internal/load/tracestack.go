package load

import (
	"hash/maphash"
	"slices"
	"strings"

	"golang.org/x/exp/trace"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/analyzer/internal/stream"
)

// stackTable gives stacks ids that hold for the whole trace. The reader's handles
// hold for one generation only, so there are two levels: by handle, which is what
// an event costs, and by content, which is what a stack costs once a generation.
type stackTable struct {
	seed    maphash.Seed
	handles map[trace.Stack]stream.StackID
	stacks  map[uint64][]stream.StackID // by hash of the frame ids
	content [][]stream.FrameID          // by StackID
	reasons []stream.Reason             // by StackID: what its leaf frames wait for
	frames  map[finding.Frame]stream.FrameID
	byPC    map[uint64]stream.FrameID
	table   []stream.Frame // by FrameID
	scratch []stream.FrameID
}

func newStackTable() stackTable {
	return stackTable{
		seed:    maphash.MakeSeed(),
		handles: make(map[trace.Stack]stream.StackID),
		stacks:  make(map[uint64][]stream.StackID),
		content: make([][]stream.FrameID, 1),
		reasons: []stream.Reason{stream.Unknown},
		frames:  make(map[finding.Frame]stream.FrameID),
		byPC:    make(map[uint64]stream.FrameID),
		table:   make([]stream.Frame, 1),
	}
}

// forgetHandles drops the handles of a finished generation, which would keep its
// tables alive.
func (t *stackTable) forgetHandles() { clear(t.handles) }

// intern returns the stack's id and announces it in the batch if it is new.
func (t *stackTable) intern(b *stream.Batch, s trace.Stack) stream.StackID {
	if s == trace.NoStack {
		return 0
	}
	if id, ok := t.handles[s]; ok {
		return id
	}
	id := t.internContent(b, s)
	t.handles[s] = id
	return id
}

func (t *stackTable) internContent(b *stream.Batch, s trace.Stack) stream.StackID {
	t.scratch = t.scratch[:0]
	for f := range s.Frames() {
		t.scratch = append(t.scratch, t.frame(b, f))
	}
	if len(t.scratch) == 0 {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(t.seed)
	for _, f := range t.scratch {
		maphash.WriteComparable(&h, f)
	}
	sum := h.Sum64()
	for _, id := range t.stacks[sum] {
		if slices.Equal(t.content[id], t.scratch) {
			return id
		}
	}
	id := stream.StackID(len(t.content))
	frames := slices.Clone(t.scratch)
	t.stacks[sum] = append(t.stacks[sum], id)
	t.content = append(t.content, frames)
	t.reasons = append(t.reasons, t.classify(frames))
	b.Stacks = append(b.Stacks, frames)
	return id
}

// frame interns by program counter first: a program's code does not move. The
// content is compared all the same, since a plugin's might.
func (t *stackTable) frame(b *stream.Batch, f trace.StackFrame) stream.FrameID {
	if id, ok := t.byPC[f.PC]; ok && t.same(id, &f) {
		return id
	}
	key := finding.Frame{Func: f.Func, File: f.File, Line: int(f.Line)}
	id, ok := t.frames[key]
	if !ok {
		id = stream.FrameID(len(t.table))
		key.Func, key.File = strings.Clone(key.Func), strings.Clone(key.File)
		t.frames[key] = id
		frame := stream.NewFrame(key)
		t.table = append(t.table, frame)
		b.Frames = append(b.Frames, frame)
	}
	t.byPC[f.PC] = id
	return id
}

func (t *stackTable) same(id stream.FrameID, f *trace.StackFrame) bool {
	have := &t.table[id]
	return have.Line == int(f.Line) && have.Func == f.Func && have.File == f.File
}

// reason returns what the stack's leaf frames wait for.
func (t *stackTable) reason(id stream.StackID) stream.Reason { return t.reasons[id] }

package symbol

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// Table interns. It belongs to one goroutine. Use [NewTable].
type Table struct {
	batch   *stream.Batch
	seed    maphash.Seed
	stacks  map[uint64][]stream.StackID // by hash of the frame ids
	content [][]stream.FrameID          // by StackID
	waits   []stream.Reason             // by StackID: what its leaf frames wait for
	frames  map[finding.Frame]stream.FrameID
	byPC    map[uint64]stream.FrameID
	table   []stream.Frame // by FrameID
	strings map[string]stream.StringID
	scratch []stream.FrameID
}

// NewTable returns a table that knows only what id 0 names.
func NewTable() *Table {
	return &Table{
		seed:    maphash.MakeSeed(),
		stacks:  make(map[uint64][]stream.StackID),
		content: make([][]stream.FrameID, 1),
		waits:   []stream.Reason{stream.Unknown},
		frames:  make(map[finding.Frame]stream.FrameID),
		byPC:    make(map[uint64]stream.FrameID),
		table:   make([]stream.Frame, 1),
		strings: make(map[string]stream.StringID),
	}
}

// Into makes the batch the one that new definitions are written to.
func (t *Table) Into(b *stream.Batch) { t.batch = b }

// Begin starts a stack without frames: [Table.Add] them, innermost call first, and
// call [Table.End].
func (t *Table) Begin() { t.scratch = t.scratch[:0] }

// Add appends a frame with its program counter. The strings are copied if they are kept.
func (t *Table) Add(pc uint64, f finding.Frame) {
	t.scratch = append(t.scratch, t.frame(pc, f))
}

// End returns the id of the stack that was begun, 0 for one without frames, and
// announces it if it is new.
func (t *Table) End() stream.StackID {
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
	t.waits = append(t.waits, t.classify(frames))
	t.batch.Stacks = append(t.batch.Stacks, frames)
	return id
}

func (t *Table) frame(pc uint64, key finding.Frame) stream.FrameID {
	if id, ok := t.byPC[pc]; ok {
		if f := &t.table[id]; f.Line == key.Line && f.Func == key.Func && f.File == key.File {
			return id
		}
	}
	id, ok := t.frames[key]
	if !ok {
		id = stream.FrameID(len(t.table))
		key.Func, key.File = strings.Clone(key.Func), strings.Clone(key.File)
		t.frames[key] = id
		frame := stream.NewFrame(key)
		t.table = append(t.table, frame)
		t.batch.Frames = append(t.batch.Frames, frame)
	}
	t.byPC[pc] = id
	return id
}

// Text returns the id of a string, 0 for the empty one.
func (t *Table) Text(s string) stream.StringID {
	if s == "" {
		return 0
	}
	id, ok := t.strings[s]
	if !ok {
		id = stream.StringID(len(t.strings) + 1)
		s = strings.Clone(s)
		t.strings[s] = id
		t.batch.Strings = append(t.batch.Strings, s)
	}
	return id
}

// Waits returns what the stack's leaf frames wait for, [stream.Unknown] if they do
// not say.
func (t *Table) Waits(id stream.StackID) stream.Reason { return t.waits[id] }

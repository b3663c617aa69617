package stream

import "github.com/concdoctor/concdoctor/agent/finding"

// Frame is a call with what passes ask of it again and again.
type Frame struct {
	finding.Frame
	// Machinery and Standard are Frame.IsMachinery and Frame.IsStandard, computed once.
	Machinery bool
	Standard  bool
}

// NewFrame returns f with its properties.
func NewFrame(f finding.Frame) Frame {
	return Frame{Frame: f, Machinery: f.IsMachinery(), Standard: f.IsStandard()}
}

// Batch is a part of the stream. Its definitions are those that its events are
// the first to use: they are added to the tables before the events are read.
type Batch struct {
	Frames  []Frame
	Stacks  [][]FrameID
	Strings []string
	Events  []Event
}

// Reset empties the batch for its next use. The memory of the events is kept, that
// of the definitions is not, since the tables may point at it.
func (b *Batch) Reset() { *b = Batch{Events: b.Events[:0]} }

// Tables are the definitions of a trace so far. The zero value is not ready: use
// [NewTables]. They may be read by several goroutines while none adds.
type Tables struct {
	frames  []Frame
	stacks  [][]FrameID
	strings []string
}

// NewTables returns tables that hold only what id 0 names.
func NewTables() *Tables {
	return &Tables{frames: make([]Frame, 1), stacks: make([][]FrameID, 1), strings: make([]string, 1)}
}

// Add takes over the batch's definitions.
func (t *Tables) Add(b *Batch) {
	t.frames = append(t.frames, b.Frames...)
	t.stacks = append(t.stacks, b.Stacks...)
	t.strings = append(t.strings, b.Strings...)
}

// Stacks returns how many stack ids there are, counting 0: the length for a slice
// indexed by StackID.
func (t *Tables) Stacks() int { return len(t.stacks) }

// Frames returns how many frame ids there are, counting 0.
func (t *Tables) Frames() int { return len(t.frames) }

// Frame returns the frame. It must not be changed.
func (t *Tables) Frame(id FrameID) *Frame { return &t.frames[id] }

// FrameIDs returns the stack's frames, innermost call first. It must not be changed.
func (t *Tables) FrameIDs(id StackID) []FrameID { return t.stacks[id] }

// Text returns the string.
func (t *Tables) Text(id StringID) string { return t.strings[id] }

// Stack returns the stack as findings carry it. It allocates: for reports only.
func (t *Tables) Stack(id StackID) finding.Stack {
	frames := t.stacks[id]
	if len(frames) == 0 {
		return nil
	}
	s := make(finding.Stack, len(frames))
	for i, f := range frames {
		s[i] = t.frames[f].Frame
	}
	return s
}

// Site returns the innermost frame outside the machinery of waiting: the line
// that says mu.Lock(). It is 0 for stack 0 and the innermost frame where all are
// machinery.
func (t *Tables) Site(id StackID) FrameID {
	for _, f := range t.stacks[id] {
		if !t.frames[f].Machinery {
			return f
		}
	}
	return t.leaf(id)
}

// User returns the innermost frame outside the standard library, or 0 if the
// stack has none.
func (t *Tables) User(id StackID) FrameID {
	for _, f := range t.stacks[id] {
		if fr := &t.frames[f]; !fr.Machinery && !fr.Standard {
			return f
		}
	}
	return 0
}

// Root returns the outermost frame outside the machinery: the function in which
// the goroutine's own code began, below wrappers such as sync.(*WaitGroup).Go. It
// is the outermost frame where all are machinery, and 0 for stack 0.
func (t *Tables) Root(id StackID) FrameID {
	frames := t.stacks[id]
	for i := len(frames) - 1; i >= 0; i-- {
		if !t.frames[frames[i]].Machinery {
			return frames[i]
		}
	}
	if len(frames) == 0 {
		return 0
	}
	return frames[len(frames)-1]
}

func (t *Tables) leaf(id StackID) FrameID {
	if frames := t.stacks[id]; len(frames) > 0 {
		return frames[0]
	}
	return 0
}

package tape

import (
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

const maxString = 1 << 16

// text returns the string at an offset, "" if there is none.
func (f *File) text(at uint32) string {
	if at == 0 || at >= tapeStringsSize {
		return ""
	}
	if s, ok := f.strings[at]; ok {
		return s
	}
	n := half(f.section(tapeStrings+int64(at), 4), 0)
	if n == 0 || n > maxString {
		return ""
	}
	s := string(f.section(tapeStrings+int64(at)+4, int(n)))
	f.strings[at] = s
	return s
}

// test returns the name of a test at an offset, or the part outside of tests that stands
// there in place of one.
func (f *File) test(at uint32) (name string, part Part) {
	switch text := f.text(at); Part(text) {
	case InInit, TestMain:
		return "", Part(text)
	default:
		return text, NoPart
	}
}

// calls returns the frames of each call of an interned stack; ok says that it was
// written to the end.
func (f *File) calls(id uint32) (calls [][]finding.Frame, ok bool) {
	if id == 0 || id > tapeStackCount {
		return nil, false
	}
	b := f.section(tapeStacks+int64(id-1)*tapeStackSize, tapeStackSize)
	n := min(half(b, tapeStackLength/4), tapeStackDepth)
	for i := range int(n) {
		ref := half(b, tapeStackCalls/4+i)
		calls = append(calls, f.frames(ref>>6, ref&0x3f))
	}
	return calls, n > 0
}

func (f *File) frames(first, n uint32) []finding.Frame {
	if first+n > tapeFrameCount {
		return nil
	}
	var frames []finding.Frame
	b := f.section(tapeFrames+int64(first)*tapeFrameSize, int(n)*tapeFrameSize)
	for ; len(b) > 0; b = b[tapeFrameSize:] {
		if name := f.text(half(b, 0)); name != "" {
			frames = append(frames, finding.Frame{Func: name, File: f.text(half(b, 1)), Line: int(half(b, 2))})
		}
	}
	return frames
}

// stack returns a stack without the frames between the program and the recorder, nil if
// it is not known.
func (f *File) stack(id uint32) finding.Stack {
	if s, ok := f.stacks[id]; ok {
		return s
	}
	calls, ok := f.calls(id)
	if !ok {
		return nil
	}
	s := program(calls)
	f.stacks[id] = s
	return s
}

// created returns where a goroutine was created and what it runs.
func (f *File) created(id uint32) created {
	if c, ok := f.starts[id]; ok {
		return c
	}
	calls, ok := f.calls(id)
	if !ok {
		return created{}
	}
	var c created
	if len(calls[0]) > 0 {
		c.start = calls[0][0]
	}
	c.by = program(calls[1:])
	f.starts[id] = c
	return c
}

// weighted is what the names of a semaphore's methods begin with.
const weighted = "golang.org/x/sync/semaphore.(*Weighted)."

// program joins the frames of calls and leaves out those of the primitive itself, and
// what the compiler and the runtime put around the program's functions.
func program(calls [][]finding.Frame) finding.Stack {
	var stack finding.Stack
	for _, call := range calls {
		for _, frame := range call {
			if len(stack) == 0 && isPrimitive(frame.Func) || frame.IsWrapper() || isCaller(frame.Func) || frame.Func == "runtime.goexit" || frame.Func == "runtime.main" {
				continue
			}
			// A wrapper has the name of what it wraps, which has another.
			name := strings.Replace(frame.Func, weighted+"concdoctor", weighted, 1)
			isWrapper := name == frame.Func && strings.HasPrefix(name, weighted)
			if isWrapper && (len(stack) == 0 || stack[len(stack)-1].Func == name) {
				continue
			}
			frame.Func = name
			stack = append(stack, frame)
		}
	}
	return stack
}

// isPrimitive reports whether a function is a primitive's own: a method of a type of
// package sync that is observed, or the runtime's part of it.
func isPrimitive(name string) bool {
	if strings.HasPrefix(name, "runtime.") {
		return true
	}
	for _, receiver := range []string{"sync.(*Mutex).", "sync.(*RWMutex).", "sync.(*rlocker).", "sync.(*WaitGroup).", "sync.(*Cond).", "internal/sync.(*Mutex)."} {
		// A function literal is the caller's, such as the one that WaitGroup.Go runs.
		if rest, ok := strings.CutPrefix(name, receiver); ok && !strings.Contains(rest, ".") {
			return true
		}
	}
	return strings.HasPrefix(name, "sync.concdoctor")
}

// isCaller reports whether a function is the recorder's own, which calls one of the program's.
func isCaller(name string) bool {
	return strings.HasPrefix(name, "time.concdoctor") || strings.HasPrefix(name, "context.concdoctor")
}

// isSystem reports whether a goroutine that runs a function is the runtime's own, by the
// same words as in the runtime's tracebacks, or the alarm of package testing.
func isSystem(start string) bool {
	switch start {
	case "runtime.main", "runtime.corostart", "runtime.handleAsyncEvent":
		return false
	case "testing.(*M).startAlarm.func1": // which ends the process
		return true
	}
	return strings.HasPrefix(start, "runtime.") && !strings.HasPrefix(start, "runtime.Test")
}

package dump

import (
	"bytes"
	"runtime"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// Goroutine is one goroutine of a dump.
type Goroutine struct {
	ID uint64
	// State is the runtime's word, as in "chan receive" or "running".
	State string
	Stack finding.Stack
	// Created is the go statement, zero for the first goroutine.
	Created finding.Frame
	// Parent is the goroutine that executed it, 0 if unknown.
	Parent uint64
}

const (
	firstSize = 1 << 16
	// maxSize bounds a dump to some hundred thousand goroutines.
	maxSize = 1 << 28
)

// Take returns all goroutines, and false if there are too many for one dump: then
// some are missing.
func Take() (all []Goroutine, complete bool) {
	for size := firstSize; ; size *= 4 {
		buf := make([]byte, size)
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			return Parse(buf[:n]), true
		}
		if size >= maxSize {
			return Parse(buf), false
		}
	}
}

// Parse reads the text of a dump. What it cannot read it leaves out.
func Parse(text []byte) (all []Goroutine) {
	for block := range bytes.SplitSeq(text, []byte("\n\n")) {
		if g, ok := parseGoroutine(string(block)); ok {
			all = append(all, g)
		}
	}
	return all
}

// parseGoroutine reads a block such as
//
//	goroutine 18 [chan receive, 2 minutes]:
//	main.worker(0xc000012345)
//		/src/main.go:12 +0x1d
//	created by main.main in goroutine 1
//		/src/main.go:30 +0x5f
func parseGoroutine(block string) (g Goroutine, ok bool) {
	header, rest, _ := strings.Cut(strings.TrimLeft(block, "\n"), "\n")
	header, found := strings.CutPrefix(header, "goroutine ")
	id, state, bracket := strings.Cut(header, " ")
	if !found || !bracket {
		return g, false
	}
	var err error
	if g.ID, err = strconv.ParseUint(id, 10, 64); err != nil {
		return g, false
	}
	if open := strings.IndexByte(state, '['); open >= 0 {
		state = state[open+1:]
	}
	state, _, _ = strings.Cut(state, "]")
	g.State, _, _ = strings.Cut(state, ",")
	lines := strings.Split(rest, "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		g.add(lines[i], lines[i+1])
	}
	return g, true
}

// add takes the two lines of one call.
func (g *Goroutine) add(call, position string) {
	if by, created := strings.CutPrefix(call, "created by "); created {
		by, parent, _ := strings.Cut(by, " in goroutine ")
		g.Created = frame(by, position)
		g.Parent, _ = strconv.ParseUint(parent, 10, 64)
		return
	}
	if open := strings.LastIndexByte(call, '('); open > 0 {
		call = call[:open]
	}
	g.Stack = append(g.Stack, frame(call, position))
}

// frame reads "\t/src/main.go:12 +0x1d".
func frame(function, position string) finding.Frame {
	position = strings.TrimSpace(position)
	if at := strings.LastIndex(position, " +0x"); at >= 0 {
		position = position[:at]
	}
	f := finding.Frame{Func: function, File: position}
	if colon := strings.LastIndexByte(position, ':'); colon >= 0 {
		if line, err := strconv.Atoi(position[colon+1:]); err == nil {
			f.File, f.Line = position[:colon], line
		}
	}
	return f
}

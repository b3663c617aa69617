package dump

import (
	"slices"
	"strconv"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
)

// interner keeps one copy of each text and each stack: a dump repeats them by the
// thousand.
type interner struct {
	texts  map[string]string
	stacks map[string]finding.Stack
	key    []byte // of the stack that was asked for last
}

func newInterner() *interner {
	return &interner{texts: make(map[string]string), stacks: make(map[string]finding.Stack)}
}

func (in *interner) text(s string) string {
	if kept, ok := in.texts[s]; ok {
		return kept
	}
	s = strings.Clone(s) // not the whole line
	in.texts[s] = s
	return s
}

// stack returns a stack like s, which the caller may go on to use.
func (in *interner) stack(s finding.Stack) finding.Stack {
	key := in.key[:0]
	for _, f := range s {
		key = append(key, f.Func...)
		key = append(key, '\n')
		key = append(key, f.File...)
		key = append(strconv.AppendInt(append(key, ':'), int64(f.Line), 10), '\n')
	}
	in.key = key
	if kept, ok := in.stacks[string(key)]; ok {
		return kept
	}
	kept := slices.Clone(s)
	in.stacks[string(key)] = kept
	return kept
}

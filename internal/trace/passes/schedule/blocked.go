package schedule

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// maxBlocked bounds the stacks of a summary: the rest is less than a pixel.
const maxBlocked = 250

// stay is what one stack waited, in system calls too.
type stay struct {
	nanos, count int64
	reason       stream.Reason
}

// block counts a wait at its stack.
func (s *summary) block(span *replay.Span) {
	if span.Stack == 0 {
		return
	}
	for int(span.Stack) >= len(s.blocked) {
		s.blocked = append(s.blocked, make([]stay, s.tr.Stacks()-len(s.blocked))...)
	}
	b := &s.blocked[span.Stack]
	b.nanos += span.Nanos()
	b.count++
	b.reason = span.Reason
}

// blockedStacks returns the stacks that waited most, and the sum of all.
func (s *summary) blockedStacks() (top []finding.Blocked, sum int64) {
	var ids []stream.StackID
	for id := range s.blocked {
		if n := s.blocked[id].nanos; n > 0 {
			ids = append(ids, stream.StackID(id))
			sum += n
		}
	}
	slices.SortFunc(ids, func(a, b stream.StackID) int {
		return cmp.Or(cmp.Compare(s.blocked[b].nanos, s.blocked[a].nanos), cmp.Compare(a, b))
	})
	for _, id := range ids[:min(len(ids), maxBlocked)] {
		b := &s.blocked[id]
		top = append(top, finding.Blocked{Stack: s.tr.Stack(id).Trim(), Reason: b.reason.String(), Nanos: b.nanos, Count: b.count})
	}
	return top, sum
}

package detect

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/goroutines"
	"github.com/concdoctor/concdoctor/internal/dump"
	"github.com/concdoctor/concdoctor/internal/judge"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// addHeirs adds to the holds the goroutines that may have been given the locks: see
// judge.Hold. The engine does not see go statements. It counts a goroutine whose go
// statement follows, in a function that was being called as the lock was acquired. That
// stops the world for a moment, so it is done only for what would be reported.
func addHeirs(ring []hang.Goroutine) {
	all, _ := goroutines.Take()
	for i := range ring {
		g := &ring[i]
		for j := range g.Holds {
			h := &g.Holds[j]
			for k := range all {
				if child := &all[k]; child.Parent == g.ID && isStartedUnder(h, child) && !isBlockedOn(child.ID, h.Lock) {
					h.Heirs = append(h.Heirs, child.ID)
				}
			}
		}
	}
}

func isStartedUnder(h *judge.Hold, child *dump.Goroutine) bool {
	return slices.ContainsFunc(judge.Expand(h.Stack), func(f finding.Frame) bool {
		return f.Func == child.Created.Func && f.File == child.Created.File && f.Line <= child.Created.Line
	})
}

// isBlockedOn reports whether a goroutine waits for the lock.
func isBlockedOn(id uint64, lock judge.Object) bool {
	return slices.ContainsFunc(std.states.all(), func(g *Goroutine) bool {
		s, blocked := g.readBlocked()
		return blocked && s.id == id && s.lock != nil && judge.Object(s.lock.description) == lock
	})
}

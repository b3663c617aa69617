package detect

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/judge/hang"
)

// givenHold is a lock that its holder has most likely given away.
type givenHold struct {
	lock   *lockRecord
	holder uint64
}

// addGiven adds to a look the locks that goroutines wait for and that were given to goroutines
// which have ended: their holders acquired them where locks are given away, have left the
// function that does so, and of the goroutines that it started none is alive.
func (l *look) addGiven(all *hang.Look, waits []reading) {
	seen := make(map[*lockRecord]bool)
	for i := range waits {
		lock := waits[i].lock
		if lock == nil || seen[lock] || !lock.description.given.Load() {
			continue
		}
		seen[lock] = true
		for _, g := range std.states.all() {
			if g.seemsToHold(lock) {
				l.addGivenBy(all, g, lock)
			}
		}
	}
}

func (l *look) addGivenBy(all *hang.Look, g *Goroutine, lock *lockRecord) {
	s, ok := g.readRunning()
	if !ok {
		return
	}
	for i := range s.holds {
		h := &s.holds[i]
		if h.lock != lock || !h.isValid() {
			continue
		}
		if p := std.handovers.at(h.stack[:]); p != nil && p.started && l.isOver(s.id, p.starter()) {
			l.given[givenHold{lock, s.id}] = true
			all.Left = append(all.Left, hang.Left{Hold: h.fact(), By: s.id, Created: creation(s.creator), Given: true})
		}
	}
}

// isOver reports whether a goroutine is not in the function any more, nor any one alive that it
// has started there.
func (l *look) isOver(id uint64, function string) bool {
	if l.takeCensus() == nil || !l.census.Complete {
		return false
	}
	at := l.census.byID[id]
	if at == nil || slices.ContainsFunc(at.Stack, func(f finding.Frame) bool { return f.Func == function }) {
		return false
	}
	for _, child := range l.census.byID {
		if child.Parent == id && child.Created.Func == function {
			return false
		}
	}
	return true
}

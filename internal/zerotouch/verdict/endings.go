package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// ending is an object and the mode of those that wait for it.
type ending struct {
	object key
	mode   finding.Mode
}

// endings is what is known about the goroutines that did what ends such a wait. It is found once for
// all that wait there, which may be many.
type endings struct {
	by     []uint64 // ascending
	timers bool     // functions of timers did
	closed bool     // a channel is closed, which ends each wait to receive
	last   int64    // when the last one that is dated began to
}

// endingsOf returns what is known about the goroutines that ended a wait for the object in
// the mode.
func (s *scene) endingsOf(k key, m finding.Mode) *endings {
	at := ending{k, m}
	if e := s.endings[at]; e != nil {
		return e
	}
	e := new(endings)
	for _, u := range s.uses[at.object] {
		if !ends(u.Side, m) {
			continue
		}
		if u.Goroutine == 0 {
			e.timers = true
		} else {
			e.by = append(e.by, u.Goroutine)
		}
		e.closed = e.closed || u.Side == tape.Close
		e.last = max(e.last, u.Time)
	}
	slices.Sort(e.by)
	e.by = slices.Compact(e.by)
	s.endings[at] = e
	return e
}

// ends reports whether a use of an object ends a wait for it.
func ends(used tape.Side, m finding.Mode) bool {
	switch m {
	case finding.Send:
		return used == tape.Recv
	case finding.Receive:
		return used == tape.Send || used == tape.Close
	}
	return used == tape.Done || used == tape.Signal
}

// isServed reports whether a wait is over in truth, and the goroutine has not run since to
// write that down: no goroutine waits to receive from a channel that is closed, and the one that first
// comes to receive after a send began takes what is sent.
func (s *scene) isServed(g *tape.Goroutine, c tape.Case) bool {
	switch e := s.endingsOf(keyOf(c.Object), modeOfSide(c.Side)); c.Side {
	case tape.Recv:
		return e.closed
	case tape.Send:
		return len(e.by) > 0 && e.last >= g.Wait.Since
	}
	return false
}

package waitfor

import (
	"math"
	"slices"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Cycle returns a shortest cycle of waits that starts with w, or nil: see Add. A
// wait that is not registered has none. Add has returned the cycle already, but
// for one case: by a Hold.Before a reader's wait can become certain after others
// that the cycle needs were registered.
func (g *Graph) Cycle(w *Wait) []*Wait {
	if !w.registered {
		return nil
	}
	// Breadth first, so the first way back is a shortest one. Each lock is left
	// once: its registered holders are the same for all that wait for it.
	s := search{g: g, start: w, views: make(map[*lock]*view), from: make(map[*Wait]step)}
	for todo := []*Wait{w}; len(todo) > 0; todo = todo[1:] {
		for _, next := range s.leave(todo[0]) {
			if next == w {
				return s.path()
			}
			todo = append(todo, next)
		}
	}
	return nil
}

// search is one breadth-first search for a way back to start.
type search struct {
	g     *Graph
	start *Wait
	views map[*lock]*view
	from  map[*Wait]step
}

// step is how a wait was reached: waiter waits for it, through writer if not nil.
type step struct {
	waiter, writer *Wait
}

// view is what a search needs to know of a lock that it met.
type view struct {
	exclusive bool   // a registered goroutine holds it exclusive
	oldest    uint64 // a shared holder took it before the registration with this number
	left      bool   // its holders were reached
}

func (s *search) view(l *lock) *view {
	if v := s.views[l]; v != nil {
		return v
	}
	v := &view{oldest: math.MaxUint64}
	for _, h := range l.holders {
		v.exclusive = v.exclusive || h.mode() == lockorder.Exclusive
		v.oldest = min(v.oldest, h.takenBefore())
	}
	s.views[l] = v
	return v
}

// leave returns the waits that w waits for and that were not reached before.
func (s *search) leave(w *Wait) []*Wait {
	l := s.g.locks[w.Lock]
	v := s.view(l)
	var writer *Wait
	if w.Mode == lockorder.Shared && !v.exclusive {
		writer = l.announcedBefore(w, v.oldest)
		if writer == nil {
			return nil // it can go on, as far as is known
		}
	}
	if writer == s.start {
		s.from[writer] = step{waiter: w}
		return []*Wait{writer}
	}
	if v.left {
		return nil
	}
	v.left = true
	return s.reachHolders(l, step{w, writer})
}

// announcedBefore returns the writer for which the reader w waits, nil if it is
// not certain that there is one. Where several are registered any of them may be
// the announced one; the others wait for it and for the same holders.
func (l *lock) announcedBefore(w *Wait, oldest uint64) *Wait {
	// The lock was held shared when w was refused: no writer held it.
	if refusedByWriter := oldest <= w.Seq; refusedByWriter && l.first != nil && l.first.Seq < w.Seq {
		return l.first
	}
	return nil
}

func (s *search) reachHolders(l *lock, st step) []*Wait {
	var reached []*Wait
	for _, h := range l.holders {
		if _, known := s.from[h.wait]; known {
			continue
		}
		by := st
		if by.writer == h.wait {
			by.writer = nil // it holds the lock shared itself
		}
		s.from[h.wait] = by
		reached = append(reached, h.wait)
	}
	return reached
}

// path returns the cycle that ends with the step to start.
func (s *search) path() []*Wait {
	var back []*Wait
	for at := s.start; ; {
		st := s.from[at]
		if st.writer != nil {
			back = append(back, st.writer)
		}
		back = append(back, st.waiter)
		if at = st.waiter; at == s.start {
			slices.Reverse(back)
			return back
		}
	}
}

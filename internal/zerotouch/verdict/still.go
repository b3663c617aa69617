package verdict

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// stillLonger is how many times longer than a hang that is potential one that is only
// suspected must last until OnLasting is called.
const stillLonger = 4

// standstill is since when nothing has happened in a process, as far as its tape shows.
type standstill struct {
	since int64
	steps uint64 // a hash of which goroutines are alive and how far each has come
}

// lasted returns for how long no goroutine has taken a step, though none could go on by
// itself: each waits, and not for a timer. It is 0 where one could.
func (s *standstill) lasted(t *tape.Tape) int64 {
	steps := uint64(1)
	for i := range t.Goroutines {
		g := &t.Goroutines[i]
		if mayGoOn(g) {
			s.steps = 0
			return 0
		}
		steps += (g.ID<<32 ^ g.Seq) * 0x9e3779b97f4a7c15
	}
	if steps != s.steps {
		s.since, s.steps = t.Now, steps
	}
	return t.Now - s.since
}

// mayGoOn reports whether a goroutine of the program runs, sleeps, is in a system call or waits
// for a timer.
func mayGoOn(g *tape.Goroutine) bool {
	if g.Wait == nil {
		return !g.System && !isService(g)
	}
	return slices.ContainsFunc(g.Wait.Cases, func(c tape.Case) bool { return c.Timer })
}

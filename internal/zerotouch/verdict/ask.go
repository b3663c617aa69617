package verdict

import (
	"slices"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

const (
	// answerPatience is how long an answer is waited for. One that comes later is read then.
	answerPatience = time.Second
	// askRest is how many times longer than the processor time of a look of the collector the
	// pause after it lasts at the least: all looks together cost a hundredth of the time.
	askRest = 100
	// fastChanges is how many steps of goroutines in a second make a program one that gets
	// on. A ticker of a thousandth of a second is none.
	fastChanges = 3000
	// mostUnproven bounds the patience with places at which goroutines were not lost: it
	// grows fourfold each time, to a quarter of an hour.
	mostUnproven = 5
	// A process that computes is asked again after refusalRest, and twice as long each time.
	refusalRest, refusalMost = time.Second, time.Minute
)

// asker decides when a process is asked which of its goroutines are lost. That costs it a
// collection, and is worth it where goroutines have waited for long: of a program that
// stands still all that could be waiting for the program's own code, of one that gets on
// only goroutines that are believed to hang. It is asked once about each wait, and again only where
// anything has happened since and the wait lasts for much longer: in an idle program
// there are always goroutines that wait.
type asker struct {
	// The last reading: when, each goroutine's number, the newest goroutine.
	at      int64
	numbers map[uint64]uint64
	newest  uint64
	state   uint64 // a hash of which goroutines are there and how much each has done

	// The last request: the waits that it was about, the state then, how many looks there had been.
	asked   map[uint64]uint64
	askedAt uint64
	looks   int
	pending bool

	unproven  map[waitPlace]int
	notBefore int64
	refusals  int
}

// waitPlace is where a goroutine waits, and was created.
type waitPlace struct{ waits, created finding.Frame }

func placeOfWait(g *tape.Goroutine) waitPlace {
	return waitPlace{g.Wait.Stack.User(), g.Created.Site()}
}

// begin takes the first reading of a process that can be asked, and reports whether this was
// it: nothing is to be judged before the next one, which will ask.
func (a *asker) begin(t *tape.Tape) bool {
	if a.numbers != nil || t.Looks.Blind != tape.NotRefused {
		return false
	}
	a.read(t)
	return true
}

// ask asks if it is time to, and reports whether there was a look since the tape was read.
func (a *asker) ask(file *tape.File, t *tape.Tape, hangs []hung, enough time.Duration) (looked bool) {
	a.hear(file, 0, t.Now) // an answer that came after answerPatience, as from a busy machine
	due, insist := a.isDue(t, believed(hangs), int64(enough))
	if !due || file.Ask(insist) != nil {
		return false
	}
	return a.hear(file, answerPatience, t.Now)
}

// answers are where a process answers requests: a [tape.File].
type answers interface {
	AwaitAnswer(most time.Duration) (why tape.Refusal, answered bool)
}

// hear waits for the answer to the last request, for a while, and reports whether it is a look.
func (a *asker) hear(from answers, most time.Duration, now int64) (looked bool) {
	if !a.pending {
		return false
	}
	why, answered := from.AwaitAnswer(most)
	if answered && why != tape.NotRefused {
		a.refused(now)
	}
	return answered && why == tape.NotRefused
}

// believed are the goroutines that hang as far as is known, but not for certain.
func believed(hangs []hung) map[uint64]bool {
	all := make(map[uint64]bool)
	for _, h := range hangs {
		if h.Certainty < finding.Proven {
			for _, g := range h.members {
				all[g.ID] = true
			}
		}
	}
	return all
}

// isDue reads the tape and decides. insist says that the process is to look though it may
// seem busy.
func (a *asker) isDue(t *tape.Tape, believed map[uint64]bool, enough int64) (due, insist bool) {
	a.learn(t)
	changes, known := a.read(t)
	switch rest := askRest * t.Looks.LastCost; {
	case !known, t.Looks.Blind != tape.NotRefused, t.Now < a.notBefore, t.Looks.Count > 0 && t.Now-t.Looks.Last < rest:
		return false, false
	}
	waits := make(map[uint64]uint64)
	for i := range t.Goroutines {
		g := &t.Goroutines[i]
		if !mayBeLost(g) {
			continue
		}
		waits[g.ID] = g.Seq
		old := a.asked[g.ID] == g.Seq && a.askedAt == a.state
		patience := enough << (2 * min(a.unproven[placeOfWait(g)], mostUnproven))
		if old || changes > fastChanges && !believed[g.ID] || t.Now-g.Wait.Since < patience {
			continue
		}
		due, insist = true, insist || believed[g.ID]
	}
	if due {
		a.asked, a.askedAt, a.looks, a.pending = waits, a.state, t.Looks.Count, true
	}
	return due, insist
}

// mayBeLost reports whether a goroutine waits in the program's own code, or in what that
// called, for something that does not come by itself.
func mayBeLost(g *tape.Goroutine) bool {
	if g.Wait == nil || g.Leaked || g.Bubble || isService(g) || isTesting(g) || g.Wait.Stack.User().IsStandard() {
		return false
	}
	return !slices.ContainsFunc(g.Wait.Cases, func(c tape.Case) bool { return c.Timer })
}

// read takes the state, and returns how many steps goroutines have taken in a second since
// the last reading, if there was one.
func (a *asker) read(t *tape.Tape) (changes int64, known bool) {
	numbers, newest, state := make(map[uint64]uint64, len(t.Goroutines)), a.newest, uint64(0)
	for i := range t.Goroutines {
		g := &t.Goroutines[i]
		numbers[g.ID] = g.Seq
		newest = max(newest, g.ID)
		state += (g.ID<<32 ^ g.Seq) * 0x9e3779b97f4a7c15
		if before, old := a.numbers[g.ID]; old {
			changes += int64(g.Seq - before)
		}
	}
	changes += int64(newest - a.newest)
	passed := t.Now - a.at
	known = a.numbers != nil && passed > 0
	if known {
		changes = changes * int64(time.Second) / passed
	}
	a.at, a.numbers, a.newest, a.state = t.Now, numbers, newest, state
	return changes, known
}

// learn takes the result of the last request: at which places goroutines were not lost.
func (a *asker) learn(t *tape.Tape) {
	if !a.pending || t.Looks.Count == a.looks {
		return
	}
	a.pending, a.refusals, a.notBefore = false, 0, 0
	if a.unproven == nil {
		a.unproven = make(map[waitPlace]int)
	}
	places := make(map[waitPlace]bool)
	for i := range t.Goroutines {
		if g := &t.Goroutines[i]; mayBeLost(g) && a.asked[g.ID] == g.Seq {
			places[placeOfWait(g)] = true
		}
	}
	for p := range places {
		a.unproven[p]++
	}
}

// refused has the process left alone for a while.
func (a *asker) refused(now int64) {
	a.notBefore = now + int64(min(refusalRest<<min(a.refusals, 10), refusalMost))
	a.refusals++
	a.asked, a.pending = nil, false
}

package verdict

import (
	"slices"
	"strings"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
	"github.com/concdoctor/concdoctor/internal/zerotouch/naming"
	"github.com/concdoctor/concdoctor/internal/zerotouch/tape"
)

// key distinguishes objects: by their id, or by their address where nothing was recorded
// of them.
type key struct{ id, addr uint64 }

func keyOf(o tape.Object) key {
	if o.ID != 0 {
		return key{id: o.ID}
	}
	return key{addr: o.Addr}
}

// isNil reports whether the object is the nil channel.
func isNil(o tape.Object) bool { return o.ID == 0 && o.Addr == 0 }

// scene is a tape with what is looked up in it.
type scene struct {
	*tape.Tape
	namer   *naming.Namer
	objects map[key]*object
	// isOneMoment says that all goroutines were at one moment as they are here: the process
	// had ended, or did nothing between two readings. Else each is of a moment of its own.
	isOneMoment bool
	living      map[uint64]*tape.Goroutine
	uses        map[key][]*tape.Use
	endings     map[ending]*endings // see endingsOf
	// moreUses are objects that further goroutines may have used.
	moreUses map[key]bool
	// handed are the places where locks had been taken that a goroutine other than the holder
	// has released: only holds from there are in doubt. semaphores are locks of which each
	// hold is, as that place is not known, or which of several readers gave its hold away.
	semaphores map[key]bool
	handed     map[finding.Frame]bool
	// lost are locks that goroutines held when they ended.
	lost     map[key]*tape.Misuse
	tests    map[string]*tape.Test
	children map[uint64][]*tape.Goroutine
	// origins are from whom goroutines come. That one may have ended.
	origins map[uint64][]origin
	// sources are a wait group's Done and a channel's close, messages those on a channel that order
	// requests; joins are of a goroutine: it waited for the group, found the channel closed, received
	// a message. All as far as there are times.
	sources, messages map[key][]*tape.Use
	joins             map[uint64][]*tape.Use
	// permits is how many a semaphore has, queues are objects that are none after all.
	permits map[key]int
	queues  map[key]bool
	// transferring are messages that lead to memory with locks, byLock the requests for a lock or
	// under it.
	transferring []*tape.Use
	byLock       map[key][]*request
	transferred  map[transfer]bool
}

// origin is what a goroutine comes after: what its parent did before it was born.
type origin struct {
	parent uint64
	born   int64
}

func newScene(t *tape.Tape, namer *naming.Namer) *scene {
	s := &scene{
		Tape: t, namer: namer, objects: make(map[key]*object), moreUses: make(map[key]bool), isOneMoment: t.End != tape.Running, living: make(map[uint64]*tape.Goroutine),
		uses: make(map[key][]*tape.Use), semaphores: make(map[key]bool), handed: make(map[finding.Frame]bool),
		lost: make(map[key]*tape.Misuse), tests: make(map[string]*tape.Test),
		children: make(map[uint64][]*tape.Goroutine), origins: make(map[uint64][]origin),
		sources: make(map[key][]*tape.Use), messages: make(map[key][]*tape.Use), joins: make(map[uint64][]*tape.Use), permits: make(map[key]int), queues: make(map[key]bool),
		byLock: make(map[key][]*request), transferred: make(map[transfer]bool),
		endings: make(map[ending]*endings),
	}
	s.readPast()
	s.readPresent()
	return s
}

func (s *scene) readPast() {
	for i := range s.Tests {
		s.tests[s.Tests[i].Name] = &s.Tests[i]
	}
	for i := range s.Uses {
		u := &s.Uses[i]
		k := keyOf(u.Object)
		switch u.Side {
		case tape.Permit:
			s.permits[k] = int(u.Number)
			continue
		case tape.Queue:
			s.queues[k] = true
			continue
		}
		if u.Side == tape.Ordering || u.Side == tape.Join {
			s.messages[k] = append(s.messages[k], u)
			if u.Transfers != nil {
				s.transferring = append(s.transferring, u)
			}
			if u.Side == tape.Join {
				s.joins[u.Goroutine] = append(s.joins[u.Goroutine], u)
			}
			continue
		}
		s.uses[k] = append(s.uses[k], u)
		if u.Time == 0 {
			continue
		}
		switch u.Side {
		case tape.Done, tape.Close:
			s.sources[k] = append(s.sources[k], u)
		case tape.Await, tape.SawClosed:
			s.joins[u.Goroutine] = append(s.joins[u.Goroutine], u)
		}
	}
	for i := range s.Misuses {
		switch m := &s.Misuses[i]; m.Rule {
		case finding.RuleForeignUnlock:
			if len(m.Other) == 0 || m.Mode == lockorder.Shared {
				s.semaphores[keyOf(m.Object)] = true
			}
			if len(m.Other) > 0 {
				s.handed[m.Other.Site()] = true
			}
			if m.OtherGoroutine == 0 {
				delete(s.lost, keyOf(m.Object)) // it was given away before that one ended
			}
		case finding.RuleAbandonedLock:
			s.lost[keyOf(m.Object)] = m
		}
	}
	for i := range s.Dependencies {
		if d := &s.Dependencies[i]; d.Born != 0 {
			s.addOrigin(d.Goroutine, origin{d.Parent, d.Born})
		}
	}
	for _, b := range s.Births {
		s.addOrigin(b.Goroutine, origin{b.After, b.Before})
	}
}

// addOrigin notes what a goroutine comes after. That is said with each of its requests.
func (s *scene) addOrigin(goroutine uint64, o origin) {
	if o.parent != 0 && !slices.Contains(s.origins[goroutine], o) {
		s.origins[goroutine] = append(s.origins[goroutine], o)
	}
}

func (s *scene) readPresent() {
	for i := range s.Goroutines {
		g := &s.Goroutines[i]
		s.living[g.ID] = g
		s.addOrigin(g.ID, origin{g.Parent, g.Born})
		s.children[g.Parent] = append(s.children[g.Parent], g)
	}
}

// isSemaphore reports whether a lock, or another one that was taken at the same place, is
// released by others than its holder: then it is not known for how long it is held.
func (s *scene) isSemaphore(k key, taken finding.Stack) bool {
	return s.semaphores[k] || s.handed[taken.Site()]
}

// isLock reports whether a wait of the kind is for a lock.
func isLock(k tape.Kind) bool { return k == tape.Mutex || k == tape.RWMutex }

// waited is how long a goroutine has waited, in nanoseconds.
func (s *scene) waited(g *tape.Goroutine) int64 { return s.Now - g.Wait.Since }

// isService reports whether a goroutine runs no code of the program's: it belongs to the
// runtime, hands on signals, or runs what a timer calls.
func isService(g *tape.Goroutine) bool {
	if g.System {
		return true
	}
	switch g.Created.Site().Package() {
	case "runtime", "os/signal", "time":
		return true
	}
	return false
}

// isTesting reports whether a goroutine waits inside package testing: for a test to end,
// or for its turn.
func isTesting(g *tape.Goroutine) bool {
	return g.Wait != nil && g.Wait.Stack.Site().Package() == "testing"
}

// family is the outermost test that a name belongs to.
func family(test string) string {
	top, _, _ := strings.Cut(test, "/")
	return top
}

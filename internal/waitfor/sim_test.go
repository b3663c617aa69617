package waitfor

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// The simulation runs goroutines against locks that work as sync.RWMutex does, one
// atomic step at a time in an arbitrary order, and knows the truth: which goroutine holds
// what, which writer is announced, which can go on. The graph sees what an agent
// would tell it. Whatever the graph claims must be true, and where the truth is a
// deadlock the graph must know.

const simLocks, simGoroutines = 3, 5

// unlockFrom is the first op that unlocks; those below ask for a lock.
const unlockFrom = 128

// grantedInTheWindow is the case that makes shared requests hard: goroutine 0
// holds lock 0, 1 is about to ask for it exclusive, 2 (which holds lock 1) is
// refused it shared; 0 unlocks; 2 is granted it before 1 announces itself, and is
// not removed yet; 3 takes it shared too and then waits for lock 1. No goroutine is lost.
var grantedInTheWindow = []byte{0, 0, 0, 0, 2, 1, 2, 1, 1, 0, 2, 18, 0, unlockFrom, 2, 0, 3, 18, 3, 0, 3, 1}

// rw is the state of one lock.
type rw struct {
	writer    int          // the goroutine that holds it exclusive, -1 if none
	readers   map[int]int  // holds by goroutine
	announced int          // the pending writer that new readers wait for, -1 if none
	behind    map[int]bool // readers that wait for the announced or holding writer
}

// stage is where a goroutine is in one acquisition.
type stage uint8

const (
	running    stage = iota
	registered       // about to block: nothing announced yet
	blocked
	granted // owns the lock; still registered
	unsure  // owns the lock, and has not read the published number yet
)

type actor struct {
	stage stage
	wait  *Wait // while registered, blocked or granted
	lock  int
	mode  lockorder.Mode
	held  []Hold
}

type sim struct {
	t         *testing.T
	g         Graph
	published uint64
	locks     [simLocks]rw
	actors    [simGoroutines]actor
	// exact: being granted a lock, leaving the graph and reading the published
	// number are one step, and so are registering and blocking. Then the graph knows all that can be known;
	// otherwise it may miss a deadlock, and must still not invent one.
	exact  bool
	claims int
}

func newSim(t *testing.T, exact bool) *sim {
	s := &sim{t: t, exact: exact}
	for i := range s.locks {
		s.locks[i] = rw{writer: -1, announced: -1, readers: map[int]int{}, behind: map[int]bool{}}
	}
	return s
}

// free reports whether a TryLock or TryRLock of goroutine g would succeed.
func (l *rw) free(m lockorder.Mode) bool {
	if m == lockorder.Shared {
		return l.writer < 0 && l.announced < 0
	}
	return l.writer < 0 && l.announced < 0 && len(l.readers) == 0
}

func (l *rw) take(g int, m lockorder.Mode) {
	if m == lockorder.Shared {
		l.readers[g]++
	} else {
		l.writer = g
	}
}

// step makes goroutine id do the next thing; op chooses what a running one does.
func (s *sim) step(id int, op byte) {
	a := &s.actors[id]
	switch a.stage {
	case running:
		s.run(id, op)
	case registered:
		s.lockNow(id)
	case blocked: // others decide
	case granted:
		s.leave(id)
	case unsure:
		s.keep(id)
	}
	for id := range s.actors {
		if s.exact && s.actors[id].stage == granted {
			s.leave(id)
		}
	}
	if err := s.g.check(); err != nil {
		s.t.Fatal(err)
	}
}

// run unlocks something or asks for a lock.
func (s *sim) run(id int, op byte) {
	a := &s.actors[id]
	if op >= unlockFrom && len(a.held) > 0 {
		s.unlock(id, int(op)%len(a.held))
		return
	}
	a.lock, a.mode = int(op)%simLocks, lockorder.Mode(op/16%2)
	if s.locks[a.lock].free(a.mode) {
		s.own(id)
	} else {
		s.register(id)
	}
}

// leave ends the window of a goroutine that was granted its lock.
func (s *sim) leave(id int) {
	s.g.Remove(s.actors[id].wait)
	s.actors[id].wait = nil
	s.keep(id)
}

// own takes a free lock at once.
func (s *sim) own(id int) {
	a := &s.actors[id]
	s.locks[a.lock].take(id, a.mode)
	a.stage = unsure
	if s.exact {
		s.keep(id)
	}
}

// keep reads the published number and enters the lock among those held.
func (s *sim) keep(id int) {
	a := &s.actors[id]
	a.stage = running
	a.held = append(slices.Clip(a.held), Hold{Lock: uint64(a.lock), Mode: a.mode, Before: s.published + 1})
}

// register is the serialised section of a goroutine whose first try failed.
func (s *sim) register(id int) {
	a := &s.actors[id]
	s.published = s.g.Next()
	if s.locks[a.lock].free(a.mode) {
		s.published-- // this registration does not happen
		s.own(id)
		return
	}
	a.wait = &Wait{Goroutine: uint64(id), Lock: uint64(a.lock), Mode: a.mode, Held: a.held}
	a.stage = registered
	dead := s.g.Add(a.wait)
	if s.exact {
		s.lockNow(id)
	}
	s.mustBeDead(dead)
	s.claims += min(len(dead), 1)
}

// lockNow is the call of Lock or RLock itself.
func (s *sim) lockNow(id int) {
	a := &s.actors[id]
	l := &s.locks[a.lock]
	switch {
	case l.free(a.mode):
		l.take(id, a.mode)
		a.stage = granted
		return
	case a.mode == lockorder.Shared:
		l.behind[id] = true
	case l.writer < 0 && l.announced < 0:
		l.announced = id
	}
	a.stage = blocked
}

func (s *sim) unlock(id, i int) {
	a := &s.actors[id]
	h := a.held[i]
	a.held = slices.Delete(slices.Clone(a.held), i, i+1)
	l := &s.locks[h.Lock]
	if h.Mode == lockorder.Shared {
		if l.readers[id]--; l.readers[id] == 0 {
			delete(l.readers, id)
		}
	} else {
		l.writer = -1
		for r := range l.behind { // an unlocking writer lets all waiting readers in
			l.take(r, lockorder.Shared)
			s.actors[r].stage = granted
		}
		clear(l.behind)
	}
	s.settle(l, int(h.Lock))
}

// settle grants the lock to the pending writer, or announces the next one.
func (s *sim) settle(l *rw, lock int) {
	for id := range s.actors {
		a := &s.actors[id]
		waits := a.stage == blocked && a.lock == lock && a.mode == lockorder.Exclusive
		if waits && l.writer < 0 && l.announced < 0 {
			l.announced = id
		}
	}
	if w := l.announced; w >= 0 && l.writer < 0 && len(l.readers) == 0 {
		l.announced = -1
		l.take(w, lockorder.Exclusive)
		s.actors[w].stage = granted
	}
}

// lost returns the goroutines that can never go on, by the best that can happen:
// every goroutine that is not blocked finishes and releases everything, and so on.
func (s *sim) lost() map[int]bool {
	lost := make(map[int]bool)
	for id, a := range s.actors {
		// One that was granted its lock, or can still take it, is not lost yet.
		if a.stage == blocked || a.stage == registered {
			lost[id] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for id := range lost {
			if s.canGetIt(id, lost) {
				delete(lost, id)
				changed = true
			}
		}
	}
	return lost
}

// canGetIt reports whether goroutine id gets its lock if only the lost ones keep theirs.
func (s *sim) canGetIt(id int, lost map[int]bool) bool {
	a := &s.actors[id]
	l := &s.locks[a.lock]
	if lost[l.writer] {
		return false
	}
	if a.mode == lockorder.Shared {
		return !lost[l.announced]
	}
	for r := range l.readers {
		if lost[r] {
			return false
		}
	}
	return true
}

func (s *sim) mustBeDead(dead []*Wait) {
	s.t.Helper()
	if len(dead) == 0 {
		return
	}
	lost := s.lost()
	for _, w := range dead {
		if !lost[int(w.Goroutine)] {
			s.t.Fatalf("claimed %q dead; %d can go on; truly lost %v", goroutines(dead), w.Goroutine, lost)
		}
	}
}

// finish checks every wait once more, and that no deadlock went unnoticed.
func (s *sim) finish() {
	noticed := make(map[int]bool)
	for w := range s.g.Waits() {
		dead := s.g.Cycle(w)
		s.mustBeDead(dead)
		for _, d := range dead {
			noticed[int(d.Goroutine)] = true
		}
	}
	lost := s.lost()
	for id := range lost {
		// What is not announced yet is not dead for sure in the graph's eyes.
		if s.actors[id].stage != blocked {
			return
		}
	}
	if s.exact && len(lost) > 0 && len(noticed) == 0 {
		for id, a := range s.actors {
			s.t.Logf("goroutine %d: lock %d %v, held %v, registration %d", id, a.lock, a.mode, a.held, a.wait.Seq)
		}
		s.t.Fatalf("lost %v, and no cycle known", lost)
	}
}

func simulate(t *testing.T, script []byte, exact bool) (claims int) {
	s := newSim(t, exact)
	for ; len(script) >= 2; script = script[2:] {
		s.step(int(script[0])%simGoroutines, script[1])
		s.finish()
	}
	return s.claims
}

func FuzzGraph(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 0, 1, 0})
	f.Add([]byte{0, 16, 0, 0, 2, 0, 2, 0, 1, 1, 1, 1, 1, 16, 1, 16, 0, 1})
	f.Add(grantedInTheWindow)
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 400 {
			return
		}
		simulate(t, script, true)
		simulate(t, script, false)
	})
}

func TestSimulation(t *testing.T) {
	if simulate(t, grantedInTheWindow, false) != 0 {
		t.Error("a goroutine that was granted its lock was claimed dead")
	}
	for _, exact := range []bool{true, false} {
		rng := rand.New(rand.NewPCG(3, 4))
		claims := 0
		for range 1500 {
			script := make([]byte, 120)
			for i := range script {
				script[i] = byte(rng.IntN(256))
			}
			claims += simulate(t, script, exact)
		}
		if claims < 1000 {
			t.Errorf("exact %v: %d claims, too few to tell anything", exact, claims)
		}
		t.Logf("exact %v: %d claims", exact, claims)
	}
}

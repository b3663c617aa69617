//go:build !concdoctor_off

package suite

import "sync"

// stage is what a scenario runs on: a kit, and the kind of lock that it is tried with.
type stage struct {
	kit
	kind string
}

// The kinds of lock that a scenario is tried with. A reader takes the read side of
// an RWMutex in both places.
const (
	mutexKind = "Mutex"
	rwKind    = "RWMutex"
	oneKind   = "-"
)

var (
	bothLocks = []string{mutexKind, rwKind}
	oneLock   = []string{mutexKind}
)

// lock returns a new lock of the stage's kind.
func (s *stage) lock() locker {
	if s.kind == rwKind {
		return s.rw()
	}
	return s.mutex()
}

// The functions that follow exist for their names: they are the sites of findings.

//go:noinline
func takeFirst(l sync.Locker) { l.Lock() }

//go:noinline
func takeSecond(l sync.Locker) { l.Lock() }

//go:noinline
func readFirst(l rwLocker) { l.RLock() }

//go:noinline
func readSecond(l rwLocker) { l.RLock() }

//go:noinline
func tryFirst(l locker) bool { return l.TryLock() }

//go:noinline
func startIn(g group, f func()) { g.Go(f) }

//go:noinline
func waitFor(g group) { g.Wait() }

//go:noinline
func waitSignal(c cond) { c.Wait() }

//go:noinline
func doFirst(o once, f func()) { o.Do(f) }

//go:noinline
func doSecond(o once, f func()) { o.Do(f) }

//go:noinline
func sendTo(c channel, v int) { c.Send(v) }

//go:noinline
func receiveFrom(c channel) int { return c.Recv() }

// nest takes the locks in order and releases them.
func nest(locks ...locker) func() {
	return func() {
		takeFirst(locks[0])
		for _, l := range locks[1:] {
			takeSecond(l)
		}
		for i := len(locks) - 1; i >= 0; i-- {
			locks[i].Unlock()
		}
	}
}

// inTurn runs each function in a goroutine of its own, one after the other: they
// never meet, and nothing that a detector sees orders them.
func inTurn(fs ...func()) {
	for _, f := range fs {
		end := new(luck)
		go func() {
			defer end.comes()
			f()
		}()
		end.await()
	}
}

// together runs the functions at the same time and waits for all, with a wait
// group of the kit: the goroutine that makes what they wait for waits with them.
func (s *stage) together(fs ...func()) {
	all := s.group()
	for _, f := range fs {
		all.Go(f)
	}
	waitFor(all)
}

// meeting returns a function that lets n callers go on when all have come.
func meeting(n int) func() {
	var all sync.WaitGroup
	all.Add(n)
	return func() {
		all.Done()
		all.Wait()
	}
}

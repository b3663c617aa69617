package serialized_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule/serialized"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
)

func TestMain(m *testing.M) { passtest.Main(m, programs) }

// programs run with two processors unless their name says otherwise.
var programs = map[string]func(){
	"one lock":          func() { together(4, lockedWork(newShards(1))) },
	"two goroutines":    func() { together(2, longWork(newShards(1))) },
	"writers and reads": writersAndReaders,
	"one processor":     func() { together(4, lockedWork(newShards(1))) },

	"sharded":          func() { together(4, lockedWork(newShards(4))) },
	"short sections":   shortSections,
	"sleeping holder":  sleepingHolder,
	"blocked holder":   blockedHolder,
	"busy bystander":   busyBystander,
	"no locks at all":  func() { together(4, func(int) { compute(20) }) },
	"sequential":       func() { compute(60) },
	"waiting for work": waitingForWork,
}

// shards is a table with locks.
type shards []struct {
	mu sync.Mutex
	n  int64
	_  [48]byte
}

func newShards(n int) shards { return make(shards, n) }

// together runs n goroutines, each with its number.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

var sink atomic.Int64

// compute takes about n times 2 ms of a processor.
func compute(n int) {
	for i := range n * 20_000 {
		v := int64(i)
		for j := range int64(100) {
			v = v*31 + j
		}
		sink.Store(v)
	}
}

func lockedWork(s shards) func(int) {
	return func(i int) {
		for range 60 {
			s.record(i)
		}
	}
}

// longWork holds the lock so long that the time in which a woken goroutine has no
// thread yet hardly counts, even on a busy machine: of two goroutines, none waits for
// the lock then.
func longWork(s shards) func(int) {
	return func(int) {
		for range 8 {
			s.recordMuch()
		}
	}
}

func (s shards) recordMuch() {
	s[0].mu.Lock()
	defer s[0].mu.Unlock()
	compute(10)
	s[0].n++
}

// record computes under the lock.
func (s shards) record(i int) {
	shard := &s[i%len(s)]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	compute(1)
	shard.n++
}

// writersAndReaders compute in the writers' sections; readers wait for them. The
// sections are as long as longWork's.
func writersAndReaders() {
	var rw sync.RWMutex
	together(4, func(i int) {
		for range 6 {
			if i < 3 {
				rw.Lock()
				compute(10)
				rw.Unlock()
			} else {
				rw.RLock()
				compute(10)
				rw.RUnlock()
			}
		}
	})
}

// shortSections compute outside the lock.
func shortSections() {
	s := newShards(1)
	together(4, func(int) {
		for range 20 {
			compute(1)
			s[0].mu.Lock()
			s[0].n++
			s[0].mu.Unlock()
		}
	})
}

// sleepingHolder keeps the lock while no goroutine runs.
func sleepingHolder() {
	s := newShards(1)
	together(4, func(int) {
		for range 20 {
			s[0].mu.Lock()
			time.Sleep(2 * time.Millisecond)
			s[0].mu.Unlock()
		}
	})
}

// blockedHolder keeps it in a system call.
func blockedHolder() {
	s := newShards(1)
	together(4, func(int) {
		for range 20 {
			s[0].mu.Lock()
			ts := syscall.NsecToTimespec(int64(2 * time.Millisecond))
			syscall.Nanosleep(&ts, nil)
			s[0].mu.Unlock()
		}
	})
}

// busyBystander computes while others wait for a lock whose holder sleeps: it is
// one that runs, but not because of the lock.
func busyBystander() {
	var done atomic.Bool
	go func() {
		for !done.Load() {
			compute(1)
		}
	}()
	sleepingHolder()
	done.Store(true)
}

// waitingForWork has workers that wait for a channel.
func waitingForWork() {
	jobs := make(chan int)
	go func() {
		for i := range 60 {
			compute(1)
			jobs <- i
		}
		close(jobs)
	}()
	together(4, func(int) {
		for range jobs {
			runtime.Gosched()
		}
	})
}

func TestSerialized(t *testing.T) {
	for name, want := range map[string][]string{
		"one lock":          {"serialized observed warning mutex; passes it on here shards.record; waits here shards.record"},
		"two goroutines":    {"serialized observed warning mutex; passes it on here shards.recordMuch; waits here shards.recordMuch"},
		"writers and reads": {"serialized observed warning rwmutex; passes it on here writersAndReaders.func; waits here writersAndReaders.func"},

		"one processor":    nil,
		"sharded":          nil,
		"short sections":   nil,
		"sleeping holder":  nil,
		"blocked holder":   nil,
		"busy bystander":   nil,
		"no locks at all":  nil,
		"sequential":       nil,
		"waiting for work": nil,
	} {
		t.Run(name, func(t *testing.T) {
			program := passtest.Program{Name: name, Procs: 2}
			if name == "one processor" {
				program.Procs = 1
			}
			passtest.Settle(t, program, want, serialized.New)
		})
	}
}

package contention_test

import (
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/passes/contention"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
)

// analyze traces f and returns what the pass finds.
func analyze(t *testing.T, f func()) []finding.Finding {
	t.Helper()
	_, rep := passtest.Capture(t, f, contention.New)
	return rep.Findings
}

// spin keeps a processor busy.
func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

// together runs each function in a goroutine of its own and waits for all.
func together(fs ...func()) {
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(f)
	}
	wg.Wait()
}

func repeat(n int, f func()) func() {
	return func() {
		for range n {
			f()
		}
	}
}

// ledger is a mutex that writes down what really happens: which goroutine waited when, and which held
// it when.
type ledger struct {
	mu    sync.Mutex
	holds []stay // written by the holder
	books []*book
}

// book is what one goroutine has waited.
type book struct{ waits []stay }

type stay struct {
	who      string
	from, to time.Time
}

// book opens a goroutine's book.
func (l *ledger) book() *book {
	b := new(book)
	l.books = append(l.books, b)
	return b
}

// overlap returns how long waits coincided with the holds of one goroutine.
func (l *ledger) overlap(who string) time.Duration {
	var sum time.Duration
	for _, h := range l.holds {
		if h.who != who {
			continue
		}
		for _, b := range l.books {
			for _, w := range b.waits {
				from, to := w.from, w.to
				if h.from.After(from) {
					from = h.from
				}
				if h.to.Before(to) {
					to = h.to
				}
				sum += max(0, to.Sub(from))
			}
		}
	}
	return sum
}

// total returns the sum of all waits.
func (l *ledger) total() time.Duration {
	var sum time.Duration
	for _, b := range l.books {
		for _, w := range b.waits {
			sum += w.to.Sub(w.from)
		}
	}
	return sum
}

func (l *ledger) slowSection(b *book) {
	t0 := time.Now()
	l.mu.Lock()
	t1 := time.Now()
	spin(2 * time.Millisecond)
	l.holds = append(l.holds, stay{"slow", t1, time.Now()})
	l.mu.Unlock()
	b.waits = append(b.waits, stay{"slow", t0, t1})
}

func (l *ledger) fastSection(b *book) {
	t0 := time.Now()
	l.mu.Lock()
	t1 := time.Now()
	l.holds = append(l.holds, stay{"fast", t1, time.Now()})
	l.mu.Unlock()
	b.waits = append(b.waits, stay{"fast", t0, t1})
}

func (l *ledger) sleepySection(b *book) {
	t0 := time.Now()
	l.mu.Lock()
	t1 := time.Now()
	time.Sleep(2 * time.Millisecond)
	l.holds = append(l.holds, stay{"sleepy", t1, time.Now()})
	l.mu.Unlock()
	b.waits = append(b.waits, stay{"sleepy", t0, t1})
}

// store is the victim of the blocking programs.
type store struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	cond *sync.Cond
	conn net.Conn
	in   chan int
	out  chan int
	n    int
}

func (s *store) deferredSleep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nap()
}

func (s *store) nap() { time.Sleep(2 * time.Millisecond) }

func (s *store) inSystemCall() {
	s.mu.Lock()
	ts := syscall.NsecToTimespec(int64(2 * time.Millisecond))
	syscall.Nanosleep(&ts, nil)
	s.mu.Unlock()
}

func (s *store) onNetwork() {
	s.mu.Lock()
	var b [1]byte
	io.ReadFull(s.conn, b[:])
	s.mu.Unlock()
}

func (s *store) onReceive() {
	s.mu.Lock()
	<-s.in
	s.mu.Unlock()
}

func (s *store) onSend() {
	s.mu.Lock()
	s.out <- 1
	s.mu.Unlock()
}

func (s *store) acquire() { s.mu.Lock() }
func (s *store) release() { s.mu.Unlock() }

func (s *store) behindHelpers() {
	s.acquire()
	s.nap()
	s.release()
}

func (s *store) useHelpers() {
	s.acquire()
	s.n++
	s.release()
}

func (s *store) writeSlowly() {
	s.rw.Lock()
	s.nap()
	s.rw.Unlock()
}

func (s *store) readSlowly() {
	s.rw.RLock()
	s.nap()
	s.rw.RUnlock()
}

func (s *store) read() {
	s.rw.RLock()
	_ = s.n
	s.rw.RUnlock()
}

func (s *store) write() {
	s.rw.Lock()
	s.n++
	s.rw.Unlock()
}

// sleepFirst sleeps and computes under the lock: the sleep is not at fault.
func (s *store) sleepFirst() {
	time.Sleep(2 * time.Millisecond)
	s.mu.Lock()
	spin(20 * time.Microsecond)
	s.mu.Unlock()
}

func (s *store) compute() {
	s.mu.Lock()
	spin(6 * time.Millisecond)
	s.mu.Unlock()
}

// consume waits for a condition, which gives the lock back meanwhile.
func (s *store) consume() {
	s.cond.L.Lock()
	for s.n == 0 {
		s.cond.Wait()
	}
	s.n--
	s.cond.L.Unlock()
}

func (s *store) produce() {
	time.Sleep(500 * time.Microsecond)
	s.cond.L.Lock()
	s.n++
	s.cond.L.Unlock()
	s.cond.Signal()
}

// stripes is a healthy sharded counter.
type stripes [64]struct {
	mu sync.Mutex
	n  int
	_  [48]byte
}

func (st *stripes) add(i int) {
	s := &st[i%len(st)]
	s.mu.Lock()
	s.n++
	s.mu.Unlock()
}

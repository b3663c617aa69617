package replay_test

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/trace/passtest"
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// capture traces f and replays the trace through one pass.
func capture(t *testing.T, f func(), pass func(*replay.Trace) replay.Pass) *replay.Trace {
	t.Helper()
	tr, _ := passtest.Capture(t, f, pass)
	return tr
}

// blocked waits until want goroutines run the function and are in the state that
// their stack's header names.
func blocked(t *testing.T, function, state string, want int) {
	t.Helper()
	buf := make([]byte, 1<<20)
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		n := 0
		for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
			head, _, _ := strings.Cut(g, "\n")
			if strings.Contains(g, function+"(") && strings.Contains(head, "["+state) {
				n++
			}
		}
		if n >= want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines in %s became %s, want %d", n, function, state, want)
		}
	}
}

type locks struct {
	mu   sync.Mutex
	rw   sync.RWMutex
	wg   sync.WaitGroup
	cond *sync.Cond
	ch   chan int
}

func waitMutex(l *locks) { l.mu.Lock(); l.mu.Unlock() }
func waitRead(l *locks)  { l.rw.RLock(); l.rw.RUnlock() }
func waitWrite(l *locks) { l.rw.Lock(); l.rw.Unlock() }
func waitGroup(l *locks) { l.wg.Wait() }
func waitCond(l *locks)  { l.mu.Lock(); l.cond.Wait(); l.mu.Unlock() }
func waitRecv(l *locks)  { <-l.ch }
func waitSend(l *locks)  { l.ch <- 1 }
func waitSelect(l *locks) {
	select {
	case <-l.ch:
	case l.ch <- 2:
	}
}

// scenario is one way to wait: how it begins and how another goroutine ends it.
var scenarios = []struct {
	name    string
	wait    func(*locks)
	state   string // in the runtime's words
	reason  stream.Reason
	wakes   string // the waker's function of package sync or runtime; "" for none
	prepare func(*locks)
	wake    func(*locks)
}{
	{"waitMutex", waitMutex, "sync.Mutex.Lock", stream.Mutex, "sync.(*Mutex).Unlock",
		func(l *locks) { l.mu.Lock() }, func(l *locks) { l.mu.Unlock() }},
	{"waitRead", waitRead, "sync.RWMutex.RLock", stream.RWRead, "sync.(*RWMutex).Unlock",
		func(l *locks) { l.rw.Lock() }, func(l *locks) { l.rw.Unlock() }},
	{"waitWrite", waitWrite, "sync.RWMutex.Lock", stream.RWWrite, "sync.(*RWMutex).RUnlock",
		func(l *locks) { l.rw.RLock() }, func(l *locks) { l.rw.RUnlock() }},
	{"waitGroup", waitGroup, "sync.WaitGroup.Wait", stream.WaitGroup, "sync.(*WaitGroup).Add",
		func(l *locks) { l.wg.Add(1) }, func(l *locks) { l.wg.Done() }},
	{"waitCond", waitCond, "sync.Cond.Wait", stream.Cond, "sync.(*Cond).Signal",
		func(l *locks) {}, func(l *locks) { l.cond.Signal() }},
	{"waitRecv", waitRecv, "chan receive", stream.ChanRecv, "runtime.chansend1",
		func(l *locks) {}, func(l *locks) { l.ch <- 1 }},
	{"waitSend", waitSend, "chan send", stream.ChanSend, "runtime.chanrecv1",
		func(l *locks) {}, func(l *locks) { <-l.ch }},
	{"waitSelect", waitSelect, "select", stream.Select, "runtime.chanrecv1",
		func(l *locks) {}, func(l *locks) { <-l.ch }},
}

// TestReasons runs every scenario twice: once with the wait inside the trace, once
// with the goroutine blocked before it, where the trace itself gives no reason.
func TestReasons(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			for _, before := range []bool{false, true} {
				spans := waits(t, sc.wait, sc.prepare, sc.wake, sc.name, sc.state, before)
				if len(spans) != 1 {
					t.Fatalf("before=%v: %d waits in %s, want 1: %+v", before, len(spans), sc.name, spans)
				}
				got := spans[0]
				if !before && got.reason != sc.reason {
					t.Errorf("reason %v, want %v", got.reason, sc.reason)
				}
				if got.waker != sc.wakes {
					t.Errorf("before=%v: woken by %q, want %q", before, got.waker, sc.wakes)
				}
				if got.fromStart != before {
					t.Errorf("FromStart = %v, want %v", got.fromStart, before)
				}
				if before && got.start != 0 {
					t.Errorf("starts at %d, want 0", got.start)
				}
			}
		})
	}
}

// TestStillBlocked leaves the goroutine blocked over the whole trace: only then
// does the trace carry the stack of a wait that began before it.
func TestStillBlocked(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			l := newLocks()
			sc.prepare(l)
			done := make(chan struct{})
			go func() { defer close(done); sc.wait(l) }()
			blocked(t, "replay_test."+sc.name, sc.state, 1)
			found := 0
			tr := capture(t, func() {}, func(tr *replay.Trace) replay.Pass {
				return replay.Pass{Open: func(s *replay.Span) {
					if site := tr.Frame(tr.Site(s.Stack)); strings.HasSuffix(site.Func, "."+sc.name) {
						found++
						if s.Reason != sc.reason || !s.FromStart || s.Start != 0 || s.End != tr.Now || !s.G.Before {
							t.Errorf("open span %+v of %+v", s, s.G)
						}
						if entry := tr.Frame(s.G.Entry).Func; !strings.Contains(entry, "TestStillBlocked") {
							t.Errorf("entry %s", entry)
						}
					}
				}}
			})
			sc.wake(l)
			<-done
			if found != 1 {
				t.Errorf("%d open waits in %s, want 1 (of %d goroutines)", found, sc.name, tr.Goroutines)
			}
		})
	}
}

type wait struct {
	reason    stream.Reason
	waker     string
	start     int64
	fromStart bool
}

func newLocks() *locks {
	l := &locks{ch: make(chan int)}
	l.cond = sync.NewCond(&l.mu)
	return l
}

// waits returns the Waiting spans of the one goroutine that runs the scenario.
func waits(t *testing.T, f, prepare, wake func(*locks), name, state string, before bool) []wait {
	t.Helper()
	l := newLocks()
	var id uint64
	done := make(chan struct{})
	start := func() {
		prepare(l)
		ids := make(chan uint64)
		go func() { defer close(done); ids <- goid(); f(l) }()
		id = <-ids
		blocked(t, "replay_test."+name, state, 1)
	}
	if before {
		start()
	}
	var spans []wait
	capture(t, func() {
		if !before {
			start()
		}
		wake(l)
		<-done
	}, func(tr *replay.Trace) replay.Pass {
		return replay.Pass{States: stream.Waiting.Set(), Span: func(s *replay.Span) {
			site := tr.Frame(tr.Site(s.Stack)).Func
			if s.G.ID == id && (s.FromStart || strings.HasSuffix(site, "."+name)) {
				leaf := ""
				if ids := tr.FrameIDs(s.WakerStack); len(ids) > 0 {
					leaf = tr.Frame(ids[0]).Func
				}
				spans = append(spans, wait{s.Reason, leaf, s.Start, s.FromStart})
			}
		}}
	})
	return spans
}

// goid reads the goroutine's id from its stack's header.
func goid() uint64 {
	var buf [64]byte
	var id uint64
	for _, c := range buf[len("goroutine "):runtime.Stack(buf[:], false)] {
		if c < '0' || c > '9' {
			break
		}
		id = 10*id + uint64(c-'0')
	}
	return id
}

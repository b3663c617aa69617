//go:build !concdoctor_off

package detect_test

import (
	"bytes"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

func TestCallbacksMayLockAndPanic(t *testing.T) {
	detect.ResetForTest(t)
	var a, b agent.Mutex
	got := make(chan finding.Finding, 1)
	defer agent.OnFinding(func(finding.Finding) { panic(errors.New("a bad callback")) })()
	defer agent.OnFinding(func(f finding.Finding) {
		b.Lock() // one of the locks at fault
		a.Lock()
		a.Unlock()
		b.Unlock()
		got <- f
	})()
	run(nest(&a, &b), nest(&b, &a))
	if f := <-got; f.Rule != "lock-cycle" {
		t.Errorf("finding %v", f.Rule)
	}
}

func TestStoppedCallbackIsNotCalled(t *testing.T) {
	detect.ResetForTest(t)
	stop := agent.OnFinding(func(finding.Finding) { t.Error("called") })
	stop()
	seen := make(chan bool, 1)
	defer agent.OnFinding(func(finding.Finding) { seen <- true })()
	var a, b agent.Mutex
	run(nest(&a, &b), nest(&b, &a))
	<-seen
}

// lockingWriter is a user's output that locks an agent mutex.
type lockingWriter struct {
	mu   agent.Mutex
	text bytes.Buffer
	done chan bool
}

func (w *lockingWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() { w.done <- true }()
	return w.text.Write(p)
}

func TestOutputMayLock(t *testing.T) {
	detect.ResetForTest(t)
	w := &lockingWriter{done: make(chan bool, 1)}
	agent.Configure(agent.Options{Output: w})
	var a agent.Mutex
	run(nest(&a, &w.mu), nest(&w.mu, &a))
	<-w.done
	w.mu.Lock()
	defer w.mu.Unlock()
	if !strings.HasPrefix(w.text.String(), "concdoctor: lock-cycle (potential): ") {
		t.Errorf("output %q", w.text.String())
	}
}

func TestLogger(t *testing.T) {
	detect.ResetForTest(t)
	var text bytes.Buffer
	agent.Configure(agent.Options{Logger: slog.New(slog.NewTextHandler(&text, nil))})
	seen := make(chan bool, 1)
	defer agent.OnFinding(func(finding.Finding) { seen <- true })()
	var a, b agent.Mutex
	run(nest(&a, &b), nest(&b, &a))
	<-seen // delivered after the record
	if got := text.String(); !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "rule=lock-cycle") {
		t.Errorf("log %q", got)
	}
}

func TestMinCertainty(t *testing.T) {
	detect.ResetForTest(t)
	agent.Configure(agent.Options{MinCertainty: finding.Observed})
	var a, b agent.Mutex
	run(nest(&a, &b), nest(&b, &a))
	if got := agent.Findings(); len(got) != 0 {
		t.Errorf("findings %v", briefs(got))
	}
}

// The user's memory is collected as before, and the graph lets go of the lock.
func TestLocksAreCollected(t *testing.T) {
	detect.ResetForTest(t)
	type account struct {
		mu agent.Mutex
		_  [1 << 10]byte
	}
	before := detect.GraphLocks() // of goroutines that other tests left hanging
	var collected sync.WaitGroup
	const triples = 500 // more would establish the order
	collected.Add(3 * triples)
	var alive []*account
	for range triples {
		a, b, c := new(account), new(account), new(account)
		for _, it := range []*account{a, b, c} {
			runtime.SetFinalizer(it, func(*account) { collected.Done() })
		}
		nest(&a.mu, &b.mu, &c.mu)() // a and b enter the graph, c is a leaf
		alive = append(alive, a, b, c)
	}
	if n := detect.GraphLocks(); n < 2*triples {
		t.Errorf("the graph knows %d locks, want %d at least", n, 2*triples)
	}
	runtime.KeepAlive(alive)
	done := make(chan bool)
	go func() { collected.Wait(); close(done) }()
	for all := false; !all || detect.GraphLocks() > before+16; {
		runtime.GC()
		select {
		case <-done:
			all = true
		default:
			runtime.Gosched()
		}
	}
}

// Locks under which nothing is taken stay out of the graph, and are found all the
// same when that changes.
func TestLeavesStayOutOfTheGraph(t *testing.T) {
	detect.ResetForTest(t)
	before := detect.GraphLocks()
	var anchor agent.Mutex
	leaves := make([]agent.Mutex, 5000)
	for i := range leaves {
		run(nest(&anchor, &leaves[i]))
	}
	if n := detect.GraphLocks() - before; n > 0 {
		t.Errorf("%d locks in the graph", n)
	}
	run(nest(&leaves[4321], &anchor))
	want := []brief{{"lock-cycle", "potential", []string{"takeFirst", "takeFirst"}, []string{"takeSecond", "takeSecond"}}}
	if diff := cmp.Diff(want, briefs(held(t))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// A lock that is taken under very many others is better off in the graph.
func TestLeafUnderManyLocks(t *testing.T) {
	var leaf agent.Mutex
	outer := make([]agent.Mutex, 50)
	for _, last := range []int{0, 7, 8, 9, 49} {
		expect(t, func() {
			for i := range outer {
				run(nest(&outer[i], &leaf))
			}
			run(nest(&leaf, &outer[last]))
		}, brief{"lock-cycle", "potential", []string{"takeFirst", "takeFirst"}, []string{"takeSecond", "takeSecond"}})
		leaf, outer = agent.Mutex{}, make([]agent.Mutex, 50)
	}
}

func TestGoroutineStatesAreReused(t *testing.T) {
	detect.ResetForTest(t)
	var mu agent.Mutex
	before := detect.States()
	for range 10_000 {
		run(func() { mu.Lock(); mu.Unlock() })
	}
	if n := detect.States() - before; n > 1000 {
		t.Errorf("%d states more after goroutines that ran one at a time", n)
	}
}

func TestManyHolds(t *testing.T) {
	locks := make([]agent.Mutex, 500)
	expect(t, func() {
		for range 2 {
			run(func() {
				for i := range locks {
					locks[i].Lock()
				}
				for i := range locks { // first in, first out
					locks[i].Unlock()
				}
			})
		}
	})
}

func TestNoAllocations(t *testing.T) {
	detect.ResetForTest(t)
	var m [4]agent.Mutex
	var rw agent.RWMutex
	nested := func() {
		for i := range m {
			m[i].Lock()
		}
		rw.RLock()
		rw.RUnlock()
		for i := range m {
			m[len(m)-1-i].Unlock()
		}
	}
	if n := testing.AllocsPerRun(1000, nested); n != 0 && detect.KnowsCreators {
		t.Errorf("%v allocations a run", n)
	}
}

func TestTwentyThousandGoroutinesOnOneMutex(t *testing.T) {
	const n = 20_000
	var mu agent.Mutex
	counter := 0
	expect(t, func() {
		var group sync.WaitGroup
		for range n {
			group.Go(func() {
				mu.Lock()
				counter++
				mu.Unlock()
			})
		}
		group.Wait()
	})
	if counter != n {
		t.Errorf("counter %d, want %d", counter, n)
	}
}

package oversubscribed_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule/oversubscribed"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
)

func TestMain(m *testing.M) { passtest.Main(m, programs) }

// programs all run with two processors.
var programs = map[string]func(){
	"goroutine per task":    func() { goroutinePerTask(60, compute) },
	"started by a function": func() { startAll(60) },
	"worker per processor":  func() { workers(2, 60) },
	"twice the processors":  func() { workers(4, 60) },
	"waiting for I/O":       func() { goroutinePerTask(200, func() { time.Sleep(100 * time.Millisecond) }) },
	"mostly waiting":        mostlyWaiting,
	"short burst":           shortBurst,
	"behind a lock":         behindLock,
}

// compute takes about 5 ms of a processor.
func compute() { spin(5 * time.Millisecond) }

// spin counts its own steps rather than the clock's, which goes on while it is
// ready.
func spin(d time.Duration) {
	for range int(d / stepNanos) {
		step()
	}
}

// stepNanos is what step takes, about; nothing depends on it but the run's length.
const stepNanos = 100

var sink atomic.Int64

func step() {
	n := int64(1)
	for i := range int64(100) {
		n = n*31 + i
	}
	sink.Store(n)
}

func goroutinePerTask(n int, task func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(task)
	}
	all.Wait()
}

func startAll(n int) {
	done := make(chan int)
	for range n {
		go func() {
			compute()
			done <- 1
		}()
	}
	for range n {
		<-done
	}
}

func workers(n, tasks int) {
	var next atomic.Int64
	goroutinePerTask(n, func() {
		for next.Add(1) <= int64(tasks) {
			compute()
		}
	})
}

// mostlyWaiting has many goroutines that hardly compute.
func mostlyWaiting() {
	goroutinePerTask(100, func() {
		for range 5 {
			time.Sleep(30 * time.Millisecond)
			spin(20 * time.Microsecond)
		}
	})
}

// shortBurst starts a small crowd once, and then has little to do.
func shortBurst() {
	goroutinePerTask(20, func() { spin(200 * time.Microsecond) })
	time.Sleep(400 * time.Millisecond)
}

// behindLock has a crowd that waits for a lock, not for a processor.
func behindLock() {
	var mu sync.Mutex
	goroutinePerTask(60, func() {
		mu.Lock()
		spin(2 * time.Millisecond)
		mu.Unlock()
	})
}

func TestCrowds(t *testing.T) {
	for name, want := range map[string][]string{
		"goroutine per task":    {"oversubscribed observed warning processor; created here goroutinePerTask"},
		"started by a function": {"oversubscribed observed warning processor; created here startAll"},
		"worker per processor":  nil,
		"twice the processors":  nil,
		"waiting for I/O":       nil,
		"mostly waiting":        nil,
		"short burst":           nil,
		"behind a lock":         nil,
	} {
		t.Run(name, func(t *testing.T) {
			passtest.Settle(t, passtest.Program{Name: name, Procs: 2}, want, oversubscribed.New)
		})
	}
}

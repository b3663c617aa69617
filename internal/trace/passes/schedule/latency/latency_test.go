package latency_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/internal/trace/passes/schedule/latency"
	"github.com/concdoctor/concdoctor/internal/trace/passtest"
)

func TestMain(m *testing.M) { passtest.Main(m, programs) }

// programs run with two processors.
var programs = map[string]func(){
	"handlers beside computing": func() { together(3, 4, 2*time.Second) },
	"computing only":            func() { together(6, 0, 800*time.Millisecond) },
}

// together runs so many goroutines that compute and that handle events.
func together(computers, handlers int, d time.Duration) {
	var end atomic.Bool
	var all sync.WaitGroup
	all.Add(computers + handlers)
	for range computers {
		go computing(&end, &all)
	}
	for range handlers {
		go handling(&end, &all)
	}
	time.AfterFunc(d, func() { end.Store(true) })
	all.Wait()
}

var sink atomic.Uint64

// computing never waits: it leaves its processor only when it must.
func computing(end *atomic.Bool, all *sync.WaitGroup) {
	defer all.Done()
	n := uint64(1)
	for !end.Load() {
		for range 1000 {
			n = n*6364136223846793005 + 1
		}
	}
	sink.Store(n)
}

// handling waits for its next event most of the time.
func handling(end *atomic.Bool, all *sync.WaitGroup) {
	defer all.Done()
	for !end.Load() {
		time.Sleep(time.Millisecond)
		sink.Add(1)
	}
}

func TestLatency(t *testing.T) {
	tests := map[string][]string{
		"handlers beside computing": {"sched-latency observed warning processor; its goroutines wait for a processor handling"},
		"computing only":            nil, // they share the processors, and no event waits
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			passtest.Settle(t, passtest.Program{Name: name}, want, latency.New)
		})
	}
}

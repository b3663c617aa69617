//go:build !concdoctor_off

package detect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

//go:noinline
func readFirst(rw *agent.RWMutex) { rw.RLock() }

//go:noinline
func readSecond(rw *agent.RWMutex) { rw.RLock() }

//go:noinline
func write(rw *agent.RWMutex) { rw.Lock() }

// readTwice reads inside of reading.
func readTwice(rw *agent.RWMutex) func() {
	return func() {
		readFirst(rw)
		readSecond(rw)
		rw.RUnlock()
		rw.RUnlock()
	}
}

func writer(rw *agent.RWMutex) func() {
	return func() {
		write(rw)
		rw.Unlock()
	}
}

// under runs f under a lock.
func under(gate locker, f func()) func() {
	return func() {
		gate.Lock()
		f()
		gate.Unlock()
	}
}

func TestReadingTwice(t *testing.T) {
	recursion := brief{"rlock-recursion", "potential", []string{"readFirst"}, []string{"readSecond", "write"}}
	for _, tt := range []struct {
		name string
		run  func(a, b *agent.RWMutex, gate *agent.Mutex)
		want []brief
	}{
		{"a writer before", func(a, _ *agent.RWMutex, _ *agent.Mutex) { run(writer(a), readTwice(a)) }, []brief{recursion}},
		{"a writer after", func(a, _ *agent.RWMutex, _ *agent.Mutex) { run(readTwice(a), readTwice(a), writer(a)) }, []brief{recursion}},
		{"a writer under another lock", func(a, _ *agent.RWMutex, gate *agent.Mutex) {
			run(readTwice(a), under(gate, writer(a)))
		}, []brief{recursion}},
		{"a writer behind a gate, then one without", func(a, _ *agent.RWMutex, gate *agent.Mutex) {
			run(under(gate, readTwice(a)), under(gate, writer(a)), writer(a))
		}, []brief{recursion}},
		{"a writer who reads twice, and another reader", func(a, _ *agent.RWMutex, _ *agent.Mutex) {
			run(func() { readTwice(a)(); writer(a)() }, readTwice(a))
		}, []brief{recursion}},
		{"through RLocker", func(a, _ *agent.RWMutex, _ *agent.Mutex) {
			l := a.RLocker()
			run(writer(a), func() { readFirst(a); takeLocker(l); l.Unlock(); a.RUnlock() })
		}, []brief{{"rlock-recursion", "potential", []string{"readFirst"}, []string{"takeLocker", "write"}}}},

		{"no writer", func(a, b *agent.RWMutex, _ *agent.Mutex) { run(readTwice(a), readTwice(a), writer(b)) }, nil},
		{"the only writer is the reader", func(a, _ *agent.RWMutex, _ *agent.Mutex) {
			run(func() { readTwice(a)(); writer(a)(); readTwice(a)() })
		}, nil},
		{"a gate", func(a, _ *agent.RWMutex, gate *agent.Mutex) {
			run(under(gate, readTwice(a)), under(gate, writer(a)))
		}, nil},
		{"writers that never wait", func(a, _ *agent.RWMutex, _ *agent.Mutex) {
			run(readTwice(a), func() {
				if a.TryLock() {
					a.Unlock()
				}
			})
		}, nil},
		{"readers that never wait", func(a, _ *agent.RWMutex, _ *agent.Mutex) {
			run(writer(a), func() {
				readFirst(a)
				if a.TryRLock() {
					a.RUnlock()
				}
				a.RUnlock()
			})
		}, nil},
		{"the first read lock was handed over", func(a, _ *agent.RWMutex, _ *agent.Mutex) {
			run(writer(a), func() {
				readFirst(a)
				run(a.RUnlock)
				readSecond(a)
				a.RUnlock()
			})
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var a, b agent.RWMutex
			var gate agent.Mutex
			expect(t, func() { tt.run(&a, &b, &gate) }, tt.want...)
		})
	}
}

//go:noinline
func takeLocker(l agent.Locker) { l.Lock() }

func TestRingsOfReaders(t *testing.T) {
	readThenTake := func(a *agent.RWMutex, b locker) func() {
		return func() {
			readFirst(a)
			takeSecond(b)
			b.Unlock()
			a.RUnlock()
		}
	}
	takeThenRead := func(b locker, a *agent.RWMutex) func() {
		return func() {
			takeFirst(b)
			readSecond(a)
			a.RUnlock()
			b.Unlock()
		}
	}
	readBoth := func(a, b *agent.RWMutex) func() {
		return func() {
			readFirst(a)
			readSecond(b)
			b.RUnlock()
			a.RUnlock()
		}
	}
	ring := brief{"lock-cycle", "potential", []string{"readFirst", "takeFirst"}, []string{"readSecond", "takeSecond", "write"}}
	both := brief{"lock-cycle", "potential", []string{"readFirst", "readFirst"}, []string{"readSecond", "readSecond", "write", "write"}}
	for _, tt := range []struct {
		name string
		run  func(a, c *agent.RWMutex, b *agent.Mutex)
		want []brief
	}{
		{"a writer last", func(a, _ *agent.RWMutex, b *agent.Mutex) {
			run(readThenTake(a, b), takeThenRead(b, a), writer(a))
		}, []brief{ring}},
		{"a writer first", func(a, _ *agent.RWMutex, b *agent.Mutex) {
			run(writer(a), readThenTake(a, b), takeThenRead(b, a))
		}, []brief{ring}},
		{"a writer in between, under another lock", func(a, c *agent.RWMutex, b *agent.Mutex) {
			run(readThenTake(a, b), under(c, writer(a)), takeThenRead(b, a))
		}, []brief{ring}},
		{"readers both ways with writers of both", func(a, c *agent.RWMutex, _ *agent.Mutex) {
			run(readBoth(a, c), readBoth(c, a), writer(a), writer(c))
		}, []brief{both}},

		{"no writer", func(a, c *agent.RWMutex, b *agent.Mutex) {
			run(readThenTake(a, b), takeThenRead(b, a), writer(c))
		}, nil},
		{"the writer is one of the two", func(a, _ *agent.RWMutex, b *agent.Mutex) {
			run(func() { writer(a)(); readThenTake(a, b)() }, takeThenRead(b, a))
		}, nil},
		{"the writer is kept away", func(a, _ *agent.RWMutex, b *agent.Mutex) {
			run(readThenTake(a, b), takeThenRead(b, a), func() { takeFirst(b); writer(a)(); b.Unlock() })
		}, []brief{{"lock-cycle", "potential", []string{"readFirst", "takeFirst"}, []string{"takeSecond", "write"}}}}, // another ring
		{"readers both ways with a writer of one", func(a, c *agent.RWMutex, _ *agent.Mutex) {
			run(readBoth(a, c), readBoth(c, a), writer(a))
		}, nil},
		{"readers both ways with one writer for both", func(a, c *agent.RWMutex, _ *agent.Mutex) {
			run(readBoth(a, c), readBoth(c, a), func() { writer(a)(); writer(c)() })
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var a, c agent.RWMutex
			var b agent.Mutex
			expect(t, func() { tt.run(&a, &c, &b) }, tt.want...)
		})
	}
}

// A writer waits between two read locks of one goroutine: what was a prediction
// when the second one was asked for is an observation when it does not return.
func TestReadersBehindAWaitingWriter(t *testing.T) {
	var a agent.RWMutex
	detect.ResetForTest(t)
	readLocked, writerWaits := make(chan bool), make(chan bool)
	go func() {
		<-readLocked
		go func() {
			for a.TryRLock() { // a waiting writer keeps readers out
				a.RUnlock()
			}
			close(writerWaits)
		}()
		write(&a)
	}()
	hang(t, func() {
		readFirst(&a)
		close(readLocked)
		<-writerWaits
		readSecond(&a)
	})
	want := []brief{{"rlock-recursion", "observed", []string{"readFirst"}, []string{"readSecond", "write"}}}
	if diff := cmp.Diff(want, briefs(held(t))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if f := agent.Findings()[0]; f.Count != 2 || f.First.Equal(f.Last) {
		t.Errorf("seen %d times, first %v, last %v", f.Count, f.First, f.Last)
	}
}

//go:build !concdoctor_off

package detect_test

import (
	"io"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// box is a struct of a user's that gets copied.
type box struct {
	mutex agent.Mutex
	rw    agent.RWMutex
	data  int
}

// copyOf copies as an assignment does; go vet would not let that through.
func copyOf(b *box) *box {
	c := new(box)
	reflect.ValueOf(c).Elem().Set(reflect.ValueOf(b).Elem())
	return c
}

//go:noinline
func useCopy(f func()) { f() }

func TestCopiesOfLockedLocks(t *testing.T) {
	type said struct {
		At    string
		Holds []string
	}
	copied := func(holds ...string) []said { return []said{{"useCopy", holds}} }
	locked := make(chan bool, 1)
	for _, tt := range []struct {
		name string
		run  func(b *box)
		want []said
	}{
		{"unlocked", func(b *box) {
			takeFirst(&b.mutex)
			c := copyOf(b)
			b.mutex.Unlock()
			useCopy(c.mutex.Unlock)
		}, copied()},
		{"unlocked by a deferred call", func(b *box) {
			takeFirst(&b.rw)
			c := copyOf(b)
			defer b.rw.Unlock()
			defer useCopy(c.rw.Unlock)
		}, copied("takeFirst")},
		{"read-unlocked", func(b *box) {
			readFirst(&b.rw)
			c := copyOf(b)
			useCopy(c.rw.RUnlock)
			b.rw.RUnlock()
		}, copied("readFirst")},
		{"tried", func(b *box) {
			takeFirst(&b.mutex)
			c := copyOf(b)
			b.mutex.Unlock()
			useCopy(func() {
				if c.mutex.TryLock() {
					panic("it is locked")
				}
			})
		}, copied()},
		{"tried for reading", func(b *box) {
			takeFirst(&b.rw)
			c := copyOf(b)
			b.rw.Unlock()
			useCopy(func() {
				if c.rw.TryRLock() {
					panic("it is locked")
				}
			})
		}, copied()},
		{"locked by another goroutine", func(b *box) {
			takeFirst(&b.mutex)
			c := copyOf(b)
			go func() { // for ever
				close(locked)
				useCopy(c.mutex.Lock)
			}()
			<-locked
			for len(agent.Findings()) == 0 {
				runtime.Gosched()
			}
			b.mutex.Unlock()
		}, copied()},

		{"the original was unlocked", func(b *box) {
			nest(&b.mutex, &b.rw)()
			c := copyOf(b)
			useCopy(func() { nest(&c.mutex, &c.rw)() })
			readTwice(&copyOf(c).rw)()
		}, nil},
		{"never used", func(b *box) {
			c := copyOf(b)
			useCopy(c.mutex.Lock)
			c.mutex.Unlock()
		}, nil},
		{"the copy is not used", func(b *box) {
			takeFirst(&b.mutex)
			copyOf(b).data++
			b.mutex.Unlock()
		}, nil},
		{"the copy is made new before its use", func(b *box) {
			takeFirst(&b.mutex)
			c := copyOf(b)
			c.mutex = agent.Mutex{}
			b.mutex.Unlock()
			useCopy(c.mutex.Lock)
			c.mutex.Unlock()
		}, nil},
		{"a slice that grew", func(b *box) {
			boxes := reflect.ValueOf([]box{{}})
			first := func() *box { return boxes.Index(0).Addr().Interface().(*box) }
			for range 5 {
				nest(&first().mutex, &first().rw)()
				boxes = reflect.AppendSlice(boxes, boxes)
			}
		}, nil},
		{"used by many at once for the first time", func(b *box) {
			nest(&b.mutex, &b.rw)()
			for range 50 {
				c := copyOf(b)
				meet := barrier(4)
				var all sync.WaitGroup
				for i := range 4 {
					all.Go(func() {
						meet()
						if i%2 == 0 || c.mutex.TryLock() {
							if i%2 == 0 {
								c.mutex.Lock()
							}
							c.mutex.Unlock()
						}
					})
				}
				all.Wait()
			}
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			detect.ResetForTest(t)
			tt.run(new(box))
			var got []said
			for _, f := range held(t) {
				if f.Rule != "lock-copied" || f.Certainty.String() != "observed" || len(f.Resources) != 2 || f.Resources[0].Address == f.Resources[1].Address {
					t.Errorf("finding %+v", f)
					continue
				}
				s := said{At: short(f.Places[0].Stack[1:])}
				if at := short(f.Places[0].Stack); at == "useCopy" {
					s.At = at
				}
				for _, h := range f.Goroutines[0].Holds {
					s.Holds = append(s.Holds, short(h.Stack))
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// grow makes the goroutine's stack move.
//
//go:noinline
func grow(n int) byte {
	var frame [1 << 10]byte
	if n > 0 {
		frame[n%len(frame)] = grow(n - 1)
	}
	return frame[(n+1)%len(frame)]
}

// Locks do not move with the stack: if they did, each of these would look like a copy.
func TestLocalLocksDoNotMove(t *testing.T) {
	expect(t, func() {
		run(func() {
			var mu agent.Mutex
			var rw agent.RWMutex
			mu.Lock()
			rw.RLock()
			before := uintptr(unsafe.Pointer(&mu))
			grow(1000)
			if after := uintptr(unsafe.Pointer(&mu)); after != before {
				t.Errorf("the mutex moved from %#x to %#x", before, after)
			}
			rw.RUnlock()
			mu.Unlock()
		})
		run(func() {
			var tried agent.Mutex // never locked otherwise
			if !tried.TryLock() {
				t.Error("taken")
			}
			before := uintptr(unsafe.Pointer(&tried))
			grow(1000)
			if after := uintptr(unsafe.Pointer(&tried)); after != before {
				t.Errorf("the mutex moved from %#x to %#x", before, after)
			}
			if tried.TryLock() {
				t.Error("not taken")
			}
		})
	})
}

func TestForeignUnlock(t *testing.T) {
	type said struct {
		Rule                    finding.RuleID
		Certainty, Severity, At string
	}
	hand := func() {
		var a agent.Mutex
		var rw agent.RWMutex
		takeFirst(&a)
		run(func() { useCopy(a.Unlock) })
		readFirst(&rw)
		run(func() { useCopy(rw.RUnlock) })
		takeFirst(&a)
		a.Unlock()
	}
	expect(t, hand) // silent unless asked for
	detect.ResetForTest(t)
	agent.Configure(agent.Options{Output: io.Discard, ForeignUnlock: true})
	hand()
	var got []said
	for _, f := range held(t) {
		got = append(got, said{f.Rule, f.Certainty.String(), f.Severity.String(), short(f.Places[0].Stack)})
	}
	want := []said{{"foreign-unlock", "observed", "info", "useCopy"}, {"foreign-unlock", "observed", "info", "useCopy"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

//go:build !concdoctor_off

package detect_test

import (
	"strings"
	"testing"

	"github.com/concdoctor/concdoctor/agent"
)

//go:noinline
func takeForParent(l locker) { l.Lock() }

// fetch takes a lock for a moment.
func fetch(l locker) {
	takeForParent(l)
	l.Unlock()
}

// joins are the ways in which a goroutine is started and awaited.
func joins() map[string]func(f func()) (wait func()) {
	return map[string]func(f func()) (wait func()){
		"message": func(f func()) func() {
			done := agent.MakeChan[int](0)
			agent.Go(func() { f(); done.Send(1) })
			return func() { done.Recv() }
		},
		"message without a size": func(f func()) func() {
			done := agent.MakeChan[struct{}](1)
			agent.Go(func() { f(); done.Send(struct{}{}) })
			return func() { done.Recv() }
		},
		"close": func(f func()) func() {
			done := agent.MakeChan[int](0)
			agent.Go(func() { defer done.Close(); f() })
			return func() { done.Recv() }
		},
		"Done": func(f func()) func() {
			var group agent.WaitGroup
			group.Add(1)
			agent.Go(func() { defer group.Done(); f() })
			return group.Wait
		},
	}
}

// TestAwaitedUnderALock: the first lock is held while a child is started and awaited
// that takes the second one.
func TestAwaitedUnderALock(t *testing.T) {
	report := brief{"lock-cycle", "potential", []string{"takeFirst", "takeFirst"}, []string{"takeForParent", "takeSecond"}}
	for name, join := range joins() {
		// under runs the child under first and waits for it there.
		under := func(first locker, f func()) func() {
			return func() {
				takeFirst(first)
				join(f)()
				first.Unlock()
			}
		}
		t.Run(name, func(t *testing.T) {
			a, b, c := new(agent.Mutex), new(agent.Mutex), new(agent.Mutex)
			fresh := func() { a, b, c = new(agent.Mutex), new(agent.Mutex), new(agent.Mutex) }
			inversion := func() { run(under(a, func() { fetch(b) }), nest(b, a)) }
			expect(t, inversion, report)
			if f := agent.Findings()[0]; !strings.Contains(f.Detail, "requests the lock through goroutine") {
				t.Errorf("the detail does not say who asks: %s", f.Detail)
			}
			fresh()
			expect(t, func() { run(nest(b, a), under(a, func() { fetch(b) })) }, report)
			fresh()
			expect(t, func() { // requests the lock through goroutine a grandchild
				run(under(a, func() { join(func() { fetch(b) })() }), nest(b, a))
			}, report)
			fresh()
			expect(t, func() { // behind a lock of the child's own, which is no gate
				run(under(a, func() { nest(c, b)() }), nest(c, b, a))
			}, brief{"lock-cycle", "potential", []string{"takeFirst", "takeFirst"}, []string{"takeFirst", "takeSecond"}})
			fresh()
			expect(t, func() { // awaited too late
				run(func() {
					takeFirst(a)
					wait := join(func() { fetch(b) })
					a.Unlock()
					wait()
				}, nest(b, a))
			})
			fresh()
			expect(t, func() { // the lock was free for a while
				run(func() {
					takeFirst(a)
					wait := join(func() { fetch(b) })
					a.Unlock()
					takeFirst(a)
					wait()
					a.Unlock()
				}, nest(b, a))
			})
			fresh()
			expect(t, func() { // started before the lock was taken
				run(func() {
					wait := join(func() { fetch(b) })
					takeFirst(a)
					wait()
					a.Unlock()
				}, nest(b, a))
			})
			fresh()
			expect(t, func() { // behind a gate of the parent's
				run(func() {
					takeFirst(c)
					takeFirst(a)
					join(func() { fetch(b) })()
					a.Unlock()
					c.Unlock()
				}, nest(c, b, a))
			})
		})
	}
}

// TestNotForTheParent: what a child does after it has let the parent go on, and what
// only it does the other way round.
func TestNotForTheParent(t *testing.T) {
	a, b := new(agent.Mutex), new(agent.Mutex)
	expect(t, func() {
		run(func() {
			started, done := agent.MakeChan[int](0), agent.MakeChan[int](0)
			takeFirst(a)
			agent.Go(func() {
				started.Send(1)
				fetch(b)
				done.Close()
			})
			started.Recv()
			a.Unlock()
			done.Recv()
		}, nest(b, a))
	})
	a, b = new(agent.Mutex), new(agent.Mutex)
	expect(t, func() {
		run(func() {
			ready, done := agent.MakeChan[int](0), make(chan bool)
			takeFirst(a)
			agent.Go(func() {
				fetch(b)
				ready.Send(1)
				<-done
				nest(b, a)() // it cannot do both at once
				done <- true
			})
			ready.Recv()
			a.Unlock()
			done <- true
			<-done
		})
	})
}

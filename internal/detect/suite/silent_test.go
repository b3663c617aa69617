//go:build !concdoctor_off

package suite

import (
	"reflect"
	"sync"
	"time"
)

// silentScenarios are programs without a fault: every word about them is a false alarm.
var silentScenarios = []scenario{
	{
		name: "one order", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b, c := s.lock(), s.lock(), s.lock()
			inTurn(nest(a, b, c), nest(a, c), nest(b, c), nest(a, b))
		},
	},
	{
		name: "gate lock", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			gate, a, b := s.lock(), s.lock(), s.lock()
			inTurn(nest(gate, a, b), nest(gate, b, a))
		},
	},
	{
		name: "one goroutine only", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			inTurn(func() { nest(a, b)(); nest(b, a)() })
		},
	},
	{
		name: "readers both ways, no writer", truth: harmless, kinds: []string{rwKind},
		program: func(s *stage) {
			a, b := s.rw(), s.rw()
			both := func(first, second rwLocker) func() {
				return func() {
					readFirst(first)
					readSecond(second)
					second.RUnlock()
					first.RUnlock()
				}
			}
			inTurn(both(a, b), both(b, a))
		},
	},
	{
		name: "read a then b, b then read a, no writer of a", truth: harmless, kinds: []string{rwKind},
		program: func(s *stage) {
			a, b := s.rw(), s.rw()
			inTurn(func() {
				readFirst(a)
				takeSecond(b)
				b.Unlock()
				a.RUnlock()
			}, func() {
				takeFirst(b)
				readSecond(a)
				a.RUnlock()
				b.Unlock()
			})
		},
	},
	{
		name: "TryLock with back-off", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			inTurn(nest(a, b), func() {
				takeFirst(b)
				if tryFirst(a) {
					a.Unlock()
				}
				b.Unlock()
			})
		},
	},
	{
		name: "TryLock on one's own lock", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a := s.lock()
			takeFirst(a)
			if tryFirst(a) {
				panic("twice")
			}
			a.Unlock()
		},
	},
	{
		name: "unlocked by another goroutine", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			inTurn(nest(a, b))
			locked, unlocked := make(chan bool), make(chan bool)
			go func() {
				<-locked
				b.Unlock()
				close(unlocked)
			}()
			inTurn(func() {
				takeFirst(b)
				close(locked)
				<-unlocked
				takeSecond(a) // no goroutine holds b now
				a.Unlock()
			})
		},
	},
	{
		name: "a Lock that waits for another goroutine's Unlock", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a := s.lock()
			takeFirst(a)
			go a.Unlock()
			takeSecond(a)
			a.Unlock()
		},
	},
	{
		name: "RUnlock handed over", truth: harmless, kinds: []string{rwKind},
		program: func(s *stage) {
			a := s.rw()
			for range 100 {
				readFirst(a)
				done := make(chan bool)
				go func() {
					a.RUnlock()
					close(done)
				}()
				<-done
			}
			takeSecond(a)
			a.Unlock()
		},
	},
	{
		name: "copy of a lock that was used before", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a := s.lock()
			takeFirst(a)
			a.Unlock()
			nest(copyOf(a), a)()
		},
	},
	{
		name: "roles that a pool swaps, with Forget", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a, b := s.lock(), s.lock()
			inTurn(nest(a, b))
			s.forget(a) // back to the pool
			s.forget(b)
			inTurn(nest(b, a))
		},
	},
	{
		name: "a lock-ordered array with Nested", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			rows := make([]locker, 12)
			for i := range rows {
				rows[i] = s.lock()
				s.level(rows[i], i)
			}
			for i := range rows {
				for j := i + 1; j < len(rows); j++ {
					inTurn(nest(rows[i], rows[j]))
				}
			}
		},
	},
	{
		name: "a slow critical section", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a := s.lock()
			takeFirst(a)
			waiting := make(chan bool)
			go func() {
				close(waiting)
				takeSecond(a)
				a.Unlock()
			}()
			<-waiting
			time.Sleep(2 * time.Second) // the section is slow, that is all
			a.Unlock()
			takeFirst(a)
			a.Unlock()
		},
	},
	{
		name: "twenty thousand goroutines on one mutex", truth: harmless, kinds: bothLocks,
		program: func(s *stage) {
			a := s.lock()
			var all sync.WaitGroup
			count := 0
			for range 20000 {
				all.Go(func() {
					takeFirst(a)
					count++
					a.Unlock()
				})
			}
			all.Wait()
			if count != 20000 {
				panic(count)
			}
		},
	},
}

// copyOf copies a lock as an assignment does; go vet would not let that through.
func copyOf(l locker) locker {
	c := reflect.New(reflect.TypeOf(l).Elem())
	c.Elem().Set(reflect.ValueOf(l).Elem())
	return c.Interface().(locker)
}

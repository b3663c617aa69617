// Package held is read, not built. A comment "at FUNC OP [CALLEE]: LOCKS" says which
// locks the function holds there: LOCK or LOCK/shared, with "?" where only some ways to
// the line hold it; after "|" what it has released.
package held

import (
	"errors"
	"sync"

	"example.com/other"
)

type store struct {
	mu    sync.RWMutex
	other *store
	all   []*store
	inner struct{ mu sync.Mutex }
	far   other.Lock
	cond  *sync.Cond
	wg    sync.WaitGroup
	out   chan int
}

type embeds struct {
	sync.Mutex
	n int
}

var global sync.Mutex

func (s *store) deferred() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.work() // at held.(*store).deferred call work: s.mu/shared
}

func (s *store) released() {
	s.mu.Lock()
	s.mu.Unlock()
	s.work() // at held.(*store).released call work:
}

func (s *store) some(b bool) {
	if b {
		s.mu.Lock()
	}
	s.work() // at held.(*store).some call work: s.mu?
}

func (s *store) leaves(b bool) error {
	s.mu.Lock()
	if b {
		s.mu.Unlock()
		s.work() // at held.(*store).leaves call work:
		return errors.New("b")
	}
	s.out <- 1 // at held.(*store).leaves send: s.mu
	s.mu.Unlock()
	return nil
}

func move(from, to *store) {
	from.mu.Lock()
	to.mu.Lock() // at held.move lock: from.mu
	from.mu.Unlock()
	to.work() // at held.move call work: to.mu
	to.mu.Unlock()
}

func (s *store) loop() {
	for {
		s.mu.Lock()
		if s.inner.mu.TryLock() {
			<-s.out // at held.(*store).loop receive: s.mu, s.inner.mu
			s.inner.mu.Unlock()
			s.mu.Unlock()
			break
		}
		s.mu.Unlock()
		s.all[0].work() // at held.(*store).loop call work:
	}
	s.work2() // at held.(*store).loop call work2:
}

func (s *store) keeps() {
	for range 3 {
		s.other.mu.Lock() // at held.(*store).keeps lock: s.other.mu?
	}
	s.work() // at held.(*store).keeps call work: s.other.mu?
}

func (s *store) locked() {
	s.mu.Unlock()
	s.work() // at held.(*store).locked call work: | s.mu
	s.mu.Lock()
	s.work2() // at held.(*store).locked call work2:
}

func (s *store) closure() {
	global.Lock()
	func() {
		s.inner.mu.Lock()
		s.work() // at held.(*store).closure.func1 call work: s.inner.mu
		s.inner.mu.Unlock()
	}() // at held.(*store).closure call closure.func1: global
	s.wg.Go(func() { s.mu.Lock(); s.out <- 1; s.mu.Unlock() }) // at held.(*store).closure.func2 send: s.mu
	global.Unlock()
}

func (s *store) wait() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wg.Wait()   // at held.(*store).wait wait: s.mu
	s.cond.Wait() // at held.(*store).wait wait: s.mu
}

func (e *embeds) promoted() {
	e.Lock()
	e.work() // at held.(*embeds).promoted call work: e
	e.Unlock()
}

func (s *store) choose(b int) {
	s.mu.Lock()
	switch b {
	case 1:
		s.mu.Unlock()
	case 2:
		panic("two")
	default:
		s.mu.Unlock()
	}
	select { // at held.(*store).choose select:
	case <-s.out:
		s.mu.RLock()
	case s.out <- 1:
		s.mu.RLock()
	}
	s.work() // at held.(*store).choose call work: s.mu/shared
	if !s.inner.mu.TryLock() {
		return
	}
	s.work2() // at held.(*store).choose call work2: s.mu/shared, s.inner.mu
}

func (s *store) late() {
	s.mu.Lock()
	defer s.wg.Wait()
	defer s.inner.mu.Unlock()
	s.inner.mu.Lock()
	s.work()
} // at held.(*store).late wait: s.mu

func (s *store) between() {
	for v := range s.out { // at held.(*store).between receive:
		global.Lock()
		s.work() // at held.(*store).between call work: global
		if v == 1 {
			global.Unlock()
			continue
		}
		global.Unlock()
	}
}

func (s *store) unknown() {
	s.far.Lock()
	s.work() // at held.(*store).unknown call work: s.far
	s.far.Unlock()
}

func generic[T any](s *store, v T) {
	s.mu.Lock()
	s.work() // at held.generic[...] call work: s.mu
	s.mu.Unlock()
}

var table = map[string]func(s *store){
	"a": func(s *store) {
		s.mu.Lock()
		s.work() // at held.init.func1 call work: s.mu
		s.mu.Unlock()
	},
}

func (s *store) work()  {}
func (s *store) work2() {}
func (e *embeds) work() {}

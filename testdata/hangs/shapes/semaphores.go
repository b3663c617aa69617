package shapes

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

type images struct {
	mu    sync.Mutex
	slots chan struct{}
	done  map[string]bool
}

// scale takes a slot and then the lock.
func (m *images) scale(name string) {
	m.slots <- struct{}{}
	defer func() { <-m.slots }()
	time.Sleep(2 * moment)
	m.mu.Lock() // waits lock mu
	m.done[name] = true
	m.mu.Unlock()
}

// rescale takes the lock and then a slot.
func (m *images) rescale(name string) {
	m.mu.Lock() // holds lock mu
	defer m.mu.Unlock()
	m.slots <- struct{}{} // waits chan slots
	defer func() { <-m.slots }()
	m.done[name] = true
}

// SlotAndLock: a lock and a counting semaphore are taken in both orders.
//
// rule: deadlock
// least: potential
func SlotAndLock() {
	m := &images{slots: make(chan struct{}, 1), done: map[string]bool{}}
	var wg sync.WaitGroup
	wg.Go(func() { m.scale("cat") })
	time.Sleep(moment)
	wg.Go(func() { m.rescale("dog") })
	wg.Wait()
}

// SlotAndLockHealthy: the slot is taken before the lock in both, and held for long.
func SlotAndLockHealthy() {
	m := &images{slots: make(chan struct{}, 1), done: map[string]bool{}}
	var wg sync.WaitGroup
	for _, name := range []string{"cat", "dog"} {
		wg.Go(func() {
			m.slots <- struct{}{}
			defer func() { <-m.slots }()
			m.mu.Lock()
			defer m.mu.Unlock()
			time.Sleep(slow / 2)
			m.done[name] = true
		})
	}
	wg.Wait()
}

type tree struct {
	slots chan struct{}
	wg    sync.WaitGroup
}

func (t *tree) walk(depth int) {
	t.slots <- struct{}{} // waits chan slots
	defer func() { <-t.slots }()
	time.Sleep(moment)
	if depth == 0 {
		return
	}
	var below sync.WaitGroup
	for range 2 {
		below.Go(func() { t.walk(depth - 1) })
	}
	below.Wait() // waits group below
}

// SlotForChildren: each call keeps its slot while it waits for calls that need slots too.
//
// rule: deadlock, stuck
// least: potential
func SlotForChildren() {
	t := &tree{slots: make(chan struct{}, 2)}
	t.walk(3)
}

// SlotForChildrenHealthy: there are slots enough, and the leaves are slow.
func SlotForChildrenHealthy() {
	t := &tree{slots: make(chan struct{}, 2)}
	for range 3 {
		t.wg.Go(func() {
			t.slots <- struct{}{}
			defer func() { <-t.slots }()
			time.Sleep(slow / 2)
		})
	}
	t.wg.Wait()
}

type mailer struct {
	slots chan struct{}
	sent  int
}

func (m *mailer) send(to string) error {
	m.slots <- struct{}{} // waits chan slots
	if to == "" {
		return errors.New("no address")
	}
	m.sent++
	<-m.slots
	return nil
}

// SlotNotGivenBack: the error path keeps its slot.
//
// rule: stuck, self-deadlock, deadlock
// least: potential
func SlotNotGivenBack() {
	m := &mailer{slots: make(chan struct{}, 2)}
	for _, to := range []string{"ann", "", "", "bea"} {
		if err := m.send(to); err != nil {
			fmt.Println(err)
		}
	}
}

// SlotNotGivenBackHealthy: all slots are taken by slow connections.
func SlotNotGivenBackHealthy() {
	m := &mailer{slots: make(chan struct{}, 2)}
	for range 2 {
		m.slots <- struct{}{}
		time.AfterFunc(slow, func() { <-m.slots })
	}
	_ = m.send("bea")
}

type pool struct {
	conns chan int
	mu    sync.Mutex
	used  int
}

func (p *pool) get() int {
	p.mu.Lock() // holds lock mu // waits lock mu
	defer p.mu.Unlock()
	c := <-p.conns // waits chan conns
	p.used++
	return c
}

func (p *pool) put(c int) {
	p.mu.Lock() // waits lock mu
	defer p.mu.Unlock()
	p.used--
	p.conns <- c
}

// PoolUnderLock: who takes a connection waits for one under the lock without which
// nobody can give one back.
//
// rule: deadlock
// least: potential
func PoolUnderLock() {
	p := &pool{conns: make(chan int, 1)}
	p.conns <- 1
	var clients sync.WaitGroup
	for range 3 {
		clients.Add(1)
		go func() {
			defer clients.Done()
			c := p.get()
			time.Sleep(moment)
			p.put(c)
		}()
	}
	clients.Wait()
}

// PoolUnderLockHealthy: the connection comes back from a timer without the lock.
func PoolUnderLockHealthy() {
	p := &pool{conns: make(chan int, 1)}
	time.AfterFunc(slow, func() { p.conns <- 1 })
	var clients sync.WaitGroup
	for range 2 {
		clients.Go(func() {
			c := p.get()
			p.conns <- c
		})
	}
	clients.Wait()
}

package rare

import (
	"strconv"
	"sync"
	"testing"
)

// together runs the functions at about the same time and waits for all.
func together(fs ...func()) {
	var wg sync.WaitGroup
	for _, f := range fs {
		wg.Go(f)
	}
	wg.Wait()
}

// ponder takes a tenth of a millisecond to come to a number: what others do at once is
// over by then.
//
//go:noinline
func ponder() (n int) {
	for i := range 200_000 {
		n ^= i
	}
	return n
}

type account struct {
	mu      sync.Mutex
	balance int
}

func transfer(from, to *account, n int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.balance -= n
	to.balance += n
}

// Two transfers in opposite directions take the accounts in opposite orders.
func TestTransfers(t *testing.T) {
	a, b := new(account), new(account)
	together(func() { transfer(a, b, 1) }, func() { transfer(b, a, 1) })
}

// Three neighbours each take their own fork and then the next one's.
func TestRing(t *testing.T) {
	var forks [3]sync.Mutex
	eat := func(i int) func() {
		return func() {
			forks[i].Lock()
			forks[(i+1)%3].Lock()
			forks[(i+1)%3].Unlock()
			forks[i].Unlock()
		}
	}
	together(eat(0), eat(1), eat(2))
}

type registry struct {
	mu    sync.RWMutex
	names map[string]int
}

func (r *registry) has(name string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, has := r.names[name]
	return has
}

// both reads twice under one read lock and calls has, which takes it again: fatal if a
// writer asks for the lock in between.
func (r *registry) both(a, b string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.has(a) && r.has(b)
}

func (r *registry) add(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[name]++
}

func TestReadTwice(t *testing.T) {
	r := &registry{names: map[string]int{"a": 1}}
	together(func() { r.both("a", "b") }, func() { r.add(strconv.Itoa(ponder())) })
}

// The stock is read in one critical section and written in another.
func TestLostUpdate(t *testing.T) {
	var mu sync.Mutex
	stock := 0
	add := func() {
		mu.Lock()
		n := stock
		mu.Unlock()
		mu.Lock()
		stock = n + 1
		mu.Unlock()
	}
	together(add, add)
	if stock != 2 {
		t.Errorf("stock is %d, want 2", stock)
	}
}

// The client holds the lock while it waits for the answer of a server that needs the lock
// before it serves.
func TestAskUnderLock(t *testing.T) {
	var mu sync.Mutex
	requests, answers := make(chan int), make(chan int)
	served := 0
	together(func() {
		question := ponder()
		mu.Lock()
		defer mu.Unlock()
		requests <- question
		<-answers
	}, func() {
		mu.Lock()
		served++
		mu.Unlock()
		answers <- <-requests
	})
}

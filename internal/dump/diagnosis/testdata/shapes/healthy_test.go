package shapes

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"testing"
	"time"
)

// The tests of this file end by themselves; their dumps are taken on the way.

const work = 3 * time.Second

// want: none
func TestHealthyWait(t *testing.T) {
	done := make(chan bool)
	go func() { time.Sleep(work); close(done) }()
	<-done
}

// want: none
func TestHealthyGroup(t *testing.T) {
	var g sync.WaitGroup
	for range 3 {
		g.Go(func() { time.Sleep(work) })
	}
	g.Wait()
}

// want: none
func TestHealthyTimer(t *testing.T) { <-time.After(work) }

// want: none
func TestHealthyTicker(t *testing.T) {
	ticker := time.NewTicker(work)
	defer ticker.Stop()
	<-ticker.C
}

// want: none
func TestHealthyContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), work)
	defer cancel()
	<-ctx.Done()
}

// want: none
func TestHealthySelect(t *testing.T) {
	select {
	case <-make(chan int):
	case <-time.After(work):
	}
}

// want: none
func TestHealthyLock(t *testing.T) {
	a := new(account)
	a.mu.Lock()
	go a.get()
	time.Sleep(work)
	a.mu.Unlock()
}

// A public method calls one that locks; another goroutine has the lock.
//
// want: none
func TestHealthyMethods(t *testing.T) {
	a := new(account)
	go a.slowly()
	time.Sleep(20 * time.Millisecond)
	a.outer()
}

//go:noinline
func (a *account) slowly() {
	a.mu.Lock()
	defer a.mu.Unlock()
	time.Sleep(work)
}

//go:noinline
func (a *account) outer() int { return a.get() + 1 }

// want: none
func TestHealthyPool(t *testing.T) {
	jobs := make(chan int)
	var g sync.WaitGroup
	for range 3 {
		g.Go(func() {
			for range jobs {
			}
		})
	}
	time.Sleep(work)
	close(jobs)
	g.Wait()
}

// Hand over hand: each node is locked before the one before is unlocked.
//
// want: none
func TestHealthyHandOverHand(t *testing.T) {
	list := &node{}
	for range 5 {
		list = &node{next: list}
	}
	var g sync.WaitGroup
	for range 3 {
		g.Go(list.walk)
	}
	g.Wait()
}

type node struct {
	mu   sync.Mutex
	next *node
}

//go:noinline
func (n *node) walk() {
	n.mu.Lock()
	for at := n; at.next != nil; at = at.next {
		at.next.mu.Lock()
		time.Sleep(work / 5)
		at.mu.Unlock()
	}
}

// want: none
func TestHealthySignal(t *testing.T) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	defer signal.Stop(c)
	go func() {
		time.Sleep(work)
		c <- os.Interrupt
	}()
	<-c
}

// A publisher waits for a slow subscriber under its lock, while others want to publish.
//
// want: none
func TestHealthyPublish(t *testing.T) {
	h := &hub{subs: map[int]chan int{1: make(chan int)}}
	go func() {
		for range h.subs[1] {
			time.Sleep(work / 3)
		}
	}()
	go h.publish(1)
	go h.publish(2)
	go h.remove(2)
	time.Sleep(20 * time.Millisecond)
	h.publish(3)
}

// The goroutine that was given the lock releases it in the end.
//
// want: none
func TestHealthyHandOver(t *testing.T) {
	a := new(account)
	a.mu.Lock()
	go func() {
		defer a.mu.Unlock()
		time.Sleep(work)
	}()
	a.mu.Lock()
}

// rooms are locks by name: Lock keeps the lock of the room, and not the one that it waits for.
type rooms struct {
	mu   sync.Mutex
	busy map[string]bool
}

//go:noinline
func (r *rooms) Lock() {
	r.mu.Lock()
	r.busy["hall"] = true
	time.Sleep(work / 3)
	r.mu.Unlock()
}

//go:noinline
func (r *rooms) use(then func()) {
	r.Lock()
	then()
}

// A method Lock that leaves no lock behind waits for its turn, below itself.
//
// want: none
func TestHealthyRooms(t *testing.T) {
	r := &rooms{busy: make(map[string]bool)}
	go r.Lock()
	go r.Lock()
	time.Sleep(20 * time.Millisecond)
	r.use(func() { r.use(func() {}) })
}

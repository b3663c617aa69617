package shapes

import (
	"fmt"
	"sync"
	"time"
)

type link struct {
	mu sync.Mutex
	up bool
}

// open returns with the lock held; who has dialled releases it.
func (l *link) open(dialled <-chan bool) {
	l.mu.Lock()
	go func() {
		l.up = <-dialled
		l.mu.Unlock()
	}()
}

type peers struct {
	mu    sync.Mutex
	links map[string]*link
}

func (p *peers) drop(name string) {
	p.mu.Lock() // holds lock mu
	defer p.mu.Unlock()
	l := p.links[name]
	time.Sleep(moment)
	l.mu.Lock() // waits lock mu
	l.up = false
	l.mu.Unlock()
}

func (p *peers) send(name string) {
	l := p.links[name]
	l.mu.Lock() // holds lock mu
	defer l.mu.Unlock()
	time.Sleep(moment)
	p.mu.Lock() // waits lock mu
	defer p.mu.Unlock()
	fmt.Println(len(p.links), l.up)
}

// HandedThenCrossed: the lock of a link was once released by another goroutine than took
// it, long before it is taken in both orders with another one.
//
// rule: deadlock
// least: potential
func HandedThenCrossed() {
	l := new(link)
	p := &peers{links: map[string]*link{"north": l}}
	dialled := make(chan bool)
	l.open(dialled)
	dialled <- true
	var wg sync.WaitGroup
	wg.Go(func() { p.drop("north") })
	wg.Go(func() { p.send("north") })
	wg.Wait()
}

// HandedThenCrossedHealthy: the goroutine that was given the lock has not dialled yet.
func HandedThenCrossedHealthy() {
	l := new(link)
	p := &peers{links: map[string]*link{"north": l}}
	dialled := make(chan bool)
	l.open(dialled)
	time.AfterFunc(slow, func() { dialled <- true })
	p.drop("north")
}

type door struct {
	mu   sync.Mutex
	code int
}

func (d *door) change(code int) {
	d.mu.Lock() // holds lock mu
	go func() {
		if code < 1000 {
			return
		}
		d.code = code
		d.mu.Unlock()
	}()
}

// GivenAndKept: a lock is given to a goroutine, which ends by a path that does not
// release it.
//
// rule: abandoned-lock, self-deadlock, stuck
// least: potential
func GivenAndKept() {
	d := new(door)
	d.change(4711)
	time.Sleep(moment)
	d.change(12)
	time.Sleep(moment)
	d.mu.Lock() // waits lock mu
	fmt.Println(d.code)
	d.mu.Unlock()
}

// GivenAndKeptHealthy: the goroutine that was given the lock turns the key slowly.
func GivenAndKeptHealthy() {
	d := new(door)
	d.mu.Lock()
	go func() {
		defer d.mu.Unlock()
		time.Sleep(slow)
		d.code = 4711
	}()
	d.mu.Lock()
	fmt.Println(d.code)
	d.mu.Unlock()
}

type lease struct {
	mu       sync.Mutex
	released chan bool
}

func (l *lease) grant() {
	l.mu.Lock() // holds lock mu
	go func() {
		<-l.released // waits chan released
		l.mu.Unlock()
	}()
}

// GivenToBlocked: a lock is given to a goroutine that releases it after a message, which
// only somebody with the lock would send.
//
// rule: deadlock, self-deadlock
// least: potential
func GivenToBlocked() {
	l := &lease{released: make(chan bool)}
	l.grant()
	l.mu.Lock() // waits lock mu
	l.released <- true
	l.mu.Unlock()
}

// GivenToBlockedHealthy: the message comes from a timer.
func GivenToBlockedHealthy() {
	l := &lease{released: make(chan bool)}
	l.grant()
	time.AfterFunc(slow, func() { close(l.released) })
	l.mu.Lock()
	l.mu.Unlock()
}

package shapes

import (
	"fmt"
	"strconv"
	"sync"
	"time"
)

type ledger struct {
	mu   sync.Mutex
	sums map[string]int
}

func (l *ledger) book(name, amount string) {
	l.mu.Lock() // holds lock mu
	n, err := strconv.Atoi(amount)
	if err != nil {
		return
	}
	l.sums[name] += n
	l.mu.Unlock()
}

// WorkerKeepsLock: a goroutine ends by an error path that forgets Unlock; the report at
// the end of the day waits for the lock.
//
// rule: abandoned-lock
// least: potential
func WorkerKeepsLock() {
	l := &ledger{sums: map[string]int{}}
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		l.book("rent", "a lot")
	}()
	wg.Wait()
	l.mu.Lock() // waits lock mu
	defer l.mu.Unlock()
	fmt.Println(l.sums)
}

// WorkerKeepsLockHealthy: the worker is still at it.
func WorkerKeepsLockHealthy() {
	l := &ledger{sums: map[string]int{}}
	started := make(chan bool)
	go func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		started <- true
		time.Sleep(slow)
		l.sums["rent"] = 1000
	}()
	<-started
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Println(l.sums)
}

type parser struct {
	mu   sync.Mutex
	seen int
}

func (p *parser) parse(text string) byte {
	p.mu.Lock() // holds lock mu // waits lock mu
	p.seen++
	first := text[0]
	p.mu.Unlock()
	return first
}

func (p *parser) try(text string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("parsing %q: %v", text, r)
		}
	}()
	p.parse(text)
	return nil
}

// PanicRecovered: a panic between Lock and Unlock is recovered further up.
//
// rule: self-deadlock, stuck
// least: potential
func PanicRecovered() {
	p := new(parser)
	fmt.Println(p.try("x"))
	fmt.Println(p.try(""))
	fmt.Println(p.try("y"))
}

// PanicRecoveredHealthy: the lock goes with the panic; the next one waits for a slow reader.
func PanicRecoveredHealthy() {
	p := new(parser)
	guarded := func(text string) (err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("parsing %q: %v", text, r)
			}
		}()
		_ = text[0]
		return nil
	}
	fmt.Println(guarded(""))
	reading := make(chan bool)
	go func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		close(reading)
		time.Sleep(slow)
	}()
	<-reading
	fmt.Println(guarded("y"))
}

type registry struct {
	mu        sync.Mutex
	listeners map[int]func(string)
	next      int
}

func (r *registry) listen(f func(string)) (stop func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := r.next
	r.next++
	r.listeners[id] = f
	return func() {
		r.mu.Lock() // waits lock mu
		defer r.mu.Unlock()
		delete(r.listeners, id)
	}
}

func (r *registry) announce(news string) {
	r.mu.Lock() // holds lock mu
	defer r.mu.Unlock()
	for _, f := range r.listeners {
		f(news)
	}
}

// ListenerUnderLock: listeners are called with the lock held, and one of them leaves.
//
// rule: self-deadlock
// least: potential
func ListenerUnderLock() {
	r := &registry{listeners: map[int]func(string){}}
	var stop func()
	stop = r.listen(func(news string) {
		if news == "bye" {
			stop()
		}
	})
	r.announce("hello")
	r.announce("bye")
}

// ListenerUnderLockHealthy: a listener takes its time, and another one would like to leave.
func ListenerUnderLockHealthy() {
	r := &registry{listeners: map[int]func(string){}}
	called := make(chan bool, 1)
	r.listen(func(string) {
		called <- true
		time.Sleep(slow)
	})
	stop := r.listen(func(string) {})
	go r.announce("hello")
	<-called
	stop()
}

type gauge struct {
	mu sync.Mutex
	at float64
}

func (g *gauge) String() string {
	g.mu.Lock() // waits lock mu
	defer g.mu.Unlock()
	return fmt.Sprintf("%.1f", g.at)
}

func (g *gauge) set(at float64) {
	g.mu.Lock() // holds lock mu
	defer g.mu.Unlock()
	g.at = at
	fmt.Printf("gauge is at %v\n", g)
}

// StringUnderLock: the lock is held where the value is printed, and its String method
// takes it.
//
// rule: self-deadlock
// least: potential
func StringUnderLock() {
	g := new(gauge)
	g.set(1.5)
}

// StringUnderLockHealthy: the gauge is printed while a slow sensor sets it.
func StringUnderLockHealthy() {
	g := new(gauge)
	setting := make(chan bool)
	go func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		close(setting)
		time.Sleep(slow)
		g.at = 2.5
	}()
	<-setting
	fmt.Printf("gauge is at %v\n", g)
}

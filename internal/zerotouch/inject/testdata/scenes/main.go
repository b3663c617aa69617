// Command scenes does one thing each that a tape records, by name.
package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

var (
	a, b  sync.Mutex
	rw    sync.RWMutex
	group sync.WaitGroup
)

var scenes = map[string]func(){
	"inversion":   inversion,
	"leak":        leak,
	"reached":     reached,
	"asleep":      asleep,
	"hold":        hold,
	"modes":       modes,
	"overflow":    overflow,
	"recursion":   recursion,
	"handover":    handover,
	"shares":      shares,
	"gave":        gave,
	"gaveMany":    gaveMany,
	"gaveRead":    gaveRead,
	"left":        leave,
	"abandoned":   abandoned,
	"released":    func() { await(func() { a.Lock(); a.Unlock() }) },
	"sendClosed":  sendClosed,
	"doubleClose": doubleClose,
	"closedOnce":  closedOnce,
	"nilChannel":  func() { go receive(nil); settle() },
	"negative":    negative,
	"waits":       waits,
	"robbed":      robbed,
	"signals":     signals,
	"timers":      timers,
	"timer":       timer,
	"reuse":       reuse,
	"array":       array,
	"crowd":       crowd,
	"horde":       horde,
	"arrays":      arrays,
	"ring":        ring,
	"lapped":      lapped,
	"stacks":      stacks,
	"panic":       func() { panic("as meant") },
	"exit":        func() { os.Exit(7) },
	"main":        func() {},
	"run":         run,
	"brief":       brief,
	"child":       child,
	"permits":     permits,
	"closes":      closes,
	"since":       since,
	"thread":      thread,
}

func main() { scenes[os.Args[1]]() }

// await runs f in a goroutine to its end.
func await(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// settle waits until all other goroutines wait, or for a second.
func settle() {
	text := make([]byte, 64<<10)
	for range 1000 {
		all := text[:runtime.Stack(text, true)]
		if bytes.Count(all, []byte(" [run")) == 1 { // this one is running, others would be runnable
			break
		}
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
}

func inversion() {
	await(func() {
		a.Lock()
		b.Lock()
		b.Unlock()
		a.Unlock()
	})
	await(func() {
		b.Lock()
		defer b.Unlock()
		if a.TryLock() {
			a.Unlock()
		}
	})
}

func asleep() {
	met := make(chan any, 2) // of what has pointers: no semaphore
	go func() { a.Lock(); met <- nil; settle(); b.Lock() }()
	b.Lock()
	<-met
	a.Lock()
}

func hold() {
	a.Lock()
	rw.RLock()
	b.Lock()
	a.Unlock() // out of order
}

func modes() {
	rw.Lock()
	go rw.RLock()
	go rw.Lock()
	settle()
}

func overflow() {
	var locks [20]sync.Mutex
	for i := range locks {
		locks[i].Lock()
	}
	for i := range 2 {
		locks[19-i].Unlock()
	}
}

func recursion() {
	go func() { a.Lock(); a.Lock() }()
	settle()
}

func handover() {
	for range 3 {
		a.Lock()
		await(a.Unlock)
	}
	b.Lock() // not under a
	a.Lock()
}

// shares starts a goroutine while it holds nothing, one while it holds a lock, and takes
// another lock then.
func shares() {
	never := make(chan bool)
	go func() { <-never }()
	a.Lock()
	go func() { <-never }()
	b.Lock()
	settle()
}

// gave gives one lock away, keeps another, and takes a third under that.
func gave() {
	a.Lock()
	b.Lock()
	await(a.Unlock)
	rw.Lock()
}

// gaveMany gives one lock away again and again, which another goroutine holds in the end.
func gaveMany() {
	for range 40 {
		a.Lock()
		await(a.Unlock)
	}
	go func() {
		a.Lock()
		select {}
	}()
	settle()
}

// leave takes a lock in a goroutine that ends, and releases it.
func leave() {
	await(func() { a.Lock() })
	settle()
	a.Unlock()
}

// gaveRead gives a read lock away: no goroutine is recorded as its holder from then on.
func gaveRead() {
	rw.RLock()
	await(rw.RUnlock)
	a.Lock()
	rw.RLock()
	b.Lock()
}

func run() {
	a.Lock()
	b.Lock()
	fmt.Println("ready")
	time.Sleep(time.Hour)
}

func receive(c chan int) { <-c }

func negative() {
	defer func() { recover() }()
	group.Add(-1)
}

func abandoned() {
	await(func() { a.Lock(); rw.RLock() })
	settle() // what it holds is written down after it ran
}

func sendClosed() {
	defer func() { recover() }()
	c := make(chan int, 1)
	closeIt(c)
	c <- 1
}

func closeIt(c chan int) { close(c) }

func doubleClose() {
	defer func() { recover() }()
	c := make(chan int)
	await(func() { closeIt(c) })
	close(c)
}

func closedOnce() {
	c := make(chan int, 1)
	c <- 1
	close(c)
	<-c
	<-c
}

func waits() {
	c, d := make(chan int), make(chan int)
	many := make([]chan int, 10)
	cond := sync.NewCond(&b)
	group.Add(1)
	go func() { c <- 1 }()
	go func() { <-d }()
	go func() {
		select {
		case c <- 2:
		case <-d:
		case <-time.After(time.Hour):
		}
	}()
	go func() {
		for i := range many {
			many[i] = make(chan int)
		}
		select {
		case <-many[0]:
		case <-many[1]:
		case <-many[2]:
		case <-many[3]:
		case <-many[4]:
		case <-many[5]:
		case <-many[6]:
		case <-many[7]:
		case <-many[8]:
		case <-many[9]:
		}
	}()
	go group.Wait()
	go func() { b.Lock(); cond.Wait() }()
	go func() { a.Lock(); a.Lock() }()
	go func() { select {} }()
	settle()
}

// timers has functions of timers lock for writing, one after the other.
func timers() {
	var rw sync.RWMutex
	for range 20 {
		done := make(chan bool)
		time.AfterFunc(1, func() {
			rw.Lock()
			rw.Unlock()
			close(done)
		})
		<-done
	}
}

// signals wakes goroutines that wait for conds: under the lock, after it, and without it.
func signals() {
	var other, inner sync.Mutex
	var rw sync.RWMutex
	for i, l := range []sync.Locker{new(sync.Mutex), new(sync.RWMutex), rw.RLocker(), new(sync.Mutex), new(sync.Mutex), struct{ sync.Locker }{new(sync.Mutex)}} {
		c := sync.NewCond(l)
		go func() {
			l.Lock()
			c.Wait()
			l.Unlock()
		}()
		settle()
		switch i {
		case 0, 1, 2:
			l.Lock()
			l.Unlock()
			c.Signal()
		case 3:
			l.Lock()
			inner.Lock()
			c.Broadcast()
			inner.Unlock()
			l.Unlock()
		case 4:
			other.Lock()
			c.Broadcast()
			other.Unlock()
		case 5: // the lock is not known
			c.Signal()
		}
	}
	settle()
}

// robbed has a goroutine woken for a lock that another one acquires first.
func robbed() {
	runtime.GOMAXPROCS(1)
	a.Lock()
	go func() { a.Lock() }()
	settle()
	a.Unlock()
	a.Lock()
	settle()
}

// timer has functions of timers receive from c and be done with group.
func timer() {
	c := make(chan int)
	group.Add(1)
	time.AfterFunc(time.Millisecond, func() { <-c; group.Done() })
	c <- 1
	group.Wait()
	await(func() { close(c) })
}

type pair struct{ first, second sync.Mutex }

// reuse takes two locks in one order, forgets them, and takes two others, which have the
// memory of the first in time, in the other order.
func reuse() {
	take := func(x, y *sync.Mutex) {
		x.Lock()
		y.Lock()
		y.Unlock()
		x.Unlock()
	}
	for i := range 20_000 {
		p := new(pair)
		if i/1000%2 == 0 {
			take(&p.first, &p.second)
		} else {
			take(&p.second, &p.first)
		}
		if i%1000 == 999 {
			runtime.GC()
		}
	}
}

// array takes each two neighbours of an array of locks, whose memory is closer together
// than that of most, before and after collections.
func array() {
	locks := make([]sync.Mutex, 4096)
	for range 3 {
		for i := range locks[1:] {
			locks[i].Lock()
			locks[i+1].Lock()
			locks[i+1].Unlock()
			locks[i].Unlock()
		}
		runtime.GC()
	}
}

func crowd() {
	c := make(chan int)
	for range 10_000 {
		go func() {
			var mu sync.Mutex
			mu.Lock()
			<-c
		}()
	}
	settle()
	fmt.Println("ready")
	time.Sleep(time.Hour)
}

// ring fills the ring of records more than once.
func ring() {
	a.Lock()
	rw.RLock()
	rw.RUnlock()
	a.Unlock()
	for range 600_000 {
		p := new(pair)
		p.first.Lock()
		p.second.Lock()
		p.second.Unlock()
		p.first.Unlock()
	}
	a.Lock()
	b.Lock()
}

// brief uses a million channels that live briefly, and one that twenty goroutines wait
// for.
func brief() {
	a.Lock()
	b.Lock()
	shared := make(chan int)
	for range 20 {
		go ask(shared)
	}
	settle()
	for range 1_000_000 {
		c := make(chan int, 1)
		c <- 1
	}
	turns := make(chan int, 1)
	for range 400_000 { // as of a semaphore
		turns <- 1
		go func() { <-turns }()
	}
}

func ask(c chan int) { <-c }

// known is a channel that a goroutine could still send to.
var known = make(chan int)

// leak leaves two goroutines behind, of which one can still be woken.
func leak() {
	var ready sync.WaitGroup
	ready.Add(2)
	go func() { ready.Done(); <-make(chan int) }()
	go func() { ready.Done(); <-known }()
	ready.Wait()
	time.Sleep(10 * time.Millisecond) // for both to get there
}

// Command hangs has goroutines wait for ever, in a way that is named first, and ends when
// it is asked to, in a way that is named second.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// shapes never return.
var shapes = map[string]func(){
	"nobody": nobody,
	"ring":   ring,
	"group":  group,
	"cond":   cond,
	"locks":  locks,
	"mixed":  mixed,
	"select": selects,
	"nil":    nilChannel,
	"self":   self,
	"ticker": ticker,
	"busy": func() {
		for {
			runtime.Gosched()
		}
	},
}

func nobody() { <-make(chan int) }

func ring() {
	a, b, done := make(chan int), make(chan int), make(chan bool)
	go func() { a <- 1; <-b; done <- true }()
	go func() { b <- 1; <-a; done <- true }()
	<-done
}

func group() {
	var g sync.WaitGroup
	g.Add(2)
	go g.Done()
	g.Wait()
}

func cond() {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	mu.Lock()
	c.Wait()
}

// self takes a lock among small objects that others have.
func self() {
	for range 3 {
		small = append(small, new(int32))
	}
	mu := new(struct{ sync.Mutex })
	small = append(small, new(int32))
	mu.Lock()
	mu.Lock()
}

var small []*int32

func locks() {
	var a, b sync.Mutex
	var both sync.WaitGroup
	both.Add(2)
	take := func(x, y *sync.Mutex) {
		x.Lock()
		both.Done()
		both.Wait()
		y.Lock()
	}
	go take(&a, &b)
	take(&b, &a)
}

func mixed() {
	var mu sync.RWMutex
	c := make(chan int)
	mu.RLock()
	go func() {
		mu.Lock()
		<-c
	}()
	c <- 1
}

func selects() {
	a, b, stop := make(chan int), make(chan int), make(chan bool)
	go func() {
		select {
		case a <- 1:
		case <-stop:
		}
	}()
	select {
	case <-b:
	case <-stop:
	}
}

// ticker has a goroutine wait for one that is about to come, again and again.
func ticker() {
	turns := make(chan int)
	go func() {
		for range time.Tick(time.Second / 10) {
			turns <- 1
		}
	}()
	for range turns {
	}
}

func nilChannel() {
	var c chan int
	c <- 1
}

// ends do not return, but for the first.
var ends = map[string]func(){
	"return": func() {},
	"exit":   func() { os.Exit(7) },
	"panic":  func() { panic("as meant") },
	"panic of a goroutine": func() {
		go panic("as meant")
		time.Sleep(time.Hour)
	},
	"panic of a timer": func() {
		time.AfterFunc(1, func() { panic("as meant") })
		time.Sleep(time.Hour)
	},
	"fatal error": func() { new(sync.Mutex).Unlock() },
	"out of memory": func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20}); err != nil {
			panic(err)
		}
		for {
			kept = append(kept, make([]byte, 64<<20))
		}
	},
	"exec":      func() { panic(syscall.Exec("/proc/self/exe", []string{"hangs", "", "return"}, nil)) },
	"exit call": func() { syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 3, 0, 0) },
	"signal":    func() { time.Sleep(time.Hour) },
}

var kept [][]byte

func main() {
	if hang := shapes[os.Args[1]]; hang != nil {
		go hang()
		wait()
	}
	ends[os.Args[2]]()
}

// wait waits until all is still, says so, and waits until it is asked to go on.
func wait() {
	text := make([]byte, 64<<10)
	for range 1000 {
		time.Sleep(time.Millisecond)
		if all := text[:runtime.Stack(text, true)]; bytes.Count(all, []byte(" [run")) == 1 {
			break // this one is running, others would be runnable
		}
	}
	time.Sleep(30 * time.Millisecond)
	fmt.Println("ready")
	bufio.NewReader(os.Stdin).ReadString('\n')
}

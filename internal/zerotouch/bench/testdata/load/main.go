// Command load does one operation many times and prints the nanoseconds of processor time
// that each took; of "memory", the bytes. As "hang" it has so many goroutines wait for ever
// beside so many megabytes, and prints the processor time, the pauses of collections, and the
// most memory so far whenever a line comes. As "server" it prints an address, serves requests
// until its input ends, and prints what each took; as "client" it makes them.
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

type operation struct {
	times int
	run   func(n int)
}

var operations = map[string]operation{
	"mutex":   {2_000_000, mutex},
	"nested":  {1_000_000, nested},
	"rwmutex": {2_000_000, rwmutex},
	"channel": {1_000_000, channel},
	"handoff": {500_000, handoff},
	"select":  {500_000, ready},
	"waiting": {500_000, waiting},
	"go":      {300_000, start},
	"http":    {20_000, requests},
	"memory":  {10_000, nil},
}

func main() {
	switch os.Args[1] {
	case "server":
		serve()
		return
	case "hang":
		hang(os.Args[2], os.Args[3])
		return
	case "client":
		get(os.Args[2], 2_000)
		get(os.Args[2]+"/begin", 1)
		get(os.Args[2], 20_000)
		return
	}
	op := operations[os.Args[1]]
	if op.run == nil {
		fmt.Println(memory(op.times))
		return
	}
	op.run(op.times / 10) // what is done once in a process is not what is measured
	before := used()
	op.run(op.times)
	fmt.Println(float64(used()-before) / float64(op.times))
}

func used() int64 {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return r.Utime.Nano() + r.Stime.Nano()
}

// peak is the most memory that the process has taken, in bytes.
func peak() int64 {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return r.Maxrss << 10
}

var a, b sync.Mutex

func mutex(n int) {
	for range n {
		a.Lock()
		a.Unlock()
	}
}

func nested(n int) {
	for range n {
		a.Lock()
		b.Lock()
		b.Unlock()
		a.Unlock()
	}
}

func rwmutex(n int) {
	var rw sync.RWMutex
	for range n {
		rw.RLock()
		rw.RUnlock()
	}
}

func channel(n int) {
	c := make(chan int, 1)
	for range n {
		c <- 1
		<-c
	}
}

func handoff(n int) {
	c := make(chan int)
	go func() {
		for range n {
			c <- 1
		}
	}()
	for range n {
		<-c
	}
}

func ready(n int) {
	c, d := make(chan int, 1), make(chan int)
	for range n {
		c <- 1
		select {
		case <-c:
		case <-d:
		}
	}
}

func waiting(n int) {
	c, d := make(chan int), make(chan int)
	go func() {
		for range n {
			c <- 1
		}
	}()
	for range n {
		select {
		case <-c:
		case <-d:
		}
	}
}

// start has one processor: with more, what is measured is which of them wakes the other.
func start(n int) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	c := make(chan struct{}, 100)
	end := func() { <-c }
	for range n {
		c <- struct{}{}
		go end()
	}
}

func hello(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }

func requests(n int) {
	s := httptest.NewServer(http.HandlerFunc(hello))
	defer s.Close()
	get(s.URL, n)
}

// serve counts from the request for /begin on.
func serve() {
	var before, served atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("/begin", func(http.ResponseWriter, *http.Request) { before.Store(used()); served.Store(0) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { served.Add(1); hello(w, r) })
	s := httptest.NewServer(mux)
	fmt.Println(s.URL)
	io.Copy(io.Discard, os.Stdin)
	fmt.Println(float64(used()-before.Load()) / float64(served.Load()))
}

func get(url string, n int) {
	for range n {
		r, err := http.Get(url)
		if err != nil {
			panic(err)
		}
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
	}
}

// memory is what each of n goroutines takes that locked something once and waits.
func memory(n int) int {
	before := resident()
	end := make(chan struct{})
	var ready sync.WaitGroup
	for range n {
		ready.Add(1)
		go func() {
			var mu sync.Mutex
			mu.Lock()
			mu.Unlock()
			ready.Done()
			<-end
		}()
	}
	ready.Wait()
	return (resident() - before) / n
}

func resident() int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kilobytes := 0
	fmt.Sscan(rest, &kilobytes)
	return kilobytes << 10
}

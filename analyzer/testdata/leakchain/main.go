// Leakchain leaves goroutines behind that hang because of one: it sends under a lock, to a
// receiver that has returned. It writes the goroutineleak profile to the file that it is
// given. It is built with GOEXPERIMENT=goroutineleakprofile.
package main

import (
	"fmt"
	"os"
	"runtime/pprof"
	"sync"
	"time"
)

type journal struct {
	mu      sync.Mutex
	entries chan string
	n       int
}

// flush sends what was written, under the lock.
func (j *journal) flush(entry string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries <- entry
	j.n++
}

func (j *journal) count() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.n
}

func start() {
	j := &journal{entries: make(chan string)}
	go j.flush("lost")
	time.Sleep(10 * time.Millisecond)
	for range 5 {
		go j.count()
	}
}

func main() {
	start()
	time.Sleep(20 * time.Millisecond)
	f, err := os.Create(os.Args[1])
	if err == nil {
		err = pprof.Lookup("goroutineleak").WriteTo(f, 0)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

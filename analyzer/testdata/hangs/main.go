// Command hangs leaves goroutines behind that wait without end, one function for each
// way to do so, beside a pool that is merely idle, and writes all that Go can record of
// itself into the directory that it is given. It is built with
// GOEXPERIMENT=goroutineleakprofile.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"runtime/trace"
	"sync"
	"time"
)

// requests is how many goroutines hang in each way.
const requests = 12

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(dir string) error {
	f, err := os.Create(filepath.Join(dir, "trace"))
	if err != nil {
		return err
	}
	if err := trace.Start(f); err != nil {
		return err
	}
	jobs := make(chan int)
	for range 4 {
		go idle(jobs)
	}
	for range requests {
		var wg sync.WaitGroup
		wg.Go(serveSend)
		wg.Go(serveReceive)
		wg.Go(func() { serveReceiveWell() })
		wg.Wait()
		for range 3 {
			pause()
		}
	}
	keepLock(false)
	keepLock(true)
	for range 35 {
		pause()
	}
	trace.Stop()
	for _, name := range []string{"goroutine", "dump", "goroutineleak"} {
		if err := write(dir, name); err != nil {
			return err
		}
	}
	close(jobs)
	return f.Close()
}

func write(dir, name string) error {
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	if name == "dump" {
		return pprof.Lookup("goroutine").WriteTo(f, 2)
	}
	return pprof.Lookup(name).WriteTo(f, 0)
}

// pause is long enough for goroutines to get where they block.
func pause() { time.Sleep(4 * time.Millisecond) }

func idle(jobs chan int) {
	for range jobs {
	}
}

// serveSend leaves a sender without a receiver.
func serveSend() {
	answers := make(chan int)
	go leakSend(answers)
}

func leakSend(answers chan int) { answers <- 1 }

// serveReceive leaves a consumer whose producer has ended.
func serveReceive() {
	numbers := make(chan int)
	go stuckReceive(numbers)
	go produce(numbers, false)
}

// serveReceiveWell leaves no goroutine.
func serveReceiveWell() {
	numbers := make(chan int)
	go stuckReceive(numbers)
	go produce(numbers, true)
}

func produce(numbers chan int, closes bool) {
	time.Sleep(time.Millisecond)
	numbers <- 1
	if closes {
		close(numbers)
	}
}

func stuckReceive(numbers chan int) {
	for range numbers {
	}
}

// keepLock hands a lock to a goroutine that may end with it, while others queue.
func keepLock(keep bool) {
	mu, done := new(sync.Mutex), make(chan struct{})
	go func() {
		defer close(done)
		mu.Lock()
		if keep {
			go takeAndGo(mu)
			pause()
		}
		for range 3 {
			go stuckLock(mu)
			pause()
		}
		mu.Unlock()
		pause()
	}()
	<-done
}

func takeAndGo(mu *sync.Mutex) { mu.Lock() }

func stuckLock(mu *sync.Mutex) {
	mu.Lock()
	mu.Unlock()
}

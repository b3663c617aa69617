// Ends ends as its argument says, for the tests of package dump.
package main

import (
	"os"
	"sync"
)

type account struct {
	name string
	mu   sync.Mutex
}

// move takes both locks; met is called between them.
//
//go:noinline
func move(from, to *account, met func()) {
	from.mu.Lock()
	met()
	to.mu.Lock()
	to.name, from.name = from.name, to.name
	to.mu.Unlock()
	from.mu.Unlock()
}

// deadlock lets two goroutines wait for each other's lock.
func deadlock() {
	a, b := new(account), new(account)
	var first, done sync.WaitGroup
	first.Add(2)
	meet := func() { first.Done(); first.Wait() }
	done.Go(func() { move(a, b, meet) })
	done.Go(func() { move(b, a, meet) })
	done.Wait()
}

func main() {
	switch os.Args[1] {
	case "asleep":
		deadlock()
	case "panic":
		panic("boom\nbang")
	case "map":
		m := make(map[int]int)
		for range 2 {
			go func() {
				for {
					m[1]++
				}
			}()
		}
		select {}
	}
}

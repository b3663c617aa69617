// Package lockedio is a cache in front of a slow service.
//
// The disease: on a miss the cache asks the service while it holds its lock.
// All other requests, even those whose answer is in the cache, wait for a network
// round trip that has nothing to do with them.
//
// The cure: look, unlock, ask, lock, store. Two goroutines may ask the same
// question at the same time; where that costs too much, golang.org/x/sync's
// singleflight merges them, outside the lock.
package lockedio

import (
	"sync"
	"time"
)

// Cache remembers answers.
type Cache struct {
	mu      sync.Mutex
	answers map[int]string // mu protects answers
}

// New returns an empty cache.
func New() *Cache { return &Cache{answers: make(map[int]string)} }

// AskLocked is the disease: ask runs under the lock.
func (c *Cache) AskLocked(question int, ask func() string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer, ok := c.answers[question]; ok {
		return answer
	}
	answer := ask()
	c.answers[question] = answer
	return answer
}

// Ask is the cure: the lock is held for the map only.
func (c *Cache) Ask(question int, ask func() string) string {
	c.mu.Lock()
	answer, ok := c.answers[question]
	c.mu.Unlock()
	if ok {
		return answer
	}
	answer = ask()
	c.mu.Lock()
	c.answers[question] = answer
	c.mu.Unlock()
	return answer
}

// Clients is how many goroutines ask at once.
const Clients = 4

// Serve lets each client ask the given number of different questions and returns
// how long that took.
func Serve(questions int, query func(question int, ask func() string) string, ask func() string) time.Duration {
	begin := time.Now()
	var clients sync.WaitGroup
	for c := range Clients {
		clients.Go(func() {
			for q := range questions {
				query(c*questions+q, ask)
			}
		})
	}
	clients.Wait()
	return time.Since(begin)
}

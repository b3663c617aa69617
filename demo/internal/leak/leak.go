// Package leak asks a slow service and gives up when the answer takes too long.
//
// The disease: the goroutine that waits for the service sends its answer on an
// unbuffered channel. When the handler has given up no goroutine receives, and the
// goroutine stays blocked until the process ends, with all the memory it holds.
// One a request: the service dies of it days later.
//
// The cure: a channel with room for the one answer. The send always succeeds, the
// goroutine ends, and the collector takes the channel with the answer in it. (A
// context that cancels the query is better still where the service supports it.)
package leak

import (
	"sync"
	"time"
)

// patience is how long a handler waits for its answer.
const patience = 5 * time.Millisecond

// Handle is the disease with room 0 and the cure with room 1. It reports whether
// the answer came in time.
func Handle(room int, query func() string) bool {
	answers := make(chan string, room)
	go func() {
		answers <- query()
	}()
	select {
	case <-answers:
		return true
	case <-time.After(patience):
		return false
	}
}

// Serve handles the requests one after the other, half of which the service
// answers too late, then lets the last late answers arrive. It returns how many
// handlers gave up.
func Serve(requests, room int, late time.Duration) (gaveUp int) {
	var queries sync.WaitGroup
	for i := range requests {
		queries.Add(1)
		query := func() string {
			defer queries.Done()
			if i%2 == 1 {
				time.Sleep(late)
			}
			return "answer"
		}
		if !Handle(room, query) {
			gaveUp++
		}
	}
	queries.Wait()
	return gaveUp
}

// Package gather asks three services that need one, two and three units of time
// to answer.
//
// The disease: one question after the other. Nothing is computed in the meantime,
// the program just waits 1 + 2 + 3 = 6 units, although no answer depends on
// another.
//
// The cure: ask all three at once and wait for all: 3 units, the slowest. That is
// concurrency without parallelism — three questions in flight, and a processor
// that has next to nothing to do. One core is enough for it.
package gather

import (
	"sync"
	"time"
)

// Sequential is the disease.
func Sequential(unit time.Duration, ask func(time.Duration)) time.Duration {
	begin := time.Now()
	ask(1 * unit) // the customer's address
	ask(2 * unit) // the stock
	ask(3 * unit) // the price
	return time.Since(begin)
}

// Concurrent is the cure.
func Concurrent(unit time.Duration, ask func(time.Duration)) time.Duration {
	begin := time.Now()
	var answers sync.WaitGroup
	answers.Go(func() { ask(1 * unit) })
	answers.Go(func() { ask(2 * unit) })
	answers.Go(func() { ask(3 * unit) })
	answers.Wait()
	return time.Since(begin)
}

// Package eventloop is a loop that handles one event after the other, as user
// interfaces, game servers and protocol engines do: all its state belongs to one
// goroutine and needs no lock.
//
// The disease: one handler sleeps, or asks a slow service and waits for the
// answer. While it waits, the loop handles nothing: every other event is late by
// the same time, however many cores are idle.
//
// The cure: the loop hands slow work to workers and goes on; the answer comes back
// as an event of its own.
package eventloop

import (
	"sync"
	"time"
)

// Slow is what a handler waits for: a sleep, a question to another service.
type Slow func()

// Wait is how long the slow handlers wait; seven events arrive in the meantime.
const Wait = 15 * time.Millisecond

// Nap is a slow handler's sleep, as one that wants to give the other side some time.
func Nap() { time.Sleep(Wait) }

// Inline is the disease: the handler of every tenth event waits for slow. It
// returns how late the events were handled.
func Inline(events int, slow Slow) (late []time.Duration) {
	queue, stop := ticks(events)
	defer stop()
	for sent := range queue {
		late = append(late, time.Since(sent.at))
		if sent.needsAnswer {
			slow()
		}
	}
	return late
}

// Offloaded is the cure: workers wait, the loop does not.
func Offloaded(events int, slow Slow) (late []time.Duration) {
	queue, stop := ticks(events)
	defer stop()
	questions := make(chan event, events)
	answers := make(chan event, events)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for question := range questions {
				slow()
				answers <- question
			}
		})
	}
	defer workers.Wait()
	defer close(questions)

	for open := queue; open != nil; {
		select {
		case sent, ok := <-open:
			if !ok {
				open = nil
				continue
			}
			late = append(late, time.Since(sent.at))
			if sent.needsAnswer {
				questions <- sent // has room for all: never blocks
			}
		case <-answers:
		}
	}
	return late
}

// event is something to handle; at is when it was sent.
type event struct {
	at          time.Time
	needsAnswer bool
}

// ticks sends an event every two milliseconds, whether or not the loop is ready.
func ticks(n int) (queue <-chan event, stop func()) {
	events := make(chan event, n)
	ticker := time.NewTicker(2 * time.Millisecond)
	go func() {
		defer close(events)
		for i := range n {
			events <- event{at: <-ticker.C, needsAnswer: i%10 == 5}
		}
	}()
	return events, ticker.Stop
}

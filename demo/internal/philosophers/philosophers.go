// Package philosophers is Dijkstra's dining philosophers: five goroutines around a
// table, one fork between each two neighbours, and two forks needed to eat.
//
// The disease: every philosopher picks up the left fork first. If all five do so at the
// same moment, each holds one fork and waits for the neighbour's, for ever. A
// program with this disease can pass every test for years, because the five must
// meet within microseconds; that is why it pays to look at the order in which
// locks are taken and not only at whether the program hung.
//
// The cure: number the forks and always pick up the lower number first. The last
// philosopher then reaches for fork 0 before fork 4, and the cycle cannot close.
package philosophers

import (
	"sync"
	"sync/atomic"
	"time"
)

// Seats is how many philosophers, and forks, there are.
const Seats = 5

// Order says which of philosopher i's two forks to pick up first.
type Order func(i int) (first, second int)

// LeftFirst is the disease: it closes the cycle 0→1→2→3→4→0.
func LeftFirst(i int) (first, second int) { return i, (i + 1) % Seats }

// LowestFirst is the cure: one order of locks for the whole program.
func LowestFirst(i int) (first, second int) {
	left, right := i, (i+1)%Seats
	return min(left, right), max(left, right)
}

// DineByLuck lets every philosopher eat once. None meets another, because each
// thinks for a different time first, so that even LeftFirst ends well. Nothing but
// luck keeps them apart: no lock, channel or wait group orders them.
func DineByLuck(newFork func() sync.Locker, order Order) {
	forks := lay(newFork)
	var table sync.WaitGroup
	for i := range Seats {
		table.Go(func() {
			time.Sleep(time.Duration(i) * 10 * time.Millisecond) // think
			first, second := order(i)
			eat(forks[first], forks[second], func() {})
		})
	}
	table.Wait()
}

// DineTogether makes the unlucky moment happen: a philosopher who has the first fork in hand
// waits until as many philosophers have one as can. With LeftFirst all five can,
// and it does not return. With LowestFirst at most four can, since two of them want
// fork 0 first; one of the four then finds the second fork free, eats, and so on.
// It calls ready at the unlucky moment.
func DineTogether(newFork func() sync.Locker, order Order, ready func()) {
	forks := lay(newFork)
	var holding atomic.Int32
	moment := make(chan struct{})
	await := func() {
		if holding.Add(1) == int32(firstForks(order)) {
			ready()
			close(moment)
		}
		<-moment
	}
	var table sync.WaitGroup
	for i := range Seats {
		table.Go(func() {
			first, second := order(i)
			eat(forks[first], forks[second], await)
		})
	}
	table.Wait()
}

// firstForks returns how many different forks are a philosopher's first.
func firstForks(order Order) int {
	wanted := make(map[int]bool)
	for i := range Seats {
		first, _ := order(i)
		wanted[first] = true
	}
	return len(wanted)
}

// eat picks up two forks; between them it calls pause.
func eat(first, second sync.Locker, pause func()) {
	first.Lock()
	defer first.Unlock()
	pause()
	second.Lock()
	defer second.Unlock()
}

func lay(newFork func() sync.Locker) [Seats]sync.Locker {
	var forks [Seats]sync.Locker
	for i := range forks {
		forks[i] = newFork()
	}
	return forks
}

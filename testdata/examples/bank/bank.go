// Bank transfers money in both directions at once and hangs: each transfer holds the
// lock that the other one wants. The README shows what concdoctor reports.
package main

import "sync"

type account struct {
	mu      sync.Mutex
	balance int // mu protects balance
}

func transfer(from, to *account, amount int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	unlucky.Done()
	unlucky.Wait()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

// unlucky makes each transfer hold its first lock before any asks for its second.
var unlucky sync.WaitGroup

func main() {
	var alice, bob account
	unlucky.Add(2)
	go transfer(&alice, &bob, 10)
	transfer(&bob, &alice, 10)
}

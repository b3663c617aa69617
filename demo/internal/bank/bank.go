// Package bank moves money between accounts, each with its own lock.
//
// The disease: a transfer locks the account it takes from and then the account it
// gives to. Two transfers in opposite directions at the same moment lock A and B
// crosswise ("AB–BA") and wait for each other for ever.
//
// The cure: always lock the account with the smaller number first, whichever way
// the money goes.
package bank

import (
	"sync"
	"time"
)

// Account is money under a lock.
type Account struct {
	Number  int
	mu      sync.Locker
	balance int // mu protects balance
}

// Open returns an account with money on it.
func Open(number, balance int, mu sync.Locker) *Account {
	return &Account{Number: number, balance: balance, mu: mu}
}

// Transfer is the disease: the order of the locks depends on who pays whom.
func Transfer(from, to *Account, amount int) {
	from.mu.Lock()
	defer from.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

// TransferInOrder is the cure: the order of the locks depends on the accounts only.
func TransferInOrder(from, to *Account, amount int) {
	first, second := from, to
	if second.Number < first.Number {
		first, second = second, first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

// Day lets two customers pay each other a few times. Their pauses keep them apart,
// so that the day ends well even with Transfer; nothing but luck does. It returns
// the sum of both balances, which no transfer changes.
func Day(newLock func() sync.Locker, transfer func(from, to *Account, amount int)) int {
	alice, bob := Open(1, 100, newLock()), Open(2, 100, newLock())
	var customers sync.WaitGroup
	customers.Go(func() {
		for range 3 {
			transfer(alice, bob, 10)
		}
	})
	customers.Go(func() {
		time.Sleep(20 * time.Millisecond)
		for range 3 {
			transfer(bob, alice, 5)
		}
	})
	customers.Wait()
	return alice.balance + bob.balance
}

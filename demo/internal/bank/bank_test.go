package bank

import (
	"sync"
	"testing"
)

func TestNoMoneyIsMadeOrLost(t *testing.T) {
	newLock := func() sync.Locker { return new(sync.Mutex) }
	for name, transfer := range map[string]func(from, to *Account, amount int){"by luck": Transfer, "in order": TransferInOrder} {
		if sum := Day(newLock, transfer); sum != 200 {
			t.Errorf("%s: the balances add up to %d, want 200", name, sum)
		}
	}
}

// TestOrderSurvivesHaste lets both customers pay without a pause: with Transfer
// this would hang soon.
func TestOrderSurvivesHaste(t *testing.T) {
	a, b := Open(1, 0, new(sync.Mutex)), Open(2, 0, new(sync.Mutex))
	var customers sync.WaitGroup
	for range 2 {
		customers.Go(func() {
			for range 10_000 {
				TransferInOrder(a, b, 1)
			}
		})
		customers.Go(func() {
			for range 10_000 {
				TransferInOrder(b, a, 1)
			}
		})
	}
	customers.Wait()
	if a.balance != 0 || b.balance != 0 {
		t.Errorf("balances %d and %d, want 0 and 0", a.balance, b.balance)
	}
}

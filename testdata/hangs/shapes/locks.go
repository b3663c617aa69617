package shapes

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

type account struct {
	mu      sync.Mutex
	balance int
}

func (from *account) pay(to *account, amount int) {
	from.mu.Lock() // holds lock mu
	defer from.mu.Unlock()
	time.Sleep(moment) // checks the amount
	to.mu.Lock()       // waits lock mu
	defer to.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

// CrossedTransfers: two transfers in opposite directions lock the accounts in opposite
// orders.
//
// rule: deadlock
// least: observed
func CrossedTransfers() {
	var wg sync.WaitGroup
	alice, bob := new(account), new(account)
	wg.Go(func() { alice.pay(bob, 10) })
	wg.Go(func() { bob.pay(alice, 20) })
	wg.Wait()
}

// CrossedTransfersHealthy: both pay the shop, and the first transfer takes long.
func CrossedTransfersHealthy() {
	var wg sync.WaitGroup
	shop, alice, bob := new(account), new(account), new(account)
	settle := func(from *account) {
		shop.mu.Lock()
		defer shop.mu.Unlock()
		from.mu.Lock()
		defer from.mu.Unlock()
		time.Sleep(slow)
		shop.balance++
	}
	wg.Go(func() { settle(alice) })
	wg.Go(func() { settle(bob) })
	wg.Wait()
}

// ForkRing: three neighbours each take their own fork and then the next one's.
//
// rule: deadlock
// least: observed
func ForkRing() {
	var forks [3]sync.Mutex
	var dinner sync.WaitGroup
	for i := range forks {
		dinner.Go(func() {
			forks[i].Lock() // holds lock forks[]
			defer forks[i].Unlock()
			time.Sleep(moment)
			forks[(i+1)%3].Lock() // waits lock forks[]
			defer forks[(i+1)%3].Unlock()
		})
	}
	dinner.Wait()
}

// ForkRingHealthy: the last one takes the forks in the order of the others; all eat long.
func ForkRingHealthy() {
	var forks [3]sync.Mutex
	var dinner sync.WaitGroup
	for i := range forks {
		dinner.Go(func() {
			a, b := i, (i+1)%3
			if a > b {
				a, b = b, a
			}
			forks[a].Lock()
			defer forks[a].Unlock()
			forks[b].Lock()
			defer forks[b].Unlock()
			time.Sleep(slow / 3)
		})
	}
	dinner.Wait()
}

type inventory struct {
	mu    sync.Mutex
	stock map[string]int
}

func (v *inventory) count(item string) int {
	v.mu.Lock() // waits lock mu
	defer v.mu.Unlock()
	return v.stock[item]
}

func (v *inventory) take(item string) error {
	v.mu.Lock() // holds lock mu
	defer v.mu.Unlock()
	if v.count(item) == 0 {
		return errors.New("sold out")
	}
	v.stock[item]--
	return nil
}

// LockedTwice: a method that holds the lock calls another one that takes it.
//
// rule: self-deadlock
// least: potential
func LockedTwice() {
	v := &inventory{stock: map[string]int{"nut": 3}}
	fmt.Println(v.take("nut"))
}

// LockedTwiceHealthy: the lock is held by another goroutine, which is in no hurry.
func LockedTwiceHealthy() {
	v := &inventory{stock: map[string]int{"nut": 3}}
	v.mu.Lock()
	go func() {
		time.Sleep(slow)
		v.stock["nut"]--
		v.mu.Unlock()
	}()
	fmt.Println(v.count("nut"))
}

type journal struct {
	mu    sync.Mutex
	lines []string
}

var errEmpty = errors.New("empty line")

func (j *journal) append(line string) error {
	j.mu.Lock() // waits lock mu // holds lock mu
	if line == "" {
		return errEmpty
	}
	j.lines = append(j.lines, line)
	j.mu.Unlock()
	return nil
}

// EarlyReturn: the error path returns without Unlock, and the next call is the same
// goroutine's.
//
// rule: self-deadlock, stuck
// least: potential
func EarlyReturn() {
	j := new(journal)
	for _, line := range []string{"one", "", "two"} {
		if err := j.append(line); err != nil {
			fmt.Println("skipped:", err)
		}
	}
}

// EarlyReturnHealthy: another writer of the journal flushes to a slow disk.
func EarlyReturnHealthy() {
	j := new(journal)
	flushing := make(chan bool)
	go func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		flushing <- true
		time.Sleep(slow)
		j.lines = nil
	}()
	<-flushing
	for _, line := range []string{"one", "two"} {
		if err := j.append(line); err != nil {
			fmt.Println("skipped:", err)
		}
	}
}

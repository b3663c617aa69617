// Lockwarn makes go-deadlock write each of its warnings, for the tests of the
// reader: it runs the scenario that is named and lets go-deadlock log to standard
// error.
//
//	go run ./testdata/lockwarn order|recursive|timeout|read
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/sasha-s/go-deadlock"
)

type account struct {
	mu      deadlock.Mutex
	balance int
}

func transfer(from, to *account) {
	from.mu.Lock()
	defer from.mu.Unlock()
	to.mu.Lock()
	defer to.mu.Unlock()
	from.balance--
	to.balance++
}

// order takes two locks in both orders, one after the other.
func order() {
	a, b := new(account), new(account)
	for _, pair := range [][2]*account{{a, b}, {b, a}} {
		done := make(chan bool)
		go func() {
			transfer(pair[0], pair[1])
			close(done)
		}()
		<-done
	}
}

func (a *account) add() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.check()
}

func (a *account) check() {
	a.mu.Lock()
	defer a.mu.Unlock()
}

// recursive asks for a lock that the same goroutine holds.
func recursive() {
	warned := make(chan bool)
	deadlock.Opts.OnPotentialDeadlock = func() { close(warned); select {} }
	go new(account).add()
	<-warned
}

// timeout waits for a lock for longer than go-deadlock allows.
func timeout() {
	deadlock.Opts.DeadlockTimeout = 50 * time.Millisecond
	warned := make(chan bool)
	deadlock.Opts.OnPotentialDeadlock = func() { close(warned); select {} }
	a, held := new(account), make(chan bool, 2)
	go a.hold(held)
	<-held
	go a.hold(held)
	<-warned
}

func (a *account) hold(held chan bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	held <- true
	select {}
}

type table struct {
	mu   deadlock.RWMutex
	rows int
}

func (t *table) read() {
	t.mu.RLock()
	defer t.mu.RUnlock()
	t.again()
}

func (t *table) again() {
	t.mu.RLock()
	defer t.mu.RUnlock()
	t.rows++
}

func main() {
	deadlock.Opts.OnPotentialDeadlock = func() {}
	deadlock.Opts.PrintAllCurrentGoroutines = len(os.Args) > 2
	scenarios := map[string]func(){"order": order, "recursive": recursive, "timeout": timeout, "read": func() { new(table).read() }}
	if len(os.Args) < 2 || scenarios[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: lockwarn order|recursive|timeout|read [all]")
		os.Exit(2)
	}
	scenarios[os.Args[1]]()
}

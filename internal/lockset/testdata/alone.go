// Package alone waits, in functions that want to stay and in others.
package alone

import "sync"

var global = make(chan int)

func stays() {
	done := make(chan bool)
	<-done // wait: alone
}

func staysInGroup() {
	var wg sync.WaitGroup
	wg.Add(1)
	wg.Wait() // wait: alone
}

func staysByMake() {
	<-make(chan int) // wait: alone
}

func staysByNil() {
	var never chan int
	<-never // wait: alone
}

func staysByPointer() {
	wg := &sync.WaitGroup{}
	wg.Add(1)
	wg.Wait() // wait: alone
}

func captured() {
	done := make(chan bool)
	go func() { close(done) }()
	<-done // wait: not alone
}

func capturedGroup() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { defer wg.Done() }()
	wg.Wait() // wait: not alone
}

func given() {
	done := make(chan bool)
	notify(done)
	<-done // wait: not alone
}

func pointed() {
	var wg sync.WaitGroup
	wg.Add(1)
	run(&wg)
	wg.Wait() // wait: not alone
}

func parameter(done chan bool) {
	<-done // wait: not alone
}

func shared() {
	<-global // wait: not alone
}

func set() {
	c := global
	<-c // wait: not alone
}

func sent() {
	c := make(chan int)
	to := c
	notify2(to)
	<-c // wait: not alone
}

func notify(chan bool)    {}
func notify2(chan int)    {}
func run(*sync.WaitGroup) {}

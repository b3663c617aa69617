package shapes

import (
	"fmt"
	"sync"
	"time"
)

type basket struct {
	mu    sync.Mutex
	some  *sync.Cond
	items []int
}

func newBasket() *basket {
	b := new(basket)
	b.some = sync.NewCond(&b.mu)
	return b
}

func (b *basket) take() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.items) == 0 {
		b.some.Wait() // waits cond some
	}
	item := b.items[0]
	b.items = b.items[1:]
	return item
}

func (b *basket) put(items ...int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.items = append(b.items, items...)
	b.some.Signal()
}

// OneSignalForTwo: two items come with one signal, and two wait.
//
// rule: stuck, deadlock
// least: potential
func OneSignalForTwo() {
	b := newBasket()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { fmt.Println(b.take()) })
	}
	time.Sleep(moment)
	b.put(1, 2)
	wg.Wait() // victim group wg
}

// OneSignalForTwoHealthy: the second item comes later.
func OneSignalForTwoHealthy() {
	b := newBasket()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { fmt.Println(b.take()) })
	}
	time.Sleep(moment)
	b.put(1)
	time.AfterFunc(slow, func() { b.put(2) })
	wg.Wait()
}

type gate struct {
	mu     sync.Mutex
	opened *sync.Cond
}

// SignalBeforeWait: there is no state beside the cond, and the broadcast comes before who
// waits for it.
//
// rule: stuck, deadlock
// least: potential
func SignalBeforeWait() {
	g := new(gate)
	g.opened = sync.NewCond(&g.mu)
	go func() {
		g.mu.Lock()
		g.opened.Broadcast()
		g.mu.Unlock()
	}()
	time.Sleep(moment)
	g.mu.Lock()
	g.opened.Wait() // waits cond opened
	g.mu.Unlock()
}

// SignalBeforeWaitHealthy: the broadcast comes late.
func SignalBeforeWaitHealthy() {
	g := new(gate)
	g.opened = sync.NewCond(&g.mu)
	go func() {
		time.Sleep(slow)
		g.mu.Lock()
		g.opened.Broadcast()
		g.mu.Unlock()
	}()
	g.mu.Lock()
	g.opened.Wait()
	g.mu.Unlock()
}

type depot struct {
	mu     sync.Mutex
	basket *basket
	taken  int
}

func (d *depot) take() int {
	d.mu.Lock() // holds lock mu
	defer d.mu.Unlock()
	d.taken++
	return d.basket.take()
}

func (d *depot) put(item int) {
	d.mu.Lock() // waits lock mu
	defer d.mu.Unlock()
	d.basket.put(item)
}

// NestedMonitors: a monitor waits inside another one, whose lock the one that would
// signal needs.
//
// rule: deadlock
// least: potential
func NestedMonitors() {
	d := &depot{basket: newBasket()}
	var wg sync.WaitGroup
	wg.Go(func() {
		fmt.Println(d.take()) // waits cond some
	})
	time.Sleep(moment)
	d.put(1)
	wg.Wait()
}

// NestedMonitorsHealthy: the item comes from another side, later.
func NestedMonitorsHealthy() {
	d := &depot{basket: newBasket()}
	var wg sync.WaitGroup
	wg.Go(func() { fmt.Println(d.take()) })
	time.Sleep(moment)
	time.AfterFunc(slow, func() { d.basket.put(1) })
	d.put(2)
	wg.Wait()
}

type barrier struct {
	mu      sync.Mutex
	all     *sync.Cond
	arrived int
}

func (b *barrier) wait(parties int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.arrived++
	if b.arrived == parties {
		b.all.Broadcast()
		return
	}
	for b.arrived < parties {
		b.all.Wait() // waits cond all
	}
}

// BarrierOneShort: a barrier for three, of which one has failed before it came.
//
// rule: stuck, deadlock
// least: potential
func BarrierOneShort() {
	b := new(barrier)
	b.all = sync.NewCond(&b.mu)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if i == 1 {
				fmt.Println("no input for", i)
				return
			}
			b.wait(3)
		}()
	}
	wg.Wait() // victim group wg
}

// BarrierOneShortHealthy: the third is late.
func BarrierOneShortHealthy() {
	b := new(barrier)
	b.all = sync.NewCond(&b.mu)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			if i == 1 {
				time.Sleep(slow)
			}
			b.wait(3)
		})
	}
	wg.Wait()
}

package agent_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/concdoctor/concdoctor/agent"
)

// A Mutex is used as one of package sync.
func ExampleMutex() {
	var (
		mu    agent.Mutex
		total int
		group agent.WaitGroup
	)
	for i := range 10 {
		group.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			total += i
		})
	}
	group.Wait()
	fmt.Println(total)
	// Output: 45
}

func ExampleMutex_TryLock() {
	var mu agent.Mutex
	fmt.Println(mu.TryLock())
	fmt.Println(mu.TryLock())
	mu.Unlock()
	// Output:
	// true
	// false
}

func ExampleRWMutex() {
	var mu agent.RWMutex
	prices := map[string]int{"tea": 3}

	mu.RLock()
	fmt.Println(prices["tea"])
	mu.RUnlock()

	mu.Lock()
	prices["tea"]++
	fmt.Println(prices["tea"])
	mu.Unlock()
	// Output:
	// 3
	// 4
}

// RLocker gives read access to code that expects a Locker.
func ExampleRWMutex_RLocker() {
	var mu agent.RWMutex
	read := func(l agent.Locker) {
		l.Lock()
		defer l.Unlock()
		fmt.Println("reading")
	}
	read(mu.RLocker())
	// Output: reading
}

func ExampleWaitGroup() {
	var group agent.WaitGroup
	squares := make([]int, 4)
	for i := range squares {
		group.Go(func() { squares[i] = i * i })
	}
	group.Wait()
	fmt.Println(squares)
	// Output: [0 1 4 9]
}

func ExampleWaitGroup_Add() {
	var group agent.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		fmt.Println("working")
	}()
	group.Wait()
	fmt.Println("done")
	// Output:
	// working
	// done
}

func ExampleCond() {
	var mu agent.Mutex
	ready := false
	changed := agent.NewCond(&mu)
	go func() {
		mu.Lock()
		defer mu.Unlock()
		ready = true
		changed.Broadcast()
	}()

	mu.Lock()
	defer mu.Unlock()
	for !ready {
		changed.Wait()
	}
	fmt.Println("ready")
	// Output: ready
}

func ExampleOnce() {
	var once agent.Once
	for range 3 {
		once.Do(func() { fmt.Println("set up") })
	}
	// Output: set up
}

func ExampleOnceFunc() {
	setUp := agent.OnceFunc(func() { fmt.Println("set up") })
	setUp()
	setUp()
	// Output: set up
}

func ExampleOnceValue() {
	answer := agent.OnceValue(func() int {
		fmt.Println("computing")
		return 42
	})
	fmt.Println(answer())
	fmt.Println(answer())
	// Output:
	// computing
	// 42
	// 42
}

func ExampleOnceValues() {
	read := agent.OnceValues(func() (string, error) { return "", errors.New("no such file") })
	_, err := read()
	fmt.Println(err)
	// Output: no such file
}

func ExampleMap() {
	var m agent.Map
	m.Store("a", 1)
	v, ok := m.Load("a")
	fmt.Println(v, ok)
	// Output: 1 true
}

func ExamplePool() {
	pool := agent.Pool{New: func() any { return new([64]byte) }}
	buf := pool.Get().(*[64]byte)
	defer pool.Put(buf)
	fmt.Println(len(buf))
	// Output: 64
}

// A Chan has methods for what Go writes with operators.
func ExampleChan() {
	c := agent.MakeChan[int](2) // c := make(chan int, 2)
	c.Send(1)                   // c <- 1
	c.Send(2)
	fmt.Println(c.Len(), c.Cap())
	c.Close()           // close(c)
	v := c.Recv()       // v := <-c
	w, ok := c.RecvOK() // w, ok := <-c
	fmt.Println(v, w, ok)
	_, ok = c.RecvOK()
	fmt.Println(ok)
	// Output:
	// 2 2
	// 1 2 true
	// false
}

func ExampleChan_All() {
	c := agent.MakeChan[string](0)
	go func() {
		defer c.Close()
		c.Send("a")
		c.Send("b")
	}()
	for v := range c.All() { // for v := range c
		fmt.Println(v)
	}
	// Output:
	// a
	// b
}

func ExampleChan_TrySend() {
	c := agent.MakeChan[int](1)
	fmt.Println(c.TrySend(1), c.TrySend(2))
	v, ok, ready := c.TryRecv()
	fmt.Println(v, ok, ready)
	_, _, ready = c.TryRecv()
	fmt.Println(ready)
	// Output:
	// true false
	// 1 true true
	// false
}

func ExampleChan_RecvContext() {
	c := agent.MakeChan[int](0)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, _, err := c.RecvContext(ctx)
	fmt.Println(err)
	// Output: context deadline exceeded
}

func ExampleChan_SendContext() {
	c := agent.MakeChan[int](0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(c.SendContext(ctx, 1))
	// Output: context canceled
}

// The zero Chan is the nil channel: a case that is never ready.
func ExampleChan_IsNil() {
	var c agent.Chan[int]
	fmt.Println(c.IsNil(), agent.Select(c.OnRecv(nil), agent.Default()))
	// Output: true 1
}

// A Select is a select statement whose cases are values.
func ExampleSelect() {
	jobs := agent.MakeChan[string](1)
	jobs.Send("paint")
	ctx := context.Background()

	var job string
	switch agent.Select(jobs.OnRecv(&job), agent.OnRecv(ctx.Done(), nil)) {
	case 0: // case job = <-jobs:
		fmt.Println(job)
	case 1: // case <-ctx.Done():
		fmt.Println(ctx.Err())
	}
	// Output: paint
}

func ExampleDefault() {
	c := agent.MakeChan[int](0)
	value := 1
	switch agent.Select(c.OnSend(&value), agent.Default()) {
	case 0:
		fmt.Println("sent")
	case 1:
		fmt.Println("no receiver is waiting")
	}
	// Output: no receiver is waiting
}

// Plain channels, such as those of other packages, take part as well.
func ExampleOnRecvOK() {
	done := make(chan struct{})
	close(done)
	var ok bool
	agent.Select(agent.OnRecvOK(done, nil, &ok))
	fmt.Println(ok)
	// Output: false
}

func ExampleOnSend() {
	log := make(chan string, 1)
	line := "started"
	fmt.Println(agent.Select(agent.OnSend(log, &line)), <-log)
	// Output: 0 started
}

func ExampleGo() {
	result := agent.MakeChan[int](0)
	agent.Go(func() { result.Send(6 * 7) }) // go func() { … }()
	fmt.Println(result.Recv())
	// Output: 42
}

// Each call of Handle is one iteration of the event loop.
func ExampleLoop() {
	events := agent.MakeChan[string](2)
	events.Send("connect")
	events.Send("disconnect")
	events.Close()

	loop := agent.NewLoop("connections")
	for event := range events.All() {
		loop.Handle(func() { fmt.Println("handling", event) })
	}
	// Output:
	// handling connect
	// handling disconnect
}

// Names nest: the inner one is shown as "server/reader".
func ExampleDo() {
	agent.Do(context.Background(), "server", func(ctx context.Context) {
		done := agent.MakeChan[bool](0)
		agent.Go(func() {
			agent.Do(ctx, "reader", func(context.Context) { done.Send(true) })
		})
		fmt.Println(done.Recv())
	})
	// Output: true
}

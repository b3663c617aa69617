package main

import (
	"sync"

	"github.com/concdoctor/concdoctor/agent"
)

var (
	plainMutexes [4]sync.Mutex
	agentMutexes [4]agent.Mutex
	plainRW      sync.RWMutex
	agentRW      agent.RWMutex
	plainGroup   sync.WaitGroup
	agentGroup   agent.WaitGroup
	plainChan    = make(chan int, 1)
	agentChan    = agent.MakeChan[int](1)
	plainToken   = make(chan struct{}, 1)
	agentToken   = agent.MakeChan[struct{}](1)
	plainCond    = sync.NewCond(&plainMutexes[0])
	agentCond    = agent.NewCond(&agentMutexes[0])
	plainOnce    sync.Once
	agentOnce    agent.Once
)

var operations = []operation{
	{"Mutex", func(n int) {
		m := &plainMutexes[0]
		for range n {
			m.Lock()
			m.Unlock()
		}
	}, func(n int) {
		m := &agentMutexes[0]
		for range n {
			m.Lock()
			m.Unlock()
		}
	}},
	{"Nested2", func(n int) {
		m := &plainMutexes
		for range n {
			m[0].Lock()
			m[1].Lock()
			m[1].Unlock()
			m[0].Unlock()
		}
	}, func(n int) {
		m := &agentMutexes
		for range n {
			m[0].Lock()
			m[1].Lock()
			m[1].Unlock()
			m[0].Unlock()
		}
	}},
	{"Nested4", func(n int) {
		m := &plainMutexes
		for range n {
			m[0].Lock()
			m[1].Lock()
			m[2].Lock()
			m[3].Lock()
			m[3].Unlock()
			m[2].Unlock()
			m[1].Unlock()
			m[0].Unlock()
		}
	}, func(n int) {
		m := &agentMutexes
		for range n {
			m[0].Lock()
			m[1].Lock()
			m[2].Lock()
			m[3].Lock()
			m[3].Unlock()
			m[2].Unlock()
			m[1].Unlock()
			m[0].Unlock()
		}
	}},
	{"RWMutex.RLock", func(n int) {
		m := &plainRW
		for range n {
			m.RLock()
			m.RUnlock()
		}
	}, func(n int) {
		m := &agentRW
		for range n {
			m.RLock()
			m.RUnlock()
		}
	}},
	{"RWMutex.Lock", func(n int) {
		m := &plainRW
		for range n {
			m.Lock()
			m.Unlock()
		}
	}, func(n int) {
		m := &agentRW
		for range n {
			m.Lock()
			m.Unlock()
		}
	}},
	{"TryLock", func(n int) {
		m := &plainMutexes[0]
		for range n {
			if m.TryLock() {
				m.Unlock()
			}
		}
	}, func(n int) {
		m := &agentMutexes[0]
		for range n {
			if m.TryLock() {
				m.Unlock()
			}
		}
	}},
	{"WaitGroup Add Done", func(n int) {
		for range n {
			plainGroup.Add(1)
			plainGroup.Done()
		}
	}, func(n int) {
		for range n {
			agentGroup.Add(1)
			agentGroup.Done()
		}
	}},
	{"WaitGroup Wait, zero", func(n int) {
		for range n {
			plainGroup.Wait()
		}
	}, func(n int) {
		for range n {
			agentGroup.Wait()
		}
	}},
	{"WaitGroup Go Wait", func(n int) {
		for range n {
			plainGroup.Go(nothing)
			plainGroup.Wait()
		}
	}, func(n int) {
		for range n {
			agentGroup.Go(nothing)
			agentGroup.Wait()
		}
	}},
	{"WaitGroup go Done Wait", func(n int) {
		for range n {
			plainGroup.Add(1)
			go plainGroup.Done()
			plainGroup.Wait()
		}
	}, func(n int) {
		for range n {
			agentGroup.Add(1)
			go agentGroup.Done()
			agentGroup.Wait()
		}
	}},
	{"chan, one goroutine", func(n int) {
		for i := range n {
			plainChan <- i
			<-plainChan
		}
	}, func(n int) {
		for i := range n {
			agentChan.Send(i)
			agentChan.Recv()
		}
	}},
	{"chan struct{}, one", func(n int) {
		for range n {
			plainToken <- struct{}{}
			<-plainToken
		}
	}, func(n int) {
		for range n {
			agentToken.Send(struct{}{})
			agentToken.Recv()
		}
	}},
	{"chan, unbuffered", func(n int) { plainTransfer(n, 0) }, func(n int) { agentTransfer(n, 0) }},
	{"chan, buffered", func(n int) { plainTransfer(n, 128) }, func(n int) { agentTransfer(n, 128) }},
	{"Cond Signal", func(n int) {
		for range n {
			plainCond.Signal()
		}
	}, func(n int) {
		for range n {
			agentCond.Signal()
		}
	}},
	{"Once done", func(n int) {
		for range n {
			plainOnce.Do(nothing)
		}
	}, func(n int) {
		for range n {
			agentOnce.Do(nothing)
		}
	}},
}

func nothing() {}

func plainTransfer(n, room int) {
	c, done := make(chan int, room), make(chan bool)
	go func() {
		for range n {
			<-c
		}
		done <- true
	}()
	for i := range n {
		c <- i
	}
	<-done
}

func agentTransfer(n, room int) {
	c, done := agent.MakeChan[int](room), make(chan bool)
	go func() {
		for range n {
			c.Recv()
		}
		done <- true
	}()
	for i := range n {
		c.Send(i)
	}
	<-done
}

package main

import (
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	sync "github.com/concdoctor/concdoctor/agent"
)

// pairs moves between two of a thousand accounts, always in ascending order: 16 workers get
// so many requests from a channel.
func pairs(requests int) Result {
	table := new([manyAccounts]account)
	defer runtime.KeepAlive(table)
	in, out := agent.MakeChan[int](16), agent.MakeChan[int](16)
	var workers sync.WaitGroup
	return measure(func() {
		for range 16 {
			workers.Go(func() {
				for range in.All() {
					both(table)
					out.Send(1)
				}
			})
		}
		go func() {
			for i := range requests {
				in.Send(i)
			}
			in.Close()
		}()
		for range requests {
			out.Recv()
		}
		workers.Wait()
	})
}

// locks is pairs without anything but locks: what a new pair costs.
func locks(requests int) Result {
	table := new([manyAccounts]account)
	defer runtime.KeepAlive(table)
	var workers sync.WaitGroup
	return measure(func() {
		for range 16 {
			workers.Go(func() {
				for range requests / 16 {
					both(table)
				}
			})
		}
		workers.Wait()
	})
}

func both(table *[manyAccounts]account) {
	i, j := rand.IntN(manyAccounts), rand.IntN(manyAccounts)
	if i == j {
		j = (j + 1) % manyAccounts
	}
	a, b := &table[min(i, j)], &table[max(i, j)]
	a.mu.Lock()
	b.mu.Lock()
	a.balance--
	b.balance++
	b.mu.Unlock()
	a.mu.Unlock()
}

func measure(f func()) (r Result) {
	before, start := processor(), time.Now()
	f()
	r.Processor, r.Wall = processor()-before, time.Since(start)
	r.Heap = []uint64{heap()}
	return r
}

package main

import (
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// load is what clients do. The measuring itself goes through package sync and plain
// channels, whatever the server uses.
type load struct {
	connections, requests, rounds int
	over, idle                    time.Duration

	gate      chan struct{} // closed when idle connections are to end
	served    sync.WaitGroup
	ended     sync.WaitGroup
	latencies []time.Duration
	next      atomic.Int64
}

// perConnection is the number of requests after which a client disconnects, and another one
// connects.
const perConnection = 8

// connection is the client's side and the server's part of it.
type connection struct {
	id  int
	rng *rand.Rand
	sub *subscriber // pubsub's
}

// run makes the load and returns what it cost.
func (l *load) run(s server) (r Result) {
	l.gate = make(chan struct{})
	for round := range l.rounds {
		l.latencies = make([]time.Duration, l.requests+l.connections)
		l.next.Store(0)
		before, start := processor(), time.Now()
		isLast := round == l.rounds-1
		for i := range l.connections {
			l.served.Add(1)
			l.ended.Add(1)
			go l.client(s, i, isLast)
		}
		l.served.Wait()
		r.Processor += processor() - before
		r.Wall += time.Since(start)
		r.Heap, r.Goroutines = append(r.Heap, heap()), runtime.NumGoroutine()
		if !isLast {
			l.ended.Wait()
		}
	}
	l.latencies = l.latencies[:l.next.Load()]
	slices.Sort(l.latencies)
	r.P50, r.P99 = l.quantile(0.5), l.quantile(0.99)
	time.Sleep(time.Second) // timers of the load end
	before := processor()
	time.Sleep(l.idle)
	r.Idle = processor() - before
	close(l.gate)
	l.ended.Wait()
	s.shutdown()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	r.System = m.Sys
	return r
}

func (l *load) quantile(q float64) time.Duration {
	if len(l.latencies) == 0 {
		return 0
	}
	return l.latencies[int(q*float64(len(l.latencies)-1))]
}

// client is one of the clients that are there at the same time: a goroutine for each
// connection in turn.
func (l *load) client(s server, id int, stay bool) {
	defer l.ended.Done()
	requests := max(1, l.requests/l.connections)
	pause := l.over / time.Duration(requests)
	for left := requests; left > 0; left -= perConnection {
		over := make(chan struct{})
		n := min(left, perConnection)
		go func() {
			defer close(over)
			c := &connection{id: id, rng: rand.New(rand.NewPCG(uint64(id), uint64(left)))}
			s.connect(c)
			for range n {
				time.Sleep(time.Duration(c.rng.Int64N(int64(2*pause) + 1)))
				start := time.Now()
				if err := s.serve(c); err != nil {
					os.Stderr.WriteString(err.Error() + "\n")
				}
				l.latencies[l.next.Add(1)-1] = time.Since(start)
			}
			if left == n {
				l.served.Done()
				if stay {
					<-l.gate
				}
			}
			s.disconnect(c)
		}()
		<-over
	}
}

// heap returns what is in use when all that can go has gone.
func heap() uint64 {
	var m runtime.MemStats
	for last := ^uint64(0); ; {
		for range 2 {
			runtime.GC()
			time.Sleep(10 * time.Millisecond) // for cleanups
		}
		runtime.ReadMemStats(&m)
		if m.HeapAlloc+m.HeapAlloc/100 >= last {
			return m.HeapAlloc
		}
		last = m.HeapAlloc
	}
}

// processor returns the processor time of the process.
func processor() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

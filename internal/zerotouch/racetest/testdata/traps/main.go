// Traps does what has led race detectors astray. Its argument names one of the scenes.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

var scenes = map[string]func(){
	"recovered":  recovered,
	"timers":     timers,
	"rwmutex":    rwmutex,
	"reuse":      reuse,
	"many":       many,
	"tiny":       tiny,
	"pointers":   pointers,
	"large":      large,
	"forgotten":  forgotten,
	"twoLocks":   twoLocks,
	"readLocked": readLocked,
	"mixed":      mixed,
	"killed":     killed,
	"deep":       deep,
}

func main() {
	scenes[os.Args[1]]()
	fmt.Println("done")
}

// both runs two functions one after the other, without an order that a detector could see: what
// they wait for each other by is no synchronization.
func both(first, second func()) {
	var done sync.WaitGroup
	done.Go(func() { first(); show() })
	done.Go(func() { await(); second() })
	done.Wait()
	hide()
}

var shared struct {
	mu, other sync.Mutex
	rw        sync.RWMutex
	n         int
	word      int64
}

func forgotten() {
	both(func() {
		shared.mu.Lock()
		shared.n++
		shared.mu.Unlock()
	}, func() { shared.n = 2 })
}

func twoLocks() {
	both(func() {
		shared.mu.Lock()
		shared.n++
		shared.mu.Unlock()
	}, func() {
		shared.other.Lock()
		shared.n = 2
		shared.other.Unlock()
	})
}

func readLocked() {
	both(func() {
		shared.rw.RLock()
		shared.n++
		shared.rw.RUnlock()
	}, func() {
		shared.rw.RLock()
		shared.n = 2
		shared.rw.RUnlock()
	})
}

func mixed() {
	both(func() { atomic.AddInt64(&shared.word, 1) }, func() { shared.word = 2 })
}

func killed() {
	forgotten()
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	fmt.Println(err)
	select {}
}

// recovered: calls that a panic ends do not return, and must not pile up.
func recovered() {
	for range 5000 {
		func() {
			defer func() { _ = recover() }()
			fall(20)
		}()
	}
	both(inRecovered, inRecovered)
}

func inRecovered() {
	stumble()
	shared.n++
}

func stumble() {
	defer func() { _ = recover() }()
	fall(3)
}

func fall(n int) {
	if n == 0 {
		panic("bottom")
	}
	fall(n - 1)
}

// timers run instrumented code on the stacks of threads.
func timers() {
	var done sync.WaitGroup
	for range 200 {
		done.Add(1)
		time.AfterFunc(time.Microsecond, done.Done)
		t := time.NewTimer(time.Microsecond)
		<-t.C
		t.Reset(time.Microsecond)
		t.Stop()
	}
	done.Wait()
}

// rwmutex: readers share, and the writer is alone.
func rwmutex() {
	var rw sync.RWMutex
	var done sync.WaitGroup
	m := map[int]int{}
	for i := range 8 {
		done.Go(func() {
			for j := range 200 {
				if (i+j)%10 == 0 {
					rw.Lock()
					m[j] = i
					rw.Unlock()
				} else {
					rw.RLock()
					_ = m[j]
					rw.RUnlock()
				}
			}
		})
	}
	done.Wait()
}

// reuse: memory and slots are used again, by goroutines that have nothing to do with those before.
func reuse() {
	results := make(chan *[4]int, 64)
	var done sync.WaitGroup
	for i := range 4000 {
		done.Go(func() {
			p := new([4]int)
			p[i%4] = i
			select {
			case results <- p:
			default:
			}
		})
		if i%50 == 0 {
			for len(results) > 0 {
				p := <-results
				p[0]++
			}
		}
	}
	done.Wait()
}

// many: more goroutines live at once than there are slots.
func many() {
	var mu sync.Mutex
	var done sync.WaitGroup
	gate := make(chan struct{})
	n := 0
	for range 3000 {
		done.Go(func() {
			<-gate
			mu.Lock()
			n++
			mu.Unlock()
		})
	}
	close(gate)
	done.Wait()
	fmt.Println(n)
}

// tiny objects share nothing.
func tiny() {
	var done sync.WaitGroup
	for range 64 {
		done.Go(func() {
			for range 200 {
				b := new(byte)
				c := new([3]byte)
				*b, c[2] = 1, 2
				sink.Store(b)
			}
		})
	}
	done.Wait()
}

var sink atomic.Pointer[byte]

// pointers are handed over by atomics, with all that was written before.
func pointers() {
	type node struct {
		next *node
		n    int
	}
	var top atomic.Pointer[node]
	var done sync.WaitGroup
	for i := range 4 {
		done.Go(func() {
			for j := range 500 {
				n := &node{n: i * j}
				for {
					n.next = top.Load()
					if top.CompareAndSwap(n.next, n) {
						break
					}
				}
				if old := top.Swap(nil); old != nil {
					old.n++
				}
			}
		})
	}
	done.Wait()
}

// large blocks give their shadow back, and are used again by others.
func large() {
	for range 4 {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				b := make([]byte, 1<<17)
				for i := 0; i < len(b); i += 8 {
					b[i] = 1
				}
			})
		}
		wg.Wait()
		runtime.GC()
	}
}

// deep calls of many kinds.
func deep() {
	both(func() { descend(300); shared.n++ }, func() { descend(200) })
}

func descend(n int) {
	if n == 0 {
		shared.n++
		return
	}
	descend(n - 1)
}

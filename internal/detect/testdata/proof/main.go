// Command proof hangs beside a listener, or only looks as if it did, for the tests of
// package detect. It prints the findings, and how many collections there were.
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	sync "github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/agent/finding"
)

// broker sends to its subscribers under a lock that they need to leave. The channels are
// plain ones.
type broker struct {
	mu    sync.RWMutex
	subs  []chan string
	again chan bool // closed when there is news again
}

func (b *broker) publish(news string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, c := range b.subs {
		c <- news
	}
}

func (b *broker) leave(from chan string) {
	<-from
	<-b.again
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs = nil
}

func (b *broker) hang() {
	c := make(chan string)
	b.subs, b.again = []chan string{c}, make(chan bool)
	go b.leave(c)
	b.publish("hello")
	go b.publish("anybody there")
	for b.mu.TryLock() { // until that has the lock
		b.mu.Unlock()
	}
	close(b.again)
}

// depot is known to the whole program: any goroutine may put something into it.
var depot struct {
	mu   sync.Mutex
	some sync.Cond
}

func take() {
	depot.mu.Lock()
	depot.some.Wait()
	depot.mu.Unlock()
}

var stop atomic.Bool

func main() {
	debug.SetGCPercent(-1)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go l.Accept()
	time.AfterFunc(10*time.Second, func() { os.Exit(1) })
	switch os.Args[1] {
	case "hang":
		found := make(chan bool)
		sync.OnFinding(func(finding.Finding) { close(found) })
		new(broker).hang()
		<-found
	case "sleeper":
		go func() {
			for !stop.Load() {
				time.Sleep(100 * time.Millisecond) // it may receive next time, for all that the agent knows
			}
		}()
		new(broker).hang()
		time.Sleep(600 * time.Millisecond)
	case "busy":
		new(broker).hang()
		for end := time.Now().Add(400 * time.Millisecond); time.Now().Before(end); {
		}
	case "idle":
		depot.some.L = &depot.mu
		for range 3 {
			go take()
		}
		time.Sleep(400 * time.Millisecond)
	}
	for _, f := range sync.Findings() {
		fmt.Println(f.Rule, f.Certainty)
		for _, g := range f.Goroutines {
			fmt.Println("\twaits at", g.Wait.Stack.Site().ShortFunc())
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Println("collections:", m.NumGC)
}

//go:build !concdoctor_off

package detect_test

import (
	"context"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	"github.com/concdoctor/concdoctor/internal/detect"
)

// quiet are healthy programs in which goroutines wait for long. Each gets a process
// of its own, where the watch looks at it for eight seconds (of its own time) when
// as many goroutines wait as look is given, and must stay silent.
var quietPrograms = map[string]func(look func(waiting int)){
	"idle workers, fed by their maker": func(look func(int)) {
		jobs := agent.MakeChan[int](0)
		var workers agent.WaitGroup
		for range 3 {
			workers.Go(func() {
				for range jobs.All() {
				}
			})
		}
		for i := range 10 {
			jobs.Send(i)
		}
		look(3)
		jobs.Close()
		workers.Wait()
	},
	"idle workers awaited by their maker, a feeder that never fed": func(look func(int)) {
		jobs := agent.MakeChan[int](0)
		var workers agent.WaitGroup
		for range 3 {
			workers.Go(func() {
				for range jobs.All() {
				}
			})
		}
		jobs.Send(1)
		feed := make(chan bool)
		go func() { // like a goroutine that waits for a connection
			<-feed
			jobs.Close()
		}()
		go func() { look(4); close(feed) }()
		workers.Wait()
	},
	"workers with a lock each, waiting under it": func(look func(int)) {
		jobs := agent.MakeChan[int](0)
		end := make(chan bool)
		for range 3 {
			go func() {
				var mine agent.Mutex
				mine.Lock()
				defer mine.Unlock()
				_, ok := jobs.RecvOK()
				end <- ok
			}()
		}
		look(3)
		jobs.Close()
		for range 3 {
			<-end
		}
	},
	"a call whose reply comes from a reader that is no relative": func(look func(int)) {
		var mu agent.Mutex
		pending := make(map[int]agent.Chan[string])
		replies := make(chan int)
		go func() { // the reader of the connection
			for id := range replies {
				mu.Lock()
				c := pending[id]
				delete(pending, id)
				mu.Unlock()
				c.Send("reply")
			}
		}()
		call := func(id int) chan bool {
			done := make(chan bool)
			go func() { // the handler
				c := agent.MakeChan[string](0)
				mu.Lock()
				pending[id] = c
				mu.Unlock()
				c.Recv()
				close(done)
			}()
			return done
		}
		first := call(1)
		look(1) // no reply has ever been sent
		replies <- 1
		<-first
		second := call(2)
		look(1)
		replies <- 2
		<-second
	},
	"a call under a lock whose reply comes from a reader": func(look func(int)) {
		var mu, slot agent.Mutex
		var pending agent.Chan[string]
		network := make(chan bool)
		go func() {
			for range network {
				slot.Lock()
				c := pending
				slot.Unlock()
				c.Send("reply")
			}
		}()
		for range 2 {
			done := make(chan bool)
			go func() {
				mu.Lock() // one call at a time
				defer mu.Unlock()
				c := agent.MakeChan[string](0)
				slot.Lock()
				pending = c
				slot.Unlock()
				c.Recv()
				close(done)
			}()
			look(1)
			network <- true
			<-done
		}
	},
	"a timer's function ends the wait": func(look func(int)) {
		for range 2 {
			timer, done := make(chan *time.Timer), make(chan bool)
			go func() {
				c := agent.MakeChan[bool](0)
				timer <- time.AfterFunc(time.Hour, c.Close)
				c.Recv()
				close(done)
			}()
			fire := <-timer
			look(1)
			fire.Reset(0)
			<-done
		}
	},
	"a hub and its clients": func(look func(int)) {
		join, leave := agent.MakeChan[agent.Chan[string]](0), agent.MakeChan[agent.Chan[string]](0)
		news := agent.MakeChan[string](0)
		go func() {
			var clients []agent.Chan[string]
			for {
				var c agent.Chan[string]
				var text string
				switch agent.Select(join.OnRecv(&c), leave.OnRecv(&c), news.OnRecv(&text)) {
				case 0:
					clients = append(clients, c)
				case 1:
					c.Close()
					clients = slices.DeleteFunc(clients, func(o agent.Chan[string]) bool { return o == c })
				default:
					for _, c := range clients {
						c.Send(text)
					}
				}
			}
		}()
		end := make(chan bool)
		var all []agent.Chan[string]
		for range 3 {
			c := agent.MakeChan[string](0)
			all = append(all, c)
			go func() {
				join.Send(c)
				for range c.All() {
				}
				end <- true
			}()
		}
		look(4)
		news.Send("hello")
		look(4)
		for _, c := range all {
			leave.Send(c)
			<-end
		}
	},
	"tickers and contexts in a select": func(look func(int)) {
		tick := time.NewTicker(time.Hour)
		defer tick.Stop()
		ctx, cancel := context.WithCancel(context.Background())
		work, ended := agent.MakeChan[int](0), make(chan bool)
		go func() {
			defer close(ended)
			agent.Select(work.OnRecv(nil), agent.OnRecv(tick.C, nil), agent.OnRecv(ctx.Done(), nil))
		}()
		look(1)
		cancel()
		<-ended
	},
	"a cancelled receive": func(look func(int)) {
		ctx, cancel := context.WithCancel(context.Background())
		c, ended := agent.MakeChan[int](0), make(chan bool)
		go func() {
			_, _, _ = c.RecvContext(ctx)
			close(ended)
		}()
		look(1)
		cancel()
		<-ended
	},
	"a wait group counted down from the network": func(look func(int)) {
		// Not of package net: with cgo the runtime would not say that all are asleep.
		server, client, err := os.Pipe()
		if err != nil {
			panic(err)
		}
		var w agent.WaitGroup
		w.Add(1)
		go func() {
			defer w.Done()
			_, _ = server.Read(make([]byte, 1))
		}()
		go func() { look(1); _, _ = client.Write([]byte{1}) }()
		w.Wait()
	},
	"a wait group under a lock, counted down by a plain goroutine": func(look func(int)) {
		var mu agent.Mutex
		var w agent.WaitGroup
		goOn, waiting := make(chan bool), make(chan bool)
		w.Add(2)
		for range 2 {
			go func() { <-goOn; w.Done() }()
		}
		go func() { close(waiting); mu.Lock(); mu.Unlock(); goOn <- true }()
		go func() { <-waiting; look(1); goOn <- true; goOn <- true }()
		w.Wait()
		<-goOn
	},
	"Go and Add mixed, the goroutine of Go waits for a while": func(look func(int)) {
		var w agent.WaitGroup
		c := agent.MakeChan[bool](0)
		w.Go(func() { c.Recv() })
		w.Add(1)
		go func() { look(2); c.Send(true); w.Done() }()
		w.Wait()
	},
	"a wait group counted down by a timer": func(look func(int)) {
		for range 2 {
			timer, done := make(chan *time.Timer), make(chan bool)
			go func() {
				var w agent.WaitGroup
				w.Add(1)
				timer <- time.AfterFunc(time.Hour, w.Done)
				w.Wait()
				close(done)
			}()
			fire := <-timer
			look(1)
			fire.Reset(0)
			<-done
		}
	},
	"consumers of a queue, whose producer has not come yet": func(look func(int)) {
		var mu agent.Mutex
		items := agent.NewCond(&mu)
		n, end := 0, make(chan bool)
		for range 3 {
			go func() {
				mu.Lock()
				for n == 0 {
					items.Wait()
				}
				n--
				mu.Unlock()
				end <- true
			}()
		}
		look(3)
		mu.Lock()
		n = 3
		mu.Unlock()
		items.Broadcast()
		for range 3 {
			<-end
		}
	},
	"a signal that comes from a new goroutine each time": func(look func(int)) {
		var mu agent.Mutex
		ready := agent.NewCond(&mu)
		for range 3 {
			on, done := false, make(chan bool)
			go func() {
				mu.Lock()
				for !on {
					ready.Wait()
				}
				mu.Unlock()
				close(done)
			}()
			look(1)
			go func() { mu.Lock(); on = true; mu.Unlock(); ready.Signal() }()
			<-done
		}
	},
	"a monitor inside a lock that the signaller does not need": func(look func(int)) {
		var outer, mu agent.Mutex
		ready := agent.NewCond(&mu)
		for range 2 {
			on, goOn, done := false, make(chan bool), make(chan bool)
			go func() {
				outer.Lock()
				mu.Lock()
				for !on {
					ready.Wait()
				}
				mu.Unlock()
				outer.Unlock()
				close(done)
			}()
			go func() { <-goOn; mu.Lock(); on = true; ready.Signal(); mu.Unlock() }()
			look(1)
			close(goOn)
			<-done
		}
	},
	"a lock whose holder sleeps": func(look func(int)) {
		var mu agent.Mutex
		goOn := make(chan bool)
		mu.Lock()
		end := make(chan bool)
		for range 3 {
			go func() { mu.Lock(); mu.Unlock(); end <- true }()
		}
		go func() { sleepDuring(func() { look(3) }); close(goOn) }()
		<-goOn
		mu.Unlock()
		for range 3 {
			<-end
		}
	},
	"a lock kept by a goroutine that ended, and released by another": func(look func(int)) {
		var mu agent.Mutex
		keep := func() { mu.Lock() }
		run(keep)
		mu.Unlock() // now it is known that what is locked there is released by others
		run(keep)
		end := make(chan bool)
		go func() { mu.Lock(); mu.Unlock(); close(end) }()
		look(1)
		mu.Unlock()
		<-end
	},
	"a slow initialization": func(look func(int)) {
		var o agent.Once
		goOn, in := make(chan bool), make(chan bool)
		go o.Do(func() { close(in); <-goOn })
		<-in
		end := make(chan bool)
		for range 3 {
			go func() { o.Do(nothing); end <- true }()
		}
		sleepDuring(func() { look(3) })
		close(goOn)
		for range 3 {
			<-end
		}
	},
}

// sleepDuring sleeps until f has returned. A goroutine that waits for f, which is the watch's
// own, could not go on in any program.
func sleepDuring(f func()) {
	var over atomic.Bool
	go func() { f(); over.Store(true) }()
	for !over.Load() {
		time.Sleep(time.Millisecond)
	}
}

const quietVariable = "CONCDOCTOR_TEST_QUIET"

func runQuiet(name string) {
	quietPrograms[name](func(waiting int) { detect.ScanForTest(waiting, 8*time.Second) })
}

func TestQuiet(t *testing.T) {
	for name := range quietPrograms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if status, stderr := childWith(t, quietVariable, name, ""); status != 0 || stderr != "" {
				t.Errorf("status %d:\n%s", status, stderr)
			}
		})
	}
}

package leak_test

import (
	"context"
	"net"
	"os"
	"os/signal"
	"sync"
	"time"
)

// programs are run in a child process each. The bad ones leak; nothing that the
// good ones leave behind is a leak.
var programs = map[string]func(){
	"send growing":    func() { requests(12, leakSend) },
	"send few":        func() { requests(4, leakSend) },
	"send one":        func() { requests(1, leakSend); pause(20) },
	"receive growing": func() { requests(12, leakReceive) },
	"receive one":     func() { requests(1, leakReceive); pause(20) },
	"select growing":  func() { requests(12, leakSelect) },
	"nil channel":     func() { requests(12, leakNil) },
	"forever":         func() { requests(12, leakForever) },
	"wait group":      func() { requests(12, leakWaitGroup) },
	"cond":            func() { requests(12, leakCond) },
	"mutex":           func() { requests(12, leakMutex) },
	"generator":       func() { requests(12, leakGenerator) },
	"burst":           func() { burst(30); pause(20) },
	"kept lock":       func() { keepLock(false); keepLock(true); pause(60) },
	"released lock":   func() { keepLock(false); keepLock(false); pause(60) },

	"a while":    func() { pause(10) },
	"large pool": func() { pool(150); pause(5) },

	"room for one":   func() { requests(12, roomForOne) },
	"idle pool":      func() { pool(20); pause(20) },
	"used pool":      usedPool,
	"idle cond pool": idleCondPool,
	"ticker":         ticker,
	"server":         server,
	"watcher":        watcher,
	"semaphore":      semaphore,
	"companions":     companions,
}

// step is long enough for a goroutine to get where it blocks.
const step = 4 * time.Millisecond

func pause(steps int) { time.Sleep(time.Duration(steps) * step) }

// requests runs each handler in a goroutine of its own that ends, one after the
// other, as a server does.
func requests(n int, handle func()) {
	for range n {
		done := make(chan struct{})
		go serve(handle, done)
		<-done
		pause(2)
	}
	pause(6)
}

func serve(handle func(), done chan struct{}) {
	defer close(done)
	handle()
}

func leakSend() {
	answers := make(chan int)
	go blockSend(answers)
}
func blockSend(answers chan int) { answers <- 1 }

func leakReceive() {
	questions := make(chan int)
	go blockReceive(questions)
}
func blockReceive(questions chan int) { <-questions }

func leakSelect() {
	questions, cancel := make(chan int), make(chan int)
	go blockSelect(questions, cancel)
}
func blockSelect(questions, cancel chan int) {
	select {
	case <-questions:
	case <-cancel:
	}
}

func leakNil()                { go blockNil(nil) }
func blockNil(never chan int) { <-never }

func leakForever()  { go blockForever() }
func blockForever() { select {} }

func leakWaitGroup() {
	var wg sync.WaitGroup
	wg.Add(1)
	go blockWait(&wg)
}
func blockWait(wg *sync.WaitGroup) { wg.Wait() }

func leakCond() { go blockCond(sync.NewCond(new(sync.Mutex))) }
func blockCond(c *sync.Cond) {
	c.L.Lock()
	c.Wait()
	c.L.Unlock()
}

func leakMutex() {
	mu := new(sync.Mutex)
	mu.Lock()
	go blockLock(mu)
}
func blockLock(mu *sync.Mutex) { mu.Lock() }

// leakGenerator takes a few values from a generator that never ends.
func leakGenerator() {
	numbers := make(chan int)
	go generate(numbers)
	for range 3 {
		<-numbers
	}
}

func generate(numbers chan int) {
	for i := 0; ; i++ {
		numbers <- i
	}
}

// keepLock hands a lock to a goroutine that may end with it, while two others queue.
func keepLock(keep bool) {
	mu, done := new(sync.Mutex), make(chan struct{})
	go func() {
		defer close(done)
		mu.Lock()
		if keep {
			go lockAndGo(mu)
			pause(1)
		}
		for range 2 {
			go lockInTurn(mu)
			pause(1)
		}
		mu.Unlock()
		pause(1)
	}()
	<-done
}

func lockAndGo(mu *sync.Mutex) { mu.Lock() }
func lockInTurn(mu *sync.Mutex) {
	mu.Lock()
	mu.Unlock()
}

// burst leaks all at once: it may as well be a queue that has not moved yet.
func burst(n int) {
	answers := make(chan int)
	for range n {
		go blockSend(answers)
	}
}

// roomForOne is the cure of leakSend.
func roomForOne() {
	answers := make(chan int, 1)
	go blockSend(answers)
}

// pool starts workers that never get any work.
func pool(n int) {
	jobs := make(chan int)
	for range n {
		go work(jobs)
	}
}

func work(jobs chan int) {
	for range jobs {
		pause(1)
	}
}

// usedPool starts workers one by one as work comes in; then there is no more work.
func usedPool() {
	jobs := make(chan int)
	for range 12 {
		go work(jobs)
		jobs <- 1
		pause(2)
		jobs <- 1
		pause(2)
	}
	pause(20)
}

func idleCondPool() {
	c := sync.NewCond(new(sync.Mutex))
	for range 20 {
		go blockCond(c)
	}
	pause(20)
}

func ticker() {
	for range 12 {
		go func() {
			for range time.NewTicker(3 * step).C {
			}
		}()
		pause(2)
	}
	pause(10)
}

// server has idle connections and waits for more.
func server() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { conn.Read(make([]byte, 1)) }()
		}
	}()
	for range 12 {
		if _, err := net.Dial("tcp", l.Addr().String()); err != nil {
			panic(err)
		}
		pause(1)
	}
	pause(10)
}

// watcher waits for what may come once, or never.
func watcher() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { <-signals; cancel() }()
	go func() { <-ctx.Done(); pause(1) }()
	go func() {
		select {
		case <-ctx.Done():
		case <-time.After(time.Hour):
		}
	}()
	pause(20)
}

// semaphore has a queue of senders that moves when the trace ends.
func semaphore() {
	slots := make(chan struct{}, 1)
	for range 30 {
		go func() {
			slots <- struct{}{}
			pause(3)
			<-slots
		}()
		pause(1)
	}
}

// companions are goroutines that wait as long as their connection lives.
func companions() {
	for range 12 {
		go func() {
			closed := make(chan struct{})
			go blockCompanion(closed)
			pause(1000)
			close(closed)
		}()
		pause(2)
	}
}

func blockCompanion(closed chan struct{}) {
	//lint:ignore S1000 some write it so
	select {
	case <-closed:
	}
}

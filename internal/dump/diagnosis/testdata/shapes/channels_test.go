package shapes

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// want: deadlock potential: TestRing, TestRing.func
func TestRing(t *testing.T) {
	a, b, done := make(chan int), make(chan int), make(chan bool)
	go func() { a <- 1; <-b; done <- true }()
	go func() { b <- 1; <-a; done <- true }()
	<-done
}

// want: stuck potential: TestNobody
func TestNobody(t *testing.T) { <-make(chan int) }

// want: stuck potential: TestGroup
func TestGroup(t *testing.T) {
	var g sync.WaitGroup
	g.Add(2)
	go g.Done()
	g.Wait()
}

// want: stuck potential: TestCond
func TestCond(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	mu.Lock()
	c.Wait()
}

// want: deadlock potential: TestPool, TestPool.func
func TestPool(t *testing.T) {
	jobs := make(chan int)
	var g sync.WaitGroup
	for range 3 {
		g.Go(func() {
			for range jobs {
			}
		})
	}
	for i := range 5 {
		jobs <- i
	}
	g.Wait()
	close(jobs)
}

type request struct {
	n     int
	reply chan int
}

// want: deadlock potential: TestLostReply, TestLostReply.func
func TestLostReply(t *testing.T) {
	requests := make(chan request)
	go func() {
		for r := range requests {
			if r.n != 0 {
				r.reply <- 10 / r.n
			}
		}
	}()
	for i := 1; i >= 0; i-- {
		r := request{i, make(chan int)}
		requests <- r
		<-r.reply
	}
}

// want: deadlock potential: TestNil, TestNil.func
func TestNil(t *testing.T) {
	var stop chan bool
	var g sync.WaitGroup
	g.Go(func() { <-stop })
	g.Wait()
}

// want: stuck potential: TestForever
func TestForever(t *testing.T) { select {} }

// want: stuck potential: TestSelect
func TestSelect(t *testing.T) {
	a, b := make(chan int), make(chan int)
	select {
	case <-a:
	case b <- 1:
	}
}

// want: deadlock potential: TestSignals, TestSignals.func
func TestSignals(t *testing.T) {
	var mu sync.Mutex
	c := sync.NewCond(&mu)
	var g sync.WaitGroup
	n := 0
	for range 2 {
		g.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for n == 0 {
				c.Wait()
			}
			n--
		})
	}
	time.Sleep(20 * time.Millisecond)
	mu.Lock()
	n++
	c.Signal()
	mu.Unlock()
	g.Wait()
}

// want: stuck suspected: TestContext
// quit: none
func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	<-ctx.Done()
}

// want: stuck suspected: TestPipe
// quit: none
func TestPipe(t *testing.T) {
	r, w := io.Pipe()
	defer r.Close()
	io.WriteString(w, "nobody reads")
}

// want: deadlock suspected: TestLockChan
func TestLockChan(t *testing.T) {
	var mu sync.Mutex
	c := make(chan int)
	go func() { mu.Lock(); c <- 1; mu.Unlock() }()
	time.Sleep(20 * time.Millisecond)
	mu.Lock()
	<-c
	mu.Unlock()
}

// want: deadlock potential: TestResults, TestResults.func
func TestResults(t *testing.T) {
	results := make(chan int)
	var g sync.WaitGroup
	for i := range 3 {
		g.Go(func() { results <- i })
	}
	g.Wait()
	close(results)
	for range results {
	}
}

// want: stuck potential: TestSemaphore
func TestSemaphore(t *testing.T) {
	sem := make(chan bool, 1)
	sem <- true
	sem <- true
}

// want: deadlock potential: TestSubtest/inner, func.func
func TestSubtest(t *testing.T) {
	t.Run("inner", func(t *testing.T) {
		c := make(chan int)
		go func() { c <- 1; c <- 2 }()
		<-c
		other := make(chan int)
		<-other
	})
}

// want: stuck suspected: TestTickingChannel
// quit: none
func TestTickingChannel(t *testing.T) {
	go func() {
		for {
			time.Sleep(10 * time.Millisecond)
		}
	}()
	never := make(chan int)
	<-never
}

// want: deadlock suspected: TestHandler.func
// quit: none
func TestHandler(t *testing.T) {
	var mu sync.Mutex
	ready := make(chan bool)
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		ready <- true
	}))
	defer s.Close()
	mu.Lock()
	defer mu.Unlock()
	http.Get(s.URL)
	<-ready
}

// want: none: a listener may be waited for
func TestAccept(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Accept()
}

// want: none: it works
func TestBusy(t *testing.T) {
	done := make(chan bool)
	go func() {
		for {
		}
	}()
	<-done
}

// want: stuck suspected: TestTimer
func TestTimer(t *testing.T) {
	done := make(chan bool)
	time.AfterFunc(time.Hour, func() { close(done) })
	<-done
}

package shapes

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// The whole program knows these.
var (
	storeMu sync.Mutex
	store   = map[string]int{}
	orders  = make(chan string)
	answers = make(chan int)
)

func answer() {
	for name := range orders {
		storeMu.Lock() // waits lock storeMu
		n := store[name]
		storeMu.Unlock()
		answers <- n
	}
}

// GlobalAsk: as a client that asks under the lock which the server needs, with all of it
// in package variables.
//
// rule: deadlock
// least: potential
func GlobalAsk() {
	go answer()
	storeMu.Lock() // holds lock storeMu
	orders <- "nuts"
	fmt.Println(<-answers) // waits chan answers
	storeMu.Unlock()
}

// GlobalAskHealthy: the answer comes late.
func GlobalAskHealthy() {
	late := make(chan int)
	time.AfterFunc(slow, func() { late <- 1 })
	storeMu.Lock()
	fmt.Println(<-late)
	storeMu.Unlock()
}

var (
	inbox  = make(chan string)
	outbox = make(chan string)
)

// GlobalSends: two goroutines send to each other through package variables before either
// receives.
//
// rule: deadlock, stuck
// least: potential
func GlobalSends() {
	var wg sync.WaitGroup
	wg.Go(func() {
		outbox <- "ping" // waits chan outbox
		fmt.Println(<-inbox)
	})
	wg.Go(func() {
		inbox <- "pong" // waits chan inbox
		fmt.Println(<-outbox)
	})
	wg.Wait() // victim group wg
}

// GlobalSendsHealthy: the consumer of a package variable's channel is started later.
func GlobalSendsHealthy() {
	var wg sync.WaitGroup
	wg.Go(func() { outbox <- "ping" })
	time.AfterFunc(slow, func() { fmt.Println(<-outbox) })
	wg.Wait()
}

type importer struct {
	mu    sync.Mutex
	queue chan string
	rows  int
}

func (m *importer) work() {
	for range m.queue {
		m.mu.Lock() // waits lock mu
		m.rows++
		m.mu.Unlock()
	}
}

// report prints how it goes, as long as the program runs.
func (m *importer) report() {
	for range time.Tick(200 * time.Millisecond) {
		if n := len(m.queue); n > 1000 {
			fmt.Println("queue has", n)
		}
	}
}

// TickingNeighbour: a producer fills the queue under the lock that the consumer needs; a
// goroutine that has to do with neither looks at the length of the queue.
//
// rule: deadlock
// least: potential
// asleep: no
func TickingNeighbour() {
	m := &importer{queue: make(chan string, 1)}
	go m.work()
	go m.report()
	m.mu.Lock() // holds lock mu
	for i := range 10 {
		m.queue <- fmt.Sprint("row ", i) // waits chan queue
	}
	m.mu.Unlock()
}

// TickingNeighbourHealthy: the consumer is slow, and so is the neighbour.
func TickingNeighbourHealthy() {
	m := &importer{queue: make(chan string, 1)}
	done := make(chan bool)
	go func() {
		for range m.queue {
			time.Sleep(slow / 3)
		}
		done <- true
	}()
	go m.report()
	for i := range 4 {
		m.queue <- fmt.Sprint("row ", i)
	}
	close(m.queue)
	<-done
}

func lookUp(name string, answers chan<- string) {
	time.Sleep(2 * moment)
	answers <- "address of " + name // waits chan answers
}

// AnswerAfterTimeout: who asked has stopped waiting, and the answer has no room.
//
// rule: goroutine-leak, stuck
// least: potential
// ends: yes
// asleep: no
func AnswerAfterTimeout() {
	ctx, cancel := context.WithTimeout(context.Background(), moment)
	defer cancel()
	answers := make(chan string)
	go lookUp("ann", answers)
	select {
	case a := <-answers:
		fmt.Println(a)
	case <-ctx.Done():
		fmt.Println(ctx.Err())
	}
	time.Sleep(4 * moment) // other work
}

// AnswerAfterTimeoutHealthy: the channel has room for the answer, and there is patience;
// then the program has nothing to do but to serve.
func AnswerAfterTimeoutHealthy() {
	ctx, cancel := context.WithTimeout(context.Background(), slow)
	defer cancel()
	answers := make(chan string, 1)
	go lookUp("ann", answers)
	select {
	case a := <-answers:
		fmt.Println(a)
	case <-ctx.Done():
		fmt.Println(ctx.Err())
	}
}

// NobodyCancels: a worker waits for the end of a context that can be cancelled and is not;
// the caller waits for the worker.
//
// rule: deadlock, stuck
// least: potential
func NobodyCancels() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-ctx.Done() // waits chan ctx/Done
	}()
	<-done // waits chan done
	cancel()
}

// NobodyCancelsHealthy: a timer cancels.
func NobodyCancelsHealthy() {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(slow, cancel)
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-ctx.Done()
	}()
	<-done
}

// BackgroundDone: a goroutine that is waited for waits for the end of the background.
//
// rule: stuck, nil-channel, deadlock
// least: potential
func BackgroundDone() {
	ctx := context.Background()
	var wg sync.WaitGroup
	wg.Go(func() {
		<-ctx.Done() // waits chan -
		fmt.Println("over")
	})
	wg.Wait() // victim group wg
}

// BackgroundDoneHealthy: a helper stays with the background, main works and returns.
func BackgroundDoneHealthy() {
	go func() { <-context.Background().Done() }()
	time.Sleep(slow)
}

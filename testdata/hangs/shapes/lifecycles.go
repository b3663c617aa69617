package shapes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// app is a server whose requests may wait for its end.
type app struct {
	http.Server
	closing chan struct{}
}

func newApp() (a *app, url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	a = &app{closing: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		<-a.closing // waits chan closing
		fmt.Fprintln(w, "bye")
	})
	a.Handler = mux
	go a.Serve(l)
	return a, "http://" + l.Addr().String()
}

func (a *app) stop() {
	a.Shutdown(context.Background())
	close(a.closing)
}

// ShutdownWaits: the server waits for its requests to end, which end when they are told to,
// after the server has ended. (Shutdown polls: no goroutine but the handler's is blocked.)
//
// rule: stuck, deadlock
// least: facts
// asleep: no
func ShutdownWaits() {
	a, url := newApp()
	go get(url + "/events")
	time.Sleep(2 * moment)
	a.stop()
}

// ShutdownWaitsHealthy: the request is told in time, but takes its time.
func ShutdownWaitsHealthy() {
	a, url := newApp()
	go get(url + "/events")
	time.Sleep(2 * moment)
	time.AfterFunc(slow, func() { close(a.closing) })
	a.Shutdown(context.Background())
}

type proxy struct {
	mu   sync.Mutex
	self string
	hits int
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock() // holds lock mu // waits lock mu
	defer p.mu.Unlock()
	p.hits++
	if r.URL.Path == "/deep" {
		get(p.self + "/flat") // victim network -
	}
}

// HandlerCallsItself: a handler asks its own server under the lock that the answer needs.
//
// rule: deadlock, stuck
// least: suspected
// asleep: no
func HandlerCallsItself() {
	p := new(proxy)
	p.self = serve(p)
	get(p.self + "/deep")
}

// HandlerCallsItselfHealthy: it asks another server, which is slow.
func HandlerCallsItselfHealthy() {
	other := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { time.Sleep(slow) }))
	p := &proxy{self: other}
	url := serve(p)
	var clients sync.WaitGroup
	for range 2 {
		clients.Go(func() { get(url + "/deep") })
	}
	clients.Wait()
}

// BothWrite: two peers greet each other over a connection without a buffer.
//
// rule: deadlock, stuck
// least: potential
func BothWrite() {
	here, there := net.Pipe()
	var wg sync.WaitGroup
	for _, end := range []net.Conn{here, there} {
		wg.Go(func() {
			fmt.Fprintln(end, "hello") // waits chan -
			buf := make([]byte, 8)
			n, err := end.Read(buf)
			fmt.Println(string(buf[:n]), err)
		})
	}
	wg.Wait() // victim group wg
}

// BothWriteHealthy: one reads first, but later.
func BothWriteHealthy() {
	here, there := net.Pipe()
	var wg sync.WaitGroup
	wg.Go(func() { fmt.Fprintln(here, "hello") })
	time.AfterFunc(slow, func() { there.Read(make([]byte, 8)) })
	wg.Wait()
}

type reading struct {
	mu    sync.RWMutex
	fresh *sync.Cond
	value int
}

func (r *reading) next(after int) int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for r.value <= after {
		r.fresh.Wait() // waits cond fresh
	}
	return r.value
}

func (r *reading) set(value int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if value == r.value {
		return // nothing new
	}
	r.value = value
	r.fresh.Broadcast()
}

// CondOfReaders: readers of a cond on the read lock wait for a value that does not change
// any more.
//
// rule: stuck, deadlock
// least: potential
func CondOfReaders() {
	r := new(reading)
	r.fresh = sync.NewCond(r.mu.RLocker())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { fmt.Println(r.next(1)) })
	}
	time.Sleep(moment)
	r.set(1)
	r.set(1)
	wg.Wait() // victim group wg
}

// CondOfReadersHealthy: the sensor is slow.
func CondOfReadersHealthy() {
	r := new(reading)
	r.fresh = sync.NewCond(r.mu.RLocker())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { fmt.Println(r.next(1)) })
	}
	time.Sleep(moment)
	r.set(1)
	time.AfterFunc(slow, func() { r.set(2) })
	wg.Wait()
}

var errBad = errors.New("bad record")

// importAll checks the records of a producer, several at a time.
func importAll(ctx context.Context, check func(int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	records := make(chan int)
	errs := make(chan error, 1)
	var all sync.WaitGroup
	all.Go(func() {
		defer close(records)
		for i := range 10 {
			records <- i // waits chan records
		}
	})
	all.Go(func() {
		for r := range records {
			if err := check(r); err != nil {
				errs <- err
				cancel()
				return
			}
		}
	})
	all.Wait() // waits group all
	return errors.Join(ctx.Err(), <-errs)
}

// CancelUnheard: a failure cancels the context, which the producer does not look at.
//
// rule: deadlock, stuck
// least: potential
func CancelUnheard() {
	fmt.Println(importAll(context.Background(), func(r int) error {
		if r == 2 {
			return errBad
		}
		return nil
	}))
}

// CancelUnheardHealthy: the checks are slow.
func CancelUnheardHealthy() {
	fmt.Println(importAll(context.Background(), func(r int) error {
		if r == 9 {
			return errBad
		}
		time.Sleep(slow / 9)
		return nil
	}))
}

// db has a bounded number of connections.
type db struct{ conns chan int }

type rows struct {
	db   *db
	conn int
	left int
}

func (d *db) query(n int) *rows {
	c := <-d.conns // waits chan conns
	return &rows{d, c, n}
}

func (r *rows) next() bool {
	if r.left--; r.left >= 0 {
		return true
	}
	r.close()
	return false
}

func (r *rows) close() { r.db.conns <- r.conn }

// QueryInRows: each row of a query needs another query, and there is one connection.
//
// rule: stuck, deadlock, self-deadlock
// least: potential
func QueryInRows() {
	d := &db{conns: make(chan int, 1)}
	d.conns <- 1
	for users := d.query(3); users.next(); {
		for orders := d.query(2); orders.next(); {
			fmt.Println("order")
		}
	}
}

// QueryInRowsHealthy: another client has the connection for a while.
func QueryInRowsHealthy() {
	d := &db{conns: make(chan int, 1)}
	d.conns <- 1
	long := d.query(1)
	time.AfterFunc(slow, long.close)
	for users := d.query(3); users.next(); {
		fmt.Println("user")
	}
}

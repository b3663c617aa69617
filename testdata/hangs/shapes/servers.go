package shapes

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// serve serves requests and returns the address.
func serve(handler http.Handler) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(l, handler)
	return "http://" + l.Addr().String()
}

// get is a client that waits as long as it takes.
func get(url string) {
	resp, err := http.Get(url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
}

type feed struct {
	mu   sync.RWMutex
	subs map[string]chan string
}

func (f *feed) post(w http.ResponseWriter, r *http.Request) {
	f.mu.RLock() // holds lock mu
	defer f.mu.RUnlock()
	for _, c := range f.subs {
		c <- "news" // waits chan c/subs
	}
}

func (f *feed) unsubscribe(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock() // waits lock mu
	defer f.mu.Unlock()
	delete(f.subs, r.URL.Query().Get("name"))
}

// HandlersStuck: a handler sends under the read lock to a subscriber that is unsubscribing,
// and the server lives on.
//
// rule: deadlock
// least: potential
// asleep: no
func HandlersStuck() {
	mail := make(chan string)
	f := &feed{subs: map[string]chan string{"ann": mail}}
	mux := http.NewServeMux()
	mux.HandleFunc("/post", f.post)
	mux.HandleFunc("/unsubscribe", f.unsubscribe)
	url := serve(mux)
	var clients sync.WaitGroup
	clients.Go(func() {
		<-mail
		time.Sleep(10 * moment)
		get(url + "/unsubscribe?name=ann")
	})
	clients.Go(func() {
		get(url + "/post")
		get(url + "/post")
	})
	time.Sleep(12 * moment)
	for range 5 {
		clients.Go(func() { get(url + "/post") })
	}
	clients.Wait()
}

// HandlersStuckHealthy: the clients poll for news that come rarely.
func HandlersStuckHealthy() {
	news := make(chan string)
	mux := http.NewServeMux()
	mux.HandleFunc("/poll", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, <-news)
	})
	url := serve(mux)
	var clients sync.WaitGroup
	for range 5 {
		clients.Go(func() { get(url + "/poll") })
	}
	time.AfterFunc(slow, func() { close(news) })
	clients.Wait()
}

type cart struct {
	mu    sync.Mutex
	items []string
}

type shop struct {
	mu    sync.Mutex
	carts map[string]*cart
}

func (s *shop) total(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock() // holds lock mu
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.carts {
		time.Sleep(moment)
		c.mu.Lock() // waits lock mu
		n += len(c.items)
		c.mu.Unlock()
	}
	fmt.Fprintln(w, n)
}

func (s *shop) checkout(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	c := s.carts["ann"]
	s.mu.Unlock()
	c.mu.Lock() // holds lock mu
	defer c.mu.Unlock()
	time.Sleep(10 * moment) // asks the bank
	s.mu.Lock()             // waits lock mu
	delete(s.carts, "ann")
	s.mu.Unlock()
}

// HandlersCrossed: two handlers take two locks in both orders, and the server lives on.
//
// rule: deadlock
// least: observed
// asleep: no
func HandlersCrossed() {
	s := &shop{carts: map[string]*cart{"ann": new(cart)}}
	mux := http.NewServeMux()
	mux.HandleFunc("/total", s.total)
	mux.HandleFunc("/checkout", s.checkout)
	url := serve(mux)
	var clients sync.WaitGroup
	clients.Go(func() { get(url + "/checkout") })
	time.Sleep(moment)
	clients.Go(func() { get(url + "/total") })
	clients.Wait()
}

// HandlersCrossedHealthy: a handler holds the lock while it asks a slow service.
func HandlersCrossedHealthy() {
	s := &shop{carts: map[string]*cart{"ann": new(cart)}}
	mux := http.NewServeMux()
	mux.HandleFunc("/audit", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		time.Sleep(slow / 2)
	})
	url := serve(mux)
	var clients sync.WaitGroup
	for range 2 {
		clients.Go(func() { get(url + "/audit") })
	}
	clients.Wait()
}

// Livehub is a server that deadlocks under load: publish sends to its subscribers under a
// lock that a subscriber needs before it receives again. It serves its profiles too, so
// that it can be recorded while its requests are stuck. With the argument "healthy" the
// subscriber does without the lock.
package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"time"
)

type event struct {
	name string
	n    int
}

type hub struct {
	mu          sync.RWMutex
	subscribers map[string]chan event
	seen        map[string]int
}

// publish hands the event to all subscribers.
func (h *hub) publish(e event) int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range h.subscribers {
		c <- e
	}
	return len(h.subscribers)
}

// consume counts the events of a subscriber; the first one is noted with the hub.
func (h *hub) consume(name string, c chan event, healthy bool) {
	for e := range c {
		if e.n%10 == 0 && !healthy {
			h.note(name)
		}
	}
}

func (h *hub) note(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen[name]++
}

func (h *hub) list(w http.ResponseWriter, r *http.Request) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for name := range h.subscribers {
		fmt.Fprintln(w, name)
	}
}

func main() {
	healthy := len(os.Args) > 1 && os.Args[1] == "healthy"
	h := &hub{subscribers: make(map[string]chan event), seen: make(map[string]int)}
	for _, name := range []string{"audit", "mail"} {
		c := make(chan event)
		h.subscribers[name] = c
		go h.consume(name, c, healthy)
	}
	var n int
	var mu sync.Mutex
	http.HandleFunc("/publish", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		n++
		e := event{r.FormValue("name"), n}
		mu.Unlock()
		fmt.Fprintln(w, h.publish(e))
	})
	http.HandleFunc("/list", h.list)
	go func() { // unrelated: a tick that never waits for the hub
		for range time.Tick(50 * time.Millisecond) {
		}
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	http.Serve(l, nil)
}

// Package services has channels whose other side is a goroutine of its own, and others.
package services

import "sync"

type cache struct {
	mu    sync.Mutex
	reqs  chan string
	ready chan int
	leaky chan int
	stop  chan bool
	Open  chan int
}

func newCache() *cache {
	c := &cache{reqs: make(chan string), ready: make(chan int), leaky: make(chan int)}
	go c.loader()
	var wg sync.WaitGroup
	wg.Go(func() { c.stopper() })
	return c
}

func (c *cache) loader() {
	for range c.reqs {
		c.ready <- 1
		c.leaky <- 1
		c.Open <- 1
	}
}

func (c *cache) stopper() { close(c.stop) }

func (c *cache) get(k string) int {
	c.reqs <- k             // services: loader
	v := <-c.ready          // services: loader
	w := <-c.leaky          // services: unknown
	<-c.stop                // services: stopper
	return v + w + <-c.Open // services: unknown
}

func (c *cache) leak() chan int { return c.leaky }

type hub struct{ ops, called chan func() }

func (h *hub) loop() {
	for f := range h.ops {
		f()
	}
}

func (h *hub) step() { (<-h.called)() }

func (h *hub) do() {
	h.ops <- nil    // services: loop
	h.called <- nil // services: unknown
}

func start(h *hub) {
	go h.loop()
	go h.step()
	h.step()
}

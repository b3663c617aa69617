package timed

import (
	"sync"
	"time"
)

type clock struct {
	mu    sync.Mutex
	ticks chan int
	stop  chan bool
	some  *sync.Cond
	g     sync.WaitGroup
	other chan string
}

func (c *clock) tick() {
	c.ticks <- 1
	c.wake()
}

func (c *clock) wake() { c.some.Signal() }

func (c *clock) start() {
	time.AfterFunc(time.Hour, c.tick)
	time.AfterFunc(time.Hour, c.g.Done)
	finish := func() { close(c.stop) }
	time.AfterFunc(time.Hour, finish)
	time.AfterFunc(time.Hour, func() { c.mu.Unlock() })
}

func (c *clock) run() {
	c.start()
	for range c.other {
	}
}

type subs struct {
	all  map[int]chan int
	list []chan string
}

func (s *subs) publish() {
	for _, c := range s.all {
		c <- 1 // a map
	}
	last := s.list[0]
	<-last
	own := make(chan int)
	<-own
	var twice chan int
	twice = s.all[1]
	twice = s.all[2]
	<-twice
}

package main

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	sync "github.com/concdoctor/concdoctor/agent"
)

// pipeline answers each request by steps that run in goroutines of their own, as many at a
// time as a limiter allows: wait groups, locks of shards and of the result, an index that is
// loaded once.
type pipeline struct {
	limit  agent.Chan[struct{}]
	load   sync.Once
	index  map[int]int
	shards [128]struct {
		mu    sync.Mutex
		words map[int]int
	}
	flushed atomic.Int64
	running sync.WaitGroup
}

func newPipeline() server {
	s := &pipeline{limit: agent.MakeChan[struct{}](64)}
	for i := range s.shards {
		s.shards[i].words = make(map[int]int)
	}
	return s
}

// result collects what the steps of a request find.
type result struct {
	mu    sync.Mutex
	parts []int
}

func (s *pipeline) serve(c *connection) error {
	s.running.Add(1)
	defer s.running.Done()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m, err := parse()
	if err != nil {
		return err
	}
	s.load.Do(func() { s.index = map[int]int{1: 1} })
	if err := s.limit.SendContext(ctx, struct{}{}); err != nil {
		return err
	}
	defer s.limit.Recv()
	var r result
	var steps sync.WaitGroup
	for range 4 {
		word := c.rng.IntN(4096)
		steps.Go(func() { s.step(word, &r) })
	}
	steps.Wait()
	r.mu.Lock()
	m.Amount = int64(len(r.parts))
	r.mu.Unlock()
	_, err = reply(&m)
	return err
}

// step counts a word, and says so under the lock of the shard.
func (s *pipeline) step(word int, r *result) {
	at := &s.shards[word%len(s.shards)]
	at.mu.Lock()
	defer at.mu.Unlock()
	at.words[word]++
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parts = append(r.parts, at.words[word])
}

func (s *pipeline) connect(*connection)    {}
func (s *pipeline) disconnect(*connection) {}
func (s *pipeline) shutdown()              { s.running.Wait() }

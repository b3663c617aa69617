package main

import (
	"fmt"

	"github.com/concdoctor/concdoctor/agent"
	sync "github.com/concdoctor/concdoctor/agent"
)

// pubsub is a broker: a hub with a lock, topics with a lock each, and for each connection a
// subscriber with a lock, a queue and a goroutine that writes.
type pubsub struct {
	mu     sync.RWMutex // the hub's
	topics map[string]*topic
	names  []string
	stats  struct {
		sync.Mutex
		published, dropped int
	}
}

const manyTopics = 200

type topic struct {
	mu   sync.Mutex
	subs map[*subscriber]struct{}
	last []byte
}

type subscriber struct {
	mu     sync.Mutex
	topics []*topic
	queue  agent.Chan[[]byte]
	stop   agent.Chan[struct{}]
	writer sync.WaitGroup
	bytes  int
}

func newPubsub() server {
	s := &pubsub{topics: make(map[string]*topic)}
	for i := range manyTopics {
		name := fmt.Sprintf("orders/%d", i)
		s.names = append(s.names, name)
		s.topics[name] = &topic{subs: make(map[*subscriber]struct{})}
	}
	return s
}

func (s *pubsub) topic(name string) *topic {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.topics[name]
}

func (s *pubsub) connect(c *connection) {
	sub := &subscriber{queue: agent.MakeChan[[]byte](16), stop: agent.MakeChan[struct{}](0)}
	sub.writer.Go(sub.write)
	c.sub = sub
	s.mu.Lock()
	defer s.mu.Unlock()
	for range 2 {
		t := s.topics[s.names[c.rng.IntN(manyTopics)]]
		t.mu.Lock()
		t.subs[sub] = struct{}{}
		t.mu.Unlock()
		sub.topics = append(sub.topics, t)
	}
}

func (s *pubsub) disconnect(c *connection) {
	s.mu.Lock()
	for _, t := range c.sub.topics {
		t.mu.Lock()
		delete(t.subs, c.sub)
		t.mu.Unlock()
	}
	s.mu.Unlock()
	c.sub.stop.Close()
	c.sub.writer.Wait()
}

// write is the goroutine that writes to the connection.
func (sub *subscriber) write() {
	for {
		var data []byte
		if agent.Select(sub.queue.OnRecv(&data), sub.stop.OnRecv(nil)) == 1 {
			return
		}
		sub.mu.Lock()
		sub.bytes += len(data)
		sub.mu.Unlock()
	}
}

// deliver puts data into the queue of a subscriber, if there is room.
func (sub *subscriber) deliver(data []byte) bool {
	sub.mu.Lock()
	defer sub.mu.Unlock()
	sub.bytes++
	return sub.queue.TrySend(data)
}

// serve publishes to a topic.
func (s *pubsub) serve(c *connection) error {
	m, err := parse()
	if err != nil {
		return err
	}
	data, err := reply(&m)
	if err != nil {
		return err
	}
	t := s.topic(s.names[c.rng.IntN(manyTopics)])
	dropped := 0
	t.mu.Lock()
	t.last = data
	for sub := range t.subs {
		if !sub.deliver(data) {
			dropped++
		}
	}
	t.mu.Unlock()
	s.stats.Lock()
	s.stats.published++
	s.stats.dropped += dropped
	s.stats.Unlock()
	return nil
}

func (s *pubsub) shutdown() {}

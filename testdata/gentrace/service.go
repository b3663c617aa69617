package main

import (
	"bufio"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"runtime/trace"
	"sync"
	"sync/atomic"
	"time"
)

const (
	shards  = 16
	workers = 8
	// A request in fanEvery fans out, one in logEvery writes the journal, whose lock
	// is the service's bottleneck.
	fanEvery = 8
	logEvery = 64
)

// service is a key-value store with a journal, a cache with a lock for readers and
// writers, and a pool that hashes.
type service struct {
	listener net.Listener
	clients  int
	quit     chan struct{}
	wg       sync.WaitGroup
	requests atomic.Int64

	shards [shards]struct {
		mu   sync.Mutex
		data map[string]uint64
	}
	cache struct {
		mu   sync.RWMutex
		last map[string]uint64
	}
	journal struct {
		mu      sync.Mutex
		entries []string
	}
	jobs chan job
}

type job struct {
	key   string
	reply chan uint64
}

func newService(clients int) (*service, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &service{listener: l, clients: clients, quit: make(chan struct{}), jobs: make(chan job, workers)}
	for i := range s.shards {
		s.shards[i].data = make(map[string]uint64)
	}
	s.cache.last = make(map[string]uint64)
	return s, nil
}

func (s *service) start() {
	s.wg.Go(s.accept)
	for range workers {
		s.wg.Go(s.work)
	}
	for i := range s.clients {
		s.wg.Go(func() { s.client(i) })
	}
	s.wg.Go(s.refresh)
}

// stop ends the clients, then the servers that lose their connections, then the pool.
func (s *service) stop() {
	close(s.quit)
	s.listener.Close()
	s.wg.Wait()
}

func (s *service) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.wg.Go(func() { s.serve(conn) })
	}
}

// client sends requests until the service stops.
func (s *service) client(id int) {
	conn, err := net.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		return
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for i := 0; ; i++ {
		select {
		case <-s.quit:
			return
		default:
		}
		fmt.Fprintf(conn, "key-%d-%d\n", id, i%1000)
		if _, err := answers.ReadString('\n'); err != nil {
			return
		}
		if i%50 == 49 {
			time.Sleep(time.Millisecond)
		}
	}
}

func (s *service) serve(conn net.Conn) {
	defer conn.Close()
	requests := bufio.NewReader(conn)
	for {
		key, err := requests.ReadString('\n')
		if err != nil {
			return
		}
		if _, err := io.WriteString(conn, s.handle(key)); err != nil {
			return
		}
	}
}

func (s *service) handle(key string) string {
	defer trace.StartRegion(context.Background(), "handle").End()
	n := s.requests.Add(1)
	sum, ok := s.lookup(key)
	if !ok {
		sum = s.hash(key)
		s.store(key, sum)
	}
	if n%fanEvery == 0 {
		sum += s.fan(key)
	}
	if n%logEvery == 0 {
		s.log(key)
	}
	return fmt.Sprintln(sum)
}

func (s *service) lookup(key string) (uint64, bool) {
	s.cache.mu.RLock()
	defer s.cache.mu.RUnlock()
	sum, ok := s.cache.last[key]
	return sum, ok
}

// hash lets the pool do it, unless the service stops.
func (s *service) hash(key string) uint64 {
	reply := make(chan uint64, 1)
	select {
	case s.jobs <- job{key, reply}:
		return <-reply
	case <-s.quit:
		return 0
	}
}

func (s *service) work() {
	for {
		select {
		case j := <-s.jobs:
			j.reply <- sumOf(j.key, 20)
		case <-s.quit:
			s.drain()
			return
		}
	}
}

// drain answers those that got a job in before the end.
func (s *service) drain() {
	for {
		select {
		case j := <-s.jobs:
			j.reply <- 0
		case <-time.After(100 * time.Millisecond):
			return
		}
	}
}

func (s *service) store(key string, sum uint64) {
	sh := &s.shards[sum%shards]
	sh.mu.Lock()
	sh.data[key] = sum
	sh.mu.Unlock()
}

// fan asks several short goroutines.
func (s *service) fan(key string) uint64 {
	var wg sync.WaitGroup
	var total atomic.Uint64
	for range 4 {
		wg.Go(func() { total.Add(sumOf(key, 5)) })
	}
	wg.Wait()
	return total.Load()
}

// log writes under a lock, now and then to the disk's speed: the disease to find.
func (s *service) log(key string) {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.entries = append(s.journal.entries, key)
	if len(s.journal.entries) >= 64 {
		time.Sleep(2 * time.Millisecond)
		s.journal.entries = s.journal.entries[:0]
	}
}

// refresh swaps the cache every few milliseconds.
func (s *service) refresh() {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fresh := make(map[string]uint64)
			for i := range s.shards {
				sh := &s.shards[i]
				sh.mu.Lock()
				for k, v := range sh.data {
					if v%3 == 0 {
						fresh[k] = v
					}
				}
				clear(sh.data)
				sh.mu.Unlock()
			}
			s.cache.mu.Lock()
			s.cache.last = fresh
			s.cache.mu.Unlock()
		case <-s.quit:
			return
		}
	}
}

func sumOf(key string, rounds int) uint64 {
	h := fnv.New64a()
	for range rounds {
		io.WriteString(h, key)
	}
	return h.Sum64()
}

package main

import (
	"context"
	"errors"
	"time"

	sync "github.com/concdoctor/concdoctor/agent"
)

// pool is a pool of connections to a database: a cond that is woken when one comes back or
// when a context ends, statements prepared once, a cache in shards, statistics.
type pool struct {
	mu      sync.Mutex
	free    []*dbConn
	changed *sync.Cond
	closed  bool

	shards [64]shard
	stats  struct {
		sync.RWMutex
		queries map[string]int
	}
}

type dbConn struct {
	mu       sync.Mutex
	prepared sync.Once
	queries  int
	table    map[int]int64
}

type shard struct {
	mu   sync.RWMutex
	rows map[int]int64
}

func newPool() server {
	s := new(pool)
	s.changed = sync.NewCond(&s.mu)
	s.stats.queries = make(map[string]int)
	for i := range s.shards {
		s.shards[i].rows = make(map[int]int64)
	}
	for range 32 {
		s.free = append(s.free, &dbConn{table: make(map[int]int64)})
	}
	return s
}

var errClosed = errors.New("the pool is closed")

// acquire waits for a connection, or until the context ends.
func (s *pool) acquire(ctx context.Context) (*dbConn, error) {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.free) == 0 {
		switch {
		case s.closed:
			return nil, errClosed
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		s.changed.Wait()
	}
	c := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	return c, nil
}

func (s *pool) release(c *dbConn) {
	s.mu.Lock()
	s.free = append(s.free, c)
	s.mu.Unlock()
	s.changed.Signal()
}

// query reads a row through the cache.
func (s *pool) query(c *dbConn, id int, amount int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prepared.Do(func() { c.table[0] = 1 })
	c.queries++
	at := &s.shards[id%len(s.shards)]
	at.mu.RLock()
	row, cached := at.rows[id]
	at.mu.RUnlock()
	if !cached {
		row = c.table[id]
	}
	at.mu.Lock()
	defer at.mu.Unlock()
	at.rows[id] = row + amount
	return row
}

func (s *pool) serve(conn *connection) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m, err := parse()
	if err != nil {
		return err
	}
	c, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer s.release(c)
	m.Amount = s.query(c, conn.rng.IntN(5000), m.Amount)
	s.stats.Lock()
	s.stats.queries[m.Subject]++
	s.stats.Unlock()
	_, err = reply(&m)
	return err
}

func (s *pool) connect(*connection)    {}
func (s *pool) disconnect(*connection) {}
func (s *pool) shutdown()              {}

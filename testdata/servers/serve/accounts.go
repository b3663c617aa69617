package main

import (
	"context"
	"time"

	"github.com/concdoctor/concdoctor/agent"
	sync "github.com/concdoctor/concdoctor/agent"
)

// accounts is a bank: accounts in pairs, in ascending order; workers behind channels with
// contexts; an audit log behind a cond.
type accounts struct {
	mu    sync.RWMutex
	byID  map[int]*account
	moved struct {
		sync.Mutex
		total int64
	}
	work    agent.Chan[transfer]
	stop    agent.Chan[struct{}]
	workers sync.WaitGroup
	audit   *audit
	scratch sync.Pool
}

const manyAccounts = 1000

type account struct {
	mu      sync.Mutex
	balance int64
}

// transfer is a request for a worker.
type transfer struct {
	from, to int
	amount   int64
	done     agent.Chan[error]
}

func newAccounts() server {
	s := &accounts{
		byID: make(map[int]*account), work: agent.MakeChan[transfer](64), stop: agent.MakeChan[struct{}](0), audit: newAudit(),
		scratch: sync.Pool{New: func() any { return new(account) }},
	}
	for i := range manyAccounts {
		s.byID[i] = new(account)
	}
	for range 16 {
		s.workers.Go(s.worker)
	}
	return s
}

// worker approves transfers, and looks around from time to time.
func (s *accounts) worker() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		var t transfer
		switch agent.Select(s.work.OnRecv(&t), s.stop.OnRecv(nil), agent.OnRecv(tick.C, nil)) {
		case 0:
			t.done.Send(nil)
		case 1:
			return
		}
	}
}

func (s *accounts) get(id int) *account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.byID[id]
}

// move locks both accounts in the order of their numbers.
func (s *accounts) move(from, to int, amount int64) {
	if from > to {
		from, to, amount = to, from, -amount
	}
	a, b := s.get(from), s.get(to)
	a.mu.Lock()
	defer a.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	a.balance -= amount
	b.balance += amount
	s.moved.Lock()
	s.moved.total += amount
	s.moved.Unlock()
}

func (s *accounts) serve(c *connection) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m, err := parse()
	if err != nil {
		return err
	}
	t := transfer{from: c.rng.IntN(manyAccounts), to: c.rng.IntN(manyAccounts), amount: m.Amount, done: agent.MakeChan[error](1)}
	if t.from == t.to {
		t.to = (t.to + 1) % manyAccounts
	}
	if err := s.work.SendContext(ctx, t); err != nil {
		return err
	}
	if _, _, err := t.done.RecvContext(ctx); err != nil {
		return err
	}
	s.move(t.from, t.to, t.amount)
	if c.rng.IntN(500) == 0 {
		s.replace(c.rng.IntN(manyAccounts))
	}
	a := s.scratch.Get().(*account)
	a.mu.Lock()
	a.balance++
	a.mu.Unlock()
	s.scratch.Put(a)
	s.audit.put(m.ID)
	_, err = reply(&m)
	return err
}

// replace closes an account and opens another one under its number.
func (s *accounts) replace(id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[id] = new(account)
}

func (s *accounts) connect(*connection)    {}
func (s *accounts) disconnect(*connection) {}

func (s *accounts) shutdown() {
	s.stop.Close()
	s.workers.Wait()
	s.audit.close()
}

// audit is a queue with a cond.
type audit struct {
	mu       sync.Mutex
	notEmpty *sync.Cond
	items    []int
	closed   bool
	writers  sync.WaitGroup
	written  int
}

func newAudit() *audit {
	q := new(audit)
	q.notEmpty = sync.NewCond(&q.mu)
	for range 4 {
		q.writers.Add(1)
		go func() {
			defer q.writers.Done()
			for q.take() {
			}
		}()
	}
	return q
}

func (q *audit) put(id int) {
	q.mu.Lock()
	q.items = append(q.items, id)
	q.mu.Unlock()
	q.notEmpty.Signal()
}

func (q *audit) take() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.notEmpty.Wait()
	}
	if len(q.items) == 0 {
		return false
	}
	q.items = q.items[:len(q.items)-1]
	q.written++
	return true
}

func (q *audit) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.notEmpty.Broadcast()
	q.writers.Wait()
}

// Package shapes has tests that hang, each in its own way, and twins of them that do not.
// The tests of package diagnosis run them one by one and read the dumps: a comment "want:"
// says what the dump of a time-out must show.
package shapes

import (
	"sync"
	"testing"
	"time"
)

type account struct {
	mu      sync.Mutex
	balance int
}

//go:noinline
func move(from, to *account, meet func()) {
	from.mu.Lock()
	defer from.mu.Unlock()
	meet()
	to.mu.Lock()
	defer to.mu.Unlock()
	to.balance, from.balance = to.balance+1, from.balance-1
}

// meeting returns a function that returns when n goroutines have called it.
func meeting(n int) func() {
	var g sync.WaitGroup
	g.Add(n)
	return func() { g.Done(); g.Wait() }
}

// want: deadlock potential: move, move
func TestAccounts(t *testing.T) {
	a, b := new(account), new(account)
	meet := meeting(2)
	var g sync.WaitGroup
	g.Go(func() { move(a, b, meet) })
	g.Go(func() { move(b, a, meet) })
	g.Wait()
}

// want: deadlock potential: TestClosures.func
func TestClosures(t *testing.T) {
	var a, b sync.Mutex
	meet := meeting(2)
	done := make(chan bool)
	go func() {
		a.Lock()
		meet()
		b.Lock()
		b.Unlock()
		a.Unlock()
		done <- true
	}()
	go func() {
		b.Lock()
		meet()
		a.Lock()
		a.Unlock()
		b.Unlock()
		done <- true
	}()
	<-done
	<-done
}

var first, second sync.Mutex

//go:noinline
func forth(meet func()) {
	first.Lock()
	meet()
	second.Lock()
	second.Unlock()
	first.Unlock()
}

//go:noinline
func back(meet func()) {
	second.Lock()
	meet()
	first.Lock()
	first.Unlock()
	second.Unlock()
}

// want: deadlock potential: forth, back
func TestGlobals(t *testing.T) {
	meet := meeting(2)
	go forth(meet)
	back(meet)
}

// want: self-deadlock potential: TestTwice
func TestTwice(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	mu.Lock()
}

func (a *account) get() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.balance
}

//go:noinline
func (a *account) spend(n int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.get() < n {
		return false
	}
	a.balance -= n
	return true
}

// want: self-deadlock potential: account).get
func TestMethod(t *testing.T) {
	a := new(account)
	t.Log(a.spend(1))
}

type callbacks struct {
	sync.Mutex
	all []func()
}

//go:noinline
func (c *callbacks) fire() {
	c.Lock()
	defer c.Unlock()
	for _, f := range c.all {
		f()
	}
}

//go:noinline
func (c *callbacks) add(f func()) {
	c.Lock()
	c.all = append(c.all, f)
	c.Unlock()
}

// want: self-deadlock suspected: callbacks).add
func TestCallback(t *testing.T) {
	c := new(callbacks)
	c.add(func() { c.add(func() {}) })
	c.fire()
}

type config struct {
	mu   sync.RWMutex
	port int
	name string
}

//go:noinline
func (c *config) address(pause time.Duration) (string, int) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	time.Sleep(pause)
	return c.name, c.getPort()
}

//go:noinline
func (c *config) getPort() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.port
}

//go:noinline
func (c *config) set(port int) {
	c.mu.Lock()
	c.port = port
	c.mu.Unlock()
}

// want: rlock-recursion potential: config).getPort, config).set
func TestReadTwice(t *testing.T) {
	c := new(config)
	go func() {
		time.Sleep(50 * time.Millisecond)
		c.set(1)
	}()
	c.address(100 * time.Millisecond)
}

//go:noinline
func (c *config) upgrade() {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.port == 0 {
		c.mu.Lock()
		c.port = 1
		c.mu.Unlock()
	}
}

// want: lock-upgrade potential: config).upgrade
func TestUpgrade(t *testing.T) {
	new(config).upgrade()
}

//go:noinline
func (a *account) withdraw(n int) bool {
	a.mu.Lock()
	if a.balance < n {
		return false // keeps the lock
	}
	a.balance -= n
	a.mu.Unlock()
	return true
}

// want: abandoned-lock suspected: account).get
func TestAbandoned(t *testing.T) {
	a := new(account)
	done := make(chan bool)
	go func() { done <- a.withdraw(1) }()
	<-done
	a.get()
}

// want: deadlock potential: TestGroupUnderLock, TestGroupUnderLock.func
func TestGroupUnderLock(t *testing.T) {
	var mu sync.Mutex
	var g sync.WaitGroup
	mu.Lock()
	g.Go(func() {
		mu.Lock()
		mu.Unlock()
	})
	g.Wait()
	mu.Unlock()
}

// want: deadlock suspected: crew).stop, crew).work
func TestGroupField(t *testing.T) {
	c := new(crew)
	c.start()
	c.stop()
}

type crew struct {
	mu sync.Mutex
	g  sync.WaitGroup
	n  int
}

func (c *crew) start() {
	c.g.Add(1)
	go c.work()
}

//go:noinline
func (c *crew) work() {
	defer c.g.Done()
	time.Sleep(20 * time.Millisecond)
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
}

//go:noinline
func (c *crew) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.g.Wait()
}

// want: self-deadlock suspected: TestOnce.func
func TestOnce(t *testing.T) {
	var once sync.Once
	once.Do(func() {
		once.Do(func() {})
	})
}

type hub struct {
	mu   sync.RWMutex
	subs map[int]chan int
}

//go:noinline
func (h *hub) publish(v int) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, c := range h.subs {
		c <- v
		c <- v
	}
}

//go:noinline
func (h *hub) remove(id int) {
	h.mu.Lock()
	delete(h.subs, id)
	h.mu.Unlock()
}

//go:noinline
func (h *hub) serve(id int) {
	for range h.subs[id] {
		h.remove(id)
	}
}

// want: deadlock suspected: hub).publish
func TestPublish(t *testing.T) {
	h := &hub{subs: map[int]chan int{1: make(chan int)}}
	go h.serve(1)
	go h.publish(1)
	time.Sleep(20 * time.Millisecond)
	h.publish(2)
}

// want: deadlock potential: crowd).put, crowd).count
func TestTicking(t *testing.T) {
	ticker := time.NewTicker(10 * time.Millisecond)
	go func() {
		for range ticker.C {
		}
	}()
	c := &crowd{in: new(account)}
	meet := meeting(2)
	go c.put(meet)
	c.count(meet)
}

type crowd struct {
	mu sync.Mutex
	in *account
}

//go:noinline
func (c *crowd) put(meet func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	meet()
	c.in.mu.Lock()
	c.in.balance++
	c.in.mu.Unlock()
}

//go:noinline
func (c *crowd) count(meet func()) {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	meet()
	c.mu.Lock()
	c.mu.Unlock()
}

type philosopher struct{ left, right *account }

//go:noinline
func (p *philosopher) eat(meet func()) {
	p.left.mu.Lock()
	meet()
	p.right.mu.Lock()
	p.right.mu.Unlock()
	p.left.mu.Unlock()
}

// want: deadlock suspected: philosopher).eat
func TestPhilosophers(t *testing.T) {
	forks := []*account{{}, {}, {}, {}, {}}
	meet := meeting(len(forks))
	var g sync.WaitGroup
	for i := range forks {
		p := &philosopher{forks[i], forks[(i+1)%len(forks)]}
		g.Go(func() { p.eat(meet) })
	}
	g.Wait()
}

type machine struct{ sync.Mutex }

//go:noinline
func (m *machine) start() {
	m.Lock()
	defer m.Unlock()
	m.stop()
}

//go:noinline
func (m *machine) stop() {
	m.Lock()
	defer m.Unlock()
}

// Each of many has a lock of its own, and waits for it.
//
// want: self-deadlock suspected: machine).stop
func TestMany(t *testing.T) {
	for range 20 {
		go new(machine).start()
	}
	select {}
}

type controller struct {
	lock  sync.RWMutex
	queue *sync.Cond
}

//go:noinline
func (c *controller) worker() {
	get := func() {
		c.lock.RLock()
		defer c.lock.RUnlock()
		c.queue.L.Lock()
		defer c.queue.L.Unlock()
		c.queue.Wait()
	}
	get()
}

//go:noinline
func (c *controller) sync() {
	c.lock.Lock()
	defer c.lock.Unlock()
}

// A writer waits for readers that wait for a signal, and new readers for the writer.
//
// want: deadlock suspected: controller).worker
func TestSignalUnderReadLock(t *testing.T) {
	c := &controller{queue: sync.NewCond(new(sync.Mutex))}
	for range 5 {
		go c.worker()
	}
	time.Sleep(20 * time.Millisecond)
	go c.sync()
	time.Sleep(20 * time.Millisecond)
	for range 3 {
		go c.worker()
	}
	select {}
}

type lease struct {
	mu       sync.Mutex
	released chan bool
}

//go:noinline
func (l *lease) grant() {
	l.mu.Lock()
	go func() {
		<-l.released
		l.mu.Unlock()
	}()
}

// The goroutine that was given the lock waits for a message from who needs the lock.
//
// want: deadlock suspected: TestHandedOver, lease).grant.func
func TestHandedOver(t *testing.T) {
	l := &lease{released: make(chan bool)}
	l.grant()
	l.mu.Lock()
	l.released <- true
}

// switchable is a lock that may be switched off, as loggers have.
type switchable struct {
	mu  sync.Mutex
	off bool
}

//go:noinline
func (s *switchable) Lock() {
	if !s.off {
		s.mu.Lock()
	}
}

//go:noinline
func (s *switchable) Unlock() {
	if !s.off {
		s.mu.Unlock()
	}
}

type logger struct {
	mu    switchable
	hooks []func(*logger)
	lines int
}

//go:noinline
func (l *logger) print() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines++
	for _, f := range l.hooks {
		f(l)
	}
}

// A hook logs with the logger that calls it.
//
// want: self-deadlock potential: (*switchable).Lock
func TestHookLogs(t *testing.T) {
	l := new(logger)
	l.hooks = append(l.hooks, (*logger).print)
	l.print()
}

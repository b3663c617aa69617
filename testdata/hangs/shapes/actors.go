package shapes

import (
	"fmt"
	"sync"
	"time"
)

type actor struct {
	inbox chan query
	other *actor
}

func (a *actor) ask(n int) int {
	q := query{n, make(chan int)}
	a.inbox <- q // waits chan inbox
	return <-q.reply
}

func (a *actor) run() {
	for q := range a.inbox {
		if q.n > 0 {
			time.Sleep(moment)
			q.reply <- a.other.ask(q.n - 1)
			continue
		}
		q.reply <- 1
	}
}

// ActorsAskEachOther: two actors answer a question by asking the other one, and both are
// asked at the same time.
//
// rule: deadlock, stuck
// least: potential
func ActorsAskEachOther() {
	a, b := &actor{inbox: make(chan query)}, &actor{inbox: make(chan query)}
	a.other, b.other = b, a
	go a.run()
	go b.run()
	var wg sync.WaitGroup
	wg.Go(func() { fmt.Println(a.ask(1)) })
	wg.Go(func() { fmt.Println(b.ask(1)) })
	wg.Wait() // victim group wg
}

// ActorsAskEachOtherHealthy: the actors have nothing to do until a timer asks.
func ActorsAskEachOtherHealthy() {
	a, b := &actor{inbox: make(chan query)}, &actor{inbox: make(chan query)}
	a.other, b.other = b, a
	go a.run()
	go b.run()
	done := make(chan int)
	time.AfterFunc(slow, func() { done <- a.ask(1) })
	fmt.Println(<-done)
	close(a.inbox)
	close(b.inbox)
	time.Sleep(moment)
}

type counter struct {
	inbox chan func()
	n     int
}

func (c *counter) do(f func()) {
	done := make(chan bool)
	c.inbox <- func() { f(); close(done) } // waits chan inbox
	<-done                                 // waits chan done
}

func (c *counter) run() {
	for f := range c.inbox {
		f()
	}
}

func (c *counter) add() { c.do(func() { c.n++ }) }

// ActorAsksItself: what runs in an actor's loop calls a method that sends to the loop.
//
// rule: deadlock, stuck, self-deadlock
// least: potential
func ActorAsksItself() {
	c := &counter{inbox: make(chan func())}
	go c.run()
	c.add()
	c.do(func() {
		if c.n == 1 {
			c.add()
		}
	})
	fmt.Println(c.n)
}

// ActorAsksItselfHealthy: what runs in the loop takes long.
func ActorAsksItselfHealthy() {
	c := &counter{inbox: make(chan func())}
	go c.run()
	c.do(func() { time.Sleep(slow) })
	close(c.inbox)
}

type room struct {
	enter, leave chan *guest
	say          chan string
	guests       map[*guest]bool
}

type guest struct{ mail chan string }

func (r *room) run() {
	for {
		select {
		case g, open := <-r.enter:
			if !open {
				return
			}
			r.guests[g] = true
		case g := <-r.leave:
			delete(r.guests, g)
		case text := <-r.say:
			for g := range r.guests {
				g.mail <- text // waits chan mail
			}
		}
	}
}

// RoomAndGuest: the room sends to a guest, which tells the room that it leaves.
//
// rule: deadlock, stuck
// least: potential
func RoomAndGuest() {
	r := &room{make(chan *guest), make(chan *guest), make(chan string), map[*guest]bool{}}
	go r.run()
	g := &guest{make(chan string)}
	r.enter <- g
	var wg sync.WaitGroup
	wg.Go(func() {
		fmt.Println(<-g.mail)
		time.Sleep(moment)
		r.leave <- g // waits chan leave
	})
	r.say <- "hello"
	r.say <- "how are you"
	wg.Wait() // victim group wg
}

// RoomAndGuestHealthy: the guest reads its mail slowly.
func RoomAndGuestHealthy() {
	r := &room{make(chan *guest), make(chan *guest), make(chan string), map[*guest]bool{}}
	go r.run()
	g := &guest{make(chan string)}
	r.enter <- g
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 2 {
			time.Sleep(slow / 2)
			fmt.Println(<-g.mail)
		}
		r.leave <- g
	})
	r.say <- "hello"
	r.say <- "how are you"
	wg.Wait()
	close(r.enter)
	time.Sleep(moment)
}

type service struct {
	quit, done chan struct{}
	ticks      int
}

func (s *service) loop() {
	defer close(s.done)
	for {
		select {
		case <-s.quit: // waits chan quit
			return
		}
	}
}

func (s *service) stop() {
	<-s.done // waits chan done
	close(s.quit)
}

// StopInWrongOrder: Stop waits for the loop to end before it tells it to.
//
// rule: deadlock, stuck
// least: potential
func StopInWrongOrder() {
	s := &service{quit: make(chan struct{}), done: make(chan struct{})}
	go s.loop()
	s.stop()
}

// StopInWrongOrderHealthy: a timer stops the loop.
func StopInWrongOrderHealthy() {
	s := &service{quit: make(chan struct{}), done: make(chan struct{})}
	go s.loop()
	time.AfterFunc(slow, func() { close(s.quit) })
	<-s.done
}

type client struct {
	mu       sync.Mutex
	requests chan query
	served   int
}

func (c *client) call(n int) int {
	c.mu.Lock() // holds lock mu
	defer c.mu.Unlock()
	q := query{n, make(chan int)}
	c.requests <- q
	return <-q.reply // waits chan reply
}

func (c *client) serve() {
	for q := range c.requests {
		c.mu.Lock() // waits lock mu
		c.served++
		c.mu.Unlock()
		q.reply <- q.n
	}
}

// AskUnderLock: the client waits for an answer under the lock that the server needs.
//
// rule: deadlock
// least: potential
func AskUnderLock() {
	c := &client{requests: make(chan query)}
	go c.serve()
	fmt.Println(c.call(1))
}

// AskUnderLockHealthy: the server is slow, and another client waits for the lock.
func AskUnderLockHealthy() {
	c := &client{requests: make(chan query)}
	go func() {
		for q := range c.requests {
			time.Sleep(slow / 2)
			q.reply <- q.n
		}
	}()
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() { fmt.Println(c.call(i)) })
	}
	wg.Wait()
	close(c.requests)
}

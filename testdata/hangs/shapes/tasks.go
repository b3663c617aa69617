package shapes

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// group runs tasks, a few at a time, and keeps the first error.
type group struct {
	wg   sync.WaitGroup
	room chan struct{}
	once sync.Once
	err  error
}

func newGroup(limit int) *group { return &group{room: make(chan struct{}, limit)} }

func (g *group) run(task func() error) {
	g.room <- struct{}{} // waits chan room
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		defer func() { <-g.room }()
		if err := task(); err != nil {
			g.once.Do(func() { g.err = err })
		}
	}()
}

func (g *group) wait() error {
	g.wg.Wait() // waits group wg
	return g.err
}

// TaskStartsTask: the tasks of a group with a limit start tasks of the same group.
//
// rule: deadlock, stuck
// least: potential
func TaskStartsTask() {
	g := newGroup(2)
	for _, dir := range []string{"bin", "etc"} {
		g.run(func() error {
			time.Sleep(moment)
			g.run(func() error { fmt.Println(dir); return nil })
			return nil
		})
	}
	fmt.Println(g.wait())
}

// TaskStartsTaskHealthy: the two that are running are slow, and a third waits for room.
func TaskStartsTaskHealthy() {
	g := newGroup(2)
	for range 3 {
		g.run(func() error {
			time.Sleep(slow)
			return nil
		})
	}
	fmt.Println(g.wait())
}

// FirstErrorOnly: the tasks send their errors to a channel with room for one, which is
// read after all are over.
//
// rule: deadlock, stuck
// least: potential
func FirstErrorOnly() {
	var wg sync.WaitGroup
	errs := make(chan error, 1)
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			errs <- fmt.Errorf("task %d failed", i) // waits chan errs
		}()
	}
	wg.Wait() // waits group wg
	fmt.Println(<-errs)
}

// FirstErrorOnlyHealthy: the errors are read while the tasks run, of which one is slow.
func FirstErrorOnlyHealthy() {
	var wg sync.WaitGroup
	errs := make(chan error)
	for i := range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			time.Sleep(time.Duration(i) * slow / 2)
			errs <- fmt.Errorf("task %d failed", i)
		}()
	}
	go func() {
		wg.Wait()
		close(errs)
	}()
	for err := range errs {
		fmt.Println(err)
	}
}

// flight is a call that others may share.
type flight struct {
	wg  sync.WaitGroup
	val string
}

type flights struct {
	mu sync.Mutex
	by map[string]*flight
}

func (f *flights) do(key string, fetch func() string) string {
	f.mu.Lock()
	if c, running := f.by[key]; running {
		f.mu.Unlock()
		c.wg.Wait() // waits group wg
		return c.val
	}
	c := new(flight)
	c.wg.Add(1)
	f.by[key] = c
	f.mu.Unlock()
	c.val = fetch()
	c.wg.Done()
	f.mu.Lock()
	delete(f.by, key)
	f.mu.Unlock()
	return c.val
}

// FlightAgain: the call for a key asks for the same key.
//
// rule: self-deadlock, deadlock, stuck
// least: potential
func FlightAgain() {
	f := &flights{by: map[string]*flight{}}
	fmt.Println(f.do("user", func() string {
		return "token of " + f.do("user", func() string { return "ann" })
	}))
}

// FlightAgainHealthy: three share a slow call.
func FlightAgainHealthy() {
	f := &flights{by: map[string]*flight{}}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			f.do("user", func() string { time.Sleep(slow); return "ann" })
		})
	}
	wg.Wait()
}

// FlightsCrossed: the calls for two keys need each other's value.
//
// rule: deadlock, stuck
// least: potential
func FlightsCrossed() {
	f := &flights{by: map[string]*flight{}}
	fetch := func(first, second string) {
		f.do(first, func() string {
			time.Sleep(moment)
			return f.do(second, func() string { return second }) // waits group wg
		})
	}
	var wg sync.WaitGroup
	wg.Go(func() { fetch("user", "team") })
	wg.Go(func() { fetch("team", "user") })
	wg.Wait()
}

// FlightsCrossedHealthy: one key needs the other, whose call waits for its time to be over.
func FlightsCrossedHealthy() {
	f := &flights{by: map[string]*flight{}}
	ctx, cancel := context.WithTimeout(context.Background(), slow)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() { f.do("team", func() string { <-ctx.Done(); return "blue" }) })
	time.Sleep(moment)
	wg.Go(func() {
		f.do("user", func() string { return f.do("team", func() string { return "red" }) })
	})
	wg.Wait()
}

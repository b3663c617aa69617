package shapes

import (
	"fmt"
	"sync"
	"time"
)

type config struct {
	once   sync.Once
	values map[string]string
}

func (c *config) get(key string) string {
	c.once.Do(c.load) // holds once once // waits once once
	return c.values[key]
}

func (c *config) load() {
	c.values = map[string]string{"home": "/srv"}
	c.values["logs"] = c.get("home") + "/logs"
}

// OnceAgain: the function of a Once calls a method that calls Do.
//
// rule: self-deadlock
// least: potential
func OnceAgain() {
	fmt.Println(new(config).get("logs"))
}

// OnceAgainHealthy: the first call loads from a slow disk, and others wait for it.
func OnceAgainHealthy() {
	var once sync.Once
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			once.Do(func() { time.Sleep(slow) })
		})
	}
	wg.Wait()
}

type driver struct {
	mu   sync.Mutex
	once sync.Once
	name string
}

func (d *driver) setup() {
	d.once.Do(func() { // waits once once // holds once once
		time.Sleep(2 * moment)
		d.mu.Lock() // waits lock mu
		d.name = "ready"
		d.mu.Unlock()
	})
}

func (d *driver) query() string {
	d.mu.Lock() // holds lock mu
	defer d.mu.Unlock()
	time.Sleep(moment)
	d.setup()
	return d.name
}

// OnceAndLock: the function of a Once needs a lock whose holder waits in Do.
//
// rule: deadlock
// least: potential
func OnceAndLock() {
	d := new(driver)
	var wg sync.WaitGroup
	wg.Go(d.setup)
	wg.Go(func() { fmt.Println(d.query()) })
	wg.Wait()
}

// OnceAndLockHealthy: the lock that the function needs is held by a slow one.
func OnceAndLockHealthy() {
	d := new(driver)
	var wg sync.WaitGroup
	wg.Go(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		time.Sleep(slow)
	})
	time.Sleep(moment)
	wg.Go(d.setup)
	wg.Go(d.setup)
	wg.Wait()
}

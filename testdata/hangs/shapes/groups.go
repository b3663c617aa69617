package shapes

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

type scan struct {
	mu    sync.Mutex
	found []string
}

func (s *scan) add(host string) {
	s.mu.Lock() // waits lock mu
	defer s.mu.Unlock()
	s.found = append(s.found, host)
}

// WaitUnderLock: the caller waits for a group under a lock that the group's goroutines
// need.
//
// rule: deadlock
// least: potential
func WaitUnderLock() {
	s := new(scan)
	var wg sync.WaitGroup
	s.mu.Lock() // holds lock mu
	defer s.mu.Unlock()
	for _, host := range []string{"a", "b", "c"} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s.add(host)
		}()
	}
	wg.Wait() // waits group wg
	fmt.Println(s.found)
}

// WaitUnderLockHealthy: the group's goroutines do without the lock, slowly, and another
// one waits for it.
func WaitUnderLockHealthy() {
	s := new(scan)
	var wg sync.WaitGroup
	go func() {
		time.Sleep(moment)
		s.add("d")
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	for range 3 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			time.Sleep(slow)
		}()
	}
	wg.Wait()
}

type upload struct {
	mu    sync.Mutex
	parts map[int]int
}

// DeferredWait: Wait is deferred after Unlock, so that it comes first.
//
// rule: deadlock
// least: potential
func DeferredWait() {
	u := &upload{parts: map[int]int{}}
	var wg sync.WaitGroup
	func() {
		u.mu.Lock() // holds lock mu
		defer u.mu.Unlock()
		defer wg.Wait()
		for i := range 2 {
			wg.Go(func() {
				u.mu.Lock() // waits lock mu
				defer u.mu.Unlock()
				u.parts[i]++
			})
		}
	}() // waits group wg
	fmt.Println(u.parts)
}

// DeferredWaitHealthy: the order is right, and the parts come slowly.
func DeferredWaitHealthy() {
	u := &upload{parts: map[int]int{}}
	var wg sync.WaitGroup
	func() {
		defer wg.Wait()
		u.mu.Lock()
		defer u.mu.Unlock()
		for i := range 2 {
			wg.Go(func() {
				u.mu.Lock()
				defer u.mu.Unlock()
				time.Sleep(slow / 2)
				u.parts[i]++
			})
		}
	}()
	fmt.Println(u.parts)
}

// OneDoneMissing: the group is told of one goroutine more than are started.
//
// rule: stuck, waitgroup-misuse
// least: potential
func OneDoneMissing() {
	jobs := []string{"a", "b", "c"}
	var wg sync.WaitGroup
	wg.Add(len(jobs) + 1) // one for the logger, which is gone since last year
	for _, job := range jobs {
		go func() {
			defer wg.Done()
			fmt.Println(job)
		}()
	}
	wg.Wait() // waits group wg
}

// OneDoneMissingHealthy: the last one is slow.
func OneDoneMissingHealthy() {
	jobs := []string{"a", "b", "c"}
	var wg sync.WaitGroup
	wg.Add(len(jobs) + 1)
	for range jobs {
		go wg.Done()
	}
	time.AfterFunc(slow, wg.Done)
	wg.Wait()
}

func convert(image string, wg *sync.WaitGroup) error {
	if image == "" {
		return errors.New("no image")
	}
	time.Sleep(moment)
	wg.Done()
	return nil
}

// DoneSkipped: the error path of a worker returns before Done.
//
// rule: stuck, waitgroup-misuse
// least: potential
func DoneSkipped() {
	var wg sync.WaitGroup
	for _, image := range []string{"cat", "", "dog"} {
		wg.Add(1)
		go func() {
			if err := convert(image, &wg); err != nil {
				fmt.Println(err)
			}
		}()
	}
	wg.Wait() // waits group wg
}

// DoneSkippedHealthy: one worker reads from a slow disk.
func DoneSkippedHealthy() {
	var wg sync.WaitGroup
	for _, image := range []string{"cat", "dog"} {
		wg.Add(1)
		go func() {
			if image == "dog" {
				time.Sleep(slow)
			}
			_ = convert(image, &wg)
		}()
	}
	wg.Wait()
}

type crawler struct {
	wg   sync.WaitGroup
	mu   sync.Mutex
	seen map[string]bool
}

func (c *crawler) visit(page string, links ...string) {
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		c.mu.Lock()
		c.seen[page] = true
		c.mu.Unlock()
		for _, l := range links {
			c.visit(l)
		}
		if len(links) > 0 {
			c.wg.Wait() // waits group wg
			fmt.Println("all below", page, "is there")
		}
	}()
}

// WaitInMember: a goroutine of a group waits for the group.
//
// rule: deadlock, self-deadlock, stuck
// least: potential
func WaitInMember() {
	c := &crawler{seen: map[string]bool{}}
	c.visit("/", "/a", "/b")
	c.wg.Wait() // victim group wg
}

// WaitInMemberHealthy: a goroutine waits for a group of its own, which is slow.
func WaitInMemberHealthy() {
	var all sync.WaitGroup
	all.Go(func() {
		var below sync.WaitGroup
		below.Go(func() { time.Sleep(slow) })
		below.Wait()
	})
	all.Wait()
}

package shapes

import (
	"fmt"
	"sync"
	"time"
)

type directory struct {
	mu    sync.RWMutex
	names map[string]string
}

func (d *directory) find(name string) string {
	d.mu.RLock() // waits lock mu
	defer d.mu.RUnlock()
	return d.names[name]
}

func (d *directory) both(a, b string) string {
	d.mu.RLock() // holds lock mu
	defer d.mu.RUnlock()
	time.Sleep(2 * moment) // formats
	return d.find(a) + d.find(b)
}

func (d *directory) add(name, number string) {
	d.mu.Lock() // waits lock mu
	defer d.mu.Unlock()
	d.names[name] = number
}

// ReadTwice: a reader asks for the lock again behind a writer that came in between.
//
// rule: rlock-recursion, deadlock
// least: potential
func ReadTwice() {
	d := &directory{names: map[string]string{"ann": "1", "bea": "2"}}
	var wg sync.WaitGroup
	wg.Go(func() { fmt.Println(d.both("ann", "bea")) })
	time.Sleep(moment)
	wg.Go(func() { d.add("cleo", "3") })
	wg.Wait()
}

// ReadTwiceHealthy: a slow reader keeps the writer waiting, which keeps another reader.
func ReadTwiceHealthy() {
	d := &directory{names: map[string]string{"ann": "1"}}
	var wg sync.WaitGroup
	wg.Go(func() {
		d.mu.RLock()
		defer d.mu.RUnlock()
		time.Sleep(slow)
	})
	time.Sleep(moment)
	wg.Go(func() { d.add("cleo", "3") })
	time.Sleep(moment)
	wg.Go(func() { fmt.Println(d.find("ann")) })
	wg.Wait()
}

type settings struct {
	mu     sync.RWMutex
	values map[string]string
}

func (s *settings) get(key string) string {
	s.mu.RLock() // holds lock mu
	defer s.mu.RUnlock()
	if _, known := s.values[key]; !known {
		s.load(key)
	}
	return s.values[key]
}

func (s *settings) load(key string) {
	s.mu.Lock() // waits lock mu
	defer s.mu.Unlock()
	s.values[key] = "default"
}

// UpgradedRead: a reader finds the value missing and takes the lock to write.
//
// rule: lock-upgrade, self-deadlock
// least: potential
func UpgradedRead() {
	s := &settings{values: map[string]string{}}
	fmt.Println(s.get("theme"))
}

// UpgradedReadHealthy: the writer waits for another reader.
func UpgradedReadHealthy() {
	s := &settings{values: map[string]string{}}
	reading := make(chan bool)
	go func() {
		s.mu.RLock()
		defer s.mu.RUnlock()
		close(reading)
		time.Sleep(slow)
	}()
	<-reading
	s.load("theme")
}

type sessions struct {
	mu   sync.RWMutex
	last map[string]time.Time
}

func (s *sessions) touch(user string) {
	s.mu.RLock() // holds lock mu
	defer s.mu.RUnlock()
	if _, known := s.last[user]; !known {
		time.Sleep(moment) // asks the database
		s.mu.Lock()        // waits lock mu
		s.last[user] = time.Now()
		s.mu.Unlock()
	}
}

// TwoUpgrades: two requests hold the read lock and both want to write.
//
// rule: deadlock, lock-upgrade
// least: potential
func TwoUpgrades() {
	s := &sessions{last: map[string]time.Time{}}
	var requests sync.WaitGroup
	for _, user := range []string{"ann", "bea"} {
		requests.Add(1)
		go func() {
			defer requests.Done()
			s.touch(user)
		}()
	}
	requests.Wait()
}

// TwoUpgradesHealthy: two writers wait for a slow reader.
func TwoUpgradesHealthy() {
	s := &sessions{last: map[string]time.Time{}}
	var requests sync.WaitGroup
	reading := make(chan bool)
	requests.Go(func() {
		s.mu.RLock()
		defer s.mu.RUnlock()
		close(reading)
		time.Sleep(slow)
	})
	<-reading
	for _, user := range []string{"ann", "bea"} {
		requests.Go(func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.last[user] = time.Now()
		})
	}
	requests.Wait()
}

type broker struct {
	mu   sync.RWMutex
	subs map[string]chan string
}

func (b *broker) publish(news string) {
	b.mu.RLock() // holds lock mu
	defer b.mu.RUnlock()
	for _, c := range b.subs {
		c <- news // waits chan c/subs
	}
}

func (b *broker) leave(name string) {
	b.mu.Lock() // waits lock mu
	defer b.mu.Unlock()
	delete(b.subs, name)
}

// PublishUnderRead: the publisher sends under the read lock to a subscriber that is about
// to leave, for which it needs the lock.
//
// rule: deadlock
// least: potential
func PublishUnderRead() {
	c := make(chan string)
	b := &broker{subs: map[string]chan string{"ann": c}}
	var wg sync.WaitGroup
	wg.Go(func() {
		for news := range c {
			if news == "bye" {
				time.Sleep(moment)
				b.leave("ann")
				return
			}
		}
	})
	for _, news := range []string{"hello", "bye", "anybody there"} {
		b.publish(news)
	}
	wg.Wait()
}

// PublishUnderReadHealthy: the subscriber reads slowly, and another one waits to leave.
func PublishUnderReadHealthy() {
	c := make(chan string)
	b := &broker{subs: map[string]chan string{"ann": c}}
	var wg sync.WaitGroup
	wg.Go(func() {
		for range c {
			time.Sleep(slow)
		}
	})
	b.publish("hello")
	wg.Go(func() {
		time.Sleep(moment)
		b.leave("bea")
	})
	b.publish("bye")
	close(c)
	wg.Wait()
}

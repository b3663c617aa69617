package truth

import (
	"sync"
	"time"
)

// takeAndGo is handed the lock and keeps it.
func takeAndGo(mu *sync.Mutex) { mu.Lock() }

// stuckLock waits for a lock, and would give it back.
func stuckLock(mu *sync.Mutex) {
	mu.Lock()
	mu.Unlock()
}

// handOver lets a goroutine that will keep the lock, if it is ill, and behind it others,
// queue for it, and returns when those have ended that will.
func handOver(mu *sync.Mutex, ill bool, waiters int) {
	const state = "sync.Mutex.Lock"
	before := takeCensus().in("stuckLock", state)
	mu.Lock()
	if ill {
		go takeAndGo(mu)
		await(func(c census) bool { return c.in("takeAndGo", state) == 1 })
	}
	for i := range waiters {
		go stuckLock(mu)
		await(func(c census) bool { return c.in("stuckLock", state) == before+i+1 })
	}
	mu.Unlock()
	left := before
	if ill {
		left += waiters
	}
	await(func(c census) bool { return c.in("takeAndGo", "") == 0 && c.in("stuckLock", "") == left })
}

// abandon has locks that are kept by goroutines that have ended.
func abandon(j *Journal, locks, waiters int) {
	var longest time.Duration
	for i := range 1 + locks {
		start := time.Now()
		together(func() { handOver(new(sync.Mutex), i > 0, waiters) })
		longest = max(longest, time.Since(start))
	}
	j.Set("stuckLock", float64(locks*waiters))
	time.Sleep(outlast * longest)
}

// mayRelease has a lock kept, and the goroutine that handed it over lives on: it may have come
// by once more just then.
func mayRelease(j *Journal) {
	start := time.Now()
	together(func() { handOver(new(sync.Mutex), false, 1) })
	handOver(new(sync.Mutex), true, 1)
	j.Set("stuckLock", 1)
	time.Sleep(outlast * time.Since(start))
}

// passOn uses a mutex as a baton: it is released by others than took it, and the last one
// waits for a goroutine that comes late.
func passOn(j *Journal) {
	mu := new(sync.Mutex)
	start := time.Now()
	together(func() { handOver(mu, false, 1) })
	for range 3 {
		together(func() { handOver(mu, true, 1) })
		together(func() { mu.Unlock() })
		await(func(c census) bool { return c.in("stuckLock", "") == 0 })
	}
	together(func() { handOver(mu, true, 1) })
	j.Set("stuckLock", 1)
	time.Sleep(outlast * time.Since(start))
}

// releaseAll has a lock that goes through many hands, each of which ends; then the last
// one holds it for a while, and the trace ends meanwhile.
func releaseAll(*Journal) {
	const state = "sync.Mutex.Lock"
	mu := new(sync.Mutex)
	for range 20 {
		mu.Lock()
		for i := range 3 {
			go stuckLock(mu)
			await(func(c census) bool { return c.in("stuckLock", state) == i+1 })
		}
		time.Sleep(time.Millisecond)
		mu.Unlock()
		await(func(c census) bool { return c.in("stuckLock", "") == 0 })
	}
	mu.Lock()
	for i := range 3 {
		go stuckLock(mu)
		await(func(c census) bool { return c.in("stuckLock", state) == i+1 })
	}
}

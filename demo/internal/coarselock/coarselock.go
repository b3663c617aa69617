// Package coarselock counts visits to pages with several goroutines that need the
// processor while they hold a lock.
//
// The disease: one lock guards the whole table. Each visit costs CPU time under
// it, so that one goroutine works and all others wait: a program with many
// goroutines and many cores that runs at the speed of one. It is concurrent (many
// in flight) and not parallel (one running).
//
// The cure: shards. Pages that have nothing to do with each other get locks that
// have nothing to do with each other.
package coarselock

import (
	"crypto/sha256"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Visits is a table of pages, split into shards with a lock each.
type Visits struct {
	shards []shard
}

type shard struct {
	mu    sync.Mutex
	pages map[int][sha256.Size]byte // mu protects pages
}

// New returns a table with n shards; one shard is one lock for everything.
func New(n int) *Visits {
	v := &Visits{shards: make([]shard, n)}
	for i := range v.shards {
		v.shards[i].pages = make(map[int][sha256.Size]byte)
	}
	return v
}

// Record chains a visit into the page's digest: real work that needs the old
// value, so that it cannot move out of the lock.
func (v *Visits) Record(page int) {
	s := &v.shards[page%len(v.shards)]
	s.mu.Lock()
	defer s.mu.Unlock()
	digest := s.pages[page]
	for range 2000 { // about 200 µs
		digest = sha256.Sum256(digest[:])
	}
	s.pages[page] = digest
}

// Goroutines returns how many goroutines serve: two a processor, since some may
// have to wait.
func Goroutines() int { return 2 * runtime.GOMAXPROCS(0) }

// Serve records visits for about the given time, and returns how many it managed.
// They are routed by page, as by a hash of the key: with as many shards as
// goroutines, no two ever need the same lock.
func Serve(v *Visits, d time.Duration) (visits int64) {
	var done atomic.Int64
	var workers sync.WaitGroup
	end := time.Now().Add(d)
	routes := Goroutines()
	for w := range routes {
		workers.Go(func() {
			for page := w; time.Now().Before(end); page = (page + routes) % (1000 * routes) {
				v.Record(page)
				done.Add(1)
			}
		})
	}
	workers.Wait()
	return done.Load()
}

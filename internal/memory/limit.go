package memory

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// Limit is a bound on memory. The nil limit has none. It is safe for concurrent use.
type Limit struct {
	bytes, start int64
}

// liveShare is the part of a limit that may be reachable while an input is read. Where
// the runtime has no limit, the heap grows to twice what is reachable before
// it is collected: that is 1.2 times the limit.
const liveShare = 0.6

// NewLimit returns a limit for what the process takes beyond what it has now.
func NewLimit(bytes int64) *Limit { return &Limit{bytes: bytes, start: read(liveBytes)} }

// Check returns an *ExceededError if what was read takes too much. More is memory that
// the runtime does not know.
func (l *Limit) Check(more int64) error {
	if l == nil || float64(read(liveBytes)-l.start+more) < liveShare*float64(l.bytes) {
		return nil
	}
	return &ExceededError{l.bytes}
}

// Bytes is the bound, 0 if there is none.
func (l *Limit) Bytes() int64 {
	if l == nil {
		return 0
	}
	return l.bytes
}

// ExceededError says that an input needs more memory than it may take.
type ExceededError struct{ Limit int64 }

func (e *ExceededError) Error() string {
	return fmt.Sprintf("it needs more memory than %d MB; allow more with --max-memory, or give less at a time", e.Limit/1e6)
}

const (
	totalBytes    = "/memory/classes/total:bytes"
	releasedBytes = "/memory/classes/heap/released:bytes"
	liveBytes     = "/gc/heap/live:bytes" // as the last collection found it
)

func read(name string) int64 {
	s := [1]metrics.Sample{{Name: name}}
	metrics.Read(s[:])
	return int64(s[0].Value.Uint64())
}

// Used is what the process has of the system for the Go runtime.
func Used() int64 { return read(totalBytes) - read(releasedBytes) }

const (
	// watchEvery is how long a process grows unseen: a few megabytes.
	watchEvery = 5 * time.Millisecond
	// softShare leaves room for what is allocated while the runtime collects.
	softShare = 0.85
	// programBytes is what the runtime does not count: the program's code and constants.
	programBytes = 16 << 20
)

// Watch lets the garbage collector work harder as the process comes near the limit, and
// calls exceeded, once, if that is not enough. It watches until stop is called, which sets
// the collector's own limit back.
func Watch(limit int64, exceeded func(*ExceededError)) (stop func()) {
	most := limit - programBytes
	before := debug.SetMemoryLimit(int64(softShare * float64(most)))
	stopped := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		for tick := time.NewTicker(watchEvery); ; {
			select {
			case <-stopped:
				tick.Stop()
				return
			case <-tick.C:
			}
			if Used() > most {
				exceeded(&ExceededError{limit})
				return
			}
		}
	})
	return sync.OnceFunc(func() {
		close(stopped)
		ended.Wait()
		debug.SetMemoryLimit(before)
	})
}

package contention

import (
	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// minPark is the shortest stay off the processor that is remembered. A shorter one
	// cannot make a finding: the threshold is one park of blockedPark.
	minPark = 50_000
	// keptParks, keptWaits and keptSlices bound what a goroutine's history costs. A
	// hold with more parks than that loses the oldest: less is found, nothing false.
	keptParks  = 8
	keptWaits  = 3
	keptSlices = 24
	// keptUnlocks bounds what is known about a class's past: enough for those that slipped
	// in between while another goroutine waited.
	keptUnlocks = 8
	// sameUnlock is the longest time between two wakes of one call of RWMutex.Unlock,
	// which wakes its readers one by one.
	sameUnlock = 100_000
	// queueJitter is how far the trace's order of parking may be from the queue's: a
	// goroutine enters the queue before it parks.
	queueJitter = 50_000
	// retry is the longest run of a goroutine between a wake for a lock and its next
	// park in the same Lock: four rounds of spinning take some microseconds, and beside
	// busy programs 20 to 60 were seen. A section that short wakes a goroutine at its end,
	// where it matters, and so is not taken for a retry.
	retry = 100_000
)

// park is a stay of a goroutine off the processor.
type park struct {
	start, end int64
	stack      stream.StackID
	reason     stream.Reason
	ready      bool // it was runnable: it waited for a processor only
}

// slice is a part of a wait with what is to blame for it: the stack of the unlock
// that ended it, and the holder's longest park in the whole hold, if any. Unlock 0
// is none: the next holder was woken and had no processor yet.
type slice struct {
	from, to int64
	unlock   stream.StackID
	park     park
}

// resolved is a wait for a lock that is over, with its blame.
type resolved struct {
	lock       lineID
	start, end int64
	ran        int64 // when it ran again, 0 if it did not yet
	slices     []slice
}

// release is an unlock that woke a goroutine.
type release struct {
	at     int64
	lock   lineID // any line of the class
	unlock stream.StackID
	window window
}

// window is the last part of a hold: from the latest moment at which the holder may
// have got the lock until it unlocked.
type window struct {
	start, end int64
	// exact says that start is when it got the lock after a wait of its own.
	exact bool
	park  park // the longest that is not ready; zero if none
	did   activities
}

// history is what the pass keeps of a live goroutine that blocks.
type history struct {
	parks  []park // a ring
	oldest int
	// locking is nil for a goroutine that never met another one at a lock: most of
	// them, where there are many.
	*locking
}

// locking is a goroutine's waits for locks and its last unlock that woke another one.
type locking struct {
	waits   [keptWaits]resolved // the latest last
	release release
	// waits for a lock now: the line, 0 if it does not.
	waiting lineID
	// saved is what the goroutine would be ahead if a line's holds were halved.
	saved []saving
}

// parked remembers a stay.
func (h *history) parked(p park) {
	if len(h.parks) < keptParks {
		h.parks = append(h.parks, p)
		return
	}
	h.parks[h.oldest] = p
	h.oldest = (h.oldest + 1) % keptParks
}

// waited makes room for the newest wait and returns it; its slices are empty but
// keep their memory.
func (h *locking) waited() *resolved {
	first := h.waits[0]
	copy(h.waits[:], h.waits[1:])
	last := &h.waits[keptWaits-1]
	*last = resolved{slices: first.slices[:0]}
	return last
}

// window is what the goroutine did with the lock of the class of root that it has just
// unlocked, which ended the wait s. It held the lock all the time since start at least.
func (h *history) window(cs *classes, root lineID, s *replay.Span) window {
	w := window{start: s.Start, end: s.End}
	strict := false
	later := func(t int64) bool {
		if t <= w.start {
			return false
		}
		w.start, strict, w.exact = t, true, false
		return true
	}
	if c := cs.class[root]; c.lastBy != s.Waker.ID {
		later(c.lastWake)
	}
	for i := range h.waits {
		r := &h.waits[i]
		if r.lock != 0 && cs.find(r.lock) == root && later(max(r.end, r.ran)) {
			w.exact = r.ran != 0
		}
	}
	if h.release.lock != 0 && cs.find(h.release.lock) == root {
		later(h.release.at)
	}
	for i := range h.parks {
		if p := &h.parks[i]; p.reason == stream.Cond {
			later(p.end) // Cond.Wait gives the lock back, if it is this one
		}
	}
	for i := range h.parks {
		w.add(&h.parks[i], strict)
	}
	return w
}

// add counts a park that lies in the window. One that began before a strict start
// began before the goroutine had the lock; otherwise the lock was held when the
// waiter came, so that it was taken before the park.
func (w *window) add(p *park, strict bool) {
	if p.end <= w.start || strict && p.start < w.start {
		return
	}
	w.did[activityOf(p)] += min(p.end, w.end) - max(p.start, w.start)
	if p.ready {
		return
	}
	if p.end-p.start > w.park.end-w.park.start {
		w.park = *p
	}
}

// blamed is a wait for a lock of the class of root, to be charged to its causes; own is
// the unlock that ended it.
type blamed struct {
	root       lineID
	start, end int64
	own        slice
}

// blame appends to dst the causes of a wait that the goroutine with this history ended:
// its own unlock, but for those parts in which it waited for the class itself or, woken,
// for a processor. Before it came, the goroutine that unlocked next had the lock, if there
// is only one lock.
func (h *locking) blame(dst []slice, cs *classes, wait blamed) []slice {
	root, start, end, own := wait.root, wait.start, wait.end, wait.own
	at := start
	chained := false
	direct := func(to int64) {
		if to > at {
			own.from, own.to = at, to
			dst = appendSlice(dst, own)
			at = to
		}
	}
	others := func(to int64) {
		c := cs.class[root]
		for i := range c.unlocks {
			if u := &c.unlocks[i]; u.at > at && u.at < to && !c.several() {
				dst = appendSlice(dst, slice{at, u.at, u.stack, u.park})
				at = u.at
			}
		}
		direct(to)
	}
	for i := range h.waits {
		r := &h.waits[i]
		if r.lock == 0 || cs.find(r.lock) != root || r.end <= at || r.start >= end {
			continue
		}
		others(r.start)
		chained = true
		for _, s := range r.slices {
			s.from, s.to = max(s.from, at), min(s.to, end)
			if s.from < s.to {
				dst = appendSlice(dst, s)
			}
		}
		at = min(r.end, end)
		if ran := min(r.ran, end); ran > at {
			dst = appendSlice(dst, slice{from: at, to: ran})
			at = ran
		}
	}
	others(end)
	if chained {
		cs.class[root].chained++
	}
	return dst
}

// appendSlice adds a slice, joins it with its neighbour where the same unlock and
// the same park are to blame, and keeps the number bounded by giving the oldest
// slice to its neighbour.
func appendSlice(dst []slice, s slice) []slice {
	if n := len(dst); n > 0 && dst[n-1].unlock == s.unlock && dst[n-1].to == s.from && dst[n-1].park == s.park {
		dst[n-1].to = s.to
		return dst
	}
	if len(dst) == keptSlices {
		from := dst[0].from
		copy(dst, dst[1:])
		dst[0].from = from
		dst = dst[:keptSlices-1]
	}
	return append(dst, s)
}

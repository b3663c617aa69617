package diagnosis

import (
	"slices"
)

// link says that the goroutine waits for one lock and may hold the one before.
type link struct {
	goroutine int
	holds     *lock
	waits     *lock
}

// rings returns the rings of waits, each set of locks once: the goroutine of each
// link waits for the lock that the next one seems to hold.
func (d *Dump) rings(locks []*lock) [][]link {
	waits := make(map[int]*lock)
	for _, l := range locks {
		for _, i := range l.waiters {
			waits[i] = l
		}
	}
	var found [][]link
	taken := make(map[*lock]bool)
	for _, l := range locks {
		if taken[l] {
			continue
		}
		if ring := shortestRing(l, waits); ring != nil {
			for _, k := range ring {
				taken[k.waits] = true
			}
			found = append(found, ring)
		}
	}
	return found
}

// shortestRing searches breadth first from the lock over its holders that wait.
func shortestRing(start *lock, waits map[int]*lock) []link {
	type step struct {
		at   *lock
		path []link
	}
	seen := map[*lock]bool{start: true}
	for queue := []step{{at: start}}; len(queue) > 0; {
		s := queue[0]
		queue = queue[1:]
		for _, h := range s.at.holders {
			next := waits[h]
			if next == nil || next == s.at {
				continue
			}
			path := append(slices.Clip(s.path), link{goroutine: h, holds: s.at, waits: next})
			if next == start {
				return path
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, step{next, path})
			}
		}
	}
	return nil
}

// isSure reports whether nobody outside the ring seems to hold any of its locks and
// all in it have waited for long.
func (d *Dump) isSure(ring []link) bool {
	for _, k := range ring {
		if d.goroutines[k.goroutine].Minutes < 1 || len(k.holds.holders) > 1 {
			return false
		}
	}
	return true
}

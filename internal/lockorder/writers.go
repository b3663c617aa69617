package lockorder

import "slices"

// seated is a writer between two readers of a chain: chain[at] asks shared for
// what the next record holds shared.
type seated[S any] struct {
	rec *record[S]
	at  int
}

// seat gives each pair of readers of a closed chain, from chain[at] on, a writer
// that can wait between them, and keeps the chain as a cycle when all have one. A
// writer is one more goroutine, distinct from all others, and no lock keeps it away
// from them while it asks. It reports whether the search of writers is over.
func (s *search[S]) seat(at int) bool {
	for at < len(s.chain) && !s.readersAt(at) {
		at++
	}
	if at == len(s.chain) {
		return s.emit()
	}
	l := s.chain[at].lock
	if l.free != nil && s.seatOne(l.free, at) {
		return true
	}
	for _, r := range l.asked {
		if s.steps++; s.exhausted() {
			return true
		}
		if r.mode == Exclusive && s.seatOne(r, at) {
			return true
		}
	}
	return false
}

// readersAt reports whether chain[i] and the next record are readers of one lock.
func (s *search[S]) readersAt(i int) bool {
	r, next := s.chain[i], s.chain[(i+1)%len(s.chain)]
	if r.mode == Exclusive {
		return false
	}
	for _, h := range next.held {
		if h.lock == r.lock {
			return h.mode == Shared
		}
	}
	return false
}

func (s *search[S]) seatOne(w *record[S], at int) bool {
	for _, h := range w.held {
		if other := s.held[h.lock]; other.count > 0 && h.mode.Conflicts(other.mode) {
			return false // a gate
		}
	}
	if !s.match.push(w.goroutines(), w.saturated()) {
		return false
	}
	s.hold(w)
	s.writers = append(s.writers, seated[S]{w, at})
	done := s.seat(at + 1)
	s.writers = s.writers[:len(s.writers)-1]
	s.release(w)
	s.match.pop()
	return done
}

// emit keeps the chain as a cycle unless it was returned before. Which the writers
// are makes no difference to that. It reports false if some requests are apart:
// other writers may make a cycle.
func (s *search[S]) emit() bool {
	key := cycleKey(s.chain)
	if s.g.seen.has(key) {
		return true
	}
	c, together := s.cycle()
	if !together {
		s.loose = &c
		return false
	}
	s.g.seen.add(key)
	s.found = append(s.found, c)
	return true
}

// cycle returns the chain with its writers as a cycle, and whether no two of its
// requests are apart.
func (s *search[S]) cycle() (c Cycle[S], together bool) {
	n := len(s.chain)
	records := slices.Clone(s.chain)
	for _, w := range s.writers {
		records = append(records, w.rec)
	}
	chosen, together := s.choose(records)
	c = Cycle[S]{Deps: slices.Clip(chosen[:n]), Apart: !together}
	for i, r := range s.chain {
		if r.rarer(s.chain[c.Odd]) {
			c.Odd = i
		}
	}
	if len(s.writers) > 0 {
		c.Writers = make([]Dependency[S], n)
	}
	for i, w := range s.writers {
		c.Writers[w.at] = chosen[n+i]
	}
	return c, together
}

// Recursion returns the cycle of a reader d, which requests in shared mode a lock that it
// holds shared already, and a writer w of that lock that can wait in between: the
// writer waits for the first hold, and the second request waits for the writer. It
// is the only cycle with a single dependency. The result is false if d is no such
// reader, if both are one goroutine, or if a lock keeps w away.
func Recursion[S any](d, w Dependency[S]) (Cycle[S], bool) {
	if d.Mode == Exclusive || w.Mode == Shared || w.Lock != d.Lock || d.Goroutine == w.Goroutine {
		return Cycle[S]{}, false
	}
	reads := false
	for _, h := range d.Held {
		if h.Lock == d.Lock {
			if reads = h.Mode == Shared; !reads {
				return Cycle[S]{}, false
			}
		}
		for _, o := range w.Held {
			if o.Lock == h.Lock && o.Mode.Conflicts(h.Mode) {
				return Cycle[S]{}, false
			}
		}
	}
	return Cycle[S]{Deps: []Dependency[S]{d}, Writers: []Dependency[S]{w}}, reads
}

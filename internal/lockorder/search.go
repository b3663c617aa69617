package lockorder

import "slices"

// search looks for the cycles through its first record, depth first.
//
// Invariant: chain is a legal part of a cycle: each record asks for a lock that
// the next one holds, held sets are disjoint, no shorter cycle lies inside, and
// match has a goroutine of its own for each record that is not saturated.
type search[S any] struct {
	g     *Graph[S]
	chain []*record[S]
	asked map[*lock[S]]int // the index in chain that asks for the lock
	held  map[*lock[S]]holders
	match matching
	// writers are found for a whole chain: see seat.
	writers []seated[S]
	// limit is the longest chain to try; tooLong reports that one was longer.
	limit   int
	tooLong bool
	steps   int
	found   []Cycle[S]
	// loose is the last closed chain with requests that are apart.
	loose *Cycle[S]
	apart []Cycle[S]
	// root is the record that was added to, and wasWatched is of it before the search.
	root       *record[S]
	wasWatched bool
}

// holders counts the records of a chain that hold a lock. More than one of them
// means that all hold it shared.
type holders struct {
	mode  Mode
	count int
	later int // of count, those that are not the chain's first record
}

// cyclesThrough returns the new cycles that a request completes: those through it,
// and where it is a writer's, those that only wanted a writer of its lock.
func (g *Graph[S]) cyclesThrough(r *record[S]) []Cycle[S] {
	if len(r.lock.comp.locks) < 2 {
		return nil
	}
	s := &search[S]{g: g, root: r, wasWatched: r.watched, asked: make(map[*lock[S]]int), held: make(map[*lock[S]]holders)}
	r.watched = false
	s.from(r)
	if r.mode == Exclusive {
		for _, reader := range r.lock.asked {
			if reader.mode == Shared && !s.exhausted() {
				s.from(reader)
			}
		}
	}
	if s.exhausted() {
		g.stats.CutSearches++
	}
	g.stats.Cycles += uint64(len(s.found))
	g.stats.Steps += uint64(s.steps)
	r.spent += s.steps + 1
	return append(s.found, s.apart...)
}

// from looks for the cycles through r. It doubles the length of the chains that it
// tries, so that short cycles are found before the steps run out, and a long one
// costs at most twice its own search.
func (s *search[S]) from(r *record[S]) {
	if len(r.held) == 0 || !s.push(r) {
		return
	}
	for s.limit = 2; ; s.limit *= 2 {
		s.tooLong = false
		s.extend()
		if s.exhausted() || !s.tooLong {
			break
		}
	}
	s.pop()
}

// canWait reports whether the request of r can wait for a hold of its lock in mode
// m. Readers wait for readers where there is a writer to wait between them.
func (r *record[S]) canWait(m Mode) bool { return r.mode.Conflicts(m) || r.lock.written }

func (s *search[S]) exhausted() bool {
	return s.steps > s.g.opts.MaxSteps || len(s.found) >= s.g.opts.MaxCycles
}

// extend tries every record that holds what the chain's last record asks for.
func (s *search[S]) extend() {
	last := s.chain[len(s.chain)-1]
	for _, h := range last.lock.holds {
		next := h.rec
		if next.lock.comp != last.lock.comp {
			continue // no way back from there
		}
		if s.steps++; s.exhausted() {
			return
		}
		if last.canWait(next.held[h.i].mode) && s.fits(next) {
			s.try(next)
		}
	}
}

// try puts next at the end of the chain, and goes on from there or closes the cycle.
func (s *search[S]) try(next *record[S]) {
	h := s.held[next.lock]
	closes := h.count > 0 && next.canWait(h.mode)
	if !closes && len(s.chain)+1 >= s.limit {
		s.tooLong = true
		return
	}
	if !s.push(next) {
		return
	}
	if closes {
		s.close()
	} else {
		s.extend()
	}
	s.pop()
}

// fits reports whether r may follow the chain as far as locks go. It refuses
// gates, and records that would close a cycle without the chain's first or make a
// short cut in this one: those are cycles of their own.
func (s *search[S]) fits(r *record[S]) bool {
	if _, again := s.asked[r.lock]; again {
		return false
	}
	if h := s.held[r.lock]; h.later > 0 && r.canWait(h.mode) {
		return false
	}
	for _, h := range r.held {
		if other := s.held[h.lock]; other.count > 0 && h.mode.Conflicts(other.mode) {
			return false
		}
		i, asked := s.asked[h.lock]
		if asked && i < len(s.chain)-1 && s.chain[i].canWait(h.mode) {
			return false
		}
	}
	return true
}

// push reports false, and leaves the chain as it is, if there are not enough
// distinct goroutines.
func (s *search[S]) push(r *record[S]) bool {
	if !s.match.push(r.goroutines(), r.saturated()) {
		return false
	}
	s.asked[r.lock] = len(s.chain)
	s.hold(r)
	s.chain = append(s.chain, r)
	return true
}

func (s *search[S]) pop() {
	last := len(s.chain) - 1
	r := s.chain[last]
	s.chain = s.chain[:last]
	s.match.pop()
	delete(s.asked, r.lock)
	s.release(r)
}

// hold counts the held set of a record that joins the chain.
func (s *search[S]) hold(r *record[S]) {
	for _, h := range r.held {
		o := s.held[h.lock]
		o.mode = h.mode
		o.count++
		if len(s.chain) > 0 {
			o.later++
		}
		s.held[h.lock] = o
	}
}

func (s *search[S]) release(r *record[S]) {
	for _, h := range r.held {
		o := s.held[h.lock]
		o.count--
		o.later--
		if o.count == 0 {
			delete(s.held, h.lock)
		} else {
			s.held[h.lock] = o
		}
	}
}

func (r *record[S]) goroutines() []uint64 {
	ids := make([]uint64, len(r.witnesses))
	for i, w := range r.witnesses {
		ids[i] = w.Goroutine
	}
	return ids
}

// rarer reports whether r was seen on fewer goroutines than o, or on as many but later.
func (r *record[S]) rarer(o *record[S]) bool {
	if len(r.witnesses) != len(o.witnesses) {
		return len(r.witnesses) < len(o.witnesses)
	}
	return r.number > o.number
}

// witness returns the dependency as the goroutine had it. For the id 0 it is the
// first goroutine's, with the id left out.
func (r *record[S]) witness(id uint64) Dependency[S] {
	d := r.witnesses[0]
	for _, w := range r.witnesses {
		if w.Goroutine == id {
			d = w
		}
	}
	d.Goroutine = id
	d.Held = slices.Clone(d.Held)
	return d
}

package stream

import "math/bits"

// Slots gives goroutines their slots. It is a hash table with open addressing and
// linear probing (deletion shifts back, so there are no tombstones): a lookup is
// on the path of every event and costs a fifth of a Go map's. The zero value is empty.
type Slots struct {
	places []place
	live   int
	free   []GID
	next   GID
}

// place is free if its id is 0, which no goroutine has.
type place struct {
	id   uint64
	slot GID
}

// Lookup returns the slot of the goroutine with the runtime id, 0 if it has none.
func (s *Slots) Lookup(id uint64) GID {
	if len(s.places) == 0 || id == 0 {
		return 0
	}
	if i, ok := s.find(id); ok {
		return s.places[i].slot
	}
	return 0
}

// Take gives the goroutine a slot. It must have none and its id must not be 0.
func (s *Slots) Take(id uint64) GID {
	if 4*(s.live+1) > 3*len(s.places) {
		s.grow()
	}
	g := s.next + 1
	if n := len(s.free); n > 0 {
		g, s.free = s.free[n-1], s.free[:n-1]
	} else {
		s.next = g
	}
	i, _ := s.find(id)
	s.places[i] = place{id, g}
	s.live++
	return g
}

// Drop frees the goroutine's slot for another one. It does nothing if it has none.
func (s *Slots) Drop(id uint64) {
	if len(s.places) == 0 || id == 0 {
		return
	}
	i, ok := s.find(id)
	if !ok {
		return
	}
	s.free = append(s.free, s.places[i].slot)
	s.live--
	s.close(i)
}

// close empties place i and moves back those that a probe would no longer reach.
func (s *Slots) close(i int) {
	mask := len(s.places) - 1
	for j := (i + 1) & mask; s.places[j].id != 0; j = (j + 1) & mask {
		if (j-s.home(s.places[j].id))&mask >= (j-i)&mask {
			s.places[i] = s.places[j]
			i = j
		}
	}
	s.places[i].id = 0
}

// find returns the id's place, or the free place where it would go.
func (s *Slots) find(id uint64) (int, bool) {
	mask := len(s.places) - 1
	for i := s.home(id); ; i = (i + 1) & mask {
		switch s.places[i].id {
		case id:
			return i, true
		case 0:
			return i, false
		}
	}
}

// home hashes by Fibonacci's multiplier: runtime ids come in runs.
func (s *Slots) home(id uint64) int {
	return int(id * 0x9e3779b97f4a7c15 >> (64 - bits.TrailingZeros(uint(len(s.places)))))
}

func (s *Slots) grow() {
	old := s.places
	s.places = make([]place, max(64, 2*len(old)))
	for _, p := range old {
		if p.id != 0 {
			i, _ := s.find(p.id)
			s.places[i] = p
		}
	}
}

package stream

import "math/bits"

// Slots gives goroutines their slots. It is a hash table with open addressing and
// linear probing (deletion shifts back, so there are no tombstones): a lookup is
// on the path of every event and costs a fifth of a Go map's. The zero value is empty.
type Slots struct {
	ids   []uint64 // 0 is a free place: no goroutine has runtime id 0
	slots []GID
	live  int
	free  []GID
	next  GID
}

// Lookup returns the slot of the goroutine with the runtime id, 0 if it has none.
func (s *Slots) Lookup(id uint64) GID {
	if len(s.ids) == 0 || id == 0 {
		return 0
	}
	if i, ok := s.find(id); ok {
		return s.slots[i]
	}
	return 0
}

// Take gives the goroutine a slot. It must have none and its id must not be 0.
func (s *Slots) Take(id uint64) GID {
	if 4*(s.live+1) > 3*len(s.ids) {
		s.grow()
	}
	g := s.next + 1
	if n := len(s.free); n > 0 {
		g, s.free = s.free[n-1], s.free[:n-1]
	} else {
		s.next = g
	}
	i, _ := s.find(id)
	s.ids[i], s.slots[i] = id, g
	s.live++
	return g
}

// Drop frees the goroutine's slot for another one. It does nothing if it has none.
func (s *Slots) Drop(id uint64) {
	if len(s.ids) == 0 || id == 0 {
		return
	}
	i, ok := s.find(id)
	if !ok {
		return
	}
	s.free = append(s.free, s.slots[i])
	s.live--
	s.close(i)
}

// close empties place i and moves back those that a probe would no longer reach.
func (s *Slots) close(i int) {
	mask := len(s.ids) - 1
	for j := (i + 1) & mask; s.ids[j] != 0; j = (j + 1) & mask {
		if (j-s.home(s.ids[j]))&mask >= (j-i)&mask {
			s.ids[i], s.slots[i] = s.ids[j], s.slots[j]
			i = j
		}
	}
	s.ids[i] = 0
}

// find returns the id's place, or the free place where it would go.
func (s *Slots) find(id uint64) (int, bool) {
	mask := len(s.ids) - 1
	for i := s.home(id); ; i = (i + 1) & mask {
		switch s.ids[i] {
		case id:
			return i, true
		case 0:
			return i, false
		}
	}
}

// home hashes by Fibonacci's multiplier: runtime ids come in runs.
func (s *Slots) home(id uint64) int {
	return int(id * 0x9e3779b97f4a7c15 >> (64 - bits.TrailingZeros(uint(len(s.ids)))))
}

func (s *Slots) grow() {
	old := *s
	s.ids = make([]uint64, max(64, 2*len(old.ids)))
	s.slots = make([]GID, len(s.ids))
	for i, id := range old.ids {
		if id != 0 {
			j, _ := s.find(id)
			s.ids[j], s.slots[j] = id, old.slots[i]
		}
	}
}

package lockorder

import (
	"hash/fnv"
	"slices"
)

// cycleKey is the identity of a set of records: no two cycles have the same one,
// since a cycle without a shorter one inside has only one order.
func cycleKey[S any](chain []*record[S]) [16]byte {
	keys := make([]string, len(chain))
	for i, r := range chain {
		keys[i] = r.key
	}
	slices.Sort(keys)
	h := fnv.New128a()
	for _, k := range keys {
		h.Write([]byte{byte(len(k)), byte(len(k) >> 8)})
		h.Write([]byte(k))
	}
	return [16]byte(h.Sum(nil))
}

// cycleSet remembers up to limit keys; the oldest is forgotten first.
type cycleSet struct {
	limit int
	keys  map[[16]byte]struct{}
	queue [][16]byte // the keys as a ring once it is full
	next  int        // the oldest in a full queue
}

func (s *cycleSet) has(key [16]byte) bool {
	_, old := s.keys[key]
	return old
}

// add reports whether key is new.
func (s *cycleSet) add(key [16]byte) bool {
	if s.has(key) {
		return false
	}
	if s.keys == nil {
		s.keys = make(map[[16]byte]struct{})
	}
	s.keys[key] = struct{}{}
	if len(s.queue) < s.limit {
		s.queue = append(s.queue, key)
		return true
	}
	delete(s.keys, s.queue[s.next])
	s.queue[s.next] = key
	s.next = (s.next + 1) % s.limit
	return true
}

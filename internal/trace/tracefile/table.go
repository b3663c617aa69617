package tracefile

import "fmt"

const (
	// denseIDs is how far an index by id may be larger than what it holds. Ids are given
	// from 1 up, but damage makes any number of them.
	denseIDs = 4096
)

// table finds the entries of a generation by the id that the trace gives them. Its
// memory serves the next generation again. The zero value is empty.
type table[T any] struct {
	list   []T
	index  []uint32 // by id: place in list, counted from 1
	sparse map[uint64]uint32
}

func (t *table[T]) reset() {
	clear(t.list)
	t.list = t.list[:0]
	clear(t.index)
	clear(t.sparse)
}

// get returns the entry, nil if there is none. It holds until the next put.
func (t *table[T]) get(id uint64) *T {
	var i uint32
	if id < uint64(len(t.index)) {
		i = t.index[id]
	} else if t.sparse != nil {
		i = t.sparse[id]
	}
	if i == 0 {
		return nil
	}
	return &t.list[i-1]
}

// put adds an entry, whose id must be new and not 0, which means none.
func (t *table[T]) put(what string, id uint64, entry T) error {
	if id == 0 || t.get(id) != nil {
		return fmt.Errorf("two %ss have the id %d", what, id)
	}
	t.list = append(t.list, entry)
	place := uint32(len(t.list))
	if id >= uint64(len(t.index)) && id < uint64(2*len(t.list)+denseIDs) {
		t.index = append(t.index, make([]uint32, int(id)+1-len(t.index)+len(t.index)/2)...)
		t.gather()
	}
	if id < uint64(len(t.index)) {
		t.index[id] = place
		return nil
	}
	if t.sparse == nil {
		t.sparse = make(map[uint64]uint32)
	}
	t.sparse[id] = place
	return nil
}

// gather moves into the index what it has grown to hold.
func (t *table[T]) gather() {
	for id, place := range t.sparse {
		if id < uint64(len(t.index)) {
			t.index[id] = place
			delete(t.sparse, id)
		}
	}
}

package detect

import "sync"

// names are the names of goroutines by id. A name stays when its goroutine has ended, for
// findings about what it did before. There is room for maxNames; the oldest is dropped
// first.
type names struct {
	// mu protects the rest. It is a leaf: nothing else is locked under it.
	mu    sync.Mutex
	byID  map[uint64]string
	order []uint64 // ids, a ring once it is full
	next  int      // the oldest of a full ring
}

const maxNames = 4096

func (n *names) of(id uint64) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byID[id]
}

func (n *names) set(id uint64, name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.byID == nil {
		n.byID = make(map[uint64]string)
	}
	if _, known := n.byID[id]; !known {
		if len(n.order) < maxNames {
			n.order = append(n.order, id)
		} else {
			delete(n.byID, n.order[n.next])
			n.order[n.next] = id
			n.next = (n.next + 1) % maxNames
		}
	}
	n.byID[id] = name
}

// NameRunning gives the running goroutine a name. The returned function restores the name
// that it had before, if any.
func NameRunning(name string) (back func()) {
	g := current()
	if g == nil {
		return func() {}
	}
	id := g.identity()
	before := std.names.of(id)
	std.names.set(id, name)
	return func() {
		if before != "" {
			std.names.set(id, before)
		}
	}
}

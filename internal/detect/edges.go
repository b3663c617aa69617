package detect

import (
	"sync"

	"github.com/concdoctor/concdoctor/agent/snapshot"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// edges are the lock order between classes, for people to look at. Unlike the graph of
// instances, which finds cycles, it includes leaves and locks that were collected, and is
// small, since there are few classes.
type edges struct {
	// mu protects what follows. It is a leaf: nothing else is locked under it.
	mu      sync.Mutex
	byPair  map[classPair]*edge
	list    []*edge // in the order in which they came
	dropped uint64
}

type classPair struct{ from, to *class }

type edge struct {
	classPair
	count       uint64
	held, asked callers.Short
}

// maxEdges is more than a drawing can show, and than a thousand classes have in practice.
const maxEdges = 4096

// add counts the request for l under the locks that it holds.
func (e *edges) add(l *lockRecord, r *request) {
	to := l.classOf()
	pairs := make([]classPair, len(r.holds))
	for i := range r.holds {
		pairs[i] = classPair{r.holds[i].lock.classOf(), to}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, pair := range pairs {
		known := e.byPair[pair]
		switch {
		case known != nil:
			known.count++
		case len(e.list) >= maxEdges:
			e.dropped++
		default:
			e.insert(&edge{pair, 1, r.holds[i].stack, r.stack})
		}
	}
}

func (e *edges) insert(made *edge) {
	if e.byPair == nil {
		e.byPair = make(map[classPair]*edge)
	}
	e.byPair[made.classPair] = made
	e.list = append(e.list, made)
}

// read returns a copy of all edges.
func (e *edges) read() (list []edge, dropped uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, known := range e.list {
		list = append(list, *known)
	}
	return list, e.dropped
}

func (e *edge) plain() snapshot.Edge {
	return snapshot.Edge{
		From: e.from.id, To: e.to.id, Count: e.count, Held: stackOf(e.held[:]), Asked: stackOf(e.asked[:]),
	}
}

package lockorder

import "sync/atomic"

// Place is where a lock stands in the topological order of the locks of a graph. It may be
// read while the graph changes. The zero Place is not known.
type Place struct {
	at      atomic.Int64 // 0 if the order does not say
	written atomic.Bool  // lock.written
}

// SetPlaces gives the graph the places of locks that it does not have, or does not have any
// more: placeOf returns the same Place for a lock each time, which is of [Graph.FirstPlace] or
// a zero one, or nil. The graph keeps it up to date while it has the lock.
//
// It is to be called before the first Add.
func (g *Graph[S]) SetPlaces(placeOf func(LockID) *Place) { g.placeOf = placeOf }

// FirstPlace returns a place before all others, for a lock that is in no dependency yet and is
// held. It may be called while the graph changes.
func (g *Graph[S]) FirstPlace() *Place {
	p := new(Place)
	p.at.Store(g.first())
	return p
}

func (g *Graph[S]) first() int64 { return g.front.Add(-1) }

func (g *Graph[S]) last() int64 { return g.back.Add(1) }

// Before reports whether a dependency of the lock at o on the lock at p agrees with the order
// at some moment of the call: no dependencies lead from o to p, and neither lock is on a
// cycle or ever was.
func (p *Place) Before(o *Place) bool {
	a, b := p.at.Load(), o.at.Load()
	return a != 0 && b != 0 && a < b
}

// IsWritten reports whether the lock was requested in exclusive mode, by a dependency or by a
// goroutine that held nothing. What readers can wait for depends on that.
func (p *Place) IsWritten() bool { return p.written.Load() }

// moveTo gives the component its place. Locks that lie on a common cycle have no order among
// each other: their places are not known.
func (c *component[S]) moveTo(place int64) {
	c.place = place
	if len(c.locks) > 1 {
		place = 0
	}
	for _, l := range c.locks {
		l.place.at.Store(place)
	}
}

// write notes a request in exclusive mode.
func (l *lock[S]) write() {
	if !l.written {
		l.written = true
		l.place.written.Store(true)
	}
}

// Clear makes the graph empty, but for what was set and for the places of locks.
func (g *Graph[S]) Clear() {
	g.stats, g.locks, g.deps, g.oldest, g.newest, g.edges = Stats{}, nil, nil, nil, nil, 0
	g.seen, g.apartSeen = cycleSet{}, cycleSet{}
	g.init()
}

package lockorder

// insert adds a new record for d, after making room for it.
func (g *Graph[S]) insert(key string, d Dependency[S]) *record[S] {
	for len(g.deps) > 0 && g.crowded(len(d.Held)) {
		g.drop()
	}
	g.numbers++
	r := &record[S]{key: key, number: g.numbers, mode: d.Mode, witnesses: []Dependency[S]{d}}
	// A new lock starts where its first edge needs no reordering: what is held at
	// the front, what is asked for at the back.
	r.lock = g.lockAt(d.Lock, (*Graph[S]).last)
	r.slot = len(r.lock.asked)
	r.lock.asked = append(r.lock.asked, r)
	r.held = make([]hold[S], len(d.Held))
	for i, h := range d.Held {
		l := g.lockAt(h.Lock, (*Graph[S]).first)
		r.held[i] = hold[S]{lock: l, mode: h.Mode, slot: len(l.holds)}
		l.holds = append(l.holds, heldBy[S]{r, i})
		insertEdge(l, r.lock)
	}
	g.deps[key] = r
	g.edges += len(r.held)
	g.linkNewest(r)
	return r
}

// crowded reports whether a record with n held locks exceeds a bound.
func (g *Graph[S]) crowded(n int) bool {
	return len(g.deps) >= g.opts.MaxDependencies || g.edges+n > edgesPerDependency*g.opts.MaxDependencies
}

// lockAt returns the lock with the id. A new one takes the place that the caller of the graph
// knows, else one at an end of the topological order.
func (g *Graph[S]) lockAt(id LockID, end func(*Graph[S]) int64) *lock[S] {
	if l := g.locks[id]; l != nil {
		return l
	}
	l := &lock[S]{id: id}
	if g.placeOf != nil {
		l.place = g.placeOf(id)
	}
	if l.place == nil {
		l.place = new(Place)
	}
	l.place.written.Store(false) // by no dependency that is left
	at := l.place.at.Load()
	if at == 0 {
		at = end(g)
	}
	l.comp = &component[S]{locks: []*lock[S]{l}}
	l.comp.moveTo(at)
	g.locks[id] = l
	return l
}

// remove takes r out of every index, and with it the locks that only r mentioned.
func (g *Graph[S]) remove(r *record[S]) {
	delete(g.deps, r.key)
	g.edges -= len(r.held)
	g.unlink(r)
	for _, h := range r.held {
		h.lock.dropHold(h.slot)
		g.dropUnused(h.lock)
	}
	r.lock.dropAsked(r.slot)
	g.dropUnused(r.lock)
}

// dropHold removes the entry at slot by moving the last one there.
func (l *lock[S]) dropHold(slot int) {
	last := len(l.holds) - 1
	moved := l.holds[last]
	l.holds[slot] = moved
	moved.rec.held[moved.i].slot = slot
	l.holds[last] = heldBy[S]{}
	l.holds = l.holds[:last]
}

// dropAsked is dropHold for the records that ask for l.
func (l *lock[S]) dropAsked(slot int) {
	last := len(l.asked) - 1
	moved := l.asked[last]
	l.asked[slot] = moved
	moved.slot = slot
	l.asked[last] = nil
	l.asked = l.asked[:last]
}

func (g *Graph[S]) dropUnused(l *lock[S]) {
	if len(l.holds) == 0 && len(l.asked) == 0 {
		l.comp.drop(l)
		delete(g.locks, l.id)
	}
}

func (g *Graph[S]) linkNewest(r *record[S]) {
	r.older = g.newest
	if g.newest == nil {
		g.oldest = r
	} else {
		g.newest.newer = r
	}
	g.newest = r
}

func (g *Graph[S]) unlink(r *record[S]) {
	if r.older == nil {
		g.oldest = r.newer
	} else {
		r.older.newer = r.newer
	}
	if r.newer == nil {
		g.newest = r.older
	} else {
		r.newer.older = r.older
	}
	r.older, r.newer = nil, nil
}

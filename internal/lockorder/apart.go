package lockorder

// Known says which further occurrences of a dependency would change nothing: the
// caller need not add them.
type Known uint8

const (
	// KnownNever means that each occurrence counts: a cycle through the dependency
	// has failed only for want of requests that are not apart; see [Graph.SetApart].
	KnownNever Known = iota
	// KnownOnce means that the same goroutine's count no more.
	KnownOnce
	// KnownForAll means that no goroutine's do.
	KnownForAll
)

// watchSteps is how many steps may be spent on searches for requests of one
// dependency that are not apart. After that only goroutines that were not among
// the last are looked at, and after watchOthers times as many steps none.
const (
	watchSteps  = 1 << 12
	watchOthers = 8
)

// SetApart gives the graph a judge of pairs of requests: apart says that the two
// can never wait at the same time, since one is always over before the other is
// made, or for another reason. A cycle is then returned only if goroutines can be
// chosen for it whose requests are pairwise not apart. A cycle of which that is not
// true is returned too, with Apart set, and its dependencies are watched: each
// occurrence counts again, and the latest of a goroutine takes the place of its
// earlier ones. The caller that has remembered one of them as known must forget it.
//
// It is to be called before the first Add. Without it no two requests are apart.
func (g *Graph[S]) SetApart(apart func(a, b *Dependency[S]) bool) { g.apart = apart }

// SetAgain gives the graph a judge of requests that a goroutine makes once more. It may note
// in what is kept of the first one, such as its site, when that was: the judge of SetApart then
// has all times. It reports whether that can matter; then cycles are looked for again.
//
// It is to be called before the first Add. Without it, only the first of a goroutine counts,
// until a cycle is found Apart.
func (g *Graph[S]) SetAgain(again func(first, later *Dependency[S]) bool) { g.again = again }

// known says which further occurrences of r are of no interest.
func (r *record[S]) known() Known {
	switch {
	case r.watched && r.spent <= watchSteps:
		return KnownNever
	case r.watched && r.spent <= watchOthers*watchSteps:
		return KnownOnce
	case r.saturated() || r.watched:
		return KnownForAll
	}
	return KnownOnce
}

// refresh makes d the latest of the witnesses: in place of the same goroutine's, or
// of the oldest one where there are enough.
func (r *record[S]) refresh(d Dependency[S]) {
	gone := 0
	for gone < len(r.witnesses) && r.witnesses[gone].Goroutine != d.Goroutine {
		gone++
	}
	if gone == len(r.witnesses) {
		if !r.saturated() {
			r.witnesses = append(r.witnesses, d)
			return
		}
		gone = 0
	}
	copy(r.witnesses[gone:], r.witnesses[gone+1:])
	r.witnesses[len(r.witnesses)-1] = d
}

// close keeps the closed chain as a cycle. If all that it lacks are requests that
// are not apart, its records are watched.
func (s *search[S]) close() {
	s.loose = nil
	if s.seat(0) || s.loose == nil || s.exhausted() {
		return
	}
	isNew := s.g.apartSeen.add(cycleKey(s.chain))
	for i, r := range s.chain {
		isNew = r.watch() && (r != s.root || !s.wasWatched) || isNew
		if !s.readersAt(i) {
			continue
		}
		if r.lock.free != nil {
			r.lock.free.watch()
		}
		for _, w := range r.lock.asked {
			w.watched = w.watched || w.mode == Exclusive
		}
	}
	if isNew && len(s.apart) < s.g.opts.MaxCycles {
		s.apart = append(s.apart, *s.loose)
	}
}

// watch reports whether r was not watched before.
func (r *record[S]) watch() bool {
	was := r.watched
	r.watched = true
	return !was
}

// cast is a choice of one witness for each of the records, of distinct goroutines
// and pairwise not apart.
type cast[S any] struct {
	s       *search[S]
	records []*record[S]
	chosen  []Dependency[S]
}

// choose returns one witness for each of the records. It reports false if whatever
// the choice two of them are apart; then they are only distinct.
func (s *search[S]) choose(records []*record[S]) ([]Dependency[S], bool) {
	c := cast[S]{s: s, records: records}
	for i, id := range s.match.choose() {
		c.chosen = append(c.chosen, records[i].witness(id))
	}
	if s.g.apart == nil {
		return c.chosen, true
	}
	first := c.chosen
	c.chosen = nil
	for i := range first {
		if !c.fits(&first[i]) {
			c.chosen = nil
			if c.fill() {
				return c.chosen, true
			}
			return first, false
		}
		c.chosen = append(c.chosen, first[i])
	}
	return first, true
}

// fits reports whether d can wait while all that are chosen wait.
func (c *cast[S]) fits(d *Dependency[S]) bool {
	for i := range c.chosen {
		o := &c.chosen[i]
		if o.Goroutine == d.Goroutine && d.Goroutine != 0 || c.s.g.apart(o, d) {
			return false
		}
	}
	return true
}

// fill chooses for the records that have no witness yet, by trying all.
func (c *cast[S]) fill() bool {
	if len(c.chosen) == len(c.records) {
		return true
	}
	r := c.records[len(c.chosen)]
	for _, w := range r.witnesses {
		if c.try(r.witness(w.Goroutine)) {
			return true
		}
	}
	// One more of the many goroutines, at the time of one that is known.
	for _, w := range r.witnesses {
		if d := r.witness(w.Goroutine); r.saturated() {
			d.Goroutine = 0
			if c.try(d) {
				return true
			}
		}
	}
	return false
}

func (c *cast[S]) try(d Dependency[S]) bool {
	if c.s.steps++; c.s.exhausted() || !c.fits(&d) {
		return false
	}
	c.chosen = append(c.chosen, d)
	if c.fill() {
		return true
	}
	c.chosen = c.chosen[:len(c.chosen)-1]
	return false
}

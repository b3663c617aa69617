package detect

import "github.com/concdoctor/concdoctor/internal/lockorder"

// neverConcurrent reports whether two requests never wait at the same time, as far as is
// known of when they were made: one happens before the other, or one goroutine takes part in
// both.
func neverConcurrent(a, b *lockorder.Dependency[*site]) bool {
	if shareGoroutine(a, b) {
		return true
	}
	for x := range a.Site.moments {
		for y := range b.Site.moments {
			if !x.before(y) && !y.before(x) {
				return false
			}
		}
	}
	return true
}

// later is a further time of a request, and those before it. Few requests have any.
type later struct {
	moment
	before *later
}

// moments yields when the request was made.
func (s *site) moments(yield func(*moment) bool) {
	if !yield(&s.at) {
		return
	}
	for l := s.again; l != nil; l = l.before {
		if !yield(&l.moment) {
			return
		}
	}
}

// maxAgain is how many further times of a request are kept. What is always ordered the first
// few times is mostly ordered for good.
const maxAgain = 3

// withMoment adds a time to the further ones of a request.
func withMoment(first moment, again *later, m moment) *later {
	if first.Epoch == m.Epoch {
		return again
	}
	n := 0
	for l := again; l != nil; l = l.before {
		if n++; l.Epoch == m.Epoch {
			return again
		}
	}
	if n >= maxAgain {
		return again
	}
	return &later{m, again}
}

// madeAgain keeps when a goroutine has made a request once more.
func madeAgain(first, again *lockorder.Dependency[*site]) bool {
	before := first.Site.again
	first.Site.again = withMoment(first.Site.at, before, again.Site.at)
	return first.Site.again != before
}

// reexamine makes the requests of a cycle enter the graph again whenever they are made. A
// known request costs one probe of a cache and gets no time; but an order that the first
// requests had need not hold for the next ones.
func (o *order) reexamine(c lockorder.Cycle[*site]) {
	for _, d := range c.Deps {
		if l := o.locks[d.Lock].Value(); l != nil {
			l.unlearn()
		}
	}
}

package detect

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/lockorder"
)

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

// moments yields when the request was made.
func (s *site) moments(yield func(*moment) bool) {
	if !yield(&s.at) {
		return
	}
	for i := range s.again {
		if !yield(&s.again[i]) {
			return
		}
	}
}

// maxAgain is how many further times of a request are kept. What is always ordered the first
// few times is mostly ordered for good.
const maxAgain = 3

// withMoment adds a time to the further ones of a request.
func withMoment(first moment, again []moment, m moment) []moment {
	same := func(o moment) bool { return o.Epoch == m.Epoch }
	if same(first) || len(again) >= maxAgain || slices.ContainsFunc(again, same) {
		return again
	}
	return append(slices.Clip(again), m)
}

// madeAgain keeps when a goroutine has made a request once more.
func madeAgain(first, later *lockorder.Dependency[*site]) bool {
	before := len(first.Site.again)
	first.Site.again = withMoment(first.Site.at, first.Site.again, later.Site.at)
	return len(first.Site.again) > before
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

package detect

import "github.com/concdoctor/concdoctor/internal/lockorder"

// neverConcurrent reports whether two requests never wait at the same time: one happens
// before the other, or one goroutine takes part in both.
func neverConcurrent(a, b *lockorder.Dependency[*site]) bool {
	x, y := &a.Site.at, &b.Site.at
	return x.before(y) || y.before(x) || shareGoroutine(a, b)
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

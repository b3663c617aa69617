package detect

import "github.com/concdoctor/concdoctor/internal/lockorder"

// apart reports whether two requests never wait at the same time: by an order that
// the program asked for one is over before the other is made, or one goroutine has a
// part in both.
func apart(a, b *lockorder.Dependency[*site]) bool {
	x, y := &a.Site.at, &b.Site.at
	return x.before(y) || y.before(x) || shareWorker(a, b)
}

// watch makes the requests of a cycle be looked at again whenever they are made. A
// request that is known costs a look at a cache, and is not dated; but an order that
// kept the first ones apart need not keep the next ones apart.
func (o *order) watch(c lockorder.Cycle[*site]) {
	for _, d := range c.Deps {
		if l := o.locks[d.Lock].Value(); l != nil {
			l.unlearn()
		}
	}
}

package cycle

import (
	"cmp"
	"slices"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/lockorder"
)

// Folder remembers where the cycles that were reported go against the order. One wrong
// place in a program with a long order is on many cycles, which all go when it is
// mended: the shortest reports it. One pair of places makes cycles of many instances of
// locks: one reports it, of those that come at once, and the others that come later are
// found again. The zero value remembers nothing.
type Folder[S Site] struct {
	shortest map[place]reported
	// What follows is of one call of Fold.
	fresh map[place]bool
	pairs map[[2]place]bool // whether one was reported that is not apart
}

// reported is the shortest cycle that was reported for a place.
type reported struct {
	length int
	sure   bool // one of them was not apart
}

// place is where a goroutine acquired what another one asks for, and where it asks.
type place struct{ acquired, asks finding.Frame }

// maxFolded bounds the places that are remembered; beyond it all cycles are reported.
const maxFolded = 4096

// Fold returns those of the cycles, shortest first and the more certain before the
// others, that are worth a finding of their own.
func (o *Folder[S]) Fold(cycles []lockorder.Cycle[S]) (worth []Cycle[S]) {
	o.fresh, o.pairs = nil, nil
	slices.SortStableFunc(cycles, func(a, b lockorder.Cycle[S]) int {
		return cmp.Or(cmp.Compare(len(a.Deps), len(b.Deps)), cmp.Compare(doubtOf(&a), doubtOf(&b)))
	})
	for i := range cycles {
		if c := (Cycle[S]{Cycle: cycles[i]}); o.isWorth(c) {
			worth = append(worth, c)
		}
	}
	return worth
}

func doubtOf[S Site](c *lockorder.Cycle[S]) int {
	if c.Apart {
		return 1
	}
	return 0
}

func (o *Folder[S]) isWorth(c Cycle[S]) bool {
	odd := c.placeOf(c.Odd)
	if len(c.Deps) == 2 {
		pair := [2]place{odd, c.placeOf(1 - c.Odd)}
		if comparePlaces(pair[0], pair[1]) > 0 {
			pair[0], pair[1] = pair[1], pair[0]
		}
		if sure, known := o.pairs[pair]; known && (sure || c.Apart) {
			return false
		}
		if o.pairs == nil {
			o.pairs = make(map[[2]place]bool)
		}
		o.pairs[pair] = !c.Apart
	} else if r, known := o.shortest[odd]; known && (len(c.Deps) > r.length || len(c.Deps) == r.length && o.fresh[odd]) && (r.sure || c.Apart) {
		return false
	}
	o.note(odd, &c.Cycle)
	return true
}

func (o *Folder[S]) note(odd place, c *lockorder.Cycle[S]) {
	if o.shortest == nil {
		o.shortest = make(map[place]reported)
	}
	if o.fresh == nil {
		o.fresh = make(map[place]bool)
	}
	o.fresh[odd] = true
	r, known := o.shortest[odd]
	if !known && len(o.shortest) >= maxFolded {
		return
	}
	if !known || len(c.Deps) < r.length {
		r.length = len(c.Deps)
	}
	r.sure = r.sure || !c.Apart
	o.shortest[odd] = r
}

func comparePlaces(a, b place) int {
	return cmp.Or(compareFrames(a.acquired, b.acquired), compareFrames(a.asks, b.asks))
}

func compareFrames(a, b finding.Frame) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Func, b.Func))
}

// placeOf is where the i-th goroutine of the cycle acquired what the one before asks for,
// and where it asks.
func (c Cycle[S]) placeOf(i int) (p place) {
	n := len(c.Deps)
	d, before := c.Deps[i], c.Deps[(i+n-1)%n]
	p.asks = d.Site.Frames().Site()
	for _, h := range d.Held {
		if h.Lock == before.Lock {
			p.acquired = h.Site.Frames().Site()
		}
	}
	return p
}

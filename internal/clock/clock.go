package clock

import (
	"iter"
	"math/bits"
	"slices"
)

// MaxGoroutines is how many epochs a clock keeps: more goroutines than this rarely
// have something to say to each other, and a clock of that many is 16 kB at worst.
const MaxGoroutines = 256

// spare is for how many more epochs a clock makes room when it is full, so that it
// need not look for the oldest one each time.
const spare = MaxGoroutines / 8

// Epoch is one tick of one goroutine. Numbers of goroutines and ticks are not 0.
type Epoch struct {
	Goroutine, Tick uint64
}

// Clock is a set of epochs, at most one a goroutine; with an epoch it knows all
// earlier ones of the same goroutine. A nil Clock knows nothing and is ready to use.
// A Clock never changes and may be shared between goroutines.
//
// Invariant: a leaf (bit 0) is one epoch. A branch has two children, of which the
// left one has the goroutines with the bit clear; above the bit all agree with key,
// which is 0 from the bit down. tick is the oldest in the node, count the number of
// its leaves.
type Clock struct {
	key         uint64 // a leaf's goroutine, a branch's common prefix
	bit         uint64
	tick        uint64
	count       int
	left, right *Clock
}

func leaf(e Epoch) *Clock { return &Clock{key: e.Goroutine, tick: e.Tick, count: 1} }

func (c *Clock) isLeaf() bool { return c.bit == 0 }

// covers reports whether goroutines of node o can lie below the branch c.
func (c *Clock) covers(o *Clock) bool { return c.bit > o.bit && o.key&^(c.bit<<1-1) == c.key }

// Len returns the number of goroutines that c knows of.
func (c *Clock) Len() int {
	if c == nil {
		return 0
	}
	return c.count
}

// At returns the latest tick of the goroutine that c knows, 0 if none.
func (c *Clock) At(goroutine uint64) uint64 {
	for c != nil && !c.isLeaf() {
		if goroutine&c.bit == 0 {
			c = c.left
		} else {
			c = c.right
		}
	}
	if c == nil || c.key != goroutine {
		return 0
	}
	return c.tick
}

// Knows reports whether e had happened by c.
func (c *Clock) Knows(e Epoch) bool { return c.At(e.Goroutine) >= e.Tick }

// Includes reports whether c knows all that o knows.
func (c *Clock) Includes(o *Clock) bool {
	switch {
	case c == o || o == nil:
		return true
	case c == nil || c.count < o.count:
		return false
	case o.isLeaf():
		return c.At(o.key) >= o.tick
	case c.key == o.key && c.bit == o.bit:
		return c.left.Includes(o.left) && c.right.Includes(o.right)
	case !c.covers(o):
		return false
	case o.key&c.bit == 0:
		return c.left.Includes(o)
	}
	return c.right.Includes(o)
}

// With returns a clock that knows e too.
func (c *Clock) With(e Epoch) *Clock {
	if c.Knows(e) {
		return c
	}
	return merge(c, leaf(e)).bounded()
}

// Join returns a clock that knows what a or b knows: one of them if it includes the
// other.
func Join(a, b *Clock) *Clock {
	switch {
	case a.Includes(b):
		return a
	case b.Includes(a):
		return b
	}
	return merge(a, b).bounded()
}

// All returns the epochs of c by ascending goroutine.
func (c *Clock) All() iter.Seq[Epoch] {
	return func(yield func(Epoch) bool) { c.each(yield) }
}

func (c *Clock) each(yield func(Epoch) bool) bool {
	switch {
	case c == nil:
		return true
	case c.isLeaf():
		return yield(Epoch{c.key, c.tick})
	}
	return c.left.each(yield) && c.right.each(yield)
}

// merge returns the union. It shares with a what b does not change.
func merge(a, b *Clock) *Clock {
	switch {
	case a == b || b == nil:
		return a
	case a == nil:
		return b
	case a.key == b.key && a.bit == b.bit:
		if a.isLeaf() {
			if a.tick >= b.tick {
				return a
			}
			return b
		}
		return a.replace(merge(a.left, b.left), merge(a.right, b.right))
	case a.covers(b):
		if b.key&a.bit == 0 {
			return a.replace(merge(a.left, b), a.right)
		}
		return a.replace(a.left, merge(a.right, b))
	case b.covers(a):
		if a.key&b.bit == 0 {
			return b.replace(merge(a, b.left), b.right)
		}
		return b.replace(b.left, merge(a, b.right))
	}
	return fork(a, b)
}

// replace returns the branch c with other children: c itself if they are its own,
// the remaining one if one is nil.
func (c *Clock) replace(left, right *Clock) *Clock {
	switch {
	case left == c.left && right == c.right:
		return c
	case left == nil:
		return right
	case right == nil:
		return left
	}
	return &Clock{
		key: c.key, bit: c.bit, left: left, right: right,
		tick: min(left.tick, right.tick), count: left.count + right.count,
	}
}

// fork returns the branch over two nodes of which neither covers the other.
func fork(a, b *Clock) *Clock {
	bit := uint64(1) << (63 - bits.LeadingZeros64(a.key^b.key))
	if a.key&bit != 0 {
		a, b = b, a
	}
	c := Clock{key: a.key &^ (bit<<1 - 1), bit: bit}
	return c.replace(a, b)
}

// bounded drops the oldest epochs of too many, but not that of the first goroutine.
func (c *Clock) bounded() *Clock {
	if c.count <= MaxGoroutines {
		return c
	}
	excess := c.count - MaxGoroutines + spare
	ticks := make([]uint64, 0, c.count)
	for e := range c.All() {
		ticks = append(ticks, e.Tick)
	}
	ticks = ticks[1:]
	slices.Sort(ticks)
	return c.newer(ticks[excess-1], true)
}

// newer returns c without the epochs up to limit; sparing keeps the first one.
func (c *Clock) newer(limit uint64, sparing bool) *Clock {
	switch {
	case c.tick > limit:
		return c
	case !c.isLeaf():
		return c.replace(c.left.newer(limit, sparing), c.right.newer(limit, false))
	case sparing:
		return c
	}
	return nil
}

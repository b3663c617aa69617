package clock

import (
	"cmp"
	"slices"
)

// MaxGoroutines is how many epochs a clock keeps: more goroutines than this rarely have
// something to say to each other. A clock of that many takes a kilobyte.
const MaxGoroutines = 64

// spare is for how many more epochs a clock makes room when it is full, so that it need not
// look for the oldest one each time.
const spare = MaxGoroutines / 4

// Epoch is one tick of one goroutine. Numbers of goroutines and ticks are not 0.
type Epoch struct {
	Goroutine, Tick uint64
}

// Clock is a set of epochs, at most one a goroutine; with an epoch it knows all earlier ones
// of the same goroutine. A nil Clock knows nothing and is ready to use. A Clock never
// changes and may be shared between goroutines.
//
// Invariant: epochs are sorted by goroutine, at most MaxGoroutines, and each has a tick above
// the floor.
type Clock struct {
	floor  uint64 // all ticks up to here count as known
	epochs []Epoch
}

// Len returns the number of epochs that c keeps.
func (c *Clock) Len() int {
	if c == nil {
		return 0
	}
	return len(c.epochs)
}

// Knows reports whether e had happened by c, or may have: see the floor in the package's
// documentation.
func (c *Clock) Knows(e Epoch) bool {
	if c == nil {
		return false
	}
	if e.Tick <= c.floor {
		return true
	}
	i, found := slices.BinarySearchFunc(c.epochs, e.Goroutine, func(known Epoch, goroutine uint64) int {
		return cmp.Compare(known.Goroutine, goroutine)
	})
	return found && c.epochs[i].Tick >= e.Tick
}

// Includes reports whether c knows all that o knows.
func (c *Clock) Includes(o *Clock) bool {
	switch {
	case c == o || o == nil:
		return true
	case c == nil || c.floor < o.floor:
		return false
	}
	i := 0
	for _, e := range o.epochs {
		if e.Tick <= c.floor {
			continue
		}
		for i < len(c.epochs) && c.epochs[i].Goroutine < e.Goroutine {
			i++
		}
		if i == len(c.epochs) || c.epochs[i].Goroutine != e.Goroutine || c.epochs[i].Tick < e.Tick {
			return false
		}
	}
	return true
}

// With returns a clock that knows e too.
func (c *Clock) With(e Epoch) *Clock {
	if c.Knows(e) {
		return c
	}
	return merge(c, &Clock{epochs: []Epoch{e}})
}

// Join returns a clock that knows what a or b knows: one of them if it includes the other.
func Join(a, b *Clock) *Clock {
	switch {
	case a.Includes(b):
		return a
	case b.Includes(a):
		return b
	}
	return merge(a, b)
}

// merge returns the union. It needs little stack: small goroutines call it.
func merge(a, b *Clock) *Clock {
	if a == nil {
		return b
	}
	floor := max(a.floor, b.floor)
	all := union(make([]Epoch, 0, len(a.epochs)+len(b.epochs)), a.epochs, b.epochs)
	isOld := func(e Epoch) bool { return e.Tick <= floor }
	all = slices.DeleteFunc(all, isOld)
	if len(all) > MaxGoroutines {
		floor = newFloor(all)
		all = slices.DeleteFunc(all, isOld)
	}
	if cap(all) > len(all)+len(all)/4 {
		all = slices.Clone(all)
	}
	return &Clock{floor, all}
}

// union appends the epochs of both to all.
func union(all, a, b []Epoch) []Epoch {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].Goroutine < b[0].Goroutine:
			all, a = append(all, a[0]), a[1:]
		case a[0].Goroutine > b[0].Goroutine:
			all, b = append(all, b[0]), b[1:]
		default:
			all = append(all, Epoch{a[0].Goroutine, max(a[0].Tick, b[0].Tick)})
			a, b = a[1:], b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// newFloor returns the newest tick of those that must go from too many epochs.
func newFloor(all []Epoch) uint64 {
	ticks := make([]uint64, 0, len(all))
	for _, e := range all {
		ticks = append(ticks, e.Tick)
	}
	slices.Sort(ticks)
	return ticks[len(all)-MaxGoroutines+spare-1]
}

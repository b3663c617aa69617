package tape

import "sort"

// course is when the records of one part were written, in the order in which their room
// was reserved.
type course struct {
	at    []uint64
	times []int64 // from here on the earliest, once the part is read
}

func (c *course) add(at uint64, time int64) {
	c.at, c.times = append(c.at, at), append(c.times, time)
}

// settle makes each time the earliest of those that follow: a goroutine may have been
// stopped between reserving room and reading the clock.
func (c *course) settle() {
	for i := len(c.times) - 2; i >= 0; i-- {
		c.times[i] = min(c.times[i], c.times[i+1])
	}
}

// from returns the earliest time of the records from a place on.
func (c *course) from(at uint64) (time int64, ok bool) {
	i := sort.Search(len(c.at), func(i int) bool { return c.at[i] >= at })
	if i == len(c.at) {
		return 0, false
	}
	return c.times[i], true
}

// dateBirths turns the places among the records that births were written down as into
// times: the earliest of the records that came later. What the creator recorded before
// the birth is earlier than that, and what it recorded after it is not.
func (t *Tape) dateBirths(first, ring *course) {
	end := t.StartMono
	for _, c := range []*course{first, ring} {
		for _, time := range c.times {
			end = max(end, time+1)
		}
		c.settle()
	}
	date := func(born int64) int64 {
		time := end
		if after, ok := first.from(uint64(born) & tapeBornFirst * 8); ok {
			time = min(time, after)
		}
		if after, ok := ring.from(uint64(born) >> tapeBornRing * 8); ok {
			time = min(time, after)
		}
		return time
	}
	for i := range t.Goroutines {
		t.Goroutines[i].Born = date(t.Goroutines[i].Born)
	}
	for i := range t.Dependencies {
		t.Dependencies[i].Born = date(t.Dependencies[i].Born)
	}
	for i := range t.Births {
		t.Births[i].Before = date(t.Births[i].Before)
	}
}

package contention

import (
	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/trace/chart"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

// kind is the sort of lock. Lines of different kinds are never one class.
type kind uint8

const (
	mutex kind = iota
	rwmutex
	once
	internal // of the standard library: a file descriptor's, sync.Pool's
	kinds
)

// String is the kind in a summary.
func (k kind) String() string {
	return [kinds]string{"mutex", "rwmutex", "once", "internal lock"}[k]
}

func kindOf(r stream.Reason) kind {
	switch r {
	case stream.RWRead, stream.RWWrite:
		return rwmutex
	case stream.Once:
		return once
	case stream.SyncLock:
		return internal
	}
	return mutex
}

// line is a line of code that locks or unlocks.
type line struct {
	frame  stream.FrameID
	unlock bool
	kind   kind
	read   bool // RLock or RUnlock
}

// lineID is an index into classes.lines; 0 is none.
type lineID int32

// class is what is known about one lock class. It belongs to the root of its lines.
type class struct {
	// waiting goroutines now; busy is the time in which there were some, and busyRan
	// what all goroutines together ran in it.
	waiting           int
	busySince, busy   int64
	ranSince, busyRan int64

	// lastWake is when a goroutine was last woken, by the one with the id lastBy.
	lastWake int64
	lastBy   uint64
	// unlocks are the last ones that woke a goroutine, the latest last.
	unlocks [keptUnlocks]unlock

	// lastWoken is when the wait began that was woken last: an older one woken after it
	// is out of order.
	lastWoken  int64
	wakes      int64
	outOfOrder int64

	hold   chart.Histogram // from getting the lock after a wait to the unlock that wakes
	atHold int64           // longest hold of which only a part is known

	// held is the time in which the holders are known, and did what they did in it.
	held int64
	did  activities
	// woken counts wakes; chained ones came from a holder that had itself waited in the
	// woken one's wait.
	woken, chained int64
	// granted is the goroutine that was last woken with the lock for it.
	granted uint64
	// halved are the unlock lines whose holds are replayed at half their length.
	halved [keptHalved]lineID
	// handover is the part of the waits in which the next holder had no processor yet.
	handover int64
}

// unlock is an unlock that woke a goroutine, with the holder's longest park before.
type unlock struct {
	at    int64
	stack stream.StackID
	park  park
}

// unlocked remembers an unlock.
func (c *class) unlocked(u unlock) {
	copy(c.unlocks[:], c.unlocks[1:])
	c.unlocks[keptUnlocks-1] = u
}

// several reports whether the class has more than one instance, as far as known.
func (c *class) several() bool {
	return c.outOfOrder >= fewOutOfOrder && finding.Fraction(c.outOfOrder, c.wakes) >= severalShare
}

// classes is a union-find over lines.
type classes struct {
	ids    map[line]lineID
	lines  []line
	parent []lineID
	class  []*class // by root
}

func newClasses() classes {
	return classes{ids: make(map[line]lineID), lines: make([]line, 1), parent: make([]lineID, 1), class: make([]*class, 1)}
}

func (c *classes) id(l line) lineID {
	id, ok := c.ids[l]
	if !ok {
		id = lineID(len(c.lines))
		c.ids[l] = id
		c.lines = append(c.lines, l)
		c.parent = append(c.parent, id)
		c.class = append(c.class, new(class))
	}
	return id
}

// find returns the root of the line's class, halving paths on its way.
func (c *classes) find(id lineID) lineID {
	for c.parent[id] != id {
		c.parent[id] = c.parent[c.parent[id]]
		id = c.parent[id]
	}
	return id
}

// of returns the class of a line.
func (c *classes) of(id lineID) *class { return c.class[c.find(id)] }

// join makes one class of two lines' and returns its root.
func (c *classes) join(a, b lineID, at moment) lineID {
	a, b = c.find(a), c.find(b)
	if a == b {
		return a
	}
	c.parent[b] = a
	c.class[a].absorb(c.class[b], at)
	c.class[b] = nil
	return a
}

// absorb adds up two classes that turned out to be one. Of the times in which they
// were waited for only the longer one is kept, since they may be the same: classes
// meet at their first wakes, so little is lost.
func (c *class) absorb(o *class, at moment) {
	c.wait(at, 0)
	o.wait(at, 0)
	if o.busy > c.busy {
		c.busy, c.busyRan = o.busy, o.busyRan
	}
	c.waiting += o.waiting
	if o.lastWake > c.lastWake {
		c.lastWake, c.lastBy, c.unlocks, c.granted = o.lastWake, o.lastBy, o.unlocks, o.granted
	}
	c.lastWoken = max(c.lastWoken, o.lastWoken)
	c.wakes += o.wakes
	c.outOfOrder += o.outOfOrder
	c.hold.Merge(&o.hold)
	c.atHold = max(c.atHold, o.atHold)
	c.held += o.held
	c.did.add(&o.did)
	c.woken += o.woken
	c.chained += o.chained
	for _, id := range o.halved {
		c.halve(id)
	}
	c.handover += o.handover
}

// moment is a time with what all goroutines together had run by then.
type moment struct{ now, ran int64 }

// wait changes the number of waiting goroutines.
func (c *class) wait(at moment, n int) {
	if c.waiting > 0 {
		c.busy += at.now - c.busySince
		c.busyRan += at.ran - c.ranSince
	}
	c.busySince, c.ranSince = at.now, at.ran
	c.waiting = max(0, c.waiting+n)
}

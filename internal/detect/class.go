package detect

import (
	"sync"
	"sync/atomic"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
)

// class is the locks that were first acquired at one line, or that share a name: instances
// of one variable or field. Statistics and the drawn lock order are about classes. A class
// is never forgotten; there are at most maxClasses.
type class struct {
	id   int
	kind finding.ResourceKind
	name string
	site finding.Frame
	// mixed says that the locks have nothing in common.
	mixed bool
	// order is the class in the order of classes as it was last, 0 if it is not known.
	// order.mu protects writes.
	order atomic.Uint32
	// held are the statistics of holds, exclusive and shared.
	held  [2]heldStats
	waits waitStats
}

// maxClasses bounds the cost of a program that acquires new locks at ever new lines, as
// generated code can. All further classes share one.
const maxClasses = 1000

// classes finds the class of a lock.
type classes struct {
	// byCall caches the classes by the two innermost program counters of the first
	// acquisition, if one of them is the line that names the class. It saves expanding the
	// stack of each new lock.
	byCall [1 << callBits]atomic.Pointer[classOfCall]

	// mu protects what follows. It is a leaf: nothing else is locked under it.
	mu     sync.Mutex
	bySite map[siteKey]*class
	list   []*class // by id
	others *class
}

// callBits is for more lines than have the first acquisition of short-lived locks.
const callBits = 9

// classOfCall is an entry of the cache.
type classOfCall struct {
	callKey
	class *class
}

type callKey struct {
	kind finding.ResourceKind
	pcs  [2]uintptr
}

type siteKey struct {
	kind finding.ResourceKind
	name string
	site finding.Frame
}

// of returns the class of a lock.
func (c *classes) of(o *description) *class {
	if m := o.mark.Load(); m != nil {
		return c.at(siteKey{kind: o.kind, name: m.name}, callers.Expand(o.firstUse[:]).Site())
	}
	call := callKey{kind: o.kind, pcs: [2]uintptr(o.firstUse[:2])}
	slot := &c.byCall[uint64(call.pcs[0]^call.pcs[1]<<1)*0x9e3779b97f4a7c15>>(64-callBits)]
	if known := slot.Load(); known != nil && known.callKey == call {
		return known.class
	}
	return c.resolve(o, call, slot)
}

// resolve is of for a lock whose class is not in its slot of the cache.
//
//go:noinline
func (c *classes) resolve(o *description, call callKey, slot *atomic.Pointer[classOfCall]) *class {
	key := siteKey{kind: o.kind, site: callers.Expand(o.firstUse[:]).Site()}
	direct := callers.Expand(call.pcs[:]).Site() == key.site
	found := c.at(key, key.site)
	if direct && found != c.others {
		slot.Store(&classOfCall{call, found})
	}
	return found
}

// at returns the class of the key. A new one shows the site.
func (c *classes) at(key siteKey, site finding.Frame) *class {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.bySite[key]; known != nil {
		return known
	}
	if len(c.list) >= maxClasses {
		if c.others == nil {
			c.others = c.add(&class{kind: "lock", name: "all other classes", mixed: true})
		}
		return c.others
	}
	if c.bySite == nil {
		c.bySite = make(map[siteKey]*class)
	}
	made := c.add(&class{kind: key.kind, name: key.name, site: site})
	c.bySite[key] = made
	return made
}

func (c *classes) add(made *class) *class {
	made.id = len(c.list)
	c.list = append(c.list, made)
	return made
}

// all returns the classes so far, by id.
func (c *classes) all() []*class {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.list[:len(c.list):len(c.list)]
}

// classOf returns the class of the lock, which is looked up once.
func (l *lockRecord) classOf() *class {
	if known := l.class.Load(); known != nil {
		return known
	}
	found := std.statistics.classes.of(l.description)
	l.class.Store(found)
	return found
}

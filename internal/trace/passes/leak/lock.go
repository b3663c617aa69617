package leak

import (
	"slices"

	"github.com/concdoctor/concdoctor/internal/trace/replay"
	"github.com/concdoctor/concdoctor/internal/trace/stream"
)

const (
	// queueJitter is how far the trace's order of parking may be from the queue's, and
	// retry the longest time from a wake for a lock to the next park in the same call:
	// another goroutine was faster.
	queueJitter = 50_000
	retry       = 100_000
	// keptGrants bounds the locks of one class that are remembered as abandoned.
	keptGrants = 64
	// maxLooks bounds how many goroutines are looked at in all when holders end, so that
	// the pass stays linear. What comes after is not judged.
	maxLooks = 20_000_000
	// maxSuspects bounds the goroutines kept that may have taken a lock unseen.
	maxSuspects = 16
)

// grant is a lock that was handed to a goroutine by the unlock that woke it.
type grant struct {
	holder     uint64
	from       uint64         // the goroutine that unlocked
	stack      stream.StackID // of its Lock
	asked, got int64
	gone       int64 // when it ended, 0 while it lives
	exclusive  bool
	// suspects ran between got and gone: one of them may have asked for the lock just when
	// the holder unlocked, and have acquired it without a trace.
	suspects []uint64
	crowd    bool // there were more of them
}

// lockClass is the locks that share lines. See package contention for how lines of
// Lock and Unlock become one class.
type lockClass struct {
	last      grant
	abandoned []*grant
	// shared says that waiters were woken out of order: there are several locks, in use
	// at the same time. passed says that one was released after its holder had ended.
	shared, passed bool
	woken          int64 // when the wait began that was ended last
}

// locks are the classes by the lines that lock and unlock.
type locks struct {
	parent map[stream.FrameID]stream.FrameID
	class  map[stream.FrameID]*lockClass
	looks  int
	kept   bool // a lock may have been abandoned
}

func newLocks() locks {
	return locks{parent: make(map[stream.FrameID]stream.FrameID), class: make(map[stream.FrameID]*lockClass)}
}

// of returns the class of a line, nil if no goroutine was ever woken there.
func (l *locks) of(at stream.FrameID) *lockClass {
	if _, known := l.parent[at]; !known {
		return nil
	}
	return l.class[l.find(at)]
}

func (l *locks) find(at stream.FrameID) stream.FrameID {
	up, known := l.parent[at]
	if !known {
		l.parent[at] = at
		l.class[at] = new(lockClass)
		return at
	}
	if up != at {
		up = l.find(up)
		l.parent[at] = up
	}
	return up
}

func (l *locks) join(a, b stream.FrameID) *lockClass {
	a, b = l.find(a), l.find(b)
	if a != b {
		l.class[a].absorb(l.class[b])
		l.parent[b] = a
		delete(l.class, b)
	}
	return l.class[a]
}

func (c *lockClass) absorb(o *lockClass) {
	if o.last.got > c.last.got {
		c.last = o.last
	}
	c.abandoned = append(c.abandoned, o.abandoned...)
	c.shared, c.passed = c.shared || o.shared, c.passed || o.passed
	c.woken = max(c.woken, o.woken)
}

// isLock reports whether a holder that ends keeps all others out.
func isLock(r stream.Reason) bool {
	return r == stream.Mutex || r == stream.RWRead || r == stream.RWWrite
}

// handOver follows a lock from holder to holder: each unlock that wakes a waiter shows the
// next one.
func (p *pass) handOver(s *replay.Span, site stream.FrameID) {
	c := p.locks.join(site, p.tr.Site(s.WakerStack))
	for _, g := range c.abandoned {
		c.passed = c.passed || g.queued(s.Start)
	}
	asked := s.Start
	switch again := c.last.holder == s.G.ID && s.Start-c.last.got <= retry; {
	case again:
		asked = c.last.asked // one wait: it lost a race for the lock
	case s.Reason == stream.Mutex:
		c.shared = c.shared || s.Start < c.woken-queueJitter
		c.woken = s.Start
	}
	c.last = grant{
		holder: s.G.ID, from: s.Waker.ID, stack: s.Stack, asked: asked, got: s.End, exclusive: s.Reason != stream.RWRead,
	}
}

// queued reports whether a wait that began then was behind the holder's in the queue.
func (g *grant) queued(since int64) bool {
	return g.asked-queueJitter <= since && since <= g.got
}

// ended checks whether the goroutine, which ends now, was handed a lock and keeps it: an
// unlock would have woken those behind it in the queue.
func (p *pass) ended(g *replay.Goroutine) {
	for _, site := range p.past.At(g).lines {
		c := p.locks.of(site)
		if c == nil || c.last.holder != g.ID || c.last.gone != 0 {
			continue
		}
		c.last.gone = p.tr.Now
		if c.last.exclusive && !c.passed && len(c.abandoned) < keptGrants && p.survey(c, g) {
			kept := c.last
			c.abandoned = append(c.abandoned, &kept)
			p.locks.kept = true
		}
	}
}

// survey reports whether a goroutine has waited for the lock since before its last holder
// got it, and notes the goroutines that have run since.
func (p *pass) survey(c *lockClass, holder *replay.Goroutine) (witness bool) {
	n := len(p.past.All())
	if p.locks.looks += n; p.locks.looks > maxLooks {
		return false
	}
	for slot := range n {
		g := p.tr.Goroutine(stream.GID(slot))
		if g == nil || !g.Live || g.System || g == holder {
			continue
		}
		if g.State == stream.Waiting && isLock(g.Reason) && g.Stack != 0 && p.locks.of(p.tr.Site(g.Stack)) == c && g.Since <= c.last.got {
			witness = witness || c.last.queued(g.Since)
			continue
		}
		if g.State != stream.Running && g.Since < c.last.got {
			continue
		}
		if len(c.last.suspects) == maxSuspects {
			c.last.crowd = true
			continue
		}
		c.last.suspects = append(c.last.suspects, g.ID)
	}
	return witness
}

// findAbandoned marks the blocked goroutines whose lock was last held by a goroutine that
// ended with it.
func (p *pass) findAbandoned() {
	waits := make(map[uint64]*lockClass)
	for i := range p.found {
		if b := &p.found[i]; isLock(b.reason) {
			waits[b.id] = p.locks.of(b.site)
		}
	}
	for i := range p.found {
		b := &p.found[i]
		c := waits[b.id]
		if c == nil || c.passed || c.shared {
			continue
		}
		for _, g := range c.abandoned {
			// A goroutine that came later waits for the same lock, if there is no other.
			if g.queued(b.since) || len(c.abandoned) == 1 && c.last.got == g.got && b.since > g.got {
				b.abandoned, b.doubt = g, p.doubt(g, c, waits)
			}
		}
	}
}

// doubt is how likely it is that another goroutine has the lock.
type doubt uint8

const (
	noDoubt   doubt = iota // no living goroutine can have acquired it
	bystander              // one that ran meanwhile and was never seen to use it may have
	lockUser               // one that uses it may have
)

func (p *pass) doubt(g *grant, c *lockClass, waits map[uint64]*lockClass) doubt {
	d := noDoubt
	if g.crowd {
		d = bystander
	}
	for _, id := range g.suspects {
		switch {
		case !p.alive[id], waits[id] == c: // it cannot be the holder
		case id == g.from, slices.ContainsFunc(p.users[id], func(at stream.FrameID) bool { return p.locks.of(at) == c }):
			return lockUser
		default:
			d = bystander
		}
	}
	return d
}

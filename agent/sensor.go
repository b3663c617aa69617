//go:build !concdoctor_off

package agent

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// sensor is what the agent knows of a channel.
type sensor struct {
	// subject is nil if the channel was made while detection was off.
	subject *subject
	// closed says who closed the channel, nil if nobody has. It is set just before
	// the channel is really closed, both under mu.
	closed atomic.Pointer[closing]
	// mu orders those who close. It is a leaf: nothing else is locked under it.
	mu sync.Mutex
}

// parcel is one element on its way through a channel, or rather the head of a
// parcelOf[T]. A nil parcel is an element without a size that comes with nothing.
type parcel struct{ stamp *stamp }

// slip returns the parcel of an element without a size that g sends: what it carries
// is the stamp alone, so one serves all. g may be nil.
//
//go:norace
func (g *goroutine) slip() *parcel {
	if g == nil {
		return nil
	}
	if s := g.release(); s != nil {
		return &s.slip
	}
	return nil
}

// sign stamps a parcel that g sends. g may be nil.
//
//go:norace
func (p *parcel) sign(g *goroutine) {
	if g != nil {
		p.stamp = g.release()
	}
}

// received notes that g received head, or if not ok that it found the channel
// closed. g may be nil.
//
//go:norace
func (s *sensor) received(g *goroutine, head *parcel, ok bool) {
	if g != nil {
		g.acquire(s.stampOf(head, ok))
	}
}

// awaited is received where g could not have gone on otherwise.
//
//go:norace
func (s *sensor) awaited(g *goroutine, head *parcel, ok bool) {
	if g != nil {
		g.awaited(s.stampOf(head, ok))
	}
}

func (s *sensor) stampOf(head *parcel, ok bool) *stamp {
	if !ok {
		if c := s.closed.Load(); c != nil {
			return c.stamp
		}
		return nil
	}
	if head != nil {
		return head.stamp
	}
	return nil
}

// closing is the one close of a channel.
type closing struct {
	stamp   *stamp
	by      uint64
	creator uintptr
	stack   callers.Short
}

// made begins the record of a new channel.
func (s *sensor) made(addr unsafe.Pointer) {
	if g := current(); g != nil {
		s.subject = newSubject(g, finding.Channel, uintptr(addr))
	}
}

// use notes that the running goroutine uses a side of the channel, and returns its
// state, nil if it is not tracked.
//
//go:norace
func (s *sensor) use(at side) *goroutine {
	if s.subject == nil {
		return nil
	}
	p := gid.Pointer()
	g := std.states.cached(p)
	if g == nil {
		g = std.states.slow(p)
	}
	if g != nil {
		g.used(s.subject, at)
	}
	return g
}

// usedBy notes that g uses a side of the channel.
func (s *sensor) usedBy(g *goroutine, at side) {
	if s.subject != nil {
		g.used(s.subject, at)
	}
}

// waitFor is a case of a wait that ends when somebody uses a side of the channel.
func (s *sensor) waitFor(at side) waitCase { return waitCase{s.subject, at} }

// isClosed reports whether the channel is closed or is just being closed.
func (s *sensor) isClosed() bool { return s.closed.Load() != nil }

// close closes the channel by shut, and reports it if it is closed already.
func (s *sensor) close(shut func()) {
	c := new(closing)
	if g := s.use(giving); g != nil {
		c.by, c.creator, c.stamp = g.identity(), g.creator, g.release()
		callers.Take(&c.stack)
	}
	if earlier := s.closeOnce(c, shut); earlier != nil {
		s.closedTwice(earlier, c)
		shut() // panics
	}
}

// closeOnce closes the channel if it is not closed; else it returns who closed it.
func (s *sensor) closeOnce(c *closing, shut func()) (earlier *closing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if earlier = s.closed.Load(); earlier == nil {
		s.closed.Store(c)
		shut()
	}
	return earlier
}

// blockAt is block for a wait until somebody uses a side of c. g may be nil.
func (g *goroutine) blockAt(op waitOp, c *sensor, at side) {
	if g != nil {
		g.block(op, c.subject, at)
	}
}

// endBlock is unblock. g may be nil.
func (g *goroutine) endBlock() {
	if g != nil {
		g.unblock()
	}
}

// sayNil reports that the running goroutine is about to wait for ever on nil
// channels, and publishes it.
func sayNil(op waitOp) {
	if g := current(); g != nil {
		nilChannel(g, op)
		g.blockForEver(op)
	}
}

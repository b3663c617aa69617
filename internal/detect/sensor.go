package detect

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// sensor is what the agent knows of a channel.
type Sensor struct {
	// subject is nil if the channel was made while detection was off.
	Subject *Subject
	// closed says who closed the channel, nil if nobody has. It is set just before
	// the channel is really closed, both under mu.
	closed atomic.Pointer[closing]
	// mu orders those who close. It is a leaf: nothing else is locked under it.
	mu sync.Mutex
}

// parcel is one element on its way through a channel, or rather the head of a
// parcelOf[T]. A nil parcel is an element without a size that comes with nothing.
type Parcel struct{ stamp *stamp }

// slip returns the parcel of an element without a size that g sends: what it carries
// is the stamp alone, so one serves all. g may be nil.
//
//go:norace
func (g *Goroutine) Slip() *Parcel {
	if g == nil {
		return nil
	}
	if s := g.Release(); s != nil {
		return &s.slip
	}
	return nil
}

// sign stamps a parcel that g sends. g may be nil.
//
//go:norace
func (p *Parcel) Sign(g *Goroutine) {
	if g != nil {
		p.stamp = g.Release()
	}
}

// received notes that g received head, or if not ok that it found the channel
// closed. g may be nil.
//
//go:norace
func (s *Sensor) Received(g *Goroutine, head *Parcel, ok bool) {
	if g != nil {
		g.Acquire(s.stampOf(head, ok))
	}
}

// awaited is received where g could not have gone on otherwise.
//
//go:norace
func (s *Sensor) Awaited(g *Goroutine, head *Parcel, ok bool) {
	if g != nil {
		g.Awaited(s.stampOf(head, ok))
	}
}

func (s *Sensor) stampOf(head *Parcel, ok bool) *stamp {
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
func (s *Sensor) Made(addr unsafe.Pointer) {
	if g := Current(); g != nil {
		s.Subject = newSubject(g, finding.Channel, uintptr(addr))
	}
}

// use notes that the running goroutine uses a side of the channel, and returns its
// state, nil if it is not tracked.
//
//go:norace
func (s *Sensor) Use(at Side) *Goroutine {
	if s.Subject == nil {
		return nil
	}
	p := gid.Pointer()
	g := std.states.cached(p)
	if g == nil {
		g = std.states.slow(p)
	}
	if g != nil {
		g.Used(s.Subject, at)
	}
	return g
}

// usedBy notes that g uses a side of the channel.
func (s *Sensor) UsedBy(g *Goroutine, at Side) {
	if s.Subject != nil {
		g.Used(s.Subject, at)
	}
}

// waitFor is a case of a wait that ends when somebody uses a side of the channel.
func (s *Sensor) WaitFor(at Side) WaitCase { return WaitCase{s.Subject, at} }

// isClosed reports whether the channel is closed or is just being closed.
func (s *Sensor) IsClosed() bool { return s.closed.Load() != nil }

// close closes the channel by shut, and reports it if it is closed already.
func (s *Sensor) Close(shut func()) {
	c := new(closing)
	if g := s.Use(Giving); g != nil {
		c.by, c.creator, c.stamp = g.identity(), g.creator, g.Release()
		callers.Take(&c.stack)
	}
	if earlier := s.closeOnce(c, shut); earlier != nil {
		s.closedTwice(earlier, c)
		shut() // panics
	}
}

// closeOnce closes the channel if it is not closed; else it returns who closed it.
func (s *Sensor) closeOnce(c *closing, shut func()) (earlier *closing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if earlier = s.closed.Load(); earlier == nil {
		s.closed.Store(c)
		shut()
	}
	return earlier
}

// blockAt is block for a wait until somebody uses a side of c. g may be nil.
func (g *Goroutine) BlockAt(op WaitOp, c *Sensor, at Side) {
	if g != nil {
		g.Block(op, c.Subject, at)
	}
}

// endBlock is unblock. g may be nil.
func (g *Goroutine) EndBlock() {
	if g != nil {
		g.Unblock()
	}
}

// sayNil reports that the running goroutine is about to wait for ever on nil
// channels, and publishes it.
func SayNil(op WaitOp) {
	if g := Current(); g != nil {
		nilChannel(g, op)
		g.blockForEver(op)
	}
}

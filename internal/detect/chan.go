package detect

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/concdoctor/concdoctor/agent/finding"
	"github.com/concdoctor/concdoctor/internal/detect/callers"
	"github.com/concdoctor/concdoctor/internal/detect/gid"
)

// Chan is what a channel keeps for the engine.
type Chan struct {
	// waitable is nil if the channel was made while detection was off.
	waitable *waitable
	// closed is the close of the channel, nil before. It is set just before the channel
	// is closed, both under mu.
	closed atomic.Pointer[closing]
	// mu serializes closes. It is a leaf: nothing else is locked under it.
	mu sync.Mutex
}

// Message is what travels through a channel with each element: the stamp that the sender
// has published. An element of size zero may have a nil Message, which carries nothing.
type Message struct{ stamp *stamp }

// Message returns the message for an element of size zero that g sends: all that g sends
// share one until there is news. g may be nil.
//
//go:norace
func (g *Goroutine) Message() *Message {
	if g == nil {
		return nil
	}
	if s := g.publish(); s != nil {
		return &s.message
	}
	return nil
}

// Sent notes that g sends m. g may be nil.
//
//go:norace
func (m *Message) Sent(g *Goroutine) {
	if g != nil {
		m.stamp = g.publish()
	}
}

// Received notes that g received m or, if ok is false, found the channel closed. g may be
// nil.
//
//go:norace
func (c *Chan) Received(g *Goroutine, m *Message, ok bool) {
	if g != nil {
		g.observe(c.stampOf(m, ok))
	}
}

// Awaited is Received for a goroutine that could not have continued otherwise.
//
//go:norace
func (c *Chan) Awaited(g *Goroutine, m *Message, ok bool) {
	if g != nil {
		g.join(c.stampOf(m, ok))
	}
}

func (c *Chan) stampOf(m *Message, ok bool) *stamp {
	if !ok {
		if by := c.closed.Load(); by != nil {
			return by.stamp
		}
		return nil
	}
	if m != nil {
		return m.stamp
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

// Made begins the record of a new channel at addr.
func (c *Chan) Made(addr unsafe.Pointer) {
	if g := current(); g != nil {
		c.waitable = newWaitable(g, finding.Channel, uintptr(addr))
	}
}

// Use notes that the running goroutine uses the side of the channel. It returns the state of
// the goroutine, nil if that is not tracked.
//
//go:norace
func (c *Chan) Use(at Side) *Goroutine {
	if c.waitable == nil {
		return nil
	}
	p := gid.Pointer()
	g := std.states.cached(p)
	if g == nil {
		g = std.states.slow(p)
	}
	if g != nil {
		g.used(c.waitable, at)
	}
	return g
}

// UsedBy notes that g uses the side of the channel.
func (c *Chan) UsedBy(g *Goroutine, at Side) {
	if c.waitable != nil {
		g.used(c.waitable, at)
	}
}

// WaitFor returns a case of a wait: it ends when another goroutine uses the side.
func (c *Chan) WaitFor(at Side) WaitCase { return WaitCase{c.waitable, at} }

// IsClosed reports whether the channel is closed or is just being closed.
func (c *Chan) IsClosed() bool { return c.closed.Load() != nil }

// Close calls shut, which closes the channel. If it is closed already, Close reports that
// before shut panics.
func (c *Chan) Close(shut func()) {
	now := new(closing)
	if g := c.Use(Giving); g != nil {
		now.by, now.creator, now.stamp = g.identity(), g.creator, g.publish()
		callers.Take(&now.stack)
	}
	if earlier := c.closeOnce(now, shut); earlier != nil {
		c.closedTwice(earlier, now)
		shut() // panics
	}
}

// closeOnce closes the channel, or returns the earlier close.
func (c *Chan) closeOnce(now *closing, shut func()) (earlier *closing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if earlier = c.closed.Load(); earlier == nil {
		c.closed.Store(now)
		shut()
	}
	return earlier
}

// Block publishes that g is about to block until another goroutine uses the side. g may be
// nil.
func (c *Chan) Block(g *Goroutine, op WaitOp, at Side) {
	if g != nil {
		g.block(op, c.waitable, at)
	}
}

// Unblock ends what Block or BlockSelect published. g may be nil.
func (g *Goroutine) Unblock() {
	if g != nil {
		g.unblock()
	}
}

// BlockForEver reports and publishes that the running goroutine is about to block for ever,
// on nil channels.
func BlockForEver(op WaitOp) {
	if g := current(); g != nil {
		nilChannel(g, op)
		g.blockForEver(op)
	}
}

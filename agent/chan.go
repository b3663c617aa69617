package agent

import (
	"context"
	"iter"
	"reflect"
	"unsafe"
)

// Chan is a channel that takes part in deadlock detection. Like a chan T it is a reference
// that may be copied and compared; [MakeChan] makes one, and the zero value is the nil
// channel. All methods may be called by any goroutine.
//
// It behaves as a Go channel does, since there is one inside: order, blocking, panics with
// the words of Go, the race detector and bubbles of testing/synctest. Its guarantees are
// those of [the Go memory model]: a send “synchronizes before” the completion of the
// corresponding receive; the closing of a channel “synchronizes before” a receive that
// returns because the channel is closed; and the k'th receive from a channel with capacity
// C “synchronizes before” the completion of the k+C'th send.
//
// [the Go memory model]: https://go.dev/ref/mem
type Chan[T any] struct{ c *channel[T] }

// channel is what a Chan refers to.
type channel[T any] struct {
	pipe
	messages *messages
}

// pipe is the part of a channel that does not depend on the type of its elements:
// a select statement can have cases of different channels only if they have one
// type, so what goes through is a pointer to a message.
//
// Note: a chan of the elements themselves, with reflect.Select where a select has
// to wait, is as fast for Send and Recv, but a select that waits then allocates
// for every case and takes two to three times as long. Waiting without channels,
// as the runtime does it, would need its lock, which the race detector would take
// for an order between all users of a channel.
type pipe struct {
	items  chan *message
	engine engineChan
}

// MakeChan returns a new channel with a buffer of the given size, as make(chan T, size)
// does. It panics if size is negative.
//
//go:noinline
func MakeChan[T any](size int) Chan[T] {
	c := &channel[T]{messages: messagesOf(reflect.TypeFor[T](), newMessage[T])}
	c.items = make(chan *message, size)
	c.engine.Made(unsafe.Pointer(c))
	return Chan[T]{c}
}

// IsNil reports whether c is the nil channel, as c == nil does for a Go channel.
func (c Chan[T]) IsNil() bool { return c.c == nil }

// Send sends v, as c <- v does: it blocks until a receiver takes it or the buffer has
// room. It panics if c is closed, and blocks for ever if c is nil.
func (c Chan[T]) Send(v T) {
	ch := c.c
	if ch == nil {
		waitForNil(opSend)
	}
	g := ch.engine.Use(giving)
	p := ch.pack(g, &v)
	if !ch.engine.IsClosed() {
		select {
		case ch.items <- p:
			return
		default:
		}
	}
	ch.sendWaiting(g, p)
}

// TrySend sends v if it can do so without blocking, and reports whether it did. It panics
// if c is closed.
func (c Chan[T]) TrySend(v T) bool {
	ch := c.c
	if ch == nil {
		return false
	}
	return ch.trySend(ch.engine.Use(giving), &v)
}

// SendContext is Send until the context is done: then it returns the context's error. If
// both are ready, either may happen, as in a select statement.
func (c Chan[T]) SendContext(ctx context.Context, v T) error {
	if Select(c.OnSend(&v), OnRecv(ctx.Done(), nil)) == 1 {
		return ctx.Err()
	}
	return nil
}

// Recv receives, as <-c does: it blocks until there is a value to receive or c is closed,
// in which case it returns the zero value. It blocks for ever if c is nil.
func (c Chan[T]) Recv() T {
	v, _ := c.RecvOK()
	return v
}

// RecvOK is Recv that reports whether v was sent, as v, ok := <-c does: ok is false if c is
// closed and empty.
func (c Chan[T]) RecvOK() (v T, ok bool) {
	ch := c.c
	if ch == nil {
		waitForNil(opReceive)
	}
	g := ch.engine.Use(taking)
	var p *message
	select {
	case p, ok = <-ch.items:
	default:
		p, ok = ch.receiveWaiting(g)
	}
	ch.engine.Awaited(g, p, ok)
	ch.unpack(p, &v)
	return v, ok
}

// TryRecv receives if it can do so without blocking, and reports in ready whether it did.
// ok is false if c is closed and empty, and if nothing was ready.
func (c Chan[T]) TryRecv() (v T, ok, ready bool) {
	ch := c.c
	if ch == nil {
		return v, false, false
	}
	ok, ready = ch.tryReceive(ch.engine.Use(taking), &v)
	return v, ok, ready
}

// RecvContext is RecvOK until the context is done: then it returns the context's error. If
// both are ready, either may happen, as in a select statement.
func (c Chan[T]) RecvContext(ctx context.Context) (v T, ok bool, err error) {
	if Select(c.OnRecvOK(&v, &ok), OnRecv(ctx.Done(), nil)) == 1 {
		return v, false, ctx.Err()
	}
	return v, ok, nil
}

// All returns an iterator over the values received from c until it is closed, as
// for v := range c has:
//
//	for v := range c.All() {
func (c Chan[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			v, ok := c.RecvOK()
			if !ok || !yield(v) {
				return
			}
		}
	}
}

// Close closes c. It panics if c is already closed, or nil.
func (c Chan[T]) Close() {
	if c.c == nil {
		var none chan *message
		close(none)
	}
	c.c.close()
}

// Len returns the number of elements in the buffer of c; 0 if c is nil.
func (c Chan[T]) Len() int {
	if c.c == nil {
		return 0
	}
	return len(c.c.items)
}

// Cap returns the size of the buffer of c; 0 if c is nil.
func (c Chan[T]) Cap() int {
	if c.c == nil {
		return 0
	}
	return cap(c.c.items)
}

// sendWaiting sends p although that may wait, or panic.
//
//go:noinline
func (p *pipe) sendWaiting(g *goroutine, item *message) {
	sent := false
	p.engine.Block(g, opSend, taking)
	defer func() {
		g.Unblock()
		if !sent {
			p.engine.SendPanics()
		}
	}()
	p.items <- item
	sent = true
}

// receiveWaiting receives although that may wait.
//
//go:noinline
func (p *pipe) receiveWaiting(g *goroutine) (item *message, ok bool) {
	p.engine.Block(g, opReceive, giving)
	item, ok = <-p.items
	g.Unblock()
	return item, ok
}

// waitForNil waits for ever, as an operation on a nil channel does.
//
//go:noinline
func waitForNil(op waitOp) {
	blockForEver(op)
	var none chan *message
	switch op {
	case opSend:
		none <- nil
	case opReceive:
		<-none
	default:
		select {}
	}
}

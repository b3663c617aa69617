package agent

import (
	"reflect"
	"unsafe"
)

// way is the channel of a case together with the type of its elements. Its methods,
// and those of packer and plain, keep no pointer beyond the call: see unescaped.
type way interface {
	// try makes the case happen if that needs no waiting. at is a *T; ok may be nil.
	try(g *goroutine, kind caseKind, at unsafe.Pointer, ok *bool) bool
}

// packer is the way of an agent's channel.
type packer interface {
	packAt(g *goroutine, at unsafe.Pointer) *message
	unpackAt(g *goroutine, p *message, ok bool, at unsafe.Pointer)
	drop(p *message)
}

// plain is the way of a plain channel, where select statements do not serve.
type plain interface {
	channel() reflect.Value
	element(at unsafe.Pointer) reflect.Value
	keep(v reflect.Value, at unsafe.Pointer)
}

// A channel is one word, so an interface holds each of these without an allocation.
var (
	_ packer = (*channel[int])(nil)
	_ plain  = source[int](nil)
	_ plain  = drain[int](nil)
)

func (c *channel[T]) try(g *goroutine, kind caseKind, at unsafe.Pointer, ok *bool) bool {
	if kind == kindSend {
		return c.trySend(g, (*T)(at))
	}
	received, ready := c.tryReceive(g, (*T)(at))
	if ready && ok != nil {
		*ok = received
	}
	return ready
}

func (c *channel[T]) tryReceive(g *goroutine, v *T) (ok, ready bool) {
	select {
	case p, ok := <-c.items:
		c.engine.Received(g, p, ok)
		c.unpack(p, v)
		return ok, true
	default:
		return false, false
	}
}

func (c *channel[T]) trySend(g *goroutine, v *T) bool {
	if c.engine.IsClosed() {
		c.sendWaiting(nil, nil) // does not wait: it panics
	}
	p := c.pack(g, v)
	select {
	case c.items <- p:
		return true
	default:
		c.recycle(p)
		return false
	}
}

func (c *channel[T]) packAt(g *goroutine, at unsafe.Pointer) *message { return c.pack(g, (*T)(at)) }

func (c *channel[T]) unpackAt(g *goroutine, m *message, ok bool, at unsafe.Pointer) {
	c.engine.Received(g, m, ok)
	c.unpack(m, (*T)(at))
}

func (c *channel[T]) drop(m *message) { c.recycle(m) }

// source is a plain channel to receive from.
type source[T any] <-chan T

func (c source[T]) try(_ *goroutine, _ caseKind, at unsafe.Pointer, ok *bool) bool {
	select {
	case v, received := <-c:
		if at != nil {
			*(*T)(at) = v
		}
		if ok != nil {
			*ok = received
		}
		return true
	default:
		return false
	}
}

func (c source[T]) channel() reflect.Value { return reflect.ValueOf((<-chan T)(c)) }

func (c source[T]) element(unsafe.Pointer) reflect.Value { return reflect.Value{} }

func (c source[T]) keep(v reflect.Value, at unsafe.Pointer) {
	if at != nil {
		*(*T)(at), _ = v.Interface().(T) // a nil interface is the zero value of T
	}
}

// drain is a plain channel to send to.
type drain[T any] chan<- T

func (c drain[T]) try(_ *goroutine, _ caseKind, at unsafe.Pointer, _ *bool) bool {
	select {
	case c <- *(*T)(at):
		return true
	default:
		return false
	}
}

func (c drain[T]) channel() reflect.Value { return reflect.ValueOf((chan<- T)(c)) }

// element copies: reflection keeps the pointer, and at may be on the stack.
func (c drain[T]) element(at unsafe.Pointer) reflect.Value {
	v := new(T)
	*v = *(*T)(at)
	return reflect.ValueOf(v).Elem()
}

func (c drain[T]) keep(reflect.Value, unsafe.Pointer) {}

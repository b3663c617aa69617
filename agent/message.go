package agent

import (
	"reflect"
	"sync"
	"unsafe"

	"github.com/concdoctor/concdoctor/internal/detect/race"
)

// messageOf is a message with the element that it carries.
type messageOf[T any] struct {
	message
	value T
}

func newMessage[T any]() any { return new(messageOf[T]) }

// messages are empty messages of one element type, to be used again. All channels of a
// type share them: what one goroutine packs another one unpacks, so they must travel
// back. With the race detector each is used once, since it would take the way back
// for an order between a receiver and later senders.
type messages struct{ free sync.Pool }

// messagesByType has the messages of each element type for which there was a channel.
var messagesByType sync.Map // reflect.Type -> *messages

func messagesOf(t reflect.Type, empty func() any) *messages {
	if known, ok := messagesByType.Load(t); ok {
		return known.(*messages)
	}
	p := &messages{}
	p.free.New = empty
	known, _ := messagesByType.LoadOrStore(t, p)
	return known.(*messages)
}

// pack makes a message of *v, which g sends.
func (c *channel[T]) pack(g *goroutine, v *T) *message {
	if unsafe.Sizeof(*v) == 0 {
		return g.Message()
	}
	var p *messageOf[T]
	if race.Enabled {
		p = new(messageOf[T])
	} else {
		p = c.messages.free.Get().(*messageOf[T])
	}
	p.value = *v
	p.Sent(g)
	return &p.message
}

// unpack stores what was received in *v, if v is not nil. A closed channel gives a nil
// message: the zero value.
func (c *channel[T]) unpack(head *message, v *T) {
	if v != nil {
		if head == nil || unsafe.Sizeof(*v) == 0 {
			var zero T
			*v = zero
		} else {
			*v = (*messageOf[T])(unsafe.Pointer(head)).value
		}
	}
	c.recycle(head)
}

// recycle makes what head belongs to an empty message, to be used again.
func (c *channel[T]) recycle(head *message) {
	if !race.Enabled && head != nil && unsafe.Sizeof(messageOf[T]{}.value) > 0 {
		p := (*messageOf[T])(unsafe.Pointer(head))
		*p = messageOf[T]{}
		c.messages.free.Put(p)
	}
}
